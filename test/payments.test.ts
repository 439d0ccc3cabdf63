import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { makeReminder, readReminder } from './support/made-reminders.ts';

type Payment = {
  id: string;
  ref: string;
  amount: { value: string };
  state: string;
  outstanding: { value: string };
  overpaid: { value: string };
  inFlight: string[];
};
type ProblemBody = { type: string; errors?: { path: string; code: string }[] };
type Batch = { items: { status: number; payment?: Payment; problem?: ProblemBody }[] };

let api: TestApi;
let due: string;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi', email: ['rossi@example.com'] } });
});
beforeEach(async () => {
  due = await makeDueDate();
});
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });
const payment = (ref: string, value: string, paidOn = '2026-03-01') => ({ ref, amount: eur(value), paidOn });

async function makeDueDate(customer = 'rossi'): Promise<string> {
  count += 1;
  const body = { customer, dueOn: '2026-02-20', amount: eur('100.00') };
  await api.call('PUT', `/v1/due-dates/d${count}`, { body });
  return `d${count}`;
}

async function pay(ref: string, body: unknown) {
  return api.call<Payment & ProblemBody>('POST', `/v1/due-dates/${ref}/payments`, { body });
}

async function statusOf(ref: string): Promise<unknown> {
  return (await api.call('GET', `/v1/due-dates/${ref}`)).body['status'];
}

describe('a payment', () => {
  test('settles a part, then the rest, then more than the rest', async () => {
    expect((await pay(due, payment('p1', '30.00'))).body).toMatchObject({
      state: 'partlyPaid',
      outstanding: eur('70.00'),
    });
    const second = await pay(due, payment('p2', '80.00'));
    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({ state: 'paid', outstanding: eur('0.00'), overpaid: eur('10.00') });
    expect((await pay(due, payment('p3', '1.00'))).body.overpaid).toEqual(eur('11.00'));
    expect(await statusOf(due)).toBe('paid');
  });

  test('sent again it is the same reply and no second payment', async () => {
    const first = await pay(due, payment('p1', '30.00'));
    api.clock.advance({ minutes: 1 });
    const again = await pay(due, payment('p1', '30.00'));
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  test('its ref is not taken for another amount or day', async () => {
    await pay(due, payment('p1', '30.00'));
    for (const other of [payment('p1', '31.00'), payment('p1', '30.00', '2026-02-28')]) {
      const answer = await pay(due, other);
      expect([answer.status, answer.body.type]).toEqual([422, 'urn:sollecito:problem:payment-reused']);
    }
    // Refs of payments belong to their due date.
    expect((await pay(await makeDueDate(), payment('p1', '31.00'))).status).toBe(201);
  });

  test('the same payment from many requests at once is recorded once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => pay(due, payment('p1', '30.00'))));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect((await api.call('GET', `/v1/due-dates/${due}`)).body).toMatchObject({ paid: eur('30.00') });
  });

  test.each([
    [
      'another currency',
      { ...payment('p', '1.00'), amount: { value: '1.00', currency: 'USD' } },
      '/amount/currency other-currency',
    ],
    ['nothing', payment('p', '0.00'), '/amount/value too-small'],
    ['less than nothing', payment('p', '-1.00'), '/amount/value too-small'],
    ['a day that does not exist', payment('p', '1.00', '2026-13-01'), '/paidOn invalid-date'],
    ['no ref', { amount: eur('1.00'), paidOn: '2026-01-01' }, '/ref required'],
    ['an unknown field', { ...payment('p', '1.00'), note: 'x' }, '/note unknown-field'],
  ])('with %s is one clear problem', async (_, body, expected) => {
    const answer = await pay(due, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => `${error.path} ${error.code}`)).toEqual([expected]);
    expect(await statusOf(due)).toBe('overdue');
  });

  test('sums that no column holds are refused', async () => {
    await pay(due, payment('p1', '999999999999999.00'));
    const answer = await pay(due, payment('p2', '1.00'));
    expect([answer.status, answer.body.errors?.[0]?.code]).toEqual([400, 'too-big']);
  });

  test('nothing can be paid on what is void or not there', async () => {
    await api.call('POST', `/v1/due-dates/${due}/void`);
    expect((await pay(due, payment('p1', '1.00'))).status).toBe(409);
    expect((await pay('nothing', payment('p1', '1.00'))).status).toBe(404);
  });
});

describe('taking a payment back', () => {
  test('reopens what it had settled', async () => {
    await pay(due, payment('p 1', '100.00'));
    const answer = await api.call<Payment>('DELETE', `/v1/due-dates/${due}/payments/p%201`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ ref: 'p 1', state: 'open', outstanding: eur('100.00') });
    expect(await statusOf(due)).toBe('overdue');
    expect((await api.call('DELETE', `/v1/due-dates/${due}/payments/p%201`)).status).toBe(404);
  });
});

