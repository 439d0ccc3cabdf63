import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { expect } from 'vitest';
import { migrateQueue } from '../../src/queue/queue-backend.ts';
import { createTestDatabase } from './database.ts';
import { FaultySmsapi } from './faulty-smsapi.ts';
import { FaultySmtp } from './faulty-smtp.ts';
import { type BackendKind, redisUrl, wipeQueue } from './queue-machine.ts';
import { patience } from './service.ts';

const apiKey = 'a-key-for-tests-long-enough';
const main = path.join(import.meta.dirname, '../../src/main.ts');

/** One process of the service. */
export type Started = {
  url: string;
  /** All that it has logged so far. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** @returns its exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
};

export type Health = { status: string; checks: Record<string, { ok: boolean; detail: string }> };

/** The service as separate processes over one database, one queue and providers that can misbehave; quick (time scale 0.05). */
export class Fleet {
  readonly smtp = new FaultySmtp();
  readonly sms = new FaultySmsapi();
  readonly #children: ChildProcess[] = [];
  readonly #ends: (() => Promise<unknown>)[] = [];
  #environment: Record<string, string> = {};

  /** @param databaseUrl an own database instead of a fresh one; @param queueUrl another way to the queue. */
  static async create(
    kind: BackendKind,
    options: { redisDatabase: number; databaseUrl?: string; queueUrl?: string; environment?: Record<string, string> },
  ): Promise<Fleet> {
    const fleet = new Fleet();
    const dataDir = await mkdtemp(path.join(tmpdir(), 'sollecito-fleet-'));
    fleet.#ends.push(async () => rm(dataDir, { recursive: true }));
    let { databaseUrl } = options;
    if (databaseUrl === undefined) {
      const database = await createTestDatabase();
      fleet.#ends.push(async () => database.drop());
      databaseUrl = database.url;
    }
    const queueUrl = options.queueUrl ?? (kind === 'redis' ? redisUrl(options.redisDatabase) : databaseUrl);
    await migrateQueue(queueUrl);
    await wipeQueue(queueUrl);
    await Promise.all([fleet.smtp.start(), fleet.sms.start()]);
    fleet.#environment = {
      PORT: '0',
      DATABASE_URL: databaseUrl,
      QUEUE_URL: queueUrl,
      SOLLECITO_DATA_DIR: dataDir,
      SOLLECITO_SANDBOX: '0',
      SOLLECITO_TIME_SCALE: '0.05',
      SMTP_URL: fleet.smtp.url,
      SMSAPI_TOKEN: 'test',
      SMSAPI_URL: fleet.sms.url,
      SECRET_KEYS: 'a secret of thirty-two letters or more for tests',
      PUBLIC_URL: 'http://localhost:3000',
      BOOTSTRAP_TENANT: 'rossi',
      BOOTSTRAP_API_KEY: apiKey,
      BOOTSTRAP_PLAN: 'medium',
      DB_POOL_MAX: '5',
      EMAIL_CONCURRENCY: '5',
      ...options.environment,
    };
    return fleet;
  }

  async stop(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([this.smtp.stop(), this.sms.stop()]);
    for (const end of this.#ends.reverse()) await end();
  }

  get databaseUrl(): string {
    return this.#environment['DATABASE_URL'] ?? '';
  }

  get queueUrl(): string {
    return this.#environment['QUEUE_URL'] ?? '';
  }

  /** Starts a process with these roles and waits until it says so. */
  async start(roles: string, more: { environment?: Record<string, string>; node?: string[] } = {}): Promise<Started> {
    const process = this.launch(roles, more);
    await expect.poll(() => process.log(), patience).toContain('"started"');
    const { url } = JSON.parse(
      process
        .log()
        .split('\n')
        .find((line) => line.includes('"started"')) ?? '{}',
    ) as { url: string };
    return { ...process, url };
  }

  /** The same without waiting. */
  launch(roles: string, more: { environment?: Record<string, string>; node?: string[] } = {}): Started {
    const env = { PATH: process.env['PATH'], ...this.#environment, SOLLECITO_ROLES: roles, ...more.environment };
    const child = spawn(process.execPath, [...(more.node ?? []), main, 'start'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.push(child);
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    return {
      url: '',
      log: () => log,
      signal: (signal) => void child.kill(signal),
      end: async (signal = 'SIGTERM') => {
        child.kill(signal);
        return ended;
      },
    };
  }

  async call(
    url: string,
    method: string,
    at: string,
    body?: unknown,
    key: string = crypto.randomUUID(),
  ): Promise<Response> {
    return fetch(`${url}${at}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** One customer with due dates d1 … dN, each of which may be reminded. */
  async seed(url: string, count: number): Promise<void> {
    const customers = Array.from({ length: count }, (_, n) => ({
      ref: `c${n + 1}`,
      name: 'Bianchi',
      email: [`conti${n + 1}@bianchi.example`],
    }));
    const dueDates = customers.map(({ ref }, n) => ({
      ref: `d${n + 1}`,
      customer: ref,
      dueOn: '2026-01-31',
      amount: { value: '100.00', currency: 'EUR' },
    }));
    for (const [at, body] of [
      ['customers', { customers }],
      ['due-dates', { dueDates }],
    ] as const) {
      const answer = await this.call(url, 'POST', `/v1/${at}/batch`, body);
      expect(answer.status, await answer.text()).toBe(200);
    }
  }

  /** Posts a reminder by email without its document. @returns the status of the answer, 0 when none came. */
  async remind(url: string, dueDate: string, key: string): Promise<number> {
    const body = { dueDate, channel: 'email', attachDocument: false };
    return this.call(url, 'POST', '/v1/reminders', body, key).then(
      ({ status }) => status,
      () => 0,
    );
  }

  /** How many deliveries stand where: `{ sent: 3, 'retrying drained': 1 }`. */
  async fates(): Promise<Record<string, number>> {
    const rows = await this.query<{ fate: string; n: number }>(
      "SELECT status || coalesce(' ' || reason, '') AS fate, count(*)::integer AS n FROM sollecito.delivery GROUP BY 1",
    );
    return Object.fromEntries(rows.map(({ fate, n }) => [fate, n]));
  }

  async query<T extends Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({ connectionString: this.databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async ready(url: string): Promise<Health> {
    return (await (await fetch(`${url}/health/ready`)).json()) as Health;
  }
}
