import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type BackupHeader, BackupReader, BackupRefused, type TableLine, type Totals } from './backup-file.ts';
import { backedUpTables, columnList, qualified, ranMigrations } from './backup-tables.ts';
import type { Queryable } from './database.ts';
import { migrationLock } from './migrate.ts';
import { emptyTables, withBareTables } from './restore-frame.ts';
import { doubtOpenDeliveries, leaveLostTimeBehind, type RestoredDoubt } from './restored-deliveries.ts';

export type RestoreOptions = {
  /** The file's bytes, unpacked. */
  unpacked: AsyncIterable<Buffer>;
  /** In place of what is there, tenants and all. */
  replace: boolean;
  /** A person says so (a move to another server): open deliveries stay as they are. */
  nothingSentSince: boolean;
};

export type Restored = {
  header: BackupHeader;
  rows: Record<string, number>;
  /** What may have been sent since the backup was taken; empty when nothing was. */
  doubt: RestoredDoubt[];
};

/**
 * Puts a backup into a migrated database, in one transaction: all of it or nothing. Throws BackupRefused, and has changed
 * nothing then: when the file is not whole, when the schema is another, when tenants would be overwritten unasked, and
 * while the service runs.
 */
export async function restoreBackup(url: string, options: RestoreOptions): Promise<Restored> {
  const reader = new BackupReader(options.unpacked);
  const header = await reader.header();
  const client = new Client({ connectionString: url, application_name: 'sollecito restore', keepAlive: true });
  // A connection that breaks also fails the statement in work, which tells of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await lockOut(client);
    requireSameSchema(header, await ranMigrations(client));
    await refuseWhileConnected(client);
    await client.query('BEGIN');
    await client.query(settings);
    const restored = await restore(client, reader, header, options);
    await client.query('COMMIT');
    return restored;
  } finally {
    // What has not been committed is gone with the connection.
    await client.end();
  }
}

const settings = `
  SET LOCAL lock_timeout = '15s'; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
  SET LOCAL transaction_timeout = 0; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC'`;

async function restore(
  client: Client,
  reader: BackupReader,
  header: BackupHeader,
  options: RestoreOptions,
): Promise<Restored> {
  let rows: Record<string, number> = {};
  let doubt: RestoredDoubt[] = [];
  await withBareTables(client, {
    async work() {
      // Under the lock: a service that started a moment ago is seen now, a later one waits and finds what was restored.
      await refuseWhileConnected(client);
      if (!options.replace) await refuseTenants(client);
      await emptyTables(client);
      await makeEventMonths(client, header.eventMonths);
      rows = await readTables(client, reader);
      if (!options.nothingSentSince) await leaveLostTimeBehind(client);
    },
    async after() {
      if (!options.nothingSentSince) doubt = await doubtOpenDeliveries(client, header.takenAt);
      await noteRestore(client, header, options, doubt);
    },
  });
  for (const { name } of await backedUpTables(client)) await client.query(`ANALYZE ${qualified(name)}`);
  return { header, rows, doubt };
}

/** No migration, backup or other restore at the same time; one that ends just now is waited for. */
async function lockOut(client: Client): Promise<void> {
  await client.query("SET lock_timeout = '5s'");
  await client.query('SELECT pg_advisory_lock($1)', [migrationLock]).catch((error: unknown) => {
    const lockTimeout = '55P03';
    if (!(error instanceof DatabaseError) || error.code !== lockTimeout) throw error;
    throw new BackupRefused('a migration, a backup or another restore is under way: wait for it');
  });
}

/** One rule: a file goes into the schema that it came from. A file of an older one is brought up by the migrations, not here. */
function requireSameSchema({ release, migrations }: BackupHeader, here: readonly string[]): void {
  if (migrations.join() === here.join()) return;
  const older = migrations.length < here.length && migrations.every((name, n) => name === here[n]);
  const from = `the backup was written by release ${release} with the schema ${migrations.at(-1) ?? 'of nothing'}`;
  const mend = older
    ? 'restore it with that release into a new database, then run "sollecito migrate" with this one'
    : 'restore it with that release, into a database that it has migrated';
  throw new BackupRefused(`${from}, this database has ${here.at(-1) ?? 'none'}: ${mend}`);
}

