import * as fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../src/domain/ids.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const start = Temporal.Instant.from('2026-03-02T09:00:20Z').epochMilliseconds;
const tenant = newId('tenant');
let created: TestDatabase;
/** As many processes. */
let processes: Client[];
beforeAll(async () => {
  created = await createTestDatabase();
  processes = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = new Client({ connectionString: created.url });
      await client.connect();
      return client;
    }),
  );
});
beforeEach(async () => {
  await ask(0).query('DELETE FROM sollecito.send_limit');
});
afterAll(async () => {
  await Promise.all(processes.map(async (client) => client.end()));
  await created.drop();
});

const ask = (process: number): Client => processes[process % processes.length] ?? expect.fail('no process');

async function limit(columns: Record<string, unknown>): Promise<void> {
  const names = Object.keys(columns);
  await ask(0).query(
    `INSERT INTO sollecito.send_limit (id, channel, updated_at, ${names.join(', ')}) VALUES (uuidv7(), 'email', now(), ${names.map((_, n) => `$${n + 1}`).join(', ')})`,
    Object.values(columns),
  );
}

async function spend(process: number, afterMs: number): Promise<boolean> {
  const { rows } = await ask(process).query<{ reason: string | null }>({
    name: 'spend',
    text: "SELECT reason FROM sollecito.spend_limits('email', $1, 'a@bianchi.example', $2)",
    values: [tenant, new Date(start + afterMs).toISOString()],
  });
  return rows[0]?.reason === null;
}

/** When hand-overs left, in milliseconds, with processes that ask all the time, every so often. */
async function busy(untilMs: number, everyMs: number, askers: number): Promise<number[]> {
  const left: number[] = [];
  for (let ms = 0; ms < untilMs; ms += everyMs) {
    const went = await Promise.all(Array.from({ length: askers }, async (_, process) => spend(process, ms)));
    left.push(...went.filter(Boolean).map(() => ms));
  }
  return left;
}

test.each([
  ['a slow one', 2, 500, 3],
  ['a quick one, asked often', 20, 100, 8],
  ['one whose second is no whole number', 3.7, 250, 3],
])(
  '%s: a minute’s hand-overs are within a twentieth of the rate over all processes',
  async (_, perSecond, everyMs, askers) => {
    await limit({ per_second: perSecond });
    const { length } = await busy(60_000, everyMs, askers);
    expect(length).toBeGreaterThanOrEqual(60 * perSecond * 0.95);
    expect(length).toBeLessThanOrEqual(60 * perSecond * 1.05);
  },
);

test('a rate that is asked for at any times never lets through more than it and its burst', async () => {
  const asked = fc.record({
    perSecond: fc.double({ min: 0.3, max: 8, noNaN: true }).map((rate) => Math.round(rate * 100) / 100),
    pauses: fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 5, maxLength: 25 }),
    askers: fc.integer({ min: 1, max: 4 }),
  });
  const property = fc.asyncProperty(asked, async ({ perSecond, pauses, askers }) => {
    await ask(0).query('DELETE FROM sollecito.send_limit');
    await limit({ per_second: perSecond });
    const left: number[] = [];
    let ms = 0;
    for (const pause of pauses) {
      ms += pause;
      const at = ms;
      const went = await Promise.all(Array.from({ length: askers }, async (_, process) => spend(process, at)));
      left.push(...went.filter(Boolean).map(() => at));
    }
    const burst = Math.max(1, 1.25 * perSecond);
    for (const [first, from] of left.entries()) {
      for (const [n, to] of left.slice(first).entries()) {
        expect(n + 1).toBeLessThanOrEqual(((to - from) / 1_000) * perSecond + burst + 0.001);
      }
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

test('work that is always there loses nothing of the rate, though it is asked for only once a second', async () => {
  await limit({ per_second: 4 });
  const left: number[] = [];
  for (let ms = 0; ms < 40_000; ms += 1_000) {
    // As many as a window holds.
    for (let n = 0; n < 8 && (await spend(n, ms)); n++) left.push(ms);
  }
  expect(left.length).toBeGreaterThanOrEqual(39 * 4 * 0.95);
  expect(left.length).toBeLessThanOrEqual(39 * 4 + 5);
});

test('all limits that apply are spent, or none', async () => {
  await ask(0).query(
    "INSERT INTO sollecito.tenant (id, ref, name, country, locale, time_zone, plan, created_at, updated_at) VALUES ($1, 'r', 'R', 'IT', 'it', 'Europe/Rome', 'large', now(), now())",
    [tenant],
  );
  await limit({ per_minute: 5 });
  await limit({ tenant_id: tenant, per_minute: 3 });
  await limit({ domain: 'bianchi.example', per_minute: 2 });
  expect([await spend(0, 0), await spend(1, 1), await spend(2, 2), await spend(3, 3)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const { rows } = await ask(0).query('SELECT minute_used, day_used FROM sollecito.send_limit ORDER BY per_minute');
  expect(rows).toEqual([1, 2, 3].map(() => ({ minute_used: 2, day_used: 2 })));
});
