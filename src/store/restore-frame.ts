import { escapeIdentifier } from 'pg';
import type { Queryable } from './database.ts';
import { qualified } from './backup-tables.ts';

/**
 * Runs `work` while the tables take rows as they are: no foreign key is checked, no trigger fires, no wall hides a row.
 * The keys are made again after it, which proves them in one pass each whatever the order of the tables was; the
 * triggers fire again in `after`. All inside the caller's transaction, by the owner of the tables: no superuser is
 * needed, and nobody ever sees them bare.
 */
export async function withBareTables(
  client: Queryable,
  steps: { work: () => Promise<void>; after: () => Promise<void> },
): Promise<void> {
  const tables = await tableNames(client);
  const all = tables.map(({ name }) => qualified(name));
  await client.query(`LOCK TABLE ${all.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  const walled = tables.filter(({ forced }) => forced).map(({ name }) => qualified(name));
  const keys = await foreignKeys(client);
  for (const table of walled) await client.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  for (const table of all) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  await steps.work();
  for (const { table, name, definition } of keys) {
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  }
  for (const table of all) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  await steps.after();
  for (const table of walled) await client.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}

/** Empties every table but the migrations', those too that a backup leaves out: their rows belong to the old ones. */
export async function emptyTables(client: Queryable): Promise<void> {
  const tables = await tableNames(client);
  await client.query(`TRUNCATE ${tables.map(({ name }) => qualified(name)).join(', ')}`);
}

async function tableNames(client: Queryable): Promise<{ name: string; forced: boolean }[]> {
  const { rows } = await client.query<{ name: string; forced: boolean }>(
    `SELECT relname::text AS name, relforcerowsecurity AS forced FROM pg_class
     WHERE relnamespace = 'sollecito'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migration'
     ORDER BY relname`,
  );
  return rows;
}

async function foreignKeys(client: Queryable): Promise<{ table: string; name: string; definition: string }[]> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT t.relname::text AS table, k.conname::text AS name, pg_get_constraintdef(k.oid) AS definition
     FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
     WHERE k.connamespace = 'sollecito'::regnamespace AND k.contype = 'f' AND k.conparentid = 0
     ORDER BY 1, 2`,
  );
  return rows.map((key) => ({ ...key, table: qualified(key.table), name: escapeIdentifier(key.name) }));
}
