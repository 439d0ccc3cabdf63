import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { codesOf, Credited, eur, first, second } from './support/credited.ts';
import { makeReminder, readReminder } from './support/made-reminders.ts';

let api: TestApi;
let made: Credited;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(() => {
  api.clock.advance({ minutes: 1 });
  count += 1;
  made = new Credited(api, count);
});
afterAll(async () => {
  await api.stop();
});

describe('a credit note', () => {
  test('lowers the invoice that it names, the earliest instalment first, and makes no due date', async () => {
    await made.invoice();
    const answer = await made.note('80.00');
    expect([answer.status, answer.body.dueDates, answer.body.warnings]).toEqual([201, [], []]);
    expect(answer.body.changes).toEqual([
      { dueDate: `${made.number}/1`, field: 'state', from: 'open', to: 'paid' },
      { dueDate: `${made.number}/1`, field: 'credited', from: eur('0.00'), to: eur('61.00') },
      { dueDate: `${made.number}/2`, field: 'state', from: 'open', to: 'partlyPaid' },
      { dueDate: `${made.number}/2`, field: 'credited', from: eur('0.00'), to: eur('19.00') },
    ]);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 42.00 19.00']);
    expect((await made.events(2))[0]).toMatchObject({
      type: 'credited',
      detail: { creditNote: made.noteNumber, amount: eur('19.00'), outstanding: eur('42.00') },
    });
  });

  test('calls off the reminders of what it settles, and no others', async () => {
    await made.invoice();
    const settled = await makeReminder(api, { dueDates: [`${made.number}/1`], deliveries: ['accepted'] });
    const both = await makeReminder(api, {
      dueDates: [`${made.number}/1`, `${made.number}/2`],
      deliveries: ['accepted'],
    });
    await made.note('61.00');
    expect((await readReminder(api, settled.id)).deliveries).toEqual(['canceled credited']);
    expect((await readReminder(api, both.id)).deliveries).toEqual(['accepted']);
  });

  test('the same again changes nothing', async () => {
    await made.invoice();
    await made.note('80.00');
    const before = await made.get(made.path(1));
    const again = await made.note('80.00');
    expect([again.status, again.body]).toEqual([
      200,
      { unchanged: true, customers: [], bankAccounts: [], dueDates: [], changes: [], inFlight: [], warnings: [] },
    ]);
    expect(await made.get(made.path(1))).toEqual(before);
  });

  test('that was corrected is spread anew', async () => {
    await made.invoice();
    await made.note('80.00');
    const answer = await made.note('50.00');
    expect(await made.standing()).toEqual(['partlyPaid 11.00 50.00', 'open 61.00 0.00']);
    expect(answer.body.changes.map(({ field }) => field)).toEqual(['state', 'credited', 'state', 'credited']);
    expect((await made.events(2))[0]).toMatchObject({
      type: 'creditReversed',
      detail: { creditNote: made.noteNumber, amount: eur('19.00'), outstanding: eur('61.00') },
    });
    expect(codesOf(await made.note('50.00', { references: [] }))).toEqual(['credit-names-no-invoice']);
    expect(await made.standing()).toEqual(['open 61.00 0.00', 'open 61.00 0.00']);
  });

  test('that was corrected after the instalment was paid goes to what is open', async () => {
    await made.invoice();
    await made.note('61.00');
    await made.pay(1, '61.00');
    await made.note('50.00');
    expect(await made.standing()).toEqual(['paid 0.00 0.00', 'partlyPaid 11.00 50.00']);
  });

  test('that comes before its invoice waits for it', async () => {
    const early = await made.note('80.00');
    expect([early.status, codesOf(early)]).toEqual([201, ['credited-invoice-unknown']]);
    const answer = await made.invoice();
    expect(answer.body.changes).toEqual([
      { dueDate: `${made.number}/1`, field: 'state', from: null, to: 'paid' },
      { dueDate: `${made.number}/1`, field: 'credited', from: null, to: eur('61.00') },
      { dueDate: `${made.number}/2`, field: 'state', from: null, to: 'partlyPaid' },
      { dueDate: `${made.number}/2`, field: 'credited', from: null, to: eur('19.00') },
    ]);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 42.00 19.00']);
    expect(await made.note('80.00')).toMatchObject({ status: 200, body: { unchanged: true, warnings: [] } });
  });

  test('of several invoices lowers them in its order', async () => {
    await made.invoice([first]);
    await made.send({ number: `${made.number}b`, instalments: [{ ...first, dueOn: '2026-01-31' }] });
    const references = [made.number, `${made.number}b`, `${made.number}c`].map((each) => ({
      kind: 'invoice',
      number: each,
    }));
    expect(codesOf(await made.note('70.00', { references }))).toEqual(['credited-invoice-unknown']);
    const credited = async (ref: string) => (await made.get(`/v1/due-dates/${ref}`))['credited'];
    expect([await credited(made.number), await credited(`${made.number}b`)]).toEqual([eur('61.00'), eur('9.00')]);
  });

  test('takes off no more than is owed, and says what is left', async () => {
    await made.invoice([first]);
    await api.call('POST', `/v1/due-dates/${made.number}/payments`, {
      body: { ref: 'p', amount: eur('31.00'), paidOn: '2026-03-01' },
    });
    const answer = await made.note('61.00');
    const message = `31.00 EUR of the credit note ${made.noteNumber} is left: what it credits is not owed any more`;
    expect(answer.body.warnings).toEqual([{ code: 'credit-left', message }]);
    const shown = await made.get(`/v1/due-dates/${made.number}`);
    expect(shown).toMatchObject({ state: 'paid', credited: eur('61.00'), paid: eur('31.00'), overpaid: eur('31.00') });
    expect((await made.note('61.00')).body).toMatchObject({ unchanged: true, warnings: [{ code: 'credit-left' }] });
  });

  test('of an invoice that was paid is left, all of it, and nothing is asked when the payment comes back', async () => {
    await made.invoice();
    await made.pay(1, '61.00');
    await made.pay(2, '61.00');
    const answer = await made.note('122.00');
    const message = `122.00 EUR of the credit note ${made.noteNumber} is left: what it credits is not owed any more`;
    expect(answer.body.warnings).toEqual([{ code: 'credit-left', message }]);
    expect(await made.get(made.path(1))).toMatchObject({ state: 'paid', overpaid: eur('61.00') });
    await api.call('DELETE', `${made.path(1)}/payments/p`);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'paid 0.00 61.00']);
    expect((await made.note('122.00')).body).toMatchObject({
      unchanged: true,
      warnings: [{ message: message.replace('122.00', '61.00') }],
    });
  });

  test('stands on what was paid too much when only its words were corrected', async () => {
    await made.invoice([first]);
    await made.note('20.00');
    const path = `/v1/due-dates/${made.number}`;
    await api.call('POST', `${path}/payments`, { body: { ref: 'p', amount: eur('61.00'), paidOn: '2026-03-01' } });
    expect((await made.note('20.00', { notes: ['Corrected'] })).body).toMatchObject({ unchanged: false, changes: [] });
    await api.call('DELETE', `${path}/payments/p`);
    expect(await made.get(path)).toMatchObject({ outstanding: eur('41.00'), credited: eur('20.00') });
  });

  test('that takes off less than before leaves room for what is left of another', async () => {
    await made.invoice();
    await made.note('122.00');
    expect(codesOf(await made.note('30.00', { number: `${made.noteNumber}b` }))).toEqual(['credit-left']);
    const answer = await made.note('61.00');
    expect(answer.body.warnings).toEqual([]);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 31.00 30.00']);
    expect(codesOf(await made.note('61.00', { references: [] }))).toEqual(['credit-names-no-invoice']);
    expect(await made.standing()).toEqual(['open 61.00 0.00', 'partlyPaid 31.00 30.00']);
  });

  test('tells of the reminder that is just leaving with what stood before', async () => {
    await made.invoice();
    const leaving = await makeReminder(api, { dueDates: [`${made.number}/1`], deliveries: ['sending'] });
    const other = await makeReminder(api, { dueDates: [`${made.number}/2`], deliveries: ['sending'] });
    expect((await made.note('61.00')).body.inFlight).toEqual([leaving.shown]);
    expect((await made.note('70.00')).body.inFlight).toEqual([other.shown]);
    expect((await made.note('70.00')).body.inFlight).toEqual([]);
  });

  test('stays when a payment is taken back, and what is paid after it is too much', async () => {
    await made.invoice();
    await made.note('61.00');
    await made.pay(1, '61.00');
    expect(await made.get(made.path(1))).toMatchObject({ overpaid: eur('61.00'), credited: eur('61.00') });
    await api.call('DELETE', `${made.path(1)}/payments/p`);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'open 61.00 0.00']);
  });

  test('of another buyer, another seller or in another currency leaves the invoice alone', async () => {
    await made.invoice();
    expect(codesOf(await made.note('61.00', { buyer: { name: 'X', vatId: 'IT22222222222' } }))).toEqual([
      'credited-invoice-other-buyer',
    ]);
    expect(codesOf(await made.note('61.00', { seller: { name: 'X', vatId: 'IT22222222222' } }))).toEqual([
      'credited-invoice-unknown',
    ]);
    const total = { value: '61.00', currency: 'USD' };
    expect(codesOf(await made.note('61.00', { total }))).toEqual(['credit-in-other-currency']);
    expect(await made.standing()).toEqual(['open 61.00 0.00', 'open 61.00 0.00']);
  });

  test("leaves another tenant's invoice of the same number alone", async () => {
    const other = await api.addTenant({ name: `Other ${count}` });
    await made.invoice();
    await made.send({ number: made.number, instalments: [first, second] }, other.key);
    await made.note('122.00');
    const { body } = await api.call('GET', made.path(1), { key: other.key });
    expect(body).toMatchObject({ state: 'open', credited: eur('0.00') });
    const references = [{ kind: 'invoice', number: made.number }];
    const theirs = { number: `D${count}`, type: 'creditNote', total: eur('10.00'), references };
    await made.send(theirs, other.key);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'paid 0.00 61.00']);
  });

  test('of an instalment that was called off is used on the others', async () => {
    await made.invoice();
    await api.call('POST', `${made.path(1)}/void`);
    await made.note('30.00');
    expect(await made.standing()).toEqual(['void 0.00 0.00', 'partlyPaid 31.00 30.00']);
  });
});
