import { existsSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { isAlive } from '../../embedded/attached-processes.ts';
import { readRecord } from '../../embedded/postgres-place.ts';
import { EmbeddedPostgres } from '../../embedded/postgres.ts';
import { migrateQueue } from '../../queue/queue-backend.ts';
import { migrate } from '../../store/migrate.ts';
import { migrations } from '../../store/migrations.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** A database that answers. `note` says which it is and what was done to reach it. */
export type OpenDatabase = { url: string; embedded: boolean; note: string; close: () => Promise<void> };

/**
 * The database that the service would take. An embedded one is attached to, or started for as long as this takes; where
 * there are no data yet, one is tried out in `scratch` and removed again, so that nothing is left behind.
 */
export async function openDatabase({ databaseUrl, dataDir }: Config, scratch: string): Promise<OpenDatabase> {
  if (databaseUrl !== null) {
    const { host, pathname } = new URL(databaseUrl);
    const note = `DATABASE_URL (${host}${pathname})`;
    return { url: databaseUrl, embedded: false, note, close: () => Promise.resolve() };
  }
  const folder = path.join(dataDir, 'postgres');
  if (!existsSync(path.join(folder, 'server.json'))) return tryOut(scratch);
  const pid = readRecord(folder)?.pid ?? null;
  const running = pid !== null && isAlive(pid);
  const embedded = new EmbeddedPostgres({ dataDir });
  const { url } = await embedded.start();
  const note = `embedded, ${running ? 'running' : 'started for this check and stopped again'}`;
  return { url, embedded: true, note, close: () => embedded.stop() };
}

async function tryOut(scratch: string): Promise<OpenDatabase> {
  const embedded = new EmbeddedPostgres({ dataDir: scratch, durable: false });
  const close = async (): Promise<void> => {
    await embedded.remove();
  };
  try {
    const { url } = await embedded.start();
    await migrate(url, () => migrateQueue(url));
    return { url, embedded: true, note: 'embedded, tried out in a temporary folder as there are no data yet', close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Asks on one plain connection. */
export async function onConnection<T>(url: string, work: (client: Client) => Promise<T>, options = ''): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    application_name: 'sollecito doctor',
    ...(options === '' ? {} : { options }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

// uuidv7() came with it.
const oldestMajor = 18;
const serverFacts = z.object({
  version: z.coerce.number(),
  release: z.string(),
  encoding: z.string(),
  standby: z.boolean(),
  connections: z.coerce.number(),
});

/** The server itself: its age, its encoding, whether it takes writes and enough connections. */
export async function checkServer({ url, note }: OpenDatabase, { dbPoolMax }: Config): Promise<Finding> {
  const facts = await onConnection(url, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(
      `SELECT current_setting('server_version_num') AS version, current_setting('server_version') AS release,
        current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
        current_setting('max_connections') AS connections`,
    );
    return serverFacts.parse(rows[0]);
  });
  const what = `PostgreSQL ${facts.release}, ${note}`;
  if (Math.floor(facts.version / 10_000) < oldestMajor) {
    return wrong(`${what}: too old`, `take PostgreSQL ${oldestMajor} or newer`);
  }
  if (facts.encoding !== 'UTF8') {
    return wrong(`${what}: its encoding is ${facts.encoding}`, 'make a database with the encoding UTF8');
  }
  if (facts.standby) return wrong(`${what}: a standby that takes no writes`, 'let DATABASE_URL name the primary');
  const wanted = 2 * dbPoolMax + queueConnections;
  if (facts.connections < wanted) {
    const mend = 'lower DB_POOL_MAX, or raise max_connections';
    return warning(`${what}: it takes ${facts.connections} connections, one process may want ${wanted}`, mend);
  }
  return ok(what);
}

/** What BullMQ's queues, flows and workers, the bell and a migration take at most beside the two pools. */
const queueConnections = 20;

/** Our own migrations, read without touching anything. */
export async function checkSchema({ url, embedded }: OpenDatabase): Promise<Finding> {
  const ran = await onConnection(url, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('sollecito.migration') IS NOT NULL AS there`,
    );
    if (!rows[0]?.there) return [];
    const names = await client.query<{ name: string }>('SELECT name FROM sollecito.migration');
    return names.rows.map(({ name }) => name);
  });
  const known = migrations.map(({ name }) => name);
  const lacks = known.filter((name) => !ran.includes(name));
  if (lacks.length > 0) {
    const detail = ran.length === 0 ? 'there is none yet' : `it lacks ${lacks.join(', ')}`;
    return embedded
      ? warning(detail, 'nothing to do: the next start brings it')
      : wrong(detail, 'run "sollecito migrate"');
  }
  const unknown = ran.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    return warning(`it was made by a newer release (${unknown.join(', ')})`, 'run that release, or a newer one');
  }
  return ok(`up to date (${known.at(-1) ?? ''})`);
}

/** More than this between our clock and PostgreSQL's is worth telling. */
const mostSkewMs = 2_000;

/** How far this machine's clock is from the database's. */
export async function checkClock({ url }: OpenDatabase): Promise<Finding> {
  const skew = await onConnection(url, async (client) => {
    const before = Date.now();
    const { rows } = await client.query<{ ms: number }>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
    );
    return Math.round((rows[0]?.ms ?? before) - (before + Date.now()) / 2);
  });
  if (Math.abs(skew) <= mostSkewMs) return ok(`${Math.abs(skew)} ms from the database's`);
  const mend = 'keep both machines on network time (NTP)';
  return warning(`${(Math.abs(skew) / 1000).toFixed(1)} s from the database's, which counts`, mend);
}

/** LISTEN, advisory locks and roles belong to a session: a pooler that changes it between transactions breaks them. */
export async function checkSession({ url }: OpenDatabase): Promise<Finding> {
  const pids = await onConnection(url, (first) =>
    onConnection(url, async (second) => {
      const alone = await backendOf(first);
      await second.query('BEGIN');
      const other = await backendOf(second);
      const again = await backendOf(first);
      await second.query('ROLLBACK');
      return { alone, other, again };
    }),
  );
  if (!isPooled(pids)) return ok('each connection keeps its own session');
  return wrong(
    'a transaction pooler stands between: LISTEN and advisory locks do not hold',
    'let DATABASE_URL lead to PostgreSQL itself, or to a pooler in session mode',
  );
}

/** Two open connections with one backend, or one that changes it: they are not what they seem. */
export function isPooled({ alone, other, again }: { alone: number; other: number; again: number }): boolean {
  return alone === other || alone !== again;
}

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}
