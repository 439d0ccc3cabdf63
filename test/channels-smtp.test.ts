import { describe, expect, test } from 'vitest';
import { FaultySmtp } from './support/faulty-smtp.ts';
import { message, reserved, sendOne, SmtpHouse } from './support/smtp-house.ts';

const house = new SmtpHouse();
const hour = 3_600_000;

describe('a hand-over', () => {
  test('is accepted with the queue id, and the message arrives byte for byte', async () => {
    const outcome = await sendOne(await house.gatewayTo(house.server()));
    expect(outcome).toEqual({ kind: 'accepted', providerMessageId: 'M1', response: '250 ok: queued as M1' });
    expect(house.smtp.messages).toEqual([
      { from: 'bounce@example.it', to: ['a@example.it'], raw: 'Subject: a\r\n\r\nfirst\r\n.dot\r\nlast\r\n' },
    ]);
  });

  test.each([
    ['mail', '451 4.3.0 later', { kind: 'tryAgain', reason: 'provider-error', code: '451', speaksOf: 'domain' }],
    ['mail', '550 5.1.0 no such sender', { kind: 'refused', reason: 'sender-refused', code: '550' }],
    [
      'mail',
      '530 5.7.0 sign in first',
      { kind: 'tryAgain', reason: 'credentials-refused', code: '530', speaksOf: 'account' },
    ],
    [
      'rcpt',
      '451 4.7.1 greylisted',
      { kind: 'tryAgain', reason: 'recipient-deferred', code: '451', speaksOf: 'stranger' },
    ],
    ['rcpt', '550 5.1.1 no such user', { kind: 'refused', reason: 'recipient-refused', code: '550' }],
    ['rcpt', '421 4.7.0 too many', { kind: 'tryAgain', reason: 'provider-busy', code: '421', speaksOf: 'domain' }],
    ['data', '451 later', { kind: 'tryAgain', reason: 'provider-error', code: '451', speaksOf: 'domain' }],
    ['data', '421 4.3.2 closing', { kind: 'tryAgain', reason: 'provider-busy', code: '421', speaksOf: 'domain' }],
    ['data', '554 no', { kind: 'refused', reason: 'message-refused', code: '554' }],
    ['afterBody', '451 4.3.0 later', { kind: 'tryAgain', reason: 'provider-error', code: '451', speaksOf: 'domain' }],
    ['afterBody', '421 closing', { kind: 'tryAgain', reason: 'provider-busy', code: '421', speaksOf: 'domain' }],
    ['afterBody', '552 5.3.4 too large', { kind: 'refused', reason: 'message-refused', code: '552' }],
    ['body', '552 5.3.4 too large', { kind: 'refused', reason: 'message-refused', code: '552' }],
  ] as const)('answered at %s with "%s" takes the answer for an answer', async (step, line, outcome) => {
    for (const extensions of [['PIPELINING'], []]) {
      const odd = new FaultySmtp(extensions);
      await odd.start();
      odd.fail(step, { kind: 'reply', line });
      expect(await sendOne(await house.gatewayTo(house.server(odd.url)))).toMatchObject(outcome);
      expect(odd.taken.size).toBe(0);
      await odd.stop();
    }
  });

  test.each(['mail', 'rcpt', 'data'] as const)('cut off at %s was certainly not taken', async (step) => {
    house.smtp.fail(step, { kind: 'drop' });
    expect(await sendOne(await house.gatewayTo(house.server()))).toMatchObject({
      kind: 'tryAgain',
      reason: 'connection-failed',
      speaksOf: 'exchange',
    });
    expect(house.smtp.bodyBytes).toBe(0);
  });

  test.each([
    ['450 4.2.1 mailbox is busy', undefined, null],
    ['452 4.2.2 mailbox full', undefined, null],
    ['450 4.2.1 this user receives mail at too high a rate', undefined, null],
    ['450 4.7.1 Greylisted, try again in 300 seconds', 'stranger', 300_000],
    ['451 Greylisting in action, please come back after 5 minutes', 'stranger', 300_000],
    ['451 4.7.650 the server has been limited for a while', 'domain', null],
    ['451 4.7.0 too many messages from you, retry after 1h', 'domain', 3_600_000],
    ['451 4.7.500 server says no', 'domain', null],
    ['452 4.5.3 enough', 'domain', null],
    ['450 4.1.8 sender unknown', undefined, null],
    ['447 4.3.2 odd', undefined, null],
    ['421 4.2.1 try again in 30 days', 'domain', null],
  ] as const)('put off at RCPT with "%s" speaks of %s', async (line, speaksOf, retryAfterMs) => {
    house.smtp.fail('rcpt', { kind: 'reply', line });
    const outcome = await sendOne(await house.gatewayTo(house.server()));
    expect(outcome).toMatchObject({ kind: 'tryAgain', code: line.slice(0, 3), retryAfterMs });
    expect('speaksOf' in outcome ? outcome.speaksOf : undefined).toBe(speaksOf);
  });

  test('cut off in the middle of the body is unknown', async () => {
    house.smtp.fail('body', { kind: 'drop' });
    expect(await sendOne(await house.gatewayTo(house.server()))).toMatchObject({
      kind: 'unknown',
      reason: 'connection-lost',
    });
    expect(house.smtp.taken.size).toBe(0);
  });

  test('whose reply after the body is lost is unknown, though it was taken', async () => {
    house.smtp.fail('afterBody', { kind: 'drop' });
    expect(await sendOne(await house.gatewayTo(house.server()))).toMatchObject({
      kind: 'unknown',
      reason: 'connection-lost',
    });
    expect(house.smtp.taken.get('a@example.it')).toBe(1);
  });

  test('without an answer after the body ends at the deadline as unknown', async () => {
    house.smtp.fail('afterBody', { kind: 'silence' });
    const outcome = await sendOne(await house.gatewayTo(house.server()), 'a@example.it', 200);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'no-answer' });
    expect(house.smtp.taken.get('a@example.it')).toBe(1);
  });

  test.each(['mail', 'rcpt', 'data'] as const)(
    'without an answer at %s ends at the deadline, certainly not taken',
    async (step) => {
      house.smtp.fail(step, { kind: 'silence' });
      const outcome = await sendOne(await house.gatewayTo(house.server()), 'a@example.it', 200);
      expect(outcome).toMatchObject({ kind: 'tryAgain', reason: 'deadline' });
      expect(house.smtp.bodyBytes).toBe(0);
    },
  );

  test('looks at the deadline once more after 354 and then sends not one byte of the body', async () => {
    const held = house.smtp.hold('data');
    const slot = await reserved(await house.gatewayTo(house.server()));
    let clock = 1_000;
    const envelope = { from: 'bounce@example.it', to: 'a@example.it' };
    const sending = slot.send({ envelope, message, deadline: 1_000 + hour, now: () => clock });
    await held.reached;
    clock += hour;
    held.release('354 go on');
    expect(await sending).toMatchObject({ kind: 'tryAgain', reason: 'deadline' });
    slot.release();
    await house.smtp.stop();
    expect(house.smtp.bodyBytes).toBe(0);
  });

  test('past its deadline does not begin', async () => {
    expect(await sendOne(await house.gatewayTo(house.server()), 'a@example.it', 0)).toMatchObject({
      reason: 'deadline',
    });
    expect(house.smtp.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
  });

  test('answered late but in time is accepted', async () => {
    const held = house.smtp.hold('afterBody');
    const sending = sendOne(await house.gatewayTo(house.server()));
    await held.reached;
    held.release('250 ok');
    expect(await sending).toMatchObject({ kind: 'accepted' });
  });

  test('of two recipients refuses only the one that the server refuses', async () => {
    house.smtp.fail('rcpt', { kind: 'reply', line: '451 4.7.1 later' }, { recipient: 'b@example.it' });
    const gateway = await house.gatewayTo(house.server());
    expect(await sendOne(gateway, 'a@example.it')).toMatchObject({ kind: 'accepted' });
    expect(await sendOne(gateway, 'b@example.it')).toMatchObject({ kind: 'tryAgain', reason: 'recipient-deferred' });
    expect(Object.fromEntries(house.smtp.taken)).toEqual({ 'a@example.it': 1 });
  });

  test('larger than the server announced is refused without being sent', async () => {
    const small = new FaultySmtp(['SIZE 10']);
    await small.start();
    expect(await sendOne(await house.gatewayTo(house.server(small.url)))).toMatchObject({ reason: 'message-refused' });
    expect(small.bodyBytes).toBe(0);
    await small.stop();
  });
});
