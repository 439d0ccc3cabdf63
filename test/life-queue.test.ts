import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { Client } from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { App } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { Bell } from '../src/queue/bell.ts';
import { jobOptions, migrateQueue, QueueBackend } from '../src/queue/queue-backend.ts';
import { Working } from '../src/queue/working.ts';
import { Database } from '../src/store/database.ts';
import { timings } from '../src/timings.ts';
import { sollecito } from './support/command-line.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { FaultySmtp } from './support/faulty-smtp.ts';
import { Line } from './support/line.ts';
import { isMissing, redisUrl, wipeQueue } from './support/queue-machine.ts';
import { patience } from './support/service.ts';

const apiKey = 'a-key-for-tests-long-enough';
const redisDatabase = 11;

let database: TestDatabase;
let dataDir: string;
let smtp: FaultySmtp;
let logLines: string[];
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  logLines = [];
  smtp = new FaultySmtp();
  [database, dataDir] = await Promise.all([
    createTestDatabase(),
    mkdtemp(path.join(tmpdir(), 'sollecito-life-')),
    smtp.start(),
  ]);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await smtp.stop();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

function environment(queueUrl: string): Record<string, string> {
  return {
    PORT: '0',
    DATABASE_URL: database.url,
    QUEUE_URL: queueUrl,
    SOLLECITO_DATA_DIR: dataDir,
    SOLLECITO_ROLES: 'api,dispatcher,worker:email',
    SOLLECITO_SANDBOX: '0',
    SMTP_URL: smtp.url,
    SECRET_KEYS: 'a secret of thirty-two letters or more for tests',
    BOOTSTRAP_TENANT: 'rossi',
    BOOTSTRAP_API_KEY: apiKey,
    BOOTSTRAP_PLAN: 'medium',
    DB_POOL_MAX: '4',
  };
}

async function startApp(queueUrl: string): Promise<App> {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logLines.push(chunk.toString());
      done();
    },
  });
  const app = await App.start(readConfig(environment(queueUrl)), pino({ level: 'info' }, stream));
  ends.push(async () => app.stop());
  return app;
}

