import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, TestApi } from './support/api.ts';
import { makeReminder, readReminder } from './support/made-reminders.ts';

type Report = {
  unchanged: boolean;
  dueDates: string[];
  changes: { dueDate: string; field: string; from: unknown; to: unknown }[];
  warnings: { code: string; message: string }[];
};
type History = { items: { event?: { type: string; reason: string | null } }[] };

let api: TestApi;
let number: string;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(() => {
  api.clock.advance({ minutes: 1 });
  count += 1;
  number = `N${count}`;
});
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });
const first = { dueOn: '2026-03-31', amount: eur('61.00') };
const second = { dueOn: '2026-04-30', amount: eur('61.00') };

/** An invoice of this test's number; what is given replaces the usual. */
async function send(instalments: unknown[], more: Record<string, unknown> = {}): Promise<Answer<Report>> {
  const seller = { name: 'Officine', vatId: 'IT01234567890' };
  const buyer = { name: 'Rossi S.r.l.', vatId: 'IT09876543210' };
  const body = { number, date: '2026-02-01', seller, buyer, instalments, ...more };
  return api.call<Report>('POST', '/v1/invoices', { body });
}

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  return (await api.call(method, path, body === undefined ? {} : { body })).body;
}

const dueDate = (instalment: number) => `/v1/due-dates/${number}%2F${instalment}`;
const codesOf = ({ body }: Answer<Report>) => body.warnings.map((warning) => warning.code);

test('what nobody has changed or paid since follows the corrected file', async () => {
  await send([first, second]);
  await call('PATCH', dueDate(1), { dueOn: '2026-05-15' });
  await call('POST', `${dueDate(2)}/payments`, { ref: 'p', amount: eur('10.00'), paidOn: '2026-03-01' });
  const corrected = [
    { dueOn: '2026-04-15', amount: eur('60.00') },
    { dueOn: '2026-05-31', amount: eur('62.00') },
    { dueOn: '2026-06-30', amount: eur('1.00') },
  ];
  const answer = await send(corrected);
  expect([answer.status, answer.body.unchanged]).toEqual([200, false]);
  expect(answer.body.dueDates).toEqual([1, 2, 3].map((n) => `${number}/${n}`));
  expect(await call('GET', dueDate(1))).toMatchObject({ dueOn: '2026-05-15', amount: eur('60.00') });
  expect(await call('GET', dueDate(2))).toMatchObject({
    dueOn: '2026-05-31',
    amount: eur('62.00'),
    paid: eur('10.00'),
    outstanding: eur('52.00'),
  });
});

test('a buyer that was put right is asked from now on', async () => {
  await send([first, second]);
  await call('PUT', '/v1/customers/mine', { name: 'Mine' });
  await call('PATCH', dueDate(1), { customer: 'mine' });
  const answer = await send([first, second], { buyer: { name: 'Bianchi' } });
  expect(answer.body).toMatchObject({ customers: ['mine', 'bianchi'] });
  expect(codesOf(answer)).toEqual(['buyer-changed', 'kept-changed']);
  expect(answer.body.warnings[1]?.message).toBe(`${number}/1 was changed since and keeps customer mine`);
});

