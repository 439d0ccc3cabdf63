import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest';
import { maxPrepareFailures } from '../src/domain/retry.ts';
import { EmbeddedPostgres } from '../src/embedded/postgres.ts';
import { migrateQueue } from '../src/queue/queue-backend.ts';
import { migrate } from '../src/store/migrate.ts';
import { createTestDatabase } from './support/database.ts';
import { Fleet, type Started } from './support/fleet.ts';
import { startOwnRedis } from './support/redis.ts';
import { patience } from './support/service.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function createFleet(...options: Parameters<typeof Fleet.create>): Promise<Fleet> {
  const fleet = await Fleet.create(...options);
  ends.push(async () => fleet.stop());
  return fleet;
}

async function start(count: number): Promise<{ all: Fleet; service: Started }> {
  const all = await createFleet('postgres', { redisDatabase: 0 });
  const service = await all.start('api,dispatcher,worker:email');
  await all.seed(service.url, count);
  return { all, service };
}

const roomIs = async (all: Fleet, { url }: Started, ok: boolean): Promise<void> =>
  expect.poll(async () => (await all.ready(url)).checks['room'], patience).toMatchObject({ ok });

/** From now on that write fails as it does on a full disk. @returns makes room again. */
async function fill(all: Fleet, trigger: string): Promise<() => Promise<unknown>> {
  await all.query(`CREATE FUNCTION sollecito.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
  await all.query(`CREATE TRIGGER disk_full ${trigger} EXECUTE FUNCTION sollecito.disk_full()`);
  return async () => all.query('DROP FUNCTION sollecito.disk_full() CASCADE');
}

// Asked before the tests are named, so that what is missing shows as skipped.
const folder = await mountSmall();
const redis = await startOwnRedis();
afterAll(async () => {
  await redis?.stop();
  if (folder !== undefined) await unmount(folder);
});

describe('a disk of PostgreSQL that is full', () => {
  test('at the accept: 503, nothing half-written, and the same key is accepted when there is room', async () => {
    const { all, service } = await start(1);
    const makeRoom = await fill(all, 'BEFORE INSERT ON sollecito.reminder FOR EACH STATEMENT');
    const body = { dueDate: 'd1', channel: 'email', attachDocument: false };
    const refused = await all.call(service.url, 'POST', '/v1/reminders', body, 'k1');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    await roomIs(all, service, false);
    const [left] = await all.query(
      `SELECT (SELECT count(*) FROM sollecito.idempotency_key WHERE key = 'k1')::integer AS keys,
        (SELECT coalesce(sum(reserved), 0) FROM sollecito.quota_counter)::integer AS reserved`,
    );
    expect(left).toEqual({ keys: 0, reserved: 0 });
    await makeRoom();
    expect(await all.remind(service.url, 'd1', 'k1')).toBe(202);
    await expect.poll(() => all.fates(), patience).toEqual({ sent: 1 });
    await roomIs(all, service, true);
  });

  test('at the claim: none of its tries is spent, however long it lasts', async () => {
    const { all, service } = await start(1);
    const makeRoom = await fill(all, 'BEFORE INSERT ON sollecito.delivery_message FOR EACH STATEMENT');
    await all.remind(service.url, 'd1', 'k1');
    const putBack = async () => all.query("SELECT FROM sollecito.event WHERE reason = 'database-unavailable'");
    await expect
      .poll(async () => (await putBack()).length, { ...patience, timeout: 50_000 })
      .toBeGreaterThan(maxPrepareFailures);
    await roomIs(all, service, false);
    expect(all.smtp.messages).toEqual([]);
    await makeRoom();
    await expect.poll(() => all.fates(), patience).toEqual({ sent: 1 });
  });

  test('at the settling: it is tried again in memory, and the message is not sent again', async () => {
    const { all, service } = await start(1);
    const makeRoom = await fill(all, "BEFORE UPDATE ON sollecito.delivery FOR EACH ROW WHEN (NEW.status = 'sent')");
    await all.remind(service.url, 'd1', 'k1');
    await expect.poll(() => all.smtp.messages.length, patience).toBe(1);
    await roomIs(all, service, false);
    expect(await all.fates()).toEqual({ sending: 1 });
    await makeRoom();
    await expect.poll(() => all.fates(), patience).toEqual({ sent: 1 });
    expect(all.smtp.messages).toHaveLength(1);
  });

  test.skipIf(folder === undefined)('in earnest: all that was accepted is sent when there is room again', async () => {
    const database = await createTestDatabase();
    await onServer(`CREATE TABLESPACE small LOCATION '${folder ?? ''}'`);
    ends.push(async () => {
      await database.drop();
      await onServer('DROP TABLESPACE small');
    });
    await migrateQueue(database.url);
    await onServer(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET TABLESPACE small`);
    const all = await createFleet('postgres', { redisDatabase: 0, databaseUrl: database.url });
    const service = await all.start('api,dispatcher,worker:email');
    await all.seed(service.url, 500);
    // So that every table has begun.
    const accepted = Array.from({ length: 30 }, (_, n) => n + 1);
    for (const n of accepted) expect(await all.remind(service.url, `d${n}`, `k${n}`)).toBe(202);
    const ballast = path.join(folder ?? '', 'ballast');
    await fillUp(ballast);
    let refused = 0;
    // What stands has room left in its pages: that is used up first.
    for (let n = 31; n <= 500 && refused < 5; n++) {
      const status = await all.remind(service.url, `d${n}`, `k${n}`);
      expect([202, 503]).toContain(status);
      if (status === 202) accepted.push(n);
      else refused++;
    }
    expect(refused).toBe(5);
    await roomIs(all, service, false);
    await rm(ballast);
    await expect.poll(() => all.fates(), { ...patience, timeout: 50_000 }).toEqual({ sent: accepted.length });
    expect(all.smtp.taken.size).toBe(accepted.length);
    expect(all.smtp.messages).toHaveLength(accepted.length);
  });
});

