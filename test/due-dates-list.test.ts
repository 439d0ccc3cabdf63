import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instantText } from '../src/store/instants.ts';
import { TestApi } from './support/api.ts';
import { makeReminder } from './support/made-reminders.ts';

type Item = {
  ref: string;
  reminders: { count: number; failed: number; lastAt: string | null; lastStatus: string | null };
};
type Page = { items: Item[]; nextCursor: string | null };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  const customers = [
    { ref: 'rossi', name: 'Officine Rossi', email: ['rossi@example.com'] },
    { ref: 'bianchi', name: '100% Bianchi_Neri', phone: ['+393331234567'] },
    { ref: 'verdi', name: 'Verdi' },
  ];
  await api.call('POST', '/v1/customers/batch', { body: { customers } });
  const dueDate = (ref: string, customer: string, dueOn: string, value: string, more: object = {}) => ({
    ref,
    customer,
    dueOn,
    amount: { value, currency: 'EUR' },
    ...more,
  });
  const dueDates = [
    dueDate('old', 'rossi', '2025-11-01', '10.00', { document: { number: 'FT-7/2025' } }),
    dueDate('late', 'rossi', '2026-02-20', '20.00'),
    dueDate('now', 'bianchi', '2026-03-02', '30.00'),
    dueDate('soon', 'bianchi', '2026-04-01', '40.00'),
    dueDate('dollars', 'verdi', '2026-02-01', '5.00', { amount: { value: '5.00', currency: 'USD' } }),
    dueDate('ours', 'verdi', '2026-02-01', '50.00', { direction: 'payable' }),
    dueDate('held', 'verdi', '2026-02-10', '60.00'),
    dueDate('paid', 'verdi', '2026-02-11', '70.00'),
  ];
  await api.call('POST', '/v1/due-dates/batch', { body: { dueDates } });
  await api.call('PUT', '/v1/due-dates/held/hold', { body: { reason: 'disputed' } });
  const body = { ref: 'p', amount: { value: '70.00', currency: 'EUR' }, paidOn: '2026-03-01' };
  await api.call('POST', '/v1/due-dates/paid/payments', { body });
  await api.call('POST', '/v1/due-dates/late/payments', {
    body: { ...body, amount: { value: '5.00', currency: 'EUR' } },
  });
});
afterAll(async () => {
  await api.stop();
});

async function refs(query: string): Promise<string[]> {
  const { status, body } = await api.call<Page>('GET', `/v1/due-dates?${query}`);
  expect(status).toBe(200);
  return body.items.map((item) => item.ref);
}

