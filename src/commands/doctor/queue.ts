import { assertSchemaCompatibility } from 'bullmq';
import { Redis } from 'ioredis';
import type { Config } from '../../config.ts';
import { lineOf } from '../failure.ts';
import { onConnection, type OpenDatabase } from './database.ts';
import { type Finding, ok, skipped, warning, wrong } from './finding.ts';

/** What holds the jobs. Whatever happens to it, no reminder is lost: they come back from the database, later. */
export async function checkQueue({ queueUrl }: Config, database: OpenDatabase | undefined): Promise<Finding> {
  if (queueUrl !== null && /^rediss?:/.test(queueUrl)) return checkRedis(queueUrl);
  const url = queueUrl ?? database?.url;
  if (url === undefined) return skipped('it stands in the database, which does not answer');
  return checkPostgres(url, queueUrl === null && (database?.embedded ?? false));
}

async function checkPostgres(url: string, embedded: boolean): Promise<Finding> {
  const where = embedded ? 'in the embedded database' : 'in PostgreSQL';
  try {
    const version = await onConnection(url, (client) => assertSchemaCompatibility(client));
    return ok(`BullMQ ${where}, its schema ${version} is up to date`);
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('Schema')) throw error;
    const detail = `BullMQ ${where}: its schema is missing, older or newer than this release`;
    if (embedded) return warning(detail, 'nothing to do: the next start brings it');
    return wrong(detail, 'run "sollecito migrate" of this release');
  }
}

/** Lua and streams as BullMQ uses them. */
const oldestRedis = [6, 2] as const;

async function checkRedis(url: string): Promise<Finding> {
  const host = new URL(url).host;
  const facts = await redisFacts(url);
  if ('failure' in facts) {
    const mend = 'start it, or set QUEUE_URL right; without QUEUE_URL the queue stands in PostgreSQL';
    return wrong(`Redis at ${host} does not answer: ${facts.failure}`, mend);
  }
  const { version, policy, aof } = facts;
  const what = `Redis ${version.join('.')} at ${host}`;
  const [major = 0, minor = 0] = version;
  if (major < oldestRedis[0] || (major === oldestRedis[0] && minor < oldestRedis[1])) {
    return wrong(`${what} is too old`, `take Redis ${oldestRedis.join('.')} or newer, or Valkey`);
  }
  if (policy !== undefined && policy !== 'noeviction') {
    const detail = `${what} may drop jobs when memory runs out: its maxmemory-policy is ${policy}`;
    return warning(`${detail}${aof ? '' : '; and it has no AOF'}`, 'set maxmemory-policy noeviction');
  }
  if (!aof)
    return warning(`${what} has no AOF: a crash loses its jobs, which then come back late`, 'set appendonly yes');
  return ok(`${what}, ${policy ?? 'policy unknown'}, with AOF`);
}

type RedisFacts = { version: number[]; policy: string | undefined; aof: boolean };

async function redisFacts(url: string): Promise<RedisFacts | { failure: string }> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // `connect` only says that the connection is closed; why stands in the event.
  let reason: string | undefined;
  redis.on('error', (error: Error) => {
    reason ??= lineOf(error);
  });
  try {
    await redis.connect();
    const info = await redis.info();
    return {
      version: (/(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? '0').split('.').map(Number),
      policy: /maxmemory_policy:(\S+)/.exec(info)?.[1],
      aof: /aof_enabled:1/.test(info),
    };
  } catch (error) {
    return { failure: reason ?? lineOf(error) };
  } finally {
    redis.disconnect();
  }
}
