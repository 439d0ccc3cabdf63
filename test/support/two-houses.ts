import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import { App } from '../../src/app.ts';
import { heldBack, readConfig } from '../../src/config.ts';
import { migrateQueue } from '../../src/queue/queue-backend.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { FaultySmsapi } from './faulty-smsapi.ts';
import { FaultySmtp } from './faulty-smtp.ts';
import { chromiumDir, patience } from './service.ts';

const apiKey = 'a-key-for-tests-long-enough';

/** The service as `npm start` makes it, one after another on two databases, towards the same providers. */
export class TwoHouses {
  readonly smtp = new FaultySmtp();
  readonly sms = new FaultySmsapi();
  readonly folder: string;
  readonly old: TestDatabase;
  readonly fresh: TestDatabase;
  #app: App | undefined;

  private constructor(folder: string, old: TestDatabase, fresh: TestDatabase) {
    this.folder = folder;
    this.old = old;
    this.fresh = fresh;
  }

  static async build(): Promise<TwoHouses> {
    const folder = await mkdtemp(path.join(tmpdir(), 'sollecito-houses-'));
    const houses = new TwoHouses(folder, await createTestDatabase(), await createTestDatabase());
    for (const { url } of [houses.old, houses.fresh]) await migrateQueue(url);
    await Promise.all([houses.smtp.start(), houses.sms.start()]);
    return houses;
  }

  async tearDown(): Promise<void> {
    await this.stop();
    await Promise.all([this.smtp.stop(), this.sms.stop(), this.old.drop(), this.fresh.drop()]);
    await rm(this.folder, { recursive: true });
  }

  environment(database: TestDatabase): Record<string, string> {
    return {
      PORT: '0',
      DATABASE_URL: database.url,
      SOLLECITO_DATA_DIR: this.folder,
      SMTP_URL: this.smtp.url,
      SMSAPI_TOKEN: 'test',
      SMSAPI_URL: this.sms.url,
      SECRET_KEYS: 'a secret of thirty-two letters or more for tests',
      BOOTSTRAP_TENANT: 'rossi',
      BOOTSTRAP_API_KEY: apiKey,
      BOOTSTRAP_PLAN: 'medium',
      SOLLECITO_TIME_SCALE: '0.01',
      LOG_LEVEL: 'silent',
    };
  }

  async start(database: TestDatabase, { held = false, roles = 'all' } = {}): Promise<void> {
    const read = readConfig({ ...this.environment(database), SOLLECITO_ROLES: roles });
    const config = { ...read, dataDir: chromiumDir };
    this.#app = await App.start(held ? heldBack(config) : config, pino({ level: 'silent' }));
  }

  async stop(): Promise<void> {
    await this.#app?.stop();
    this.#app = undefined;
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
    return JSON.parse(text) as T;
  }

  async addDueDate(): Promise<void> {
    await this.call('PUT', '/v1/due-dates/d1', {
      customer: { ref: 'bianchi', name: 'Bianchi', email: ['conti@bianchi.example'], phone: ['+393331234567'] },
      document: { number: '2026/1', date: '2026-01-20' },
      dueOn: '2026-02-20',
      amount: { value: '1220.00', currency: 'EUR' },
    });
  }

  async remind(more: Record<string, unknown> = {}): Promise<string> {
    const body = { dueDate: 'd1', channel: 'email', attachDocument: false, ...more };
    return (await this.call<{ id: string }>('POST', '/v1/reminders', body)).id;
  }

  async status(id: string): Promise<string> {
    const { deliveries } = await this.call<{ deliveries: { status: string; reason: string | null }[] }>(
      'GET',
      `/v1/reminders/${id}`,
    );
    return deliveries.map(({ status, reason }) => `${status} ${reason ?? ''}`.trim()).join();
  }

  async until(id: string, wanted: string): Promise<void> {
    await vi.waitFor(async () => expect(await this.status(id)).toBe(wanted), patience);
  }

  /** How many messages the providers took so far. */
  get taken(): { emails: number; sms: number } {
    return { emails: this.smtp.messages.length, sms: this.sms.messages.length };
  }

  async ready(): Promise<{ status: string; checks: Record<string, { ok: boolean; detail: string }> }> {
    const response = await fetch(`${this.#app?.internalUrl ?? ''}/health/ready`);
    expect(response.status).toBe(200);
    return (await response.json()) as Awaited<ReturnType<TwoHouses['ready']>>;
  }

  /** Without a key. */
  async knock(at: string): Promise<number> {
    return (await fetch(`${this.#app?.url ?? ''}${at}`)).status;
  }
}
