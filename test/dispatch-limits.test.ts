import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addStock, addStockTenant } from '../bench/dispatch-stock.ts';
import { newId } from '../src/domain/ids.ts';
import { Database } from '../src/store/database.ts';
import { dispatchDue, type Dispatched } from '../src/store/dispatch.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const start = Temporal.Instant.from('2026-03-02T22:30:20Z');
let created: TestDatabase;
let database: Database;
let now = start;
let tenant: string;
beforeAll(async () => {
  created = await createTestDatabase();
  database = new Database({ url: created.url, role: 'service', poolMax: 4 });
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await created.drop();
});
beforeEach(async () => {
  now = start;
  for (const table of ['delivery', 'reminder_due_date', 'reminder', 'send_limit', 'pause']) {
    await database.pool.query(`DELETE FROM sollecito.${table}`);
  }
  await database.pool.query('UPDATE sollecito.breaker SET until = NULL');
  tenant = await newTenant(100);
});

async function newTenant(waiting: number): Promise<string> {
  const made = await addStockTenant(database.pool, newId('tenant'));
  await addStock(database.pool, { tenant: made, count: waiting, from: start.subtract({ hours: 1 }) });
  return made;
}

const dispatch = async (window = 50): Promise<Dispatched[]> => dispatchDue(database, { channel: 'email', window, now });
const taken = async (window = 50): Promise<number> => (await dispatch(window)).length;
/** What is queued is handed over: it is under way no more. */
const sent = async (): Promise<unknown> =>
  database.pool.query("UPDATE sollecito.delivery SET status = 'sent', taken_at = now() WHERE status = 'queued'");

/** Of a tenant, or (null) of the provider's account. */
async function limit(of: string | null, columns: Record<string, unknown>): Promise<void> {
  const names = Object.keys(columns);
  await database.pool.query(
    `INSERT INTO sollecito.send_limit (id, channel, tenant_id, updated_at${names.map((name) => `, ${name}`).join('')})
     VALUES ($1, 'email', $2, now()${names.map((_, n) => `, $${n + 3}`).join('')})`,
    [newId('delivery'), of, ...Object.values(columns)],
  );
}

