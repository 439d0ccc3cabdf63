import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { isPooled } from '../src/commands/doctor/database.ts';
import { findChromium } from '../src/invoices/find-chromium.ts';
import { migrateQueue } from '../src/queue/queue-backend.ts';
import { sollecito } from './support/command-line.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { FaultySmtp } from './support/faulty-smtp.ts';

type Finding = { name: string; state: string; detail: string; mend: string | null };

const redisUrl = inject('redisUrl');
// A port of the system's own that nothing listens on.
const closed = '127.0.0.1:9';
let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-doctor-test-'));
  database = await createTestDatabase();
  await migrateQueue(database.url);
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Without a browser to unpack, unless the test is about it: the finding `chromium` is wrong then. */
async function examine(
  env: Record<string, string>,
): Promise<{ code: number | null; by: Map<string, Finding>; text: string }> {
  const usual = {
    DATABASE_URL: database.url,
    SOLLECITO_DATA_DIR: folder,
    CHROMIUM_PATH: '/nowhere/chromium',
    PORT: '0',
  };
  const { code, stdout, stderr } = await sollecito(['doctor', '--json'], { env: { ...usual, ...env } });
  expect(stderr).toBe('');
  const report: { ok: boolean; checks: Finding[] } = JSON.parse(stdout);
  expect(report.ok).toBe(code === 0);
  return { code, by: new Map(report.checks.map((finding) => [finding.name, finding])), text: stdout };
}

test('all is well where all is well, and the doctor says what it looked at', async () => {
  const dataDir = path.join(folder, 'well');
  await findChromium({ chromiumPath: null, dataDir });
  const { code, by } = await examine({ SOLLECITO_DATA_DIR: dataDir, CHROMIUM_PATH: '' });
  expect([...by.values()].filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(code).toBe(0);
  expect([...by.keys()]).toEqual([
    'node',
    'configuration',
    'data folder',
    'secret keys',
    'public address',
    'port',
    'database',
    'schema',
    'tenant walls',
    'signing keys',
    'database session',
    'clock',
    'queue',
    'chromium',
    'fonts',
    'email',
    'sms',
  ]);
  expect(by.get('chromium')?.detail).toMatch(/sandbox/);
});

test('for a person each finding is a line, with the mend below what is wrong', async () => {
  const env = { DATABASE_URL: database.url, SOLLECITO_DATA_DIR: folder, CHROMIUM_PATH: '/nowhere/chromium' };
  const { code, stdout } = await sollecito(['doctor'], { env });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✓ node {14}Node \d/m);
  expect(stdout).toMatch(/^✗ chromium .*\/nowhere\/chromium.*\n {20}→ give the path of a Chromium$/m);
  expect(stdout).toMatch(/1 wrong, \d to look at\n$/);
});

test('each part that does not answer is wrong by its name, with its mend and without its secret', async () => {
  const { code, by, text } = await examine({
    DATABASE_URL: `postgres://u:hush@${closed}/x`,
    QUEUE_URL: `redis://:hush@${closed}`,
    SMTP_URL: `smtp://u:hush@${closed}`,
    SMSAPI_TOKEN: 'hush',
    SMSAPI_URL: `http://${closed}`,
  });
  expect(code).toBe(1);
  for (const name of ['database', 'queue', 'chromium', 'email', 'sms']) {
    expect(by.get(name)).toMatchObject({ state: 'wrong', mend: expect.stringMatching(/\w/) });
  }
  expect(by.get('database')?.detail).toContain('ECONNREFUSED');
  expect(by.get('queue')?.detail).toContain('ECONNREFUSED');
  expect(by.get('chromium')?.detail).toContain('/nowhere/chromium');
  for (const name of ['schema', 'tenant walls', 'clock']) expect(by.get(name)?.state).toBe('skipped');
  expect(text).not.toContain('hush');
});

test('a mail server that refuses the password is told from one that does not answer', async () => {
  const smtp = new FaultySmtp(['AUTH PLAIN']);
  await smtp.start();
  try {
    const url = new URL(smtp.url);
    url.username = 'u';
    url.password = 'hush';
    const right = (await examine({ SMTP_URL: url.href, MAIL_FROM: 'us@example.com' })).by.get('email');
    expect(right).toMatchObject({ state: 'ok', detail: expect.stringMatching(/answers and takes the password$/) });
    expect((await examine({ SMTP_URL: url.href })).by.get('email')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('MAIL_FROM is not set'),
    });
    smtp.fail('auth', { kind: 'reply', line: '535 5.7.8 wrong' });
    const refused = (await examine({ SMTP_URL: url.href })).by.get('email');
    expect(refused).toMatchObject({ state: 'wrong', detail: expect.stringContaining('credentials-refused (535)') });
  } finally {
    await smtp.stop();
  }
});

test('a wrong variable is told, and what hangs on it is left', async () => {
  const { code, by } = await examine({ PORT: 'http' });
  expect(code).toBe(1);
  expect(by.get('configuration')).toMatchObject({
    state: 'wrong',
    detail: expect.stringMatching(/^PORT holds "http"/),
  });
  expect(by.get('database')?.state).toBe('skipped');
  expect(by.get('node')?.state).toBe('ok');
});

