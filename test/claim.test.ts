import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../src/domain/ids.ts';
import { TestService } from './support/service.ts';

let service: TestService;
let due: string;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  service.smtp.behave();
  await service.query(
    "UPDATE sollecito.delivery SET status = 'canceled' WHERE status NOT IN ('sent', 'failed', 'skipped')",
  );
  await service.put('/v1/customers/rossi', {
    name: 'Bianchi Costruzioni',
    email: ['conti@bianchi.example'],
    phone: ['+393331234567'],
  });
  count += 1;
  due = `due${count}`;
  await service.addDueDate(due);
});
afterAll(async () => {
  await service.stop();
});

const once = (change: () => Promise<unknown>) => async (time: number) => (time === 0 ? change() : undefined);
const lastText = (): string => decoded(service.smtp.messages.at(-1)?.raw ?? '');
const decoded = (raw: string): string =>
  Buffer.from(
    raw
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

describe('what changed between composing and claiming', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the amount',
      async () => service.patch(`/v1/due-dates/${due}`, { amount: { value: '77.70', currency: 'EUR' } }),
      /77,70/,
    ],
    ['a part payment', async () => service.pay(due, '1000.00'), /220,00/],
    [
      'the due day',
      async () => service.patch(`/v1/due-dates/${due}`, { dueOn: '2026-01-31' }),
      /31 gennaio 2026|31\/01\/2026/,
    ],
    [
      'the bank account',
      async () =>
        service.put('/v1/bank-accounts/main', {
          holder: 'Nuova Banca',
          iban: 'IT40S0542811101000000123456',
          default: true,
        }),
      /Nuova Banca/,
    ],
    ['another usual bank account', async () => otherAccount(), /DE89 ?3704 ?0044 ?0532 ?0130 ?00/],
    [
      'the customer’s name',
      async () => service.patch('/v1/customers/rossi', { name: 'Verdi Impianti' }),
      /Verdi Impianti/,
    ],
    ['the tenant’s name', async () => service.patch('/v1/tenant', { name: 'Officine Neri' }), /Officine Neri/],
    ['the day', async () => service.clock.set('2026-03-03T09:00:00Z'), /11 giorni/],
  ])('%s: it is composed again with the new truth, and sent once', async (_, change, shows) => {
    const { id } = await service.remind({ dueDate: due });
    const taken = service.smtp.messages.length;
    await service.sendDue('email', { desk: await service.changingDesk('email', once(change)) });
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.smtp.messages.length).toBe(taken + 1);
    expect(lastText()).toMatch(shows);
    const [kept] = await service.query<{ claim_no: number; content: string }>(
      `SELECT m.claim_no, m.content FROM sollecito.delivery_message m JOIN sollecito.delivery d ON d.id = m.delivery_id
       JOIN sollecito.reminder_due_date l ON l.reminder_id = d.reminder_id JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE u.ref = $1`,
      [due],
    );
    expect(kept?.claim_no).toBe(1);
    expect(decoded(kept?.content ?? '')).toMatch(shows);
  });

  async function otherAccount(): Promise<void> {
    await service.put('/v1/bank-accounts/german', { holder: 'Rossi', iban: 'DE89370400440532013000', default: true });
  }

  test('again and again: the job gives way, and a second later another tries', async () => {
    const { id } = await service.remind({ dueDate: due });
    let amount = 100;
    const desk = await service.changingDesk('email', async () =>
      service.patch(`/v1/due-dates/${due}`, { amount: { value: `${amount++}.00`, currency: 'EUR' } }),
    );
    const taken = service.smtp.messages.length;
    await service.sendDue('email', { desk });
    expect(amount).toBe(103);
    expect(await service.fates(id)).toEqual(['accepted changing']);
    expect(service.smtp.messages.length).toBe(taken);
    expect(await service.sendDue()).toBe(0);
    service.clock.advance({ seconds: 1 });
    expect(await service.sendDue()).toBe(1);
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['paid', async () => service.pay(due), 'canceled paid'],
    ['void', async () => service.call('POST', `/v1/due-dates/${due}/void`), 'canceled void'],
    ['held', async () => service.put(`/v1/due-dates/${due}/hold`, { reason: 'disputed' }), 'skipped hold-disputed'],
    ['excluded', async () => service.patch('/v1/customers/rossi', { doNotRemind: true }), 'skipped customer-excluded'],
    [
      'paused',
      async () => service.patch('/v1/customers/rossi', { pausedUntil: '2026-03-20' }),
      'skipped customer-paused',
    ],
  ])('%s: it does not leave', async (_, change, fate) => {
    const { id } = await service.remind({ dueDate: due });
    const taken = service.smtp.messages.length;
    await service.sendDue('email', { desk: await service.changingDesk('email', once(change)) });
    expect(await service.fates(id)).toEqual([fate]);
    expect(service.smtp.messages.length).toBe(taken);
  });
});

