import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { maxAttempts } from '../src/domain/retry.ts';
import { repeatUnknownSms } from '../src/store/reconcile.ts';
import type { SmsFault } from './support/faulty-smsapi.ts';
import type { SmtpFault, SmtpStep } from './support/faulty-smtp.ts';
import { TestService } from './support/service.ts';

let service: TestService;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  service.errors.length = 0;
  await service.calm();
  // No connection rests from the test before: each fault strikes the first.
  await service.smtp.stop();
  await service.smtp.start();
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  count += 1;
});
afterAll(async () => {
  await service.stop();
});

/** Half an hour, a look each minute. */
async function goOn(channel: 'email' | 'sms'): Promise<void> {
  for (let minute = 0; minute < 30; minute++) {
    service.clock.advance({ minutes: 1 });
    await service.sendDue(channel);
  }
}

const reply = (line: string): SmtpFault => ({ kind: 'reply', line });
const drop: SmtpFault = { kind: 'drop' };
const silence: SmtpFault = { kind: 'silence' };

describe('an email whose hand-over fails once', () => {
  test.each<[string, SmtpStep, SmtpFault, string, number]>([
    ['greeted with 421', 'greeting', reply('421 4.3.2 busy'), 'accepted provider-unavailable', 0],
    ['greeted with 554', 'greeting', reply('554 5.3.2 no'), 'accepted provider-unavailable', 0],
    ['cut off at the greeting', 'greeting', drop, 'accepted provider-unavailable', 0],
    ['451 at MAIL', 'mail', reply('451 4.3.0 later'), 'retrying provider-error', 1],
    ['sign in first', 'mail', reply('530 5.7.0 sign in'), 'retrying credentials-refused', 0],
    ['cut off at MAIL', 'mail', drop, 'retrying connection-failed', 1],
    ['silence at MAIL', 'mail', silence, 'retrying deadline', 1],
    ['450 at RCPT', 'rcpt', reply('450 4.7.1 greylisted'), 'retrying recipient-deferred', 1],
    ['421 at RCPT', 'rcpt', reply('421 4.7.0 too many'), 'retrying provider-busy', 1],
    ['cut off at RCPT', 'rcpt', drop, 'retrying connection-failed', 1],
    ['452 at DATA', 'data', reply('452 4.3.1 full'), 'retrying provider-error', 1],
    ['cut off before DATA', 'data', drop, 'retrying connection-failed', 1],
    ['silence at DATA', 'data', silence, 'retrying deadline', 1],
    ['451 after the body', 'afterBody', reply('451 4.3.0 later'), 'retrying provider-error', 1],
    ['421 after the body', 'afterBody', reply('421 4.3.2 closing'), 'retrying provider-busy', 1],
  ])('%s: certainly not taken, so it is tried again and sent once', async (_, step, fault, fate, counted) => {
    const to = `a${count}@bianchi.example`;
    service.smtp.fail(step, fault, { times: 1 });
    const { id } = await service.remind({ to: [to] });
    await service.sendDue('email', { sendTimeoutMs: 300 });
    expect(await service.fates(id)).toEqual([fate]);
    const [row] = await service.query<{ attempts: number }>(
      'SELECT attempts FROM sollecito.delivery WHERE recipient = $1',
      [to],
    );
    expect(row?.attempts).toBe(counted);
    await goOn('email');
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.smtp.taken.get(to)).toBe(1);
  });

  test.each<[string, SmtpStep, SmtpFault, string, number]>([
    ['cut off in the body', 'body', drop, 'unknown connection-lost', 0],
    ['silence in the body', 'body', silence, 'unknown no-answer', 0],
    ['cut off after the final dot', 'afterBody', drop, 'unknown connection-lost', 1],
    ['silence after the final dot', 'afterBody', silence, 'unknown no-answer', 1],
  ])('%s: unknown, and never sent again by itself', async (_, step, fault, fate, taken) => {
    const to = `a${count}@bianchi.example`;
    service.smtp.fail(step, fault, { times: 1 });
    const { id } = await service.remind({ to: [to] });
    await service.sendDue('email', { sendTimeoutMs: 300 });
    await goOn('email');
    expect(await service.fates(id)).toEqual([fate]);
    expect(service.smtp.taken.get(to) ?? 0).toBe(taken);
  });

  test.each<[string, SmtpStep, string, string]>([
    ['MAIL', 'mail', '550 5.1.0 no', 'failed sender-refused'],
    ['RCPT', 'rcpt', '550 5.1.1 no', 'failed recipient-refused'],
    ['DATA', 'data', '554 5.7.1 no', 'failed message-refused'],
    ['the end of the body', 'afterBody', '552 5.3.4 no', 'failed message-refused'],
  ])(
    'refused for good at %s has failed, and neither the provider nor the domain is slower for it',
    async (_, step, line, fate) => {
      service.smtp.fail(step, reply(line), { times: 1 });
      const { id } = await service.remind();
      await service.sendDue();
      expect(await service.fates(id)).toEqual([fate]);
      expect(await service.query('SELECT FROM sollecito.send_limit')).toEqual([]);
      expect(await service.query('SELECT FROM sollecito.breaker WHERE failures > 0')).toEqual([]);
    },
  );

  test('answered late, but in time, is sent', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await reached;
    release('250 ok');
    await sending;
    expect(await service.fates(id)).toEqual(['sent']);
  });
});

