import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { z } from 'zod';
import { type Figure, figureOf, type Pair } from './figure.ts';
import type { Run } from './load-client.ts';
import { Service, statuses } from './service.ts';
import type { Stage } from './stage.ts';

const inFlight = 32;
const requests = 3_000;
const batchSize = 1_000;
const batches = 4;
const poolMax = 20;
const outcome = z.object({ perSecond: z.number(), p50: z.number(), p99: z.number() });
const bareSingle = 'Express with one INSERT';
const bareBatch = 'Express with one INSERT of 1,000 rows';

/** How fast reminders are accepted, one by one and in batches, beside a bare handler with one INSERT. */
export async function accept(stage: Stage): Promise<Figure[]> {
  const databaseUrl = await stage.migratedDatabase('accept');
  const service = await Service.start(stage, 'accept', {
    DATABASE_URL: databaseUrl,
    SOLLECITO_ROLES: 'api',
    DB_POOL_MAX: String(poolMax),
    // Nothing is sent here; without a server the email channel would be off.
    SMTP_URL: 'smtp://127.0.0.1:9',
  });
  const { ready } = await stage.child(new URL('./bare-accept.ts', import.meta.url), z.object({ port: z.number() }), {
    databaseUrl: await stage.database('bare_accept'),
    poolMax,
  });
  const { child: client } = await stage.child(
    new URL('./load-client.ts', import.meta.url),
    z.object({ ready: z.literal(true) }),
  );
  const dueDates = await service.seed(batchSize);
  const bareUrl = `http://127.0.0.1:${ready.port}`;
  const single = async (url: string, count: number) => {
    const run: Run = { url, key: service.key, count, inFlight, dueDates };
    return client.ask(run, outcome);
  };
  const ours = async (count = requests) => single(`${service.url}/v1/reminders`, count);
  const theirs = async (count = requests) => single(`${bareUrl}/one`, count);
  const oursBatch = async () =>
    batchesPerSecond(async (reminders) => {
      const { items } = statuses.parse(await service.call('POST', '/v1/reminders/batch', { reminders }));
      if (items.some(({ status }) => status !== 202)) throw new Error('a reminder of the batch was refused');
    }, dueDates);
  const theirsBatch = async () =>
    batchesPerSecond(async (reminders) => {
      const body = JSON.stringify({ reminders });
      const answer = await fetch(`${bareUrl}/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await answer.json();
    }, dueDates);
  await ours(1_000);
  await theirs(1_000);
  await oursBatch();
  await theirsBatch();
  // As autovacuum does within the first minute: plans made for empty tables are made anew.
  await analyze(databaseUrl);
  const singles: { ours: z.infer<typeof outcome>; theirs: z.infer<typeof outcome> }[] = [];
  const pairs: Pair[] = [];
  for (let round = 1; round <= stage.rounds; round++) {
    stage.say(`accept, round ${round} of ${stage.rounds}`);
    singles.push({ ours: await ours(), theirs: await theirs() });
    pairs.push({ ours: await oursBatch(), theirs: await theirsBatch() });
  }
  const of = (what: keyof z.infer<typeof outcome>): Pair[] =>
    singles.map((pair) => ({ ours: pair.ours[what], theirs: pair.theirs[what] }));
  const name = `accept, single at ${inFlight} in flight`;
  return [
    figureOf({ name, unit: 'requests/s', against: bareSingle, target: { of: 'ratio', atLeast: 0.5 } }, of('perSecond')),
    figureOf({ name: `${name}, p50`, unit: 'ms', against: bareSingle, better: 'less' }, of('p50')),
    figureOf(
      {
        name: `${name}, p99`,
        unit: 'ms',
        against: bareSingle,
        better: 'less',
        // At most three times as long.
        target: { of: 'ratio', atLeast: 0.33 },
      },
      of('p99'),
    ),
    figureOf(
      {
        name: 'accept, batches of 1,000',
        unit: 'reminders/s',
        against: bareBatch,
        target: { of: 'value', atLeast: 5_000 },
      },
      pairs,
    ),
  ];
}

async function analyze(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

async function batchesPerSecond(post: (reminders: unknown[]) => Promise<void>, dueDates: string[]): Promise<number> {
  const all = Array.from({ length: batches }, () =>
    dueDates.map((dueDate) => ({ idempotencyKey: randomUUID(), dueDate, channel: 'email' })),
  );
  const begun = performance.now();
  for (const reminders of all) await post(reminders);
  return (batches * batchSize) / ((performance.now() - begun) / 1_000);
}
