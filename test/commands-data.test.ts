import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DatabaseClock } from '../src/store/database-clock.ts';
import { Database } from '../src/store/database.ts';
import { findApiKey } from '../src/store/api-keys.ts';
import { findByPassword, useSignInLink } from '../src/store/operators.ts';
import { findTenant } from '../src/store/tenants.ts';
import { type Outcome, sollecito } from './support/command-line.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const examples = path.resolve(import.meta.dirname, '../examples/invoices');
let server: TestDatabase;
let service: Database;
let clock: DatabaseClock;

beforeAll(async () => {
  server = await createTestDatabase();
  service = new Database({ url: server.url, role: 'service', poolMax: 2 });
  clock = new DatabaseClock(service);
  await service.start();
  await clock.start();
  await run('tenants', 'create', 'Officine Rossi', '--plan', 'essential');
});
afterAll(async () => {
  clock.stop();
  await service.stop();
  await server.drop();
});

async function run(...args: string[]): Promise<Outcome> {
  return runWith('', ...args);
}

async function runWith(input: string, ...args: string[]): Promise<Outcome> {
  return sollecito(args, { env: { DATABASE_URL: server.url, PUBLIC_URL: 'https://reminders.example.com' }, input });
}

test('tenants create makes one, whose ref alone is on stdout', async () => {
  const made = await run('tenants', 'create', 'Ditta Bianchi S.r.l.', '--plan', 'medium');
  expect(made).toMatchObject({ code: 0, stdout: 'ditta-bianchi-s-r-l\n' });
  expect(await findTenant(service, 'ditta-bianchi-s-r-l')).toMatchObject({
    name: 'Ditta Bianchi S.r.l.',
    plan: 'medium',
  });
  expect(await run('tenants', 'create', 'Another', '--plan', 'large', '--ref', 'ours/1')).toMatchObject({
    code: 0,
    stdout: 'ours/1\n',
  });
});

test('tenants create refuses a ref that is taken, and a plan that is none', async () => {
  expect(await run('tenants', 'create', 'Officine Rossi', '--plan', 'medium')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'sollecito: there is a tenant "officine-rossi" already\n',
  });
  for (const args of [
    ['create', 'Other', '--plan', 'gold'],
    ['set-plan', 'officine-rossi', 'gold'],
  ]) {
    const { code, stderr } = await run('tenants', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^sollecito: there is no plan "gold": take one of .*medium.*\n$/);
  }
});

test('tenants set-plan changes the plan of a tenant that is there', async () => {
  expect(await run('tenants', 'set-plan', 'officine-rossi', 'large')).toMatchObject({ code: 0 });
  expect(await findTenant(service, 'officine-rossi')).toMatchObject({ plan: 'large' });
  expect(await run('tenants', 'set-plan', 'nobody', 'large')).toMatchObject({
    code: 1,
    stderr: 'sollecito: there is no tenant "nobody"\n',
  });
});

test('keys create prints a secret that opens, with its scopes and end, alone on stdout', async () => {
  const scopes = ['--scope', 'data:read', '--scope', 'reminders:read'];
  const made = await run('keys', 'create', '--tenant', 'officine-rossi', ...scopes, '--expires', '2099-12-31');
  expect(made.code).toBe(0);
  const secret = /^(slk_[0-9a-f_]+)\n$/.exec(made.stdout)?.[1] ?? '';
  const key = await findApiKey(service.pool, secret);
  expect(key?.scopes).toEqual(['reminders:read', 'data:read']);
  expect(key?.expiresAt?.toString()).toBe('2100-01-01T00:00:00Z');
  expect(made.stderr).not.toContain(secret);
});

test('keys create refuses a tenant that is not there and an end that is over', async () => {
  expect(await run('keys', 'create', '--tenant', 'nobody')).toMatchObject({ code: 1, stdout: '' });
  const over = await run('keys', 'create', '--tenant', 'officine-rossi', '--expires', '2020-01-01');
  expect(over).toEqual({ code: 2, stdout: '', stderr: 'sollecito: --expires is "2020-01-01", which is over\n' });
});

test('operators create prints a link that signs in once', async () => {
  const made = await run('operators', 'create', 'Anna@Example.com', '--role', 'operator');
  expect(made.code).toBe(0);
  const token = /^https:\/\/reminders\.example\.com\/admin\/sign-in\?token=(\S+)\n$/.exec(made.stdout)?.[1] ?? '';
  expect(await useSignInLink(service, clock, token)).toBeDefined();
  expect(await useSignInLink(service, clock, token)).toBeUndefined();
  expect(await run('operators', 'create', 'anna@example.com', '--role', 'viewer')).toMatchObject({
    code: 1,
    stderr: 'sollecito: there is an operator with this address already\n',
  });
});

test('operators create takes a password from stdin', async () => {
  const args = ['operators', 'create', 'bruno@example.com', '--role', 'admin', '--password-file', '-'];
  const made = await runWith('correct horse\n', ...args);
  expect(made.code).toBe(0);
  expect(made.stdout + made.stderr).not.toContain('correct horse');
  expect(await findByPassword(service, 'bruno@example.com', 'correct horse')).toBeDefined();
});

test('import takes the files that can be read, and ends with 1 when there were others', async () => {
  const good = path.join(examples, 'IT03999000106_00002.xml');
  const nowhere = path.join(examples, 'nowhere.xml');
  const first = await run('import', good, nowhere, '--tenant', 'officine-rossi');
  expect(first.code).toBe(1);
  expect(first.stdout).toBe(`${good}: imported, due dates 2026/131/1, 2026/131/2\n`);
  expect(first.stderr).toBe(`${nowhere}: not imported: There is no such file\n`);
  const again = await run('import', good, '--tenant', 'officine-rossi');
  expect(again).toMatchObject({ code: 0, stdout: `${good}: known already, due dates 2026/131/1, 2026/131/2\n` });
  const { rows } = await service.pool.query('SELECT ref FROM sollecito.due_date ORDER BY ref');
  expect(rows).toEqual([{ ref: '2026/131/1' }, { ref: '2026/131/2' }]);
});

test('an older schema stops every command by name, until migrate brings it', async () => {
  const older = await createTestDatabase();
  const database = new Database({ url: older.url, role: 'service', poolMax: 1 });
  try {
    const env = { DATABASE_URL: older.url };
    await database.start();
    const { rows } = await database.pool.query<{ name: string }>(
      'SELECT name FROM sollecito.migration ORDER BY name DESC LIMIT 1',
    );
    const last = rows[0]?.name ?? '';
    await asOwner(older.url, `DELETE FROM sollecito.migration WHERE name = '${last}'`);
    for (const args of [['start'], ['tenants', 'create', 'X', '--plan', 'medium']]) {
      const refused = await sollecito(args, { env });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toBe(`sollecito: the database schema lacks ${last}: run "sollecito migrate" first\n`);
    }
    await asOwner(older.url, `INSERT INTO sollecito.migration (name) VALUES ('${last}')`);
    expect(await sollecito(['migrate'], { env })).toMatchObject({ code: 0, stdout: 'the schema was up to date\n' });
  } finally {
    await database.stop();
    await older.drop();
  }
});

async function asOwner(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