test.skipIf(redis === null)('a Redis out of memory is named, and all goes on when it has some again', async () => {
  const url = redis?.url ?? '';
  const all = await createFleet('redis', { redisDatabase: 0, queueUrl: url });
  const service = await all.start('api,dispatcher,worker:email');
  await all.seed(service.url, 4);
  const { reached, release } = all.smtp.hold('afterBody');
  await all.remind(service.url, 'd1', 'k1');
  await reached;
  const client = new Redis(url);
  ends.push(async () => client.quit());
  await client.config('SET', 'maxmemory', '1');
  for (const n of [2, 3, 4]) expect(await all.remind(service.url, `d${n}`, `k${n}`)).toBe(202);
  // The one under way is settled without the queue.
  release('250 taken');
  await expect.poll(async () => (await all.fates())['sent'], patience).toBe(1);
  const { status, checks } = await all.ready(service.url);
  expect({ status, queue: checks['queue'] }).toMatchObject({
    status: 'degraded',
    queue: { ok: false, detail: expect.stringContaining('OOM') },
  });
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  await client.config('SET', 'maxmemory', '0');
  await expect.poll(() => all.fates(), { ...patience, timeout: 50_000 }).toEqual({ sent: 4 });
  expect(all.smtp.messages).toHaveLength(4);
});

test('a restart of PostgreSQL in the middle of everything loses nothing and sends nothing twice', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sollecito-restart-'));
  const postgres = new EmbeddedPostgres({ dataDir });
  ends.push(async () => {
    await postgres.remove();
    await rm(dataDir, { recursive: true });
  });
  const { url: databaseUrl } = await postgres.start();
  await migrate(databaseUrl);
  const all = await createFleet('postgres', { redisDatabase: 0, databaseUrl });
  const service = await all.start('api,dispatcher,worker:email');
  await all.seed(service.url, 60);
  const { reached, release } = all.smtp.hold('afterBody');
  for (let n = 1; n <= 30; n++) await all.remind(service.url, `d${n}`, `k${n}`);
  await reached;
  await postgres.stop();
  release('250 taken');
  expect(await all.remind(service.url, 'd31', 'k31')).toBe(503);
  expect((await postgres.start()).url).toBe(databaseUrl);
  for (let n = 31; n <= 60; n++)
    await expect.poll(async () => all.remind(service.url, `d${n}`, `k${n}`), patience).toBe(202);
  await expect.poll(() => all.fates(), { ...patience, timeout: 50_000 }).toEqual({ sent: 60 });
  expect(all.smtp.messages).toHaveLength(60);
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
});

/** A small file system of one's own that PostgreSQL's user can write to; undefined where none can be had. */
async function mountSmall(): Promise<string | undefined> {
  if (process.env['TEST_DATABASE_URL'] || process.getuid?.() !== 0) return undefined;
  const mounted = await mkdtemp(path.join(tmpdir(), 'sollecito-small-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=0777', 'tmpfs', mounted], { stdio: 'ignore' });
    await chmod(mounted, 0o777);
    const nobody = 65_534;
    await chown(mounted, nobody, nobody);
    return mounted;
  } catch {
    await rm(mounted, { recursive: true });
    return undefined;
  }
}

async function unmount(mounted: string): Promise<void> {
  execFileSync('/bin/umount', [mounted]);
  await rm(mounted, { recursive: true });
}

async function fillUp(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (;;) await handle.write(Buffer.alloc(64 * 1_024));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    await handle.close();
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
