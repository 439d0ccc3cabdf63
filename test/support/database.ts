import { createHash, randomBytes } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

const migrations = path.join(import.meta.dirname, '../../src/store/migrations');
// Test files of one run ask for the template at the same moment.
const templateLock = 6_120_734;

/** A database of one's own with the whole schema: a clone of a template that is migrated once for each set of migrations. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const template = await ensureTemplate(client);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return {
    url: databaseUrl(name),
    drop: () => onServer(async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}

async function ensureTemplate(client: Client): Promise<string> {
  const template = `template_${await migrationsHash()}`;
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
  if (rowCount === 1) return template;
  // Under another name until it is whole: a run that was killed leaves no half template.
  const draft = `draft_${randomBytes(8).toString('hex')}`;
  await client.query(`CREATE DATABASE ${draft}`);
  await migrate(databaseUrl(draft));
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  return template;
}

async function migrationsHash(): Promise<string> {
  const files = (await Array.fromAsync(glob('*.sql', { cwd: migrations }))).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(path.join(migrations, file)));
  return hash.digest('hex').slice(0, 16);
}

async function onServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
}
