import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ShownReminder, TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  await service.calm();
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
});
afterAll(async () => {
  await service.stop();
});

const decide = async (id: string, what: string, body?: unknown) => {
  const answer = await service.call<ShownReminder>('POST', `/v1/reminders/${id}/${what}`, { body });
  const type = (answer.body as unknown as { type?: string }).type?.split(':').at(-1);
  return { status: answer.status, type, reminder: answer.body };
};
const refused = async (id: string, what: string, body?: unknown) => {
  const before = [await service.rowCounts(), await service.fates(id)];
  const { status, type } = await decide(id, what, body);
  expect([await service.rowCounts(), await service.fates(id)]).toEqual(before);
  return `${status} ${type}`;
};
/** One in each status that a reminder can be brought into from outside. */
async function remindInto(status: string): Promise<string> {
  const made = await service.remind(status === 'accepted' ? {} : { to: [`${status}@bianchi.example`] });
  if (status === 'failed') service.smtp.fail('rcpt', { kind: 'reply', line: '550 no' }, { times: 1 });
  if (status === 'retrying') service.smtp.fail('rcpt', { kind: 'reply', line: '451 later' }, { times: 1 });
  if (status === 'unknown') service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
  if (status === 'skipped') await service.patch('/v1/customers/rossi', { doNotRemind: true });
  if (status === 'canceled') await decide(made.id, 'cancel');
  if (status === 'queued') await service.dispatch();
  else if (status !== 'accepted' && status !== 'canceled') await service.sendDue();
  await service.patch('/v1/customers/rossi', { doNotRemind: false });
  expect((await service.reminder(made.id)).status).toBe(status);
  return made.id;
}

describe('canceling', () => {
  test.each(['accepted', 'queued', 'retrying', 'canceled'])('from %s', async (status) => {
    const id = await remindInto(status);
    expect(await decide(id, 'cancel')).toMatchObject({ status: 200, reminder: { id, status: 'canceled' } });
    expect(await service.fates(id)).toEqual(['canceled by-request']);
    service.clock.advance({ hours: 1 });
    expect(await service.sendDue()).toBe(0);
  });

  test.each(['sent', 'failed', 'skipped', 'unknown'])('from %s is refused', async (status) => {
    expect(await refused(await remindInto(status), 'cancel')).toBe('409 reminder-not-cancelable');
  });

  test('once it is being handed over is refused, and the rest of a half-sent one is called off', async () => {
    const { reached, release } = service.smtp.hold('afterBody');
    const leaving = await service.remind();
    const sending = service.sendDue();
    await reached;
    expect(await refused(leaving.id, 'cancel')).toBe('409 reminder-not-cancelable');
    release('250 ok');
    await sending;
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 later' }, { recipient: 'b@verdi.example' });
    const half = await service.remind({ to: ['a@bianchi.example', 'b@verdi.example'] });
    await service.sendDue();
    expect(await decide(half.id, 'cancel')).toMatchObject({ status: 200, reminder: { status: 'sent' } });
    expect(await service.fates(half.id)).toEqual(['sent', 'canceled by-request']);
  });
});

describe('trying again', () => {
  test.each(['failed', 'skipped', 'canceled'])('from %s: the same reminder, sent once', async (status) => {
    const id = await remindInto(status);
    expect(await decide(id, 'retry')).toMatchObject({ status: 200, reminder: { id, status: 'accepted' } });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect(await refused(id, 'retry')).toBe('409 reminder-not-retryable');
    const [entry] = await service.query('SELECT actor, action FROM sollecito.audit ORDER BY id DESC LIMIT 1');
    expect(entry).toEqual({ actor: expect.stringMatching(/^key:key_/), action: 'reminder.retry' });
  });

  test.each(['accepted', 'queued', 'retrying', 'sent', 'unknown'])('from %s is refused', async (status) => {
    expect(await refused(await remindInto(status), 'retry')).toBe('409 reminder-not-retryable');
  });

  test('of what is paid or void by now is refused', async () => {
    for (const settle of ['pay', 'void']) {
      await service.addDueDate(settle);
      const { id } = await service.remind({ dueDate: settle });
      await (settle === 'pay' ? service.pay(settle) : service.call('POST', `/v1/due-dates/${settle}/void`));
      expect(await service.fates(id)).toEqual([settle === 'pay' ? 'canceled paid' : 'canceled void']);
      expect(await refused(id, 'retry')).toBe(settle === 'pay' ? '409 due-date-settled' : '409 due-date-void');
    }
  });

  test('an SMS takes a new idx, or the provider would drop it as a double', async () => {
    service.sms.fail({ kind: 'error', number: 13 }, { times: 1 });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    await decide(id, 'retry');
    await service.sendDue('sms');
    expect(service.sms.messages.at(-1)?.idx).toMatch(/-1$/);
  });
});

describe('resolving an unknown', () => {
  test('as sent: it counts as reminded of, with its unit used', async () => {
    await service.addDueDate('doubt');
    const { used } = await service.quota();
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
    const { id } = await service.remind({ dueDate: 'doubt' });
    await service.sendDue();
    expect(await decide(id, 'resolve', { outcome: 'sent' })).toMatchObject({
      status: 200,
      reminder: { status: 'sent' },
    });
    expect((await service.quota()).used).toBe(used + 1);
    const { body } = await service.call<{ items: { ref: string }[] }>('GET', '/v1/due-dates?reminded=true&limit=200');
    expect(body.items.map(({ ref }) => ref)).toContain('doubt');
    expect((await service.reminder(id)).takenAt).toBe('2026-03-02T09:00:00.000Z');
  });

  test('as failed: its unit is given back, and it can be tried again', async () => {
    const id = await remindInto('unknown');
    expect(await decide(id, 'resolve', { outcome: 'failed' })).toMatchObject({
      status: 200,
      reminder: { status: 'failed' },
    });
    expect((await decide(id, 'retry')).status).toBe(200);
  });

  test('to be sent again: once, marked as such, under the same unit', async () => {
    const id = await remindInto('unknown');
    const before = await service.quota();
    expect((await decide(id, 'resolve', { outcome: 'resend' })).reminder.status).toBe('accepted');
    expect(await service.quota()).toEqual(before);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.smtp.messages.at(-1)?.raw).toMatch(/^X-Sollecito-Resend: 1\r$/m);
  });

  test.each(['accepted', 'queued', 'retrying', 'sent', 'failed', 'skipped', 'canceled'])(
    'from %s is refused',
    async (status) => {
      expect(await refused(await remindInto(status), 'resolve', { outcome: 'sent' })).toBe(
        '409 reminder-not-resolvable',
      );
    },
  );

  test.each([undefined, {}, { outcome: 'lost' }, { outcome: 'sent', note: 'x' }])(
    'with %o is no request',
    async (body) => {
      expect(await refused(await remindInto('canceled'), 'resolve', body)).toBe('400 invalid-request');
    },
  );
});
