import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pulse } from '../src/queue/pulse.ts';
import { jobOptions, type JobProcessor, migrateQueue, QueueBackend } from '../src/queue/queue-backend.ts';
import { Working } from '../src/queue/working.ts';
import { timings } from '../src/timings.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { Fleet } from './support/fleet.ts';
import { Line } from './support/line.ts';
import { type BackendKind, isMissing, redisUrl, wipeQueue } from './support/queue-machine.ts';
import { patience } from './support/service.ts';

let database: TestDatabase;
const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  ends.push(async () => database.drop());
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const quick = timings(0.01);
const never = new Promise<never>(() => {});

/** A worker of one job at a time, and two jobs for it. */
async function working(
  kind: BackendKind,
  processor: JobProcessor,
  longestJobMs: number,
): Promise<{ working: Working; backend: QueueBackend }> {
  const url = kind === 'redis' ? redisUrl(6) : database.url;
  await migrateQueue(url);
  await wipeQueue(url);
  const backend = new QueueBackend(url, () => undefined);
  const queue = backend.queue('email');
  const made = new Working({
    queue,
    concurrency: 1,
    processor,
    timings: quick,
    longestJobMs,
    worker: (around) => backend.worker('email', around, 1),
    onError: () => undefined,
  });
  ends.push(
    async () => backend.stop(),
    async () => made.stop(never, Promise.resolve()),
  );
  const data = { deliveryId: 'none', dispatchNo: 1 };
  await queue.addBulk([1, 2].map((n) => ({ name: 'send', data, opts: { ...jobOptions, jobId: `none-${n}` } })));
  return { working: made, backend };
}

describe.each(['postgres', 'redis'] as const)('a worker, with a queue in %s,', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    test('with its hands full is stuck only when no job may take so long', async () => {
      const hung = await working(kind, async () => never, 0);
      hung.working.start();
      await expect.poll(() => hung.working.idleFor(), patience).toBeGreaterThan(0);
    });

    test('with its hands full is not stuck while they may be', async () => {
      const looked = Promise.withResolvers<void>();
      const busy = await working(
        kind,
        async () => {
          looked.resolve();
          return never;
        },
        600_000,
      );
      busy.working.start();
      await looked.promise;
      expect(busy.working.idleFor()).toBeLessThanOrEqual(0);
    });

    test('of a queue that is paused is not stuck, and is when it takes nothing afterwards', async () => {
      const paused = await working(kind, async () => never, 0);
      const [queue] = paused.backend.boardQueues();
      await queue?.pause();
      paused.working.start();
      await paused.working.look();
      await paused.working.look();
      expect(paused.working.idleFor()).toBe(0);
      await queue?.resume();
      await expect.poll(() => paused.working.idleFor(), patience).toBeGreaterThan(0);
    });
  });
});

describe('the pulse of PostgreSQL', () => {
  test('is felt while it answers, and gone with it', async () => {
    const line = await Line.to(database.url);
    const pulse = new Pulse(line.url, quick.pulseEveryMs);
    pulse.start();
    ends.push(
      async () => line.cut(),
      async () => pulse.stop(),
    );
    await expect.poll(() => pulse.answeringFor(), patience).toBeGreaterThan(0);
    await line.cut();
    await expect.poll(() => pulse.answeringFor(), patience).toBe(0);
    await line.mend();
    await expect.poll(() => pulse.answeringFor(), patience).toBeGreaterThan(0);
  });

  test('is not felt of a server that takes connections and is silent', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const pulse = new Pulse(`postgres://someone@127.0.0.1:${port}/none`, quick.pulseEveryMs);
    pulse.start();
    // Asked a second time: the first asking has ended.
    await expect.poll(() => sockets.length, patience).toBeGreaterThan(1);
    expect(pulse.answeringFor()).toBe(0);
    await pulse.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

test('a dispatcher that hangs although PostgreSQL answers ends the life of its process, by name', async () => {
  const all = await Fleet.create('postgres', {
    redisDatabase: 0,
    databaseUrl: database.url,
    environment: { SOLLECITO_TIME_SCALE: '0.01' },
  });
  ends.push(async () => all.stop());
  const service = await all.start('api,dispatcher');
  const live = async (): Promise<number> => (await fetch(`${service.url}/health/live`)).status;
  expect(await live()).toBe(200);
  // What each round waits for: for as long as PostgreSQL lets it, which is longer than the scaled patience.
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query("SELECT pg_advisory_lock(hashtext('sollecito.dispatch.email'))");
  await expect.poll(live, patience).toBe(503);
  const answer = await fetch(`${service.url}/health/live`);
  expect(await answer.json()).toEqual({ status: 'stuck', stuck: ['email'] });
  await client.end();
  await expect.poll(live, patience).toBe(200);
});
