import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, vi } from 'vitest';
import { App } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { migrateQueue } from '../../src/queue/queue-backend.ts';
import { createTestDatabase } from './database.ts';
import { FaultySmsapi } from './faulty-smsapi.ts';
import { FaultySmtp } from './faulty-smtp.ts';
import { type BackendKind, redisUrl, wipeQueue } from './queue-machine.ts';
import { chromiumDir, patience, type ShownReminder } from './service.ts';

const apiKey = 'a-key-for-tests-long-enough';
const main = path.join(import.meta.dirname, '../../src/main.ts');

/**
 * The service as `npm start` makes it, from an environment and on the real clock, towards providers that can misbehave.
 * More of it may run in child processes.
 */
export class WholeService {
  readonly smtp = new FaultySmtp();
  readonly sms = new FaultySmsapi();
  /** Of this process, as JSON. */
  readonly logLines: string[] = [];
  #app: App | undefined;
  #environment: Record<string, string> = {};
  readonly #children: ChildProcess[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  static async start(
    kind: BackendKind,
    redisDatabase: number,
    environment: Record<string, string> = {},
  ): Promise<WholeService> {
    const service = new WholeService();
    await service.#start(kind, redisDatabase, environment);
    return service;
  }

  async #start(kind: BackendKind, redisDatabase: number, environment: Record<string, string>): Promise<void> {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(path.join(tmpdir(), 'sollecito-whole-'));
    this.#ends.push(
      async () => database.drop(),
      async () => rm(dataDir, { recursive: true }),
    );
    const queueUrl = kind === 'redis' ? redisUrl(redisDatabase) : database.url;
    await migrateQueue(queueUrl);
    await wipeQueue(queueUrl);
    await Promise.all([this.smtp.start(), this.sms.start()]);
    this.#environment = {
      PORT: '0',
      DATABASE_URL: database.url,
      QUEUE_URL: queueUrl,
      SOLLECITO_DATA_DIR: dataDir,
      SMTP_URL: this.smtp.url,
      SMSAPI_TOKEN: 'test',
      SMSAPI_URL: this.sms.url,
      SECRET_KEYS: 'a secret of thirty-two letters or more for tests',
      BOOTSTRAP_TENANT: 'rossi',
      BOOTSTRAP_API_KEY: apiKey,
      BOOTSTRAP_PLAN: 'medium',
      DB_POOL_MAX: '8',
      LOG_LEVEL: 'trace',
      ...environment,
    };
    const lines = this.logLines;
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    this.#app = await App.start(
      { ...readConfig(this.#environment), dataDir: chromiumDir },
      pino({ level: 'trace' }, stream),
    );
  }

  async stop(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.#app?.stop();
    await Promise.all([this.smtp.stop(), this.sms.stop()]);
    for (const end of this.#ends) await end();
  }

  get queueUrl(): string {
    return this.#environment['QUEUE_URL'] ?? '';
  }

  get databaseUrl(): string {
    return this.#environment['DATABASE_URL'] ?? '';
  }

  /** Another process with these roles. @returns a way to end it at once (SIGKILL). */
  spawn(roles: string): { kill(): Promise<void> } {
    const child = spawn(process.execPath, [main, 'start'], {
      env: { PATH: process.env['PATH'], ...this.#environment, SOLLECITO_ROLES: roles },
      stdio: 'ignore',
    });
    this.#children.push(child);
    return {
      async kill() {
        if (child.exitCode !== null) throw new Error('the process had ended before it was killed');
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  async call<T = Record<string, unknown>>(method: string, at: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#app?.url ?? ''}${at}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'idempotency-key': crypto.randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, text).toBeLessThan(300);
    return (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T;
  }

  /** `sent`, `failed exhausted`, …: of each delivery, in order. */
  async fates(id: string): Promise<string[]> {
    const { deliveries } = await this.call<ShownReminder>('GET', `/v1/reminders/${id}`);
    return deliveries.map(({ status, reason }) => (reason ? `${status} ${reason}` : status));
  }

  async until(id: string, fates: string[]): Promise<void> {
    await vi.waitFor(async () => expect(await this.fates(id)).toEqual(fates), patience);
  }
}