test('a server that is down for long burns no attempt of anything', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, async () => (await service.remind()).id));
  service.smtp.fail('greeting', drop);
  for (let minute = 0; minute < 3 * maxAttempts; minute++) {
    service.clock.advance({ minutes: 5 });
    await service.sendDue();
  }
  const rows = await service.query("SELECT attempts FROM sollecito.delivery WHERE status = 'accepted'");
  expect(rows).toEqual(ids.map(() => ({ attempts: 0 })));
  service.smtp.behave();
  await goOn('email');
  expect((await Promise.all(ids.map(async (id) => service.fates(id)))).flat()).toEqual(ids.map(() => 'sent'));
});

describe('an SMS whose hand-over fails once', () => {
  const number = (): string => `+3933312${String(10_000 + count)}`;
  test.each<[string, SmsFault, string, number]>([
    ['HTTP 429', { kind: 'http', status: 429 }, 'retrying rate-limited', 0],
    ['too many at once in HTTP 200', { kind: 'error', number: 203 }, 'retrying rate-limited', 0],
    ['no credit in HTTP 200', { kind: 'error', number: 103 }, 'retrying insufficient-credit', 0],
    ['an error of theirs in HTTP 200', { kind: 'error', number: 201 }, 'retrying provider-error', 1],
    ['ten to one number in a minute', { kind: 'error', number: 52 }, 'retrying rate-limited', 1],
  ])('%s: certainly not taken, so it is tried again and sent once', async (_, fault, fate, counted) => {
    const to = number();
    service.sms.fail(fault, { times: 1 });
    const { id } = await service.remind({ channel: 'sms', to: [to] });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual([fate]);
    const [row] = await service.query<{ attempts: number }>(
      'SELECT attempts FROM sollecito.delivery WHERE recipient = $1',
      [to],
    );
    expect(row?.attempts).toBe(counted);
    await goOn('sms');
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.sms.taken.get(to)).toBe(1);
  });

  test.each<[string, SmsFault, string]>([
    ['HTTP 500, not taken', { kind: 'http', status: 500 }, 'sent'],
    ['HTTP 500, taken', { kind: 'http', status: 500, taken: true }, 'sent taken-before'],
    ['no answer, though it was taken', { kind: 'silence' }, 'sent taken-before'],
    ['cut off after it was taken', { kind: 'drop', when: 'taken' }, 'sent taken-before'],
    ['half an answer', { kind: 'half' }, 'sent taken-before'],
    ['cut off in the request', { kind: 'drop', when: 'request' }, 'sent'],
  ])('%s: unknown, and resolved by handing it over again under its idx', async (_, fault, fate) => {
    const to = number();
    service.sms.fail(fault, { times: 1 });
    const { id } = await service.remind({ channel: 'sms', to: [to] });
    await service.sendDue('sms', { sendTimeoutMs: 500 });
    expect((await service.reminder(id)).status).toBe('unknown');
    service.clock.advance({ minutes: 2 });
    expect(
      await repeatUnknownSms(service.database, { now: service.clock.now(), graceMs: 10_000, windowMs: 3_600_000 }),
    ).toBe(1);
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual([fate]);
    expect(service.sms.taken.get(to)).toBe(1);
  });
});