async function call(app: App, method: string, at: string, body: unknown): Promise<void> {
  const response = await fetch(`${app.url}${at}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      'idempotency-key': crypto.randomUUID(),
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
}

async function remind(app: App): Promise<void> {
  await call(app, 'PUT', '/v1/customers/bianchi', { name: 'Bianchi', email: ['conti@bianchi.example'] });
  const amount = { value: '100.00', currency: 'EUR' };
  await call(app, 'PUT', '/v1/due-dates/d1', { customer: 'bianchi', amount, dueOn: '2026-01-31' });
  await call(app, 'POST', '/v1/reminders', { dueDate: 'd1', channel: 'email', attachDocument: false });
}

async function queueHealth(app: App): Promise<{ ok: boolean; detail: string }> {
  const response = await fetch(`${app.internalUrl}/health/ready`);
  const { checks } = (await response.json()) as { checks: { queue: { ok: boolean; detail: string } } };
  return checks.queue;
}

describe.each(['postgres', 'redis'] as const)('with a queue in %s', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    let line: Line;
    beforeEach(async () => {
      const url = kind === 'redis' ? redisUrl(redisDatabase) : database.url;
      await migrateQueue(url);
      await wipeQueue(url);
      line = await Line.to(url);
      ends.push(async () => line.cut());
    });

    test('that comes up after the start, reminders are accepted meanwhile and sent then', async () => {
      await line.cut();
      const app = await startApp(line.url);
      await remind(app);
      expect(await queueHealth(app)).toMatchObject({ ok: false });
      await expect.poll(() => logLines.filter((text) => text.includes('cannot be used yet')), patience).toHaveLength(1);
      await line.mend();
      await expect.poll(() => smtp.messages.length, patience).toBe(1);
      expect(app.machinery.stuck()).toEqual([]);
      expect(app.machinery.boardQueues()).toHaveLength(3);
    });

    test.each(['before the start', 'after it'])('that died %s, SIGTERM still ends the process', async (when) => {
      if (when === 'before the start') await line.cut();
      const said = when === 'after it' ? '"queue connection"' : '"the queue cannot be used yet"';
      let [cut, ended] = [false, false];
      const { code, stderr } = await sollecito(['start'], {
        env: { ...environment(line.url), DRAIN_TIMEOUT_MS: '5000' },
        heard(text, end) {
          if (!text.includes('"started"')) return;
          if (text.includes('"the queue can be used"') && !cut) {
            cut = true;
            void line.cut();
          }
          // A second one would end it at once.
          if (text.includes(said) && !ended) {
            ended = true;
            end('SIGTERM');
          }
        },
      });
      expect(stderr).toContain('"stopping"');
      expect(code).toBe(0);
    });
  });
});

test('a queue without its schema is named, told once, and used when it is migrated', async () => {
  const app = await startApp(database.url);
  await remind(app);
  expect(await queueHealth(app)).toMatchObject({ ok: false, detail: expect.stringContaining('sollecito migrate') });
  await migrateQueue(database.url);
  await expect.poll(() => smtp.messages.length, patience).toBe(1);
  expect(logLines.filter((text) => text.includes('cannot be used yet'))).toHaveLength(1);
  expect(logLines.join('')).toContain('queue-schema-missing');
});

test('a start does not wait for the months ahead while somebody holds the events', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  ends.push(async () => client.end());
  const { rows } = await client.query<{ name: string }>(
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sollecito.event'::regclass",
  );
  for (const { name } of rows) if (!name.includes('default')) await client.query(`DROP TABLE ${name}`);
  await client.query('BEGIN');
  await client.query('LOCK TABLE sollecito.event IN ACCESS SHARE MODE');
  const app = await startApp(database.url);
  expect(app.url).not.toBe('');
  expect(logLines.join('')).toContain('"housekeeping"');
});

test('a bell rung after its stop rings nobody and throws nothing', async () => {
  const service = new Database({ url: database.url, role: 'service', poolMax: 2 });
  await service.start();
  const bell = new Bell(service);
  bell.ring('email');
  await bell.stop();
  await service.stop();
  bell.ring('email');
  await bell.stop();
});

describe('a worker', () => {
  async function working(queueName: string, workerName: string): Promise<{ working: Working; backend: QueueBackend }> {
    await migrateQueue(database.url);
    const backend = new QueueBackend(database.url, () => undefined);
    const queue = backend.queue(queueName);
    const data = { deliveryId: 'none', dispatchNo: 1 };
    await queue.addBulk([{ name: 'send', data, opts: { ...jobOptions, jobId: 'none-1' } }]);
    const made = new Working({
      queue,
      concurrency: 1,
      processor: async () => {},
      timings: timings(),
      longestJobMs: 0,
      worker: (processor) => backend.worker(workerName, processor, 1),
      onError: () => undefined,
    });
    made.start();
    ends.push(
      async () => backend.stop(),
      async () => made.stop(new Promise(() => {}), new Promise(() => {})),
    );
    return { working: made, backend };
  }

  test('that takes nothing although jobs wait is stuck; one that works is not', async () => {
    const idle = await working('email', 'sms');
    await expect.poll(() => idle.working.idleFor(), patience).toBeGreaterThan(0);
    const busy = await working('documents', 'documents');
    expect(busy.working.ended).toBe(false);
    expect(busy.working.idleFor()).toBeLessThan(60_000);
  });

  test('whose loop ended is stuck', async () => {
    const { working: ended, backend } = await working('email', 'email');
    await backend.stop();
    await expect.poll(() => ended.ended, patience).toBe(true);
  });
});

test.skipIf(inject('redisUrl') === null)(
  'a queue that is stopped while Redis is away lets its connections go',
  async () => {
    const line = await Line.to(redisUrl(redisDatabase));
    const backend = new QueueBackend(line.url, () => undefined);
    backend.queue('email');
    await backend.ready();
    await line.cut();
    await backend.stop();
  },
);
