import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activeHold,
  ageOf,
  daysLate,
  dueDateStatuses,
  outstandingOf,
  overpaidOf,
  type Standing,
  stateOf,
  statusOf,
} from '../src/domain/due-date.ts';
import { newId } from '../src/domain/ids.ts';
import { formatUnits, parseCurrency } from '../src/domain/money.ts';
import { listDueDates } from '../src/store/due-date-list.ts';
import { ageExpression } from '../src/store/due-date-list-rules.ts';
import { TestApi } from './support/api.ts';

const eur = parseCurrency('EUR');
if (!eur) throw new Error('no euro');
const money = (units: number) => ({ units: BigInt(units), currency: eur });
const due: Standing = {
  direction: 'receivable',
  amount: money(100),
  paid: money(0),
  credited: money(0),
  isVoid: false,
  dueOn: '2026-03-02',
  hold: null,
};

describe('the rules', () => {
  test('the first that applies is the status', () => {
    const hold = { reason: 'disputed', until: null, note: null } as const;
    expect(statusOf({ ...due, isVoid: true, paid: money(100), hold }, '2026-03-03')).toBe('void');
    expect(statusOf({ ...due, paid: money(100), hold }, '2026-03-03')).toBe('paid');
    expect(statusOf({ ...due, paid: money(99), hold }, '2026-03-03')).toBe('disputed');
    expect(statusOf(due, '2026-03-03')).toBe('overdue');
    expect(statusOf(due, '2026-03-02')).toBe('today');
    expect(statusOf(due, '2026-03-01')).toBe('future');
  });

  test('a hold counts on its last day and not on the next', () => {
    const hold = { reason: 'promised', until: '2026-03-10', note: null } as const;
    expect(activeHold({ hold }, '2026-03-10')).toBe(hold);
    expect(activeHold({ hold }, '2026-03-11')).toBeNull();
  });

  test('days late are whole days, and none when nothing is owed', () => {
    expect([daysLate(due, '2026-03-01'), daysLate(due, '2026-03-02'), daysLate(due, '2026-03-03')]).toEqual([0, 0, 1]);
    expect(daysLate(due, '2027-03-02')).toBe(365);
    expect(daysLate({ ...due, paid: money(200) }, '2027-03-02')).toBe(0);
  });
});

test('what credit notes took off is not owed, and paying it all the same is too much', () => {
  const credited = { ...due, credited: money(30) };
  expect(outstandingOf(credited).units).toBe(70n);
  expect([
    stateOf(credited),
    stateOf({ ...credited, paid: money(70) }),
    stateOf({ ...due, credited: money(100) }),
  ]).toEqual(['partlyPaid', 'paid', 'paid']);
  expect(overpaidOf({ ...credited, paid: money(100) }).units).toBe(30n);
  expect(overpaidOf({ ...due, credited: money(120) }).units).toBe(0n);
});

describe('the database', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
    await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi' } });
  });
  afterAll(async () => {
    await api.stop();
  });

  const today = '2026-03-02';
  const aroundToday = fc
    .integer({ min: -100, max: 100 })
    .map((days) => Temporal.PlainDate.from(today).add({ days }).toString());
  const near = fc.oneof(fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03'), aroundToday);
  const standing: fc.Arbitrary<Standing> = fc.record({
    direction: fc.constantFrom('receivable', 'payable'),
    amount: fc.integer({ min: 1, max: 3 }).map(money),
    paid: fc.integer({ min: 0, max: 4 }).map(money),
    credited: fc.integer({ min: 0, max: 3 }).map(money),
    isVoid: fc.boolean(),
    dueOn: near,
    hold: fc.option(
      fc.record({
        reason: fc.constantFrom('disputed', 'promised', 'paused'),
        until: fc.option(near),
        note: fc.constant(null),
      }),
    ),
  });

  test('says the same of every due date as the rules do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(standing, { minLength: 20, maxLength: 60 }), async (standings) => {
        await insert(api, standings);
        const expected = new Map(standings.map((one, index) => [`p${index}`, one]));
        for (const status of dueDateStatuses) {
          const wanted = [...expected].filter(([, one]) => statusOf(one, today) === status).map(([ref]) => ref);
          expect(await refsWith(api, status, today)).toEqual(new Set(wanted));
        }
        for (const row of await read(api, today)) {
          const one = expected.get(row.ref);
          if (!one) throw new Error('an unknown due date');
          expect([row.state, row.age]).toEqual([stateOf(one), ageOf(one.dueOn, today)]);
          expect(Number(row.outstanding)).toBe(Number(formatUnits(outstandingOf(one))));
        }
      }),
      { numRuns: 15 },
    );
  });
});

async function insert(api: TestApi, standings: readonly Standing[]): Promise<void> {
  const rows = standings.map((one, index) => ({
    id: newId('dueDate'),
    ref: `p${index}`,
    direction: one.direction,
    due_on: one.dueOn,
    amount: formatUnits(one.amount),
    paid: formatUnits(one.paid),
    credited: formatUnits(one.credited),
    is_void: one.isVoid,
    hold_reason: one.hold?.reason ?? null,
    hold_until: one.hold?.until ?? null,
  }));
  await api.service.transaction(async (client) => {
    await client.query('DELETE FROM sollecito.due_date');
    await client.query(
      `INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, due_on, amount, paid, credited, currency, voided_at, hold_reason,
         hold_until, created_at, updated_at)
       SELECT v.id, c.tenant_id, v.ref, c.id, v.direction, v.due_on, v.amount, v.paid, v.credited, 'EUR', CASE WHEN v.is_void THEN now() END, v.hold_reason,
         v.hold_until, now(), now()
       FROM sollecito.customer c, jsonb_to_recordset($1) AS v (id uuid, ref text, direction text, due_on date, amount numeric, paid numeric, credited numeric,
         is_void boolean, hold_reason text, hold_until date)`,
      [JSON.stringify(rows)],
    );
  });
}

async function refsWith(api: TestApi, status: (typeof dueDateStatuses)[number], today: string): Promise<Set<string>> {
  const rows = await api.parts.database.tenantTransaction(api.tenant.id, async (client) =>
    listDueDates(client, { filter: { status: [status] }, sort: 'dueOn', after: undefined, limit: 200, today }),
  );
  return new Set(rows.map((row) => row.dueDate.ref));
}

async function read(
  api: TestApi,
  today: string,
): Promise<{ ref: string; state: string; outstanding: string; age: string }[]> {
  const { rows } = await api.service.pool.query<{ ref: string; state: string; outstanding: string; age: string }>(
    `SELECT ref, state, outstanding, ${ageExpression('$1::date')} AS age FROM sollecito.due_date d`,
    [today],
  );
  return rows;
}
