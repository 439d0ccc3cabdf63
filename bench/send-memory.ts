import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { exampleDocuments, withRenderer } from './documents.ts';
import { type Figure, figureOf, nothing } from './figure.ts';
import { attachOwn } from './own-documents.ts';
import { treeMemory } from './process-memory.ts';
import { Service, statuses } from './service.ts';
import type { Stage } from './stage.ts';

const sends = 50_000;
const batch = 1_000;
const roles = { api: 'api', dispatcher: 'dispatcher', worker: 'worker:email' };
const unit = 'MiB';
const name = (role: string): string => `memory over ${sends} sends, ${role}`;

/**
 * What each process of the service holds in the last quarter of 50,000 emails with their PDFs, beside the second
 * quarter (the first is for caches to fill): the mean of what was read after each thousand. More than 1.1 times as much
 * would be a leak.
 */
export async function sendMemory(stage: Stage): Promise<Figure[]> {
  const redis = await stage.redis();
  if (process.platform !== 'linux' || !redis) {
    const note = redis ? 'measured on Linux only, from /proc' : 'neither redis-server nor valkey-server is on PATH';
    return Object.keys(roles).map((role) => nothing(name(role), unit, note));
  }
  const { child: sink, ready } = await stage.child(
    new URL('./smtp-sink.ts', import.meta.url),
    z.object({ port: z.number() }),
  );
  const pdf = await withRenderer(stage, async (render) => render(exampleDocuments()[0]));
  const environment = {
    DATABASE_URL: await stage.migratedDatabase('send_memory'),
    QUEUE_URL: `redis://${redis.host}:${redis.port}/0`,
    SMTP_URL: `smtp://127.0.0.1:${ready.port}`,
    EMAIL_CONCURRENCY: '10',
  };
  const start = async (role: string, as: string): Promise<Service> =>
    Service.start(stage, `send-memory-${role}`, { ...environment, SOLLECITO_ROLES: as });
  const api = await start('api', roles.api);
  const processes = {
    api: api.pid,
    dispatcher: (await start('dispatcher', roles.dispatcher)).pid,
    worker: (await start('worker', roles.worker)).pid,
  };
  const dueDates = await api.seed(batch);
  await attachOwn(api, dueDates, pdf);
  const held: Record<string, number[]> = Object.fromEntries(Object.keys(processes).map((role) => [role, []]));
  for (let sent = 0; sent < sends; sent += batch) {
    if (sent % 5_000 === 0) stage.say(`send memory: ${sent} of ${sends} sent`);
    const reminders = dueDates.map((dueDate) => ({ idempotencyKey: randomUUID(), dueDate, channel: 'email' }));
    const { items } = statuses.parse(await api.call('POST', '/v1/reminders/batch', { reminders }));
    if (items.some(({ status }) => status !== 202)) throw new Error('a reminder of the batch was refused');
    await sink.ask({ more: batch }, z.object({ taken: z.number() }));
    for (const [role, pid] of Object.entries(processes)) held[role]?.push(memoryOf(pid) / 2 ** 20);
  }
  return Object.entries(held).map(([role, readings]) => figureFor(role, readings));
}

function figureFor(role: string, readings: readonly number[]): Figure {
  const quarter = readings.length / 4;
  const means = [0, 1, 2, 3].map((n) => mean(readings.slice(Math.floor(n * quarter), Math.floor((n + 1) * quarter))));
  const note = `means of the quarters: ${means.map((each) => each.toFixed(0)).join(', ')}`;
  const about = { name: name(role), unit, against: 'in the second quarter', better: 'less' as const, note };
  // 1.1 times as much at most.
  const pair = { ours: means[3] ?? NaN, theirs: means[1] ?? NaN };
  return figureOf({ ...about, target: { of: 'ratio', atLeast: 0.909 } }, [pair]);
}

function memoryOf(pid: number): number {
  const { pss, rss } = treeMemory(pid);
  return pss ?? rss;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
