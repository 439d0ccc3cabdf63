import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { exampleDocuments, withRenderer } from './documents.ts';
import { type Figure, figureOf, nothing } from './figure.ts';
import { monotonicMs } from './monotonic.ts';
import { attachOwn } from './own-documents.ts';
import { percentile } from './percentile.ts';
import { Service } from './service.ts';
import type { Stage } from './stage.ts';

const dueDates = 100;
const reminders = 300;
const targets = { p50: 25, p99: 100 };
const concurrency = 10;

/**
 * From the moment that one reminder is posted to the moment that the whole message is with the provider, while nothing
 * else is to be done: an email with a PDF that is there already.
 */
export async function latency(stage: Stage): Promise<Figure[]> {
  const redis = await stage.redis();
  const pdf = await withRenderer(stage, async (render) => render(exampleDocuments()[0]));
  const figures = await ofQueue(stage, 'PostgreSQL', pdf, {});
  if (!redis) {
    const note = 'neither redis-server nor valkey-server is on PATH';
    return [...figures, nothing('accepted to handed over, Redis queue', 'ms', note)];
  }
  return [...figures, ...(await ofQueue(stage, 'Redis', pdf, { QUEUE_URL: `redis://${redis.host}:${redis.port}/0` }))];
}

async function ofQueue(
  stage: Stage,
  queue: string,
  pdf: Uint8Array,
  environment: Record<string, string>,
): Promise<Figure[]> {
  const { child: sink, ready } = await stage.child(
    new URL('./smtp-sink.ts', import.meta.url),
    z.object({ port: z.number() }),
  );
  const name = `latency-${queue.toLowerCase()}`;
  const url = await stage.migratedDatabase(name.replace('-', '_'));
  const service = await Service.start(stage, name, {
    DATABASE_URL: url,
    SMTP_URL: `smtp://127.0.0.1:${ready.port}`,
    EMAIL_CONCURRENCY: String(concurrency),
    ...environment,
  });
  const refs = await service.seed(dueDates);
  await attachOwn(service, refs, pdf);
  const handOver = async (n: number): Promise<number> => {
    const dueDate = refs[n % refs.length];
    const begun = monotonicMs();
    await service.call('POST', '/v1/reminders', { dueDate, channel: 'email' }, { 'idempotency-key': `latency-${n}` });
    const { takenAt } = await sink.ask({ more: 1 }, z.object({ takenAt: z.number() }));
    // Whatever follows is over, and no clock of the service's falls into step with ours.
    await pause(30 + Math.random() * 60);
    return takenAt - begun;
  };
  stage.say(`${name}: warming up`);
  for (let n = 0; n < refs.length; n += 1) await handOver(n);
  await analyze(url);
  stage.say(`${name}: ${reminders} reminders, one at a time`);
  const took: number[] = [];
  for (let n = 0; n < reminders; n += 1) took.push(await handOver(refs.length + n));
  return (['p50', 'p99'] as const).map((part) =>
    figureOf(
      {
        name: `accepted to handed over, idle, ${queue} queue, ${part}`,
        unit: 'ms',
        against: `at most ${targets[part]}`,
        better: 'less',
        target: { of: 'ratio', atLeast: 1 },
      },
      [{ ours: percentile(took, part === 'p50' ? 0.5 : 0.99), theirs: targets[part] }],
    ),
  );
}

/** As autovacuum does within the first minute. */
async function analyze(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}