describe('the reply to a corrected file', () => {
  test('says what changed, as the API calls it', async () => {
    await send([first, second]);
    const iban = 'IT60X0542811101000000123456';
    const answer = await send([{ ...first, dueOn: '2026-04-15', amount: eur('70.00'), method: 'MP05', iban }]);
    const change = (instalment: number, field: string, from: unknown, to: unknown) => {
      return { dueDate: `${number}/${instalment}`, field, from, to };
    };
    expect(answer.body.changes).toEqual([
      change(1, 'dueOn', '2026-03-31', '2026-04-15'),
      change(1, 'amount', eur('61.00'), eur('70.00')),
      change(1, 'paymentMethod', null, 'MP05'),
      change(1, 'bankAccount', null, iban),
      change(2, 'state', 'open', 'void'),
    ]);
    expect((await send([first, second])).body.changes).toContainEqual(change(2, 'state', 'void', 'open'));
  });

  test('what was paid keeps its day and amount, and the reply says so', async () => {
    await send([first, second]);
    await call('POST', `${dueDate(1)}/payments`, { ref: 'p', amount: eur('61.00'), paidOn: '2026-03-01' });
    await call('POST', `${dueDate(2)}/payments`, { ref: 'p', amount: eur('50.00'), paidOn: '2026-03-01' });
    const answer = await send([
      { dueOn: '2026-04-15', amount: eur('60.00') },
      { dueOn: '2026-05-31', amount: eur('40.00') },
    ]);
    expect(answer.body.warnings).toEqual([
      { code: 'kept-paid', message: `${number}/1 was paid and keeps dueOn 2026-03-31; the file says 2026-04-15` },
      { code: 'kept-paid', message: `${number}/1 was paid and keeps amount 61.00 EUR; the file says 60.00 EUR` },
      { code: 'kept-paid', message: `${number}/2 was paid and keeps amount 50.00 EUR; the file says 40.00 EUR` },
    ]);
    expect(await call('GET', dueDate(1))).toMatchObject({ dueOn: '2026-03-31', amount: eur('61.00'), state: 'paid' });
    expect(await call('GET', dueDate(2))).toMatchObject({
      dueOn: '2026-05-31',
      amount: eur('50.00'),
      state: 'paid',
      overpaid: eur('0.00'),
    });
  });

  test('what a person changed stays, and the reply says so once the file says something else', async () => {
    await send([first, second]);
    await call('PATCH', dueDate(1), { dueOn: '2026-05-15' });
    expect((await send([first, { ...second, amount: eur('62.00') }])).body.warnings).toEqual([]);
    const answer = await send([{ ...first, dueOn: '2026-04-15' }, second]);
    const message = `${number}/1 was changed since and keeps dueOn 2026-05-15; the file says 2026-04-15`;
    expect(answer.body.warnings).toEqual([{ code: 'kept-changed', message }]);
    expect(answer.body.changes).toMatchObject([{ dueDate: `${number}/2`, field: 'amount' }]);
  });

  test('one that a person has called off stays void, and the reply says so', async () => {
    await send([first, second]);
    await call('POST', `${dueDate(1)}/void`);
    const answer = await send([{ ...first, amount: eur('70.00') }, second]);
    expect(answer.body.warnings).toEqual([
      { code: 'kept-changed', message: `${number}/1 was called off and stays void` },
    ]);
  });
});

describe('an instalment that is no longer in the file', () => {
  test('is void, its waiting reminders are called off, and its history says why', async () => {
    await send([first, second]);
    const waiting = await makeReminder(api, { dueDates: [`${number}/2`], deliveries: ['accepted'] });
    const answer = await send([{ ...first, amount: eur('122.00') }]);
    expect(answer.body.warnings).toMatchObject([{ code: 'instalment-gone', message: /void now$/ }].map(matching));
    expect(await call('GET', dueDate(2))).toMatchObject({ status: 'void', outstanding: eur('0.00') });
    expect((await readReminder(api, waiting.id)).deliveries).toEqual(['canceled void']);
    expect(await lastEvent(2)).toEqual(['voided', 'instalment-gone']);
    expect((await send([{ ...first, amount: eur('122.00') }])).body).toMatchObject({ unchanged: true, warnings: [] });
  });

  test.each([
    ['paid in part', 'POST', '/payments', { ref: 'p', amount: eur('1.00'), paidOn: '2026-03-01' }],
    ['changed by hand', 'PATCH', '', { dueOn: '2026-05-01' }],
    ['held', 'PUT', '/hold', { reason: 'disputed' }],
  ])('stays when it was %s: there is only a warning', async (_, method, path, body) => {
    await send([first, second]);
    await call(method, dueDate(2) + path, body);
    const answer = await send([first]);
    expect(answer.body.warnings).toMatchObject([{ code: 'instalment-gone', message: /stays as it is$/ }].map(matching));
    expect((await call('GET', dueDate(2)))['state']).not.toBe('void');
  });

  test('stays when it was paid off, which is told once', async () => {
    await send([first, second]);
    await call('POST', `${dueDate(2)}/payments`, { ref: 'p', amount: eur('61.00'), paidOn: '2026-03-01' });
    expect(codesOf(await send([first]))).toEqual(['kept-paid']);
    expect(codesOf(await send([{ ...first, amount: eur('60.00') }]))).toEqual([]);
    expect(await call('GET', dueDate(2))).toMatchObject({ state: 'paid', amount: eur('61.00') });
  });

  test('is owed again when it comes back, but not what a person has voided', async () => {
    await send([first, second]);
    await send([first]);
    expect(codesOf(await send([first, { ...second, amount: eur('70.00') }]))).toEqual([]);
    expect(await call('GET', dueDate(2))).toMatchObject({ state: 'open', outstanding: eur('70.00') });
    expect(await lastEvent(2)).toEqual(['restored', 'instalment-back']);
    await call('POST', `${dueDate(2)}/void`);
    await send([first]);
    await send([first, second]);
    expect((await call('GET', dueDate(2)))['state']).toBe('void');
  });
});

function matching({ code, message }: { code: string; message: RegExp }): Record<string, unknown> {
  return { code, message: expect.stringMatching(message) };
}

async function lastEvent(instalment: number): Promise<(string | null | undefined)[]> {
  const { body } = await api.call<History>('GET', `${dueDate(instalment)}/history`);
  const event = body.items.flatMap((item) => item.event ?? [])[0];
  return [event?.type, event?.reason];
}
