import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expireLeases, repeatUnknownSms, resendUnknown } from '../src/store/reconcile.ts';
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
  service.sms.behave();
  count += 1;
  due = `doubt${count}`;
  await service.addDueDate(due);
});
afterAll(async () => {
  await service.stop();
});

/** An SMS that the provider took without an answer, on its way again under the same idx. */
async function repeated(): Promise<string> {
  const { id } = await service.remind({ dueDate: due, channel: 'sms' });
  service.sms.fail({ kind: 'http', status: 504, taken: true }, { times: 1 });
  await service.sendDue('sms');
  expect(await service.fates(id)).toEqual(['unknown server-error']);
  service.clock.advance({ minutes: 2 });
  expect(
    await repeatUnknownSms(service.database, { now: service.clock.now(), graceMs: 10_000, windowMs: 3_600_000 }),
  ).toBe(1);
  expect(await service.fates(id)).toEqual(['accepted repeat']);
  return id;
}

describe('what is on its way again, though it may have been taken', () => {
  test('is proved to be sent by the provider’s memory', async () => {
    const id = await repeated();
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['sent taken-before']);
  });

  test.each<[string, (id: string) => Promise<unknown>, string]>([
    ['called off', async (id) => service.call('POST', `/v1/reminders/${id}/cancel`), 'unknown by-request'],
    ['paid', async () => service.pay(due), 'unknown paid'],
  ])('and is %s is unknown again: its quota unit stays, and it cannot be tried again', async (_, end, fate) => {
    const id = await repeated();
    await end(id);
    expect(await service.fates(id)).toEqual([fate]);
    expect((await service.call('POST', `/v1/reminders/${id}/retry`)).status).toBe(409);
    const [row] = await service.query<{ quota_state: string }>(
      'SELECT quota_state FROM sollecito.reminder r JOIN sollecito.reminder_due_date l ON l.reminder_id = r.id JOIN sollecito.due_date d ON d.id = l.due_date_id WHERE d.ref = $1',
      [due],
    );
    expect(row?.quota_state).toBe('reserved');
  });

  test('and is held is unknown again, not skipped', async () => {
    const id = await repeated();
    await service.put(`/v1/due-dates/${due}/hold`, { reason: 'disputed' });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['unknown hold-disputed']);
  });

  test('counts as a contact', async () => {
    await service.patch('/v1/tenant', { contactGapDays: 3, bindsCallers: true });
    await repeated();
    const other = await service.ask({ dueDate: due, channel: 'sms' });
    await service.query("UPDATE sollecito.delivery SET next_attempt_at = 'infinity' WHERE in_doubt");
    await service.sendDue('sms');
    expect(await service.fates(other.body.id)).toEqual(['accepted contact-gap']);
    await service.patch('/v1/tenant', { contactGapDays: 0, bindsCallers: false });
  });
});

test('an answer that comes while a resend waits is the truth: nothing is sent twice', async () => {
  await service.patch('/v1/tenant', { unknownPolicy: 'resend' });
  const { id } = await service.remind({ dueDate: due });
  const before = service.smtp.messages.length;
  const { reached, release } = service.smtp.hold('afterBody');
  const sending = service.sendDue();
  await reached;
  service.clock.advance({ minutes: 2 });
  await expireLeases(service.database, service.clock.now());
  service.clock.advance({ minutes: 1 });
  expect(await resendUnknown(service.database, { now: service.clock.now(), graceMs: 10_000 })).toBeGreaterThanOrEqual(
    1,
  );
  expect(await service.fates(id)).toEqual(['accepted resend']);
  release('250 ok');
  await sending;
  expect(await service.fates(id)).toEqual(['sent']);
  await service.sendDue();
  expect(service.smtp.messages.length).toBe(before + 1);
  await service.patch('/v1/tenant', { unknownPolicy: 'hold' });
});

test('an answer that comes after a person has decided stands in the story', async () => {
  const { id } = await service.remind({ dueDate: due });
  const { reached, release } = service.smtp.hold('afterBody');
  const sending = service.sendDue();
  await reached;
  service.clock.advance({ minutes: 2 });
  await expireLeases(service.database, service.clock.now());
  await service.call('POST', `/v1/reminders/${id}/resolve`, { body: { outcome: 'failed' } });
  release('250 ok');
  await sending;
  expect(await service.fates(id)).toEqual(['failed by-request']);
  const events = await service.call<{ items: { type: string; reason: string }[] }>('GET', `/v1/reminders/${id}/events`);
  expect(events.body.items).toContainEqual(expect.objectContaining({ type: 'lateAnswer', reason: 'sent' }));
});
