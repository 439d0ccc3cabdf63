import { Client } from 'pg';
import { Database } from '../src/store/database.ts';
import { dispatchDue } from '../src/store/dispatch.ts';
import { addStock, addStockTenant } from './dispatch-stock.ts';
import { type Figure, figureOf, type Pair } from './figure.ts';
import type { Stage } from './stage.ts';

const scheduled = { many: 1_000_000, few: 10_000 };
const window = 20;
const dispatchesEach = 40;

/**
 * How long one dispatch takes with a million deliveries scheduled for later beside ten thousand, for one tenant and for
 * two hundred: what is not due yet should cost nothing.
 */
export async function dispatch(stage: Stage): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const tenants of [1, 200]) {
    const many = await backlog(stage, tenants, scheduled.many);
    const few = await backlog(stage, tenants, scheduled.few);
    const pairs: Pair[] = [];
    // The first round is for the statements, plans and caches.
    for (let round = 0; round <= stage.rounds; round += 1) {
      stage.say(`dispatch, ${tenants} tenants, round ${round} of ${stage.rounds}`);
      const took: Pair[] = [];
      for (let n = 0; n < dispatchesEach; n += 1) took.push({ ours: await timed(many), theirs: await timed(few) });
      const pair = { ours: middle(took.map(({ ours }) => ours)), theirs: middle(took.map(({ theirs }) => theirs)) };
      if (round > 0) pairs.push(pair);
    }
    figures.push(
      figureOf(
        {
          name: `one dispatch of ${window}, 1,000,000 scheduled, ${tenants === 1 ? '1 tenant' : `${tenants} tenants`}`,
          unit: 'ms',
          against: 'the same with 10,000 scheduled',
          better: 'less',
          // At most 1.3 times as slow.
          target: { of: 'ratio', atLeast: 0.77 },
        },
        pairs,
      ),
    );
  }
  return figures;
}

/** So many scheduled for later, and enough that is due for all dispatches, shared among the tenants. */
async function backlog(stage: Stage, tenants: number, later: number): Promise<Database> {
  stage.say(`dispatch, ${tenants} tenants: putting ${later} into the database`);
  const url = await stage.migratedDatabase(`dispatch_${tenants}_${later}`);
  const database = new Database({ url, role: 'service', poolMax: 2 });
  await database.start();
  stage.keep(async () => database.stop());
  const now = Temporal.Now.instant();
  const due = (window * dispatchesEach * (stage.rounds + 2)) / tenants;
  for (let n = 0; n < tenants; n += 1) {
    const tenant = await addStockTenant(database.pool, `tenant-${n}`);
    await addStock(database.pool, { tenant, count: later / tenants, from: now.add({ hours: 1 }) });
    await addStock(database.pool, { tenant, count: due, from: now.subtract({ minutes: 5 }) });
  }
  await analyze(url);
  return database;
}

/** As autovacuum does within the first minute; only the tables' owner may. */
async function analyze(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

/** @returns the milliseconds of one dispatch; what it took is sent at once. */
async function timed(database: Database): Promise<number> {
  const begun = performance.now();
  const taken = await dispatchDue(database, { channel: 'email', window, now: Temporal.Now.instant() });
  const took = performance.now() - begun;
  if (taken.length !== window) throw new Error(`${taken.length} were dispatched instead of ${window}`);
  await database.pool.query(
    "UPDATE sollecito.delivery SET status = 'sent', taken_at = now() WHERE status = 'queued' AND channel = 'email'",
  );
  return took;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