describe('the walls between tenants', () => {
  const broken: [what: string, breaking: string, detail: RegExp][] = [
    [
      'row-level security that its owner passes',
      'ALTER TABLE sollecito.customer NO FORCE ROW LEVEL SECURITY',
      /no forced.* customer$/,
    ],
    [
      'row-level security that is off',
      'ALTER TABLE sollecito.reminder DISABLE ROW LEVEL SECURITY',
      /no forced.* reminder$/,
    ],
    [
      'a partition that the role may read by its own name',
      'GRANT SELECT ON sollecito.event_default TO sollecito_api',
      /event_default$/,
    ],
    [
      'a policy that lets everything through',
      'CREATE POLICY hole ON sollecito.tenant TO sollecito_api USING (true)',
      /sees rows of tenant$/,
    ],
  ];

  test.each(broken)('do not stand with %s', async (_, breaking, detail) => {
    const own = await createTestDatabase();
    try {
      await asOwner(
        own.url,
        `INSERT INTO sollecito.tenant (id, ref, name, plan, created_at, updated_at) VALUES (uuidv7(), 'a', 'A', 'medium', now(), now())`,
      );
      expect((await examine({ DATABASE_URL: own.url })).by.get('tenant walls')?.state).toBe('ok');
      await asOwner(own.url, breaking);
      const { code, by } = await examine({ DATABASE_URL: own.url });
      expect(code).toBe(1);
      expect(by.get('tenant walls')).toMatchObject({ state: 'wrong', detail: expect.stringMatching(detail) });
    } finally {
      await own.drop();
    }
  });
});

test('schemas that are missing or older are wrong, and nothing is made of them', async () => {
  const own = await createTestDatabase();
  try {
    await asOwner(own.url, `DELETE FROM sollecito.migration WHERE name LIKE '002%'`);
    const older = (await examine({ DATABASE_URL: own.url })).by;
    expect(older.get('schema')).toMatchObject({
      state: 'wrong',
      detail: 'it lacks 002-rules',
      mend: 'run "sollecito migrate"',
    });
    expect(older.get('queue')?.state).toBe('wrong');
    await asOwner(own.url, 'DROP SCHEMA sollecito CASCADE');
    expect((await examine({ DATABASE_URL: own.url })).by.get('schema')).toMatchObject({
      state: 'wrong',
      detail: 'there is none yet',
    });
    expect(await asOwner(own.url, `SELECT nspname FROM pg_namespace WHERE nspname IN ('sollecito', 'bullmq')`)).toEqual(
      [],
    );
  } finally {
    await own.drop();
  }
});

test.skipIf(redisUrl === null)('a Redis that would lose jobs in a crash is named', async () => {
  const { by } = await examine({ QUEUE_URL: redisUrl ?? '' });
  expect(by.get('queue')).toMatchObject({
    state: 'warning',
    detail: expect.stringMatching(/^Redis [\d.]+ at .* has no AOF/),
    mend: 'set appendonly yes',
  });
});

test('in production what customers would run into is wrong', async () => {
  const production = { NODE_ENV: 'production', SECRET_KEYS: 'a'.repeat(40) };
  const bare = await examine(production);
  expect(bare.code).toBe(1);
  expect(bare.by.get('public address')?.state).toBe('wrong');
  for (const name of ['secret keys', 'email', 'sms']) expect(bare.by.get(name)?.state).toBe('warning');
  const plain = await examine({ ...production, PUBLIC_URL: 'http://reminders.example.com' });
  expect(plain.by.get('public address')?.state).toBe('warning');
  const local = await examine({ ...production, PUBLIC_URL: 'https://localhost' });
  expect(local.by.get('public address')?.state).toBe('wrong');
});

test('on a machine where nothing has run yet it tries the embedded parts out, and leaves nothing behind', async () => {
  const empty = path.join(folder, 'empty');
  const temporary = path.join(folder, 'temporary');
  mkdirSync(temporary);
  const { by } = await examine({ DATABASE_URL: '', SOLLECITO_DATA_DIR: empty, TMPDIR: temporary });
  expect(by.get('database')).toMatchObject({ state: 'ok', detail: expect.stringContaining('tried out') });
  for (const name of ['schema', 'tenant walls', 'queue']) expect(by.get(name)?.state).toBe('ok');
  expect(existsSync(empty)).toBe(false);
  expect(readdirSync(temporary).filter((name) => name.startsWith('sollecito-doctor'))).toEqual([]);
});

test('a transaction pooler shows by backends that are shared or change', () => {
  expect(isPooled({ alone: 1, other: 2, again: 1 })).toBe(false);
  expect(isPooled({ alone: 1, other: 1, again: 2 })).toBe(true);
  expect(isPooled({ alone: 1, other: 2, again: 3 })).toBe(true);
});

async function asOwner(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
