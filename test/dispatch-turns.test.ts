import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addStock, addStockTenant } from '../bench/dispatch-stock.ts';
import { fairTurns, type InLine } from '../src/domain/fair-turns.ts';
import { newId } from '../src/domain/ids.ts';
import { Database } from '../src/store/database.ts';
import { dispatchDue } from '../src/store/dispatch.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const now = Temporal.Instant.from('2026-03-02T09:00:00Z');
const channel = 'email';
let created: TestDatabase;
let database: Database;
beforeAll(async () => {
  created = await createTestDatabase();
  database = new Database({ url: created.url, role: 'service', poolMax: 4 });
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await created.drop();
});
// What one test leaves waiting is nobody's in the next.
beforeEach(async () => clear());

async function clear(): Promise<void> {
  for (const table of ['delivery', 'reminder_due_date', 'reminder']) {
    await database.pool.query(`DELETE FROM sollecito.${table}`);
  }
  await database.pool.query("UPDATE sollecito.tenant_turn SET served_at = '-infinity', deficit = 0, weight = 1");
}

/** What the dispatcher takes, and all of it sent at once. @returns the tenants in the order of their turns. */
async function send(window: number, at = now): Promise<string[]> {
  const taken = await dispatchDue(database, { channel, window, now: at });
  await database.pool.query(
    "UPDATE sollecito.delivery SET status = 'sent', taken_at = now() WHERE status = 'queued' AND id = ANY ($1)",
    [taken.map(({ delivery }) => delivery)],
  );
  return taken.map(({ tenant }) => tenant);
}

async function newTenant(weight = 1): Promise<string> {
  const tenant = await addStockTenant(database.pool, newId('tenant'));
  await database.pool.query('UPDATE sollecito.tenant_turn SET weight = $2 WHERE tenant_id = $1', [tenant, weight]);
  return tenant;
}

const count = (order: readonly string[], tenant: string): number => order.filter((each) => each === tenant).length;

describe('the dispatcher’s statement', () => {
  test('is the rule of fair turns: order and state, for any backlog, weights, line and windows', async () => {
    const tenants: string[] = [];
    for (let n = 0; n < 6; n += 1) tenants.push(await newTenant());
    const due = fc.record({ priority: fc.integer({ min: 0, max: 9 }), minutes: fc.integer({ min: -90, max: 5 }) });
    const turn = fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      deficit: fc.integer({ min: 0, max: 5 }),
      waiting: fc.array(due, { maxLength: 12 }),
    });
    const state = fc.record({
      turns: fc.array(turn, { minLength: tenants.length, maxLength: tenants.length }),
      windows: fc.array(fc.nat(14), { minLength: 1, maxLength: 6 }),
      seed: fc.shuffledSubarray(tenants, { minLength: tenants.length }),
    });
    await fc.assert(
      fc.asyncProperty(state, async ({ turns, windows, seed }) => {
        await clear();
        let line: InLine[] = [];
        for (const [n, { weight, deficit, waiting }] of turns.entries()) {
          const tenant = seed[n] ?? '';
          const made = waiting.map(({ priority, minutes }) => ({
            id: newId('delivery'),
            priority,
            dueAt: now.add({ minutes }),
          }));
          await put(tenant, { weight, deficit, servedAt: now.subtract({ hours: 100 - n }), waiting: made });
          const isDue = ({ dueAt }: { dueAt: Temporal.Instant }) => Temporal.Instant.compare(dueAt, now) <= 0;
          line.push({ tenant, weight, deficit, waiting: made.filter(isDue) });
        }
        for (const [n, places] of windows.entries()) {
          const at = now.add({ milliseconds: n });
          const taken = await dispatchDue(database, { channel, window: places, now: at });
          const rule = fairTurns(line, places);
          expect(taken.map(({ delivery }) => delivery)).toEqual(rule.taken.map(({ id }) => id));
          expect(await standing()).toEqual(rule.line.map(({ tenant, deficit }) => ({ tenant, deficit })));
          await database.pool.query("UPDATE sollecito.delivery SET status = 'sent' WHERE status = 'queued'");
          line = rule.line;
        }
      }),
      { numRuns: 150 },
    );
  });

  async function put(
    tenant: string,
    of: { weight: number; deficit: number; servedAt: Temporal.Instant; waiting: InLine['waiting'] },
  ): Promise<void> {
    await database.pool.query(
      'UPDATE sollecito.tenant_turn SET weight = $3, deficit = $4, served_at = $5 WHERE tenant_id = $1 AND channel = $2',
      [tenant, channel, of.weight, of.deficit, of.servedAt.toString()],
    );
    await database.pool.query(
      `WITH wanted AS (
        SELECT id, priority, due_at, uuidv7() AS reminder_id FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[]) AS w (id, priority, due_at)
      ), reminders AS (
        INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, origin, actor, recipients, attach_document, send_at, quota_month, created_at, updated_at)
        SELECT w.reminder_id, $1, c.id, 'email', 'api', 'key:test', 'given', false, now(), '2026-01-01', now(), now() FROM wanted w, sollecito.customer c WHERE c.tenant_id = $1
      )
      INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, priority, next_attempt_at, updated_at)
      SELECT id, $1, reminder_id, 'email', 0, 'to@example.com', 'accepted', priority, due_at, now() FROM wanted`,
      [
        tenant,
        of.waiting.map(({ id }) => id),
        of.waiting.map(({ priority }) => priority),
        of.waiting.map(({ dueAt }) => dueAt.toString()),
      ],
    );
  }

  async function standing(): Promise<unknown> {
    const { rows } = await database.pool.query(
      'SELECT tenant_id AS tenant, deficit FROM sollecito.tenant_turn WHERE channel = $1 ORDER BY served_at, tenant_id',
      [channel],
    );
    return rows;
  }
});

