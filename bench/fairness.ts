import { Database } from '../src/store/database.ts';
import { dispatchDue } from '../src/store/dispatch.ts';
import { addStock, addStockTenant } from './dispatch-stock.ts';
import { type Figure, figureOf } from './figure.ts';
import type { Stage } from './stage.ts';

const backlog = 100_000;
const small = 10;
const most = 50;

/**
 * How many of a tenant with 100,000 waiting are sent before the last of another's ten, which come when the window is
 * full of the large one's: beside the fifty that it may be at most (and that window).
 */
export async function fairness(stage: Stage): Promise<Figure[]> {
  stage.say(`fairness: putting ${backlog} into the database`);
  const url = await stage.migratedDatabase('fairness');
  const database = new Database({ url, role: 'service', poolMax: 2 });
  await database.start();
  stage.keep(async () => database.stop());
  const large = await addStockTenant(database.pool, 'large');
  const from = Temporal.Now.instant().subtract({ hours: 1 });
  await addStock(database.pool, { tenant: large, count: backlog, from });
  const figures: Figure[] = [];
  for (const window of [1, 20, 200]) {
    const sent: number[] = [];
    for (let round = 1; round <= stage.rounds; round += 1) {
      stage.say(`fairness, a window of ${window}, round ${round} of ${stage.rounds}`);
      sent.push(await sentBefore(database, large, `small-${window}-${round}`, window));
    }
    figures.push(
      figureOf(
        {
          name: `sent of ${backlog} before the last of another's ${small}, window of ${window}`,
          unit: 'deliveries',
          against: `at most ${most}`,
          better: 'less',
          target: { of: 'ratio', atLeast: 1 },
        },
        sent.map((ours) => ({ ours, theirs: most })),
      ),
    );
  }
  return figures;
}

/** @returns how many of the large tenant's leave after the full window and before the last of the small one's. */
async function sentBefore(database: Database, large: string, ref: string, window: number): Promise<number> {
  await round(database, window);
  const tenant = await addStockTenant(database.pool, ref);
  await addStock(database.pool, { tenant, count: small, from: Temporal.Now.instant().subtract({ seconds: 1 }) });
  const order: string[] = [];
  for (let left = small; left > 0;) {
    await database.pool.query(
      "UPDATE sollecito.delivery SET status = 'sent', taken_at = now() WHERE status = 'queued'",
    );
    const tenants = await round(database, window);
    order.push(...tenants);
    left -= tenants.filter((each) => each === tenant).length;
  }
  return order.slice(0, order.lastIndexOf(tenant)).filter((each) => each === large).length;
}

async function round(database: Database, window: number): Promise<string[]> {
  const taken = await dispatchDue(database, { channel: 'email', window, now: Temporal.Now.instant() });
  return taken.map(({ tenant }) => tenant);
}
