import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { type Figure, figureOf, nothing } from './figure.ts';
import { Service, statuses } from './service.ts';
import type { Stage } from './stage.ts';

const waiting = 100_000;
const batch = 1_000;
const most = 50;
const name = `Redis while ${waiting} reminders wait`;

/** The most that Redis holds while 100,000 reminders are accepted and the provider takes two seconds for a message. */
export async function queueMemory(stage: Stage): Promise<Figure[]> {
  const redis = await stage.redis();
  if (!redis) return [nothing(name, 'MiB', 'neither redis-server nor valkey-server is on PATH')];
  const { ready } = await stage.child(new URL('./smtp-sink.ts', import.meta.url), z.object({ port: z.number() }), {
    slowMs: 2_000,
  });
  const service = await Service.start(stage, 'queue-memory', {
    DATABASE_URL: await stage.migratedDatabase('queue_memory'),
    QUEUE_URL: `redis://${redis.host}:${redis.port}/0`,
    SMTP_URL: `smtp://127.0.0.1:${ready.port}`,
  });
  const client = new Redis({ host: redis.host, port: redis.port });
  stage.keep(async () => client.quit());
  const dueDates = await service.seed(batch);
  const held: number[] = [];
  for (let accepted = 0; accepted < waiting; accepted += batch) {
    if (accepted % 10_000 === 0) stage.say(`queue memory: ${accepted} of ${waiting} accepted`);
    const reminders = dueDates.map((dueDate) => ({
      idempotencyKey: randomUUID(),
      dueDate,
      channel: 'email',
      attachDocument: false,
    }));
    const { items } = statuses.parse(await service.call('POST', '/v1/reminders/batch', { reminders }));
    if (items.some(({ status }) => status !== 202)) throw new Error('a reminder of the batch was refused');
    held.push(await usedMemory(client));
  }
  const mebibytes = Math.max(...held) / 2 ** 20;
  const note = `after the first 1,000: ${((held[0] ?? NaN) / 2 ** 20).toFixed(1)} MiB`;
  const about = { name, unit: 'MiB', against: `at most ${most}`, better: 'less' as const, note };
  return [figureOf({ ...about, target: { of: 'ratio', atLeast: 1 } }, [{ ours: mebibytes, theirs: most }])];
}

async function usedMemory(client: Redis): Promise<number> {
  const found = /used_memory:(\d+)/.exec(await client.info('memory'))?.[1];
  if (found === undefined) throw new Error('Redis does not say what it holds');
  return Number(found);
}
