import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { backupLine, type BackupHeader, rowsEnd, withChecksum } from './backup-file.ts';
import { backedUpTables, columnList, qualified, ranMigrations } from './backup-tables.ts';
import { migrationLock } from './migrate.ts';

export type BackupOptions = {
  /** Of this program: a file is restored by the release that wrote it, or one with the same schema. */
  release: string;
  into: Writable;
  /** `false` leaves `into` open: stdout. */
  end: boolean;
  signal: AbortSignal;
};

export type BackupSummary = { takenAt: string; rows: Record<string, number> };

/**
 * Writes every row of ours as one moment saw it (REPEATABLE READ), a chunk in memory at a time, however many there are.
 * The service goes on meanwhile; a migration waits.
 */
export async function writeBackup(url: string, options: BackupOptions): Promise<BackupSummary> {
  const client = new Client({ connectionString: url, application_name: 'sollecito backup', keepAlive: true });
  // A connection that breaks also fails the statement in work, which tells of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Before the transaction: its snapshot must be younger than the migration that was waited for.
    await client.query('SELECT pg_advisory_lock_shared($1)', [migrationLock]);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await client.query(settings);
    const header = await readHeader(client, options.release);
    const rows: Record<string, number> = {};
    const { into, end, signal } = options;
    await pipeline(withChecksum(contents(client, header, rows)), createZstdCompress(), into, { end, signal });
    await client.query('COMMIT');
    return { takenAt: header.takenAt, rows };
  } finally {
    await client.end();
  }
}

// As the service role, whom row-level security shows every tenant; and whatever the server's own habits are, one way of
// writing dates and numbers, and no end to patience: a large table takes its time.
const settings = `
  SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL transaction_timeout = 0;
  SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';
  SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL ROLE sollecito_service`;

async function readHeader(client: Client, release: string): Promise<BackupHeader> {
  const { rows: times } = await client.query<{ now: string }>(
    `SELECT to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  );
  const { rows: months } = await client.query<{ month: string }>(
    `SELECT replace(substring(c.relname FROM '^event_(\\d{4}_\\d{2})$'), '_', '-') AS month
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'sollecito.event'::regclass AND c.relname ~ '^event_\\d{4}_\\d{2}$' ORDER BY 1`,
  );
  return {
    sollecito: 'backup',
    format: 1,
    release,
    takenAt: times[0]?.now ?? '',
    migrations: await ranMigrations(client),
    eventMonths: months.map(({ month }) => month),
  };
}

async function* contents(client: Client, header: BackupHeader, rows: Record<string, number>): AsyncGenerator<Buffer> {
  yield backupLine(header);
  for (const { name, columns } of await backedUpTables(client)) {
    yield backupLine({ table: name, columns });
    // A query, since a partitioned table and one behind row-level security can be copied in no other way.
    const copied = client.query(copyTo(`COPY (SELECT ${columnList(columns)} FROM ${qualified(name)}) TO STDOUT`));
    const chunks: AsyncIterable<Buffer> = copied;
    yield* chunks;
    // The count comes after the last row, with the server's readiness for the next statement.
    await client.query('SELECT');
    rows[name] = copied.rowCount;
    yield rowsEnd;
  }
  yield backupLine({ rows, sequences: await lastValues(client) });
}

// Read after the rows: a value that was given meanwhile is given only once all the same.
async function lastValues(client: Client): Promise<Record<string, string>> {
  await client.query('RESET ROLE');
  const { rows } = await client.query<{ name: string; value: string }>(
    `SELECT sequencename::text AS name, last_value::text AS value FROM pg_sequences
     WHERE schemaname = 'sollecito' AND sequencename <> 'migration_id_seq' AND last_value IS NOT NULL`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
