import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestService } from './support/service.ts';

let service: TestService;
let due: string;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

/** What asks for thanks for a due date of its own, of which so much was paid. */
async function thanks(paid?: string): Promise<Record<string, unknown>> {
  count += 1;
  due = `thanks${count}`;
  await service.addDueDate(due);
  if (paid !== undefined) await service.pay(due, paid);
  return { dueDate: due, template: 'thank-you' };
}

describe('thanks for a payment', () => {
  test('are refused while nothing has come', async () => {
    const answer = await service.ask(await thanks());
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:sollecito:problem:nothing-received' } });
  });

  test.each(['1220.00', '20.00'])('go to one who has paid %s of 1220.00', async (paid) => {
    const { id } = await service.remind(await thanks(paid));
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('take the document along, paid as it is', async () => {
    const { id } = await service.remind({ ...(await thanks('1220.00')), attachDocument: true });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('are not called off by the rest being paid, and are by the due date being void', async () => {
    const { id } = await service.remind(await thanks('20.00'));
    await service.pay(due, '1200.00');
    expect(await service.fates(id)).toEqual(['accepted']);
    await service.call('POST', `/v1/due-dates/${due}/void`);
    expect(await service.fates(id)).toEqual(['canceled void']);
  });

  test('are skipped when the payment was taken back meanwhile', async () => {
    const asked = await thanks();
    const amount = { value: '1220.00', currency: 'EUR' };
    await service.call('POST', `/v1/due-dates/${due}/payments`, { body: { ref: 'p', amount, paidOn: '2026-03-01' } });
    const { id } = await service.remind(asked);
    await service.call('DELETE', `/v1/due-dates/${due}/payments/p`);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['skipped nothing-received']);
  });

  test('are tried again by a person although nothing is open', async () => {
    const { id } = await service.remind(await thanks('1220.00'));
    await service.call('POST', `/v1/reminders/${id}/cancel`);
    expect(await service.call('POST', `/v1/reminders/${id}/retry`)).toMatchObject({ status: 200 });
  });

  test('are stopped by no hold, for they ask for nothing', async () => {
    const asked = await thanks('20.00');
    await service.put(`/v1/due-dates/${due}/hold`, { reason: 'disputed' });
    const { id } = await service.remind(asked);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('never go to a customer who is not to be written to', async () => {
    const { id } = await service.remind(await thanks('20.00'));
    await service.patch('/v1/customers/rossi', { doNotRemind: true });
    await service.sendDue();
    await service.patch('/v1/customers/rossi', { doNotRemind: false });
    expect(await service.fates(id)).toEqual(['skipped customer-excluded']);
  });
});

test('say all that came, also when a credit note has made it too much', async () => {
  const asked = await thanks('1220.00');
  await service.query('UPDATE sollecito.due_date SET credited = 220 WHERE ref = $1', [due]);
  const { body } = await service.call<{ text: string }>('POST', '/v1/reminders/preview', {
    body: { ...asked, channel: 'email', attachDocument: false },
  });
  expect(body.text).toMatch(/1\.220,00\s€/);
});
