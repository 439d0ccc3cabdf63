import { Redis } from 'ioredis';
import { Client } from 'pg';
import { prefix, schema } from './queue-backend.ts';

const probeKey = `${prefix}:probe`;

/** Whether the queue's store answers, and whether it would keep jobs through a crash. */
export async function checkQueue(url: string): Promise<{ ok: boolean; detail: string }> {
  try {
    return /^rediss?:/.test(url) ? await checkRedis(url) : await checkPostgres(url);
  } catch (error) {
    return { ok: false, detail: error instanceof Error && 'code' in error ? String(error.code) : 'does not answer' };
  }
}

class QueueUnusable extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Rejects, with a code, while the queue's store does not answer or has no schema yet. */
export async function requireQueue(url: string): Promise<void> {
  if (/^rediss?:/.test(url)) await onRedis(url, async (redis) => redis.ping());
  else if (!(await hasSchema(url))) throw new QueueUnusable('queue-schema-missing');
}

async function checkPostgres(url: string): Promise<{ ok: boolean; detail: string }> {
  return (await hasSchema(url))
    ? { ok: true, detail: 'PostgreSQL' }
    : { ok: false, detail: 'the queue has no schema: run "sollecito migrate"' };
}

async function hasSchema(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS there`, [
      `${schema}.job`,
    ]);
    return rows[0]?.there ?? false;
  } finally {
    await client.end();
  }
}

async function checkRedis(url: string): Promise<{ ok: boolean; detail: string }> {
  return onRedis(url, async (redis) => {
    const memory = await redis.info('memory');
    const persistence = await redis.info('persistence');
    const refusal = await writes(redis);
    if (refusal !== null) return { ok: false, detail: `Redis takes nothing: ${refusal}` };
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'unknown';
    if (policy !== 'noeviction')
      return { ok: false, detail: `Redis may evict jobs: maxmemory-policy is ${policy}, noeviction is needed` };
    if (!/aof_enabled:1/.test(persistence))
      return { ok: false, detail: 'Redis has no AOF: a crash loses jobs (they come back from PostgreSQL, later)' };
    return { ok: true, detail: 'Redis' };
  });
}

// Out of memory (OOM), unable to save (MISCONF), or a replica (READONLY): it answers, and refuses what adds to it.
async function writes(redis: Redis): Promise<string | null> {
  try {
    await redis.set(probeKey, '', 'EX', 1);
    return null;
  } catch (error) {
    return (error instanceof Error && /^[A-Z]{3,20}\b/.exec(error.message)?.[0]) || 'no answer';
  }
}

async function onRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