/** Every process of the service says who it is. A command that ended a moment ago may still be seen: it is waited for. */
async function refuseWhileConnected(client: Queryable): Promise<void> {
  let connected = await othersConnected(client);
  for (let tries = 0; connected.length > 0 && tries < 20; tries++) {
    await pause(100);
    connected = await othersConnected(client);
  }
  if (connected.length === 0) return;
  const who = connected.map(({ name, place, connections }) => `${connections} × "${name}" from ${place}`).join(', ');
  throw new BackupRefused(`the service is connected to this database (${who}): stop every process of it first`);
}

async function othersConnected(client: Queryable): Promise<{ name: string; place: string; connections: number }[]> {
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ name: string; place: string; connections: number }>(
    `SELECT application_name AS name, coalesce(host(client_addr), 'this machine') AS place, count(*)::integer AS connections
     FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'sollecito%'
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

async function refuseTenants(client: Queryable): Promise<void> {
  const { rows } = await client.query<{ ref: string }>('SELECT ref FROM sollecito.tenant ORDER BY ref LIMIT 3');
  if (rows.length === 0) return;
  const some = rows.map(({ ref }) => `"${ref}"`).join(', ');
  throw new BackupRefused(`this database has tenants already (${some}): --replace deletes them and all that is theirs`);
}

/** The partitions that the file's rows come from, and those that the service writes to now. */
async function makeEventMonths(client: Queryable, months: readonly string[]): Promise<void> {
  for (const month of months) await client.query('SELECT sollecito.ensure_event_partitions($1, 0)', [`${month}-01`]);
  await client.query(`SELECT sollecito.ensure_event_partitions((now() AT TIME ZONE 'UTC')::date, 2)`);
}

async function readTables(client: Client, reader: BackupReader): Promise<Record<string, number>> {
  const expected = new Map((await backedUpTables(client)).map(({ name, columns }) => [name, columns]));
  const rows: Record<string, number> = {};
  let line = await reader.next();
  while ('table' in line) {
    const columns = expected.get(line.table);
    if (columns?.join() !== line.columns.join())
      throw new BackupRefused(`the table "${line.table}" is not as it is here`);
    expected.delete(line.table);
    rows[line.table] = await readTable(client, reader, line);
    line = await reader.next();
  }
  const [missing] = expected.keys();
  if (missing !== undefined) throw new BackupRefused(`the file lacks the table "${missing}"`);
  requireCounts(line, rows);
  await reader.end();
  for (const [name, value] of Object.entries(line.sequences)) {
    await client.query('SELECT setval($1::regclass, $2)', [qualified(name), value]);
  }
  return rows;
}

async function readTable(client: Client, reader: BackupReader, { table, columns }: TableLine): Promise<number> {
  const copy = client.query(copyFrom(`COPY ${qualified(table)} (${columnList(columns)}) FROM STDIN`));
  await pipeline(reader.rows(), copy);
  return copy.rowCount;
}

function requireCounts({ rows }: Totals, found: Record<string, number>): void {
  for (const table of new Set([...Object.keys(rows), ...Object.keys(found)])) {
    if (rows[table] === found[table]) continue;
    throw new BackupRefused(`the file says ${rows[table] ?? 0} rows of "${table}" and holds ${found[table] ?? 0}`);
  }
}

async function noteRestore(
  client: Queryable,
  { takenAt, release }: BackupHeader,
  { nothingSentSince }: RestoreOptions,
  doubt: readonly RestoredDoubt[],
): Promise<void> {
  const unknown = doubt.reduce((sum, { deliveries }) => sum + deliveries, 0);
  await client.query(
    `INSERT INTO sollecito.audit (actor, action, target, detail, at) VALUES ('cli', 'database.restore', NULL, $1, clock_timestamp())`,
    [JSON.stringify({ takenAt, release, nothingSentSince, unknown })],
  );
}