describe('the list of due dates', () => {
  test.each([
    ['', ['old', 'dollars', 'ours', 'held', 'paid', 'late', 'now', 'soon']],
    ['direction=payable', ['ours']],
    ['status=overdue&direction=receivable', ['old', 'dollars', 'late']],
    ['status=today,future', ['now', 'soon']],
    ['status=disputed,paid', ['held', 'paid']],
    ['customer=rossi', ['old', 'late']],
    ['customer=rossi,bianchi&dueFrom=2026-02-20&dueTo=2026-03-02', ['late', 'now']],
    ['minAmount=40', ['ours', 'held', 'paid', 'soon']],
    ['minAmount=40.01&sort=-amount', ['paid', 'held', 'ours']],
    ['q=ft-7', ['old']],
    ['q=ROSSI', ['old', 'late']],
    ['q=100%25', ['now', 'soon']],
    ['q=Bianchi_Neri', ['now', 'soon']],
    ['q=BianchiXNeri', []],
    ['q=_', ['now', 'soon']],
    ['contact=none', ['dollars', 'ours', 'held', 'paid']],
    ['contact=email', ['old', 'late']],
    ['contact=email,phone', ['old', 'late', 'now', 'soon']],
    ['reminded=true', []],
    ['sort=-dueOn&status=overdue', ['late', 'dollars', 'ours', 'old']],
  ])('?%s', async (query, expected) => {
    const found = await refs(query);
    expect(found).toHaveLength(expected.length);
    // Rows of one day stand in the order of their ids, which a batch leaves open.
    expect(new Set(found)).toEqual(new Set(expected));
  });

  test.each(['dueOn', '-dueOn', 'amount', '-amount', 'updatedAt', '-updatedAt'])(
    'sorted by %s, its pages together are the whole list, each row once',
    async (sort) => {
      const whole = await refs(`sort=${sort}`);
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query: string = `sort=${sort}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const { body } = await api.call<Page>('GET', `/v1/due-dates?${query}`);
        paged.push(...body.items.map((item) => item.ref));
        cursor = body.nextCursor;
      }
      expect(paged).toEqual(whole);
      expect(new Set(paged).size).toBe(8);
    },
  );

  test('is in the order of its sort', async () => {
    expect(await refs('sort=-amount')).toEqual(['paid', 'held', 'ours', 'soon', 'now', 'late', 'old', 'dollars']);
    expect(await refs('sort=dueOn&customer=rossi,bianchi')).toEqual(['old', 'late', 'now', 'soon']);
  });

  test('what has changed since is found', async () => {
    api.clock.advance({ hours: 1 });
    const since = encodeURIComponent(api.clock.now().toString());
    expect(await refs(`updatedSince=${since}`)).toEqual([]);
    await api.call('PATCH', '/v1/due-dates/soon', { body: { paymentMethod: 'cash' } });
    expect(await refs(`updatedSince=${since}`)).toEqual(['soon']);
  });

  test.each([
    ['status=late', '/query/status'],
    ['dueFrom=2026-02-30', '/query/dueFrom'],
    ['minAmount=-1', '/query/minAmount'],
    ['updatedSince=yesterday', '/query/updatedSince'],
    ['reminded=perhaps', '/query/reminded'],
    ['sort=ref', '/query/sort'],
    ['limit=201', '/query/limit'],
    ['cursor=abc', '/query/cursor'],
    [
      `cursor=${Buffer.from('["dueOn","2026-99-99","01a20fdf-28b8-79e1-8720-c822244e208b"]').toString('base64url')}`,
      '/query/cursor',
    ],
    ['owner=me', '/query/owner'],
  ])('?%s is one clear problem', async (query, path) => {
    const { status, body } = await api.call<{ errors: { path: string }[] }>('GET', `/v1/due-dates?${query}`);
    expect([status, body.errors.map((error) => error.path)]).toEqual([400, [path]]);
  });

  test('the badge counts what a provider took, what came to nothing, and shows the newest', async () => {
    const badge = async (): Promise<Item['reminders'] | undefined> =>
      (await api.call<Page>('GET', '/v1/due-dates?customer=rossi')).body.items.find((item) => item.ref === 'late')
        ?.reminders;
    await makeReminder(api, { dueDates: ['late'], deliveries: ['delivered'], takenAt: '2026-03-02T10:05:00Z' });
    api.clock.advance({ minutes: 1 });
    await makeReminder(api, { dueDates: ['late'], deliveries: ['bounced'], takenAt: '2026-03-02T10:06:00Z' });
    expect(await badge()).toEqual({ count: 2, failed: 1, lastAt: '2026-03-02T10:06:00.000Z', lastStatus: 'bounced' });
    api.clock.advance({ minutes: 1 });
    await makeReminder(api, { dueDates: ['late', 'old'], deliveries: ['accepted'] });
    expect(await badge()).toEqual({
      count: 2,
      failed: 1,
      lastAt: instantText(api.clock.now()),
      lastStatus: 'accepted',
    });
  });
});

describe('the summary', () => {
  type Totals = {
    currency: string;
    count: number;
    amount: { value: string };
    paid: { value: string };
    outstanding: { value: string };
    ages: { age: string; count: number; outstanding: { value: string } }[];
  };

  test('counts and sums by currency, and what is owed by age', async () => {
    const { body } = await api.call<{ count: number; currencies: Totals[] }>(
      'GET',
      '/v1/due-dates/summary?direction=receivable',
    );
    expect(body.count).toBe(7);
    const [euro, dollar] = body.currencies;
    expect(euro).toMatchObject({
      currency: 'EUR',
      count: 6,
      amount: { value: '230.00' },
      paid: { value: '75.00' },
      outstanding: { value: '155.00' },
    });
    expect(euro?.ages.map((age) => `${age.age} ${age.count} ${age.outstanding.value}`)).toEqual([
      'future 1 40.00',
      'today 1 30.00',
      '1-30 2 75.00',
      '31-60 0 0.00',
      '61-90 0 0.00',
      '90+ 1 10.00',
    ]);
    expect(dollar).toMatchObject({ currency: 'USD', count: 1, outstanding: { value: '5.00' } });
  });

  test('of nothing is nothing', async () => {
    expect((await api.call('GET', '/v1/due-dates/summary?q=nothing')).body).toEqual({ count: 0, currencies: [] });
  });
});