describe('addresses that were left to the customer', () => {
  test('one that was lost is skipped, one that was gained gets a delivery of its own', async () => {
    const { id } = await service.remind({ dueDate: due });
    const desk = await service.changingDesk(
      'email',
      once(async () => service.patch('/v1/customers/rossi', { email: ['new@bianchi.example'] })),
    );
    await service.sendDue('email', { desk });
    expect(await service.fates(id)).toEqual(['skipped recipient-removed', 'accepted']);
    await service.sendDue();
    expect(await service.reminder(id)).toMatchObject({
      status: 'sent',
      deliveries: [{}, { to: 'new@bianchi.example' }],
    });
    expect(service.smtp.taken.get('new@bianchi.example')).toBe(1);
  });

  test('no more than ten deliveries, and given addresses stay as they are', async () => {
    const given = await service.remind({ dueDate: due, to: ['given@bianchi.example'] });
    const open = await service.remind({ dueDate: due });
    const email = Array.from({ length: 12 }, (_, n) => `a${n}@bianchi.example`);
    await service.patch('/v1/customers/rossi', { email: ['conti@bianchi.example', ...email.slice(0, 9)] });
    await service.sendDue();
    await service.sendDue();
    expect(await service.fates(given.id)).toEqual(['sent']);
    expect(await service.fates(open.id)).toEqual(Array.from({ length: 10 }, () => 'sent'));
    await service.patch('/v1/customers/rossi', { email: ['conti@bianchi.example', ...email.slice(0, 9)].toReversed() });
    expect(await service.sendDue()).toBe(0);
  });

  test('nobody is left: the reminder is skipped and its unit given back', async () => {
    const { id } = await service.remind({ dueDate: due });
    const { reserved } = await service.quota();
    await service.patch('/v1/customers/rossi', { email: [] });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['skipped recipient-removed']);
    expect((await service.quota()).reserved).toBe(reserved - 1);
  });
});

describe('a reminder of several due dates', () => {
  test('speaks of those that are still owed alone', async () => {
    await service.addDueDate(`${due}b`, { amount: { value: '55.50', currency: 'EUR' } });
    const { id } = await service.remind({ dueDates: [due, `${due}b`] });
    await service.pay(due);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect(lastText()).toContain('55,50');
    expect(lastText()).not.toContain('1.220,00');
  });
});

describe('a job whose delivery has moved on', () => {
  test('ends as nothing: an older dispatch, one that was sent, one that is gone', async () => {
    const { id } = await service.remind({ dueDate: due });
    const worker = await service.worker('email');
    const [item] = await service.dispatch();
    if (!item) expect.fail('nothing was dispatched');
    const taken = service.smtp.messages.length;
    await service.run({ ...item, dispatchNo: item.dispatchNo - 1 }, worker);
    await service.run({ ...item, dispatchNo: item.dispatchNo + 1 }, worker);
    await service.run({ delivery: newId('delivery'), dispatchNo: 1 }, worker);
    expect(await service.fates(id)).toEqual(['queued']);
    await Promise.all(Array.from({ length: 8 }, async () => service.run(item, worker)));
    expect(await service.fates(id)).toEqual(['sent']);
    await service.run(item, worker);
    expect(service.smtp.messages.length).toBe(taken + 1);
  });
});