describe('the list of payments', () => {
  test('is in the order of their days, page by page', async () => {
    await pay(due, payment('later', '1.00', '2026-03-01'));
    await pay(due, payment('first', '2.00', '2026-01-01'));
    await pay(due, payment('second', '3.00', '2026-02-01'));
    type Page = { items: Payment[]; nextCursor: string | null };
    const one = await api.call<Page>('GET', `/v1/due-dates/${due}/payments?limit=2`);
    const two = await api.call<Page>('GET', `/v1/due-dates/${due}/payments?limit=2&cursor=${one.body.nextCursor}`);
    expect([...one.body.items, ...two.body.items].map((item) => item.ref)).toEqual(['first', 'second', 'later']);
    expect(two.body.nextCursor).toBeNull();
  });
});

describe('a batch of payments', () => {
  test('each stands alone, in order', async () => {
    const other = await makeDueDate();
    const answer = await api.call<Batch>('POST', '/v1/payments/batch', {
      body: {
        payments: [
          { dueDate: due, ...payment('p1', '60.00') },
          { dueDate: due, ...payment('p1', '60.00') },
          { dueDate: due, ...payment('p1', '61.00') },
          { dueDate: 'nothing', ...payment('p1', '1.00') },
          { dueDate: other, ...payment('p1', '1.005') },
          { dueDate: due, ...payment('p2', '40.00') },
        ],
      },
    });
    expect(answer.body.items.map((item) => item.status)).toEqual([201, 200, 422, 404, 400, 201]);
    expect(answer.body.items[3]?.problem?.errors?.[0]?.path).toBe('/dueDate');
    expect(answer.body.items[4]?.problem?.errors?.[0]?.path).toBe('/amount/value');
    expect(answer.body.items[5]?.payment).toMatchObject({ state: 'paid', outstanding: eur('0.00') });
    expect(await statusOf(due)).toBe('paid');
    expect(await statusOf(other)).toBe('overdue');
  });
});

describe('reminders of what is paid', () => {
  test('those that have not left are canceled, and their quota comes back', async () => {
    const before = await makeReminder(api, { dueDates: [due], deliveries: ['accepted'] });
    const { reserved } = await readReminder(api, before.id);
    await pay(due, payment('p1', '99.00'));
    expect((await readReminder(api, before.id)).status).toBe('accepted');
    await pay(due, payment('p2', '1.00'));
    expect(await readReminder(api, before.id)).toEqual({
      status: 'canceled',
      deliveries: ['canceled paid'],
      reserved: reserved - 1,
      events: ['accepted', 'canceled paid'],
    });
  });

  test('what is being handed over is too late, and the reply says so', async () => {
    const late = await makeReminder(api, { dueDates: [due], deliveries: ['sending', 'queued', 'retrying', 'sent'] });
    const answer = await pay(due, payment('p1', '100.00'));
    expect(answer.body.inFlight).toEqual([late.shown]);
    expect((await readReminder(api, late.id)).deliveries).toEqual([
      'sending',
      'canceled paid',
      'canceled paid',
      'sent',
    ]);
  });

  test('one that speaks of another due date too goes on until that one is paid', async () => {
    const other = await makeDueDate();
    const both = await makeReminder(api, { dueDates: [due, other], deliveries: ['queued'] });
    await pay(due, payment('p1', '100.00'));
    expect((await readReminder(api, both.id)).status).toBe('queued');
    await pay(other, payment('p1', '100.00'));
    expect((await readReminder(api, both.id)).status).toBe('canceled');
  });

  test('two due dates of one reminder paid at the same moment cancel it', async () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = [await makeDueDate(), await makeDueDate()];
      const both = await makeReminder(api, { dueDates: [a, b], deliveries: ['accepted'] });
      await Promise.all([pay(a, payment('p', '100.00')), pay(b, payment('p', '100.00'))]);
      expect((await readReminder(api, both.id)).status).toBe('canceled');
    }
  });

  test('a due date that goes to another customer takes no reminder of the first along', async () => {
    await api.call('PUT', '/v1/customers/bianchi', { body: { name: 'Bianchi' } });
    const reminder = await makeReminder(api, { dueDates: [due], deliveries: ['accepted'] });
    await api.call('PATCH', `/v1/due-dates/${due}`, { body: { customer: 'bianchi' } });
    expect((await readReminder(api, reminder.id)).deliveries).toEqual(['canceled customer-changed']);
  });

  test('a lowered amount that settles cancels them too', async () => {
    const reminder = await makeReminder(api, { dueDates: [due], deliveries: ['accepted'] });
    await pay(due, payment('p1', '40.00'));
    await api.call('PATCH', `/v1/due-dates/${due}`, { body: { amount: eur('40.00') } });
    expect((await readReminder(api, reminder.id)).deliveries).toEqual(['canceled paid']);
  });
});
