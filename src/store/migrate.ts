import { type MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { openOrm } from './database.ts';

/** Thrown at a start whose code is newer than the schema that it found. */
export class SchemaOutdated extends Error {
  constructor(pending: readonly string[]) {
    super(`the database schema lacks ${pending.join(', ')}: run "sollecito migrate" first`);
    this.name = 'SchemaOutdated';
  }
}

// Any two processes that migrate one database wait for each other here; BullMQ's migrations run under it too.
export const migrationLock = 7_301_556;

/**
 * Brings the schema to this release, once, however many processes start together.
 * @param also more to migrate under the same lock (the queue's own schema).
 * @returns the names of the migrations that ran.
 */
export async function migrate(url: string, also: () => Promise<void> = async () => {}): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'sollecito migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await client.query('CREATE SCHEMA IF NOT EXISTS sollecito');
    const ran = await withOrm(url, async (orm) => (await orm.migrator.up()).map((migration) => migration.name));
    await also();
    return ran;
  } finally {
    await client.end();
  }
}

/** Refuses to go on over an older schema. Throws SchemaOutdated. */
export async function requireSchema(url: string): Promise<void> {
  const pending = await pendingMigrations(url);
  if (pending.length > 0) throw new SchemaOutdated(pending);
}

/** The migrations that this database still lacks, in their order; it may be empty of everything. */
export async function pendingMigrations(url: string): Promise<string[]> {
  return withOrm(url, async (orm) => (await orm.migrator.getPending()).map((migration) => migration.name));
}

async function withOrm<T>(url: string, work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await openOrm(url, { max: 2 });
  try {
    return await work(orm);
  } finally {
    await orm.close(true);
  }
}