describe('a limit', () => {
  test.each([
    ['a rate nobody has used yet: a second’s worth and a quarter', { per_second: 8 }, 10],
    ['a rate of less than one a second: one', { per_second: 0.2 }, 1],
    ['a rate with tokens left', { per_second: 8, tokens: 3.9, refilled_at: start }, 3],
    [
      'a rate used up a moment ago',
      { per_second: 8, tokens: 0, refilled_at: start.subtract({ milliseconds: 500 }) },
      4,
    ],
    ['a rate by another clock that is ahead', { per_second: 8, tokens: 2, refilled_at: start.add({ seconds: 9 }) }, 2],
    ['a minute that has begun', { per_minute: 10, minute: '2026-03-02T22:30:00Z', minute_used: 7 }, 3],
    ['a minute that is over', { per_minute: 10, minute: '2026-03-02T22:29:00Z', minute_used: 10 }, 10],
    ['a day', { per_day: 12, day: '2026-03-02', day_used: 5 }, 7],
    ['a lowered limit', { per_day: 5, day: '2026-03-02', day_used: 9 }, 0],
    ['the least of several', { per_second: 100, per_minute: 9, per_day: 4 }, 4],
    ['one for connections only', { connections: 3 }, 50],
    ['one that is closed for a while', { per_second: 10, closed_until: start.add({ seconds: 1 }) }, 0],
  ])('of the provider, %s', async (_, columns, expected) => {
    const values = Object.entries(columns).map(([name, value]) => [name, String(value)]);
    await limit(null, Object.fromEntries(values));
    expect(await taken()).toBe(expected);
    // What is queued will spend it.
    expect(await taken(100)).toBe(expected === 50 ? 50 : 0);
  });

  test('of a tenant holds for it alone, and its day is in its own zone', async () => {
    // In Rome it is half past eleven, in Athens already the next day.
    await limit(tenant, { per_day: 10, day: '2026-03-02', day_used: 8 });
    const other = await newTenant(30);
    const count = async (): Promise<number[]> => {
      const items = await dispatch(100);
      return [tenant, other].map((id) => items.filter((item) => item.tenant === id).length);
    };
    expect(await count()).toEqual([2, 30]);
    await sent();
    await database.pool.query("UPDATE sollecito.tenant SET time_zone = 'Europe/Athens' WHERE id = $1", [tenant]);
    expect(await count()).toEqual([10, 0]);
  });

  test('that is spent does not keep the places from others, nor its tenant’s turn for later', async () => {
    await limit(tenant, { per_minute: 1, minute: '2026-03-02T22:30:00Z', minute_used: 1 });
    const other = await newTenant(30);
    expect((await dispatch(10)).map((item) => item.tenant)).toEqual(Array(10).fill(other));
    await sent();
    now = now.add({ minutes: 1 });
    const [first, ...rest] = await dispatch(10);
    expect(first?.tenant).toBe(tenant);
    expect(rest.map((item) => item.tenant)).toEqual(Array(9).fill(other));
  });

  test('of a rate lets through what it says over a minute, when there is always work', async () => {
    await limit(tenant, { per_second: 2.5 });
    let all = 0;
    for (let second = 0; second < 36; second += 1) {
      const items = await taken();
      all += items;
      await sent();
      // As the claim spends it.
      await database.pool.query(
        `UPDATE sollecito.send_limit SET tokens = least(3.125, tokens + 2.5 * least(60, extract(epoch FROM $1 - refilled_at))) - $2, refilled_at = $1`,
        [now.toString(), items],
      );
      now = now.add({ seconds: 1 });
    }
    expect(all).toBeGreaterThanOrEqual(35 * 2.5 * 0.95);
    expect(all).toBeLessThanOrEqual(35 * 2.5 + 3.125);
  });
});

describe('a breaker', () => {
  const open = async (until: Temporal.Instant, provider = 'smtp'): Promise<unknown> =>
    database.pool.query('UPDATE sollecito.breaker SET until = $1 WHERE provider = $2', [until.toString(), provider]);

  test('that is open lets nothing through', async () => {
    await open(now.add({ seconds: 1 }));
    expect(await taken()).toBe(0);
  });

  test('that is half open lets one through at a time', async () => {
    await open(now);
    expect(await taken()).toBe(1);
    expect(await taken()).toBe(0);
    await database.pool.query(
      "UPDATE sollecito.delivery SET status = 'sending', claim_token = uuidv7(), lease_until = now() WHERE status = 'queued'",
    );
    expect(await taken()).toBe(0);
    await database.pool.query("UPDATE sollecito.delivery SET status = 'sent' WHERE status = 'sending'");
    expect(await taken()).toBe(1);
  });

  test('of another provider concerns nobody here', async () => {
    await open(now.add({ seconds: 1 }), 'smsapi');
    expect(await taken()).toBe(50);
  });
});

describe('a pause', () => {
  test.each([
    ['everything', {}, 0],
    ['the channel', { channel: 'email' }, 0],
    ['the other channel', { channel: 'sms' }, 50],
    ['the provider', { provider: 'smtp' }, 0],
    ['the other provider', { provider: 'smsapi' }, 50],
    ['the tenant', { tenant: true }, 0],
    ['the tenant at the provider', { tenant: true, provider: 'smtp' }, 0],
    ['the tenant at the other provider', { tenant: true, provider: 'smsapi' }, 50],
  ])('of %s', async (_, scope: { tenant?: boolean; channel?: string; provider?: string }, expected) => {
    await database.pool.query(
      `INSERT INTO sollecito.pause (id, tenant_id, channel, provider, owner, reason, created_at) VALUES ($1, $2, $3, $4, 'operator:1', 'test', now())`,
      [newId('pause'), scope.tenant ? tenant : null, scope.channel ?? null, scope.provider ?? null],
    );
    expect(await taken()).toBe(expected);
  });
});
