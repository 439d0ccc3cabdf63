import { Redis } from 'ioredis';
import { Client } from 'pg';
import { schema } from './queue-backend.ts';

/** Whether the queue's store answers, and whether it would keep jobs through a crash. */
export async function checkQueue(url: string): Promise<{ ok: boolean; detail: string }> {
  try {
    return /^rediss?:/.test(url) ? await checkRedis(url) : await checkPostgres(url);
  } catch (error) {
    return { ok: false, detail: error instanceof Error && 'code' in error ? String(error.code) : 'does not answer' };
  }
}

async function checkPostgres(url: string): Promise<{ ok: boolean; detail: string }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS there`, [
      `${schema}.job`,
    ]);
    return rows[0]?.there
      ? { ok: true, detail: 'PostgreSQL' }
      : { ok: false, detail: 'the queue has no schema: run "sollecito migrate"' };
  } finally {
    await client.end();
  }
}

async function checkRedis(url: string): Promise<{ ok: boolean; detail: string }> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const memory = await redis.info('memory');
    const persistence = await redis.info('persistence');
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'unknown';
    if (policy !== 'noeviction')
      return { ok: false, detail: `Redis may evict jobs: maxmemory-policy is ${policy}, noeviction is needed` };
    if (!/aof_enabled:1/.test(persistence))
      return { ok: false, detail: 'Redis has no AOF: a crash loses jobs (they come back from PostgreSQL, later)' };
    return { ok: true, detail: 'Redis' };
  } finally {
    redis.disconnect();
  }
}
