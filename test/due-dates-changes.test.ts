import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { makeReminder, readReminder } from './support/made-reminders.ts';

type ProblemBody = { errors: { path: string; code: string }[] };
type Batch = { items: { status: number }[] };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi' } });
});
afterAll(async () => {
  await api.stop();
});

const euros = { customer: 'rossi', dueOn: '2026-02-20', amount: { value: '122.00', currency: 'EUR' } };
const yen = { ...euros, amount: { value: '9000', currency: 'JPY' } };
const put = (ref: string, body: unknown) => api.call('PUT', `/v1/due-dates/${ref}`, { body });

describe('the currency of a due date', () => {
  test('changes while nothing was paid, and what waits to be sent waits on', async () => {
    await put('a', euros);
    const waiting = await makeReminder(api, { dueDates: ['a'], deliveries: ['accepted'] });
    expect(await put('a', yen)).toMatchObject({ status: 200, body: { outstanding: yen.amount, state: 'open' } });
    expect((await readReminder(api, waiting.id)).deliveries).toEqual(['accepted']);
    const patched = await api.call('PATCH', '/v1/due-dates/a', { body: { amount: euros.amount } });
    expect(patched).toMatchObject({ status: 200, body: { outstanding: euros.amount } });
  });

  test('changes of a void one too, and of one whose payment was taken back', async () => {
    await put('b', euros);
    await api.call('POST', '/v1/due-dates/b/payments', {
      body: { ref: 'p', amount: euros.amount, paidOn: '2026-03-01' },
    });
    expect((await put('b', yen)).status).toBe(409);
    await api.call('DELETE', '/v1/due-dates/b/payments/p');
    expect((await put('b', yen)).status).toBe(200);
    await api.call('POST', '/v1/due-dates/b/void');
    expect((await put('b', euros)).body).toMatchObject({ state: 'void', outstanding: { value: '0.00' } });
  });

  test('that changes in a batch leaves the others their own', async () => {
    await put('c', euros);
    const dueDates = [
      { ref: 'c', ...yen },
      { ref: 'd', ...euros },
    ];
    const { body } = await api.call<Batch>('POST', '/v1/due-dates/batch', { body: { dueDates } });
    expect(body.items.map((item) => item.status)).toEqual([200, 201]);
  });
});

test('a dunning sequence that is not there is refused, not forgotten', async () => {
  const answer = await api.call<ProblemBody>('PUT', '/v1/due-dates/e', { body: { ...euros, sequence: 'nope' } });
  expect([answer.status, answer.body.errors]).toMatchObject([400, [{ path: '/sequence', code: 'unknown-sequence' }]]);
  expect((await put('e', { ...euros, sequence: null })).status).toBe(201);
});

test.each(['/v1/due-dates', '/v1/due-dates/summary'])('%s refuses a span that ends before it begins', async (path) => {
  const query = (to: string) => api.call<ProblemBody>('GET', `${path}?dueFrom=2026-03-02&dueTo=${to}`);
  const answer = await query('2026-03-01');
  expect([answer.status, answer.body.errors]).toMatchObject([400, [{ path: '/query/dueTo', code: 'before-due-from' }]]);
  expect((await query('2026-03-02')).status).toBe(200);
});