describe('a tenant with thousands waiting', () => {
  const from = now.subtract({ hours: 1 });
  const lately = now.subtract({ seconds: 1 });

  test.each([
    ['one place at a time', 1, false],
    ['a small window', 20, false],
    ['the largest window', 200, false],
    ['a small window, documents missing', 20, true],
  ])('does not delay one with ten: %s', async (_, window, attachDocument) => {
    const [large, small] = [await newTenant(), await newTenant()];
    await addStock(database.pool, { tenant: large, count: 4_000, from, attachDocument });
    // The queue is full of the large one's when the small one comes.
    await dispatchDue(database, { channel, window, now });
    const before = await database.pool.query("SELECT FROM sollecito.delivery WHERE status = 'queued'");
    await addStock(database.pool, { tenant: small, count: 10, from: lately });
    await database.pool.query("UPDATE sollecito.delivery SET status = 'sent' WHERE status = 'queued'");
    const order: string[] = [];
    for (let n = 0; n < 60 && count(order, small) < 10; n += 1) order.push(...(await send(window)));
    expect(count(order, small)).toBe(10);
    const after = order.slice(0, order.lastIndexOf(small));
    expect(before.rowCount).toBeLessThanOrEqual(window);
    expect(count(after, large)).toBeLessThanOrEqual(50);
  });

  test('does not delay the smaller ones among many, weights or not', async () => {
    const large = await newTenant(4);
    await addStock(database.pool, { tenant: large, count: 4_000, from });
    const small = new Map<string, number>();
    for (let n = 0; n < 30; n += 1) {
      const tenant = await newTenant(1 + (n % 3));
      small.set(tenant, 1 + (n % 10));
      await addStock(database.pool, { tenant, count: 1 + (n % 10), from: lately });
    }
    const order: string[] = [];
    for (let rounds = 0; rounds < 40; rounds += 1) order.push(...(await send(20)));
    for (const [tenant, has] of small) {
      expect(count(order, tenant)).toBe(has);
      expect(count(order.slice(0, order.lastIndexOf(tenant)), large)).toBeLessThanOrEqual(50);
    }
  });

  test('that all wait for documents which nobody renders leaves half of the window to the others', async () => {
    const [large, small, other] = [await newTenant(), await newTenant(), await newTenant()];
    await addStock(database.pool, { tenant: large, count: 2_000, from, attachDocument: true });
    await addStock(database.pool, { tenant: other, count: 500, from, attachDocument: true });
    // Nothing that waits is ever sent: it stands in the window until its document comes.
    const waiting = await dispatchDue(database, { channel, window: 20, now });
    const waitingFor = waiting.map(({ tenant }) => tenant);
    expect([large, other].map((tenant) => count(waitingFor, tenant))).toEqual([5, 5]);
    expect(waiting).toHaveLength(10);
    expect(waiting.every(({ missingDocuments }) => missingDocuments.length === 1)).toBe(true);
    expect(await send(20)).toEqual([]);
    await addStock(database.pool, { tenant: small, count: 25, from: lately });
    expect([await send(20), await send(20), await send(20)].map((order) => count(order, small))).toEqual([10, 10, 5]);
    // With the documents there, they count no longer, and there is room for as many again.
    await database.pool.query(
      `INSERT INTO sollecito.document (id, tenant_id, due_date_id, edition, origin, name, sha256, bytes, created_at)
       SELECT uuidv7(), u.tenant_id, u.id, sollecito.document_edition(u, NULL), 'rendered', 'document.pdf', sha256('a'), 'a', now()
       FROM sollecito.due_date u WHERE u.tenant_id = $1`,
      [other],
    );
    expect(await dispatchDue(database, { channel, window: 20, now })).toHaveLength(10);
  });

  test('holds up its own ones behind the one that waits, and nobody else’s', async () => {
    const [mixed, plain] = [await newTenant(), await newTenant()];
    await addStock(database.pool, { tenant: mixed, count: 10, from, attachDocument: true });
    await addStock(database.pool, { tenant: mixed, count: 10, from: now.subtract({ minutes: 1 }) });
    await addStock(database.pool, { tenant: plain, count: 10, from });
    const order = (await dispatchDue(database, { channel, window: 8, now })).map(({ tenant }) => tenant);
    expect([count(order, mixed), count(order, plain)]).toEqual([4, 4]);
    expect(await send(8)).toEqual([]);
    await database.pool.query(
      "UPDATE sollecito.delivery SET status = 'sent' WHERE status = 'queued' AND tenant_id = $1",
      [plain],
    );
    expect(await send(8)).toEqual(Array(4).fill(plain));
  });
});

