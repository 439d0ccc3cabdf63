import { escapeIdentifier } from 'pg';
import type { Queryable } from './database.ts';

export type BackedUpTable = { name: string; columns: string[] };

/**
 * Not in a backup: the migrations, which the file's header names; sessions and sign-in links, which must not come back
 * to life.
 */
const leftOut = ['migration', 'operator_session', 'sign_in_link'];

/** Whatever tables the schema has, with the columns that are stored as they are given (a generated one makes itself anew). */
export async function backedUpTables(client: Queryable): Promise<BackedUpTable[]> {
  const { rows } = await client.query<BackedUpTable>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attname) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [leftOut],
  );
  return rows;
}

/** `sollecito."tenant"`. */
export function qualified(name: string): string {
  return `sollecito.${escapeIdentifier(name)}`;
}

export function columnList(columns: readonly string[]): string {
  return columns.map((column) => escapeIdentifier(column)).join(', ');
}

/** The migrations that this database has had, in their order. */
export async function ranMigrations(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM sollecito.migration ORDER BY id');
  return rows.map(({ name }) => name);
}