describe('priorities inside a tenant', () => {
  test('never starve the low one: an endless stream of 9s passes it for 45 minutes', async () => {
    const tenant = await newTenant();
    await addStock(database.pool, { tenant, count: 1, from: now, priority: 0 });
    const low = (await database.pool.query<{ id: string }>('SELECT id FROM sollecito.delivery')).rows[0]?.id;
    let minutes = 0;
    for (let sent = false; !sent && minutes < 90; minutes += 1) {
      const at = now.add({ minutes });
      // More come each minute than the window takes in one.
      await addStock(database.pool, { tenant, count: 5, from: at, everyMs: 0, priority: 9 });
      const taken = await dispatchDue(database, { channel, window: 3, now: at });
      sent = taken.some(({ delivery }) => delivery === low);
      await database.pool.query("UPDATE sollecito.delivery SET status = 'sent' WHERE status = 'queued'");
    }
    // Those that came before its 45 minutes were over go first; there are 225 of them, three a minute.
    expect(minutes).toBeGreaterThan(45);
    expect(minutes).toBeLessThan(80);
  });

  test('with room it leaves in the first window', async () => {
    const tenant = await newTenant();
    await addStock(database.pool, { tenant, count: 3, from: now, everyMs: 0, priority: 9 });
    await addStock(database.pool, { tenant, count: 1, from: now, priority: 0 });
    expect(await send(4)).toHaveLength(4);
  });
});
