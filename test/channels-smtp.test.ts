import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmtpGateway, type SmtpSlot } from '../src/channels/email/smtp-gateway.ts';
import { parseSmtpUrl, type SmtpServer } from '../src/channels/email/smtp-server.ts';
import type { SendOutcome } from '../src/domain/send-outcome.ts';
import { FaultySmtp } from './support/faulty-smtp.ts';

const never = new AbortController().signal;
const hour = 3_600_000;
const message = Buffer.from('Subject: a\r\n\r\nfirst\r\n.dot\r\nlast');
let smtp: FaultySmtp;
const gateways: SmtpGateway[] = [];

beforeEach(async () => {
  smtp = new FaultySmtp();
  await smtp.start();
});

afterEach(async () => {
  await smtp.stop();
  for (const gateway of gateways.splice(0)) await gateway.stop();
});

function server(url = smtp.url): SmtpServer {
  const parsed = parseSmtpUrl(url);
  if (!parsed) throw new Error('not an SMTP URL');
  return parsed;
}

async function gatewayTo(at: SmtpServer, connections = 2): Promise<SmtpGateway> {
  const gateway = new SmtpGateway({ server: at, connections, connectTimeoutMs: 2_000 });
  gateways.push(gateway);
  await gateway.start();
  return gateway;
}

async function reserved(gateway: SmtpGateway): Promise<SmtpSlot> {
  const reservation = await gateway.reserve(never);
  if (reservation.kind === 'failed') throw new Error(reservation.outcome.response);
  return reservation.slot;
}

async function handOver(slot: SmtpSlot, to = 'a@example.it', timeMs = hour): Promise<SendOutcome> {
  const envelope = { from: 'bounce@example.it', to };
  return await slot.send({ envelope, message, deadline: Date.now() + timeMs, now: Date.now });
}

async function sendOne(gateway: SmtpGateway, to = 'a@example.it', timeMs = hour): Promise<SendOutcome> {
  const slot = await reserved(gateway);
  const outcome = await handOver(slot, to, timeMs);
  slot.release();
  return outcome;
}

describe('a hand-over', () => {
  test('is accepted with the queue id, and the message arrives byte for byte', async () => {
    const outcome = await sendOne(await gatewayTo(server()));
    expect(outcome).toEqual({ kind: 'accepted', providerMessageId: 'M1', response: '250 ok: queued as M1' });
    expect(smtp.messages).toEqual([
      { from: 'bounce@example.it', to: ['a@example.it'], raw: 'Subject: a\r\n\r\nfirst\r\n.dot\r\nlast\r\n' },
    ]);
  });

  test.each([
    ['mail', '451 4.3.0 later', { kind: 'tryAgain', reason: 'provider-error', code: '451' }],
    ['mail', '550 5.1.0 no such sender', { kind: 'refused', reason: 'sender-refused', code: '550' }],
    ['mail', '530 5.7.0 sign in first', { kind: 'tryAgain', reason: 'credentials-refused', code: '530' }],
    ['rcpt', '451 4.7.1 greylisted', { kind: 'tryAgain', reason: 'recipient-deferred', code: '451' }],
    ['rcpt', '550 5.1.1 no such user', { kind: 'refused', reason: 'recipient-refused', code: '550' }],
    ['rcpt', '421 4.7.0 too many', { kind: 'tryAgain', reason: 'provider-busy', code: '421' }],
    ['data', '451 later', { kind: 'tryAgain', reason: 'provider-error', code: '451' }],
    ['data', '554 no', { kind: 'refused', reason: 'message-refused', code: '554' }],
    ['afterBody', '451 4.3.0 later', { kind: 'tryAgain', reason: 'provider-error', code: '451' }],
    ['afterBody', '421 closing', { kind: 'tryAgain', reason: 'provider-busy', code: '421' }],
    ['afterBody', '552 5.3.4 too large', { kind: 'refused', reason: 'message-refused', code: '552' }],
    ['body', '552 5.3.4 too large', { kind: 'refused', reason: 'message-refused', code: '552' }],
  ] as const)('answered at %s with "%s" takes the answer for an answer', async (step, line, outcome) => {
    for (const extensions of [['PIPELINING'], []]) {
      const odd = new FaultySmtp(extensions);
      await odd.start();
      odd.fail(step, { kind: 'reply', line });
      expect(await sendOne(await gatewayTo(server(odd.url)))).toMatchObject(outcome);
      expect(odd.taken.size).toBe(0);
      await odd.stop();
    }
  });

  test.each(['mail', 'rcpt', 'data'] as const)('cut off at %s was certainly not taken', async (step) => {
    smtp.fail(step, { kind: 'drop' });
    expect(await sendOne(await gatewayTo(server()))).toMatchObject({ kind: 'tryAgain', reason: 'connection-failed' });
    expect(smtp.bodyBytes).toBe(0);
  });

  test('cut off in the middle of the body is unknown', async () => {
    smtp.fail('body', { kind: 'drop' });
    expect(await sendOne(await gatewayTo(server()))).toMatchObject({ kind: 'unknown', reason: 'connection-lost' });
    expect(smtp.taken.size).toBe(0);
  });

  test('whose reply after the body is lost is unknown, though it was taken', async () => {
    smtp.fail('afterBody', { kind: 'drop' });
    expect(await sendOne(await gatewayTo(server()))).toMatchObject({ kind: 'unknown', reason: 'connection-lost' });
    expect(smtp.taken.get('a@example.it')).toBe(1);
  });

  test('without an answer after the body ends at the deadline as unknown', async () => {
    smtp.fail('afterBody', { kind: 'silence' });
    const outcome = await sendOne(await gatewayTo(server()), 'a@example.it', 200);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'no-answer' });
    expect(smtp.taken.get('a@example.it')).toBe(1);
  });

  test.each(['mail', 'rcpt', 'data'] as const)(
    'without an answer at %s ends at the deadline, certainly not taken',
    async (step) => {
      smtp.fail(step, { kind: 'silence' });
      const outcome = await sendOne(await gatewayTo(server()), 'a@example.it', 200);
      expect(outcome).toMatchObject({ kind: 'tryAgain', reason: 'deadline' });
      expect(smtp.bodyBytes).toBe(0);
    },
  );

  test('looks at the deadline once more after 354 and then sends not one byte of the body', async () => {
    const held = smtp.hold('data');
    const slot = await reserved(await gatewayTo(server()));
    let clock = 1_000;
    const envelope = { from: 'bounce@example.it', to: 'a@example.it' };
    const sending = slot.send({ envelope, message, deadline: 1_000 + hour, now: () => clock });
    await held.reached;
    clock += hour;
    held.release('354 go on');
    expect(await sending).toMatchObject({ kind: 'tryAgain', reason: 'deadline' });
    slot.release();
    await smtp.stop();
    expect(smtp.bodyBytes).toBe(0);
  });

  test('past its deadline does not begin', async () => {
    expect(await sendOne(await gatewayTo(server()), 'a@example.it', 0)).toMatchObject({ reason: 'deadline' });
    expect(smtp.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
  });

  test('answered late but in time is accepted', async () => {
    const held = smtp.hold('afterBody');
    const sending = sendOne(await gatewayTo(server()));
    await held.reached;
    held.release('250 ok');
    expect(await sending).toMatchObject({ kind: 'accepted' });
  });

  test('of two recipients refuses only the one that the server refuses', async () => {
    smtp.fail('rcpt', { kind: 'reply', line: '451 4.7.1 later' }, { recipient: 'b@example.it' });
    const gateway = await gatewayTo(server());
    expect(await sendOne(gateway, 'a@example.it')).toMatchObject({ kind: 'accepted' });
    expect(await sendOne(gateway, 'b@example.it')).toMatchObject({ kind: 'tryAgain', reason: 'recipient-deferred' });
    expect(Object.fromEntries(smtp.taken)).toEqual({ 'a@example.it': 1 });
  });

  test('larger than the server announced is refused without being sent', async () => {
    const small = new FaultySmtp(['SIZE 10']);
    await small.start();
    expect(await sendOne(await gatewayTo(server(small.url)))).toMatchObject({ reason: 'message-refused' });
    expect(small.bodyBytes).toBe(0);
    await small.stop();
  });
});

describe('a reservation', () => {
  test('of a server that is down fails before any claim, and works when it is back', async () => {
    const gateway = await gatewayTo(server());
    await smtp.stop();
    const failed = await gateway.reserve(never);
    expect(failed).toMatchObject({ kind: 'failed', outcome: { kind: 'tryAgain', reason: 'connection-failed' } });
    await smtp.start();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
  });

  test.each([
    [{ kind: 'reply', line: '421 too busy' }, 'provider-busy'],
    [{ kind: 'reply', line: '554 go away' }, 'provider-error'],
    [{ kind: 'drop' }, 'connection-failed'],
    [{ kind: 'silence' }, 'connection-failed'],
  ] as const)('greeted with %o is tried again: %s', async (fault, reason) => {
    smtp.fail('greeting', fault);
    const gateway = new SmtpGateway({ server: server(), connections: 1, connectTimeoutMs: 150 });
    gateways.push(gateway);
    await gateway.start();
    expect(await gateway.reserve(never)).toMatchObject({ kind: 'failed', outcome: { kind: 'tryAgain', reason } });
  });

  test('with wrong credentials is tried again, for an operator mends them', async () => {
    const guarded = new FaultySmtp(['AUTH PLAIN']);
    await guarded.start();
    guarded.fail('auth', { kind: 'reply', line: '535 5.7.8 no' });
    const gateway = await gatewayTo(server(guarded.url.replace('smtp://', 'smtp://user:word@')));
    const failed = await gateway.reserve(never);
    expect(failed).toMatchObject({ outcome: { kind: 'tryAgain', reason: 'credentials-refused', code: '535' } });
    guarded.behave();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
    await guarded.stop();
  });

  test('takes no more connections than allowed and gives them in order', async () => {
    const gateway = await gatewayTo(server(), 1);
    const first = await reserved(gateway);
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      const slot = await reserved(gateway);
      order.push(n);
      slot.release();
    });
    expect(smtp.connections).toBe(1);
    first.release();
    first.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
    expect(smtp.connections).toBe(1);
  });

  test('that waits is given up when its signal aborts', async () => {
    const gateway = await gatewayTo(server(), 1);
    const slot = await reserved(gateway);
    const abort = new AbortController();
    const waiting = gateway.reserve(abort.signal);
    abort.abort();
    expect(await waiting).toMatchObject({ kind: 'failed', outcome: { kind: 'tryAgain' } });
    slot.release();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
  });

  test('uses one connection for many messages, also after a refused recipient', async () => {
    smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' }, { recipient: 'b@example.it' });
    const gateway = await gatewayTo(server(), 1);
    for (const to of ['a@example.it', 'b@example.it', 'c@example.it']) await sendOne(gateway, to);
    expect(smtp.connections).toBe(1);
    expect([...smtp.taken.keys()]).toEqual(['a@example.it', 'c@example.it']);
  });

  test('gets a new connection where the server has closed the one that rested', async () => {
    const gateway = await gatewayTo(server(), 1);
    await sendOne(gateway);
    await smtp.stop();
    await smtp.start();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
    expect(smtp.connections).toBe(2);
  });

  test('whose rested connection ends under the hand-over carries it over a new one, once', async () => {
    const gateway = await gatewayTo(server(), 1);
    await sendOne(gateway);
    smtp.fail('rcpt', { kind: 'drop' }, { times: 1 });
    expect(await sendOne(gateway, 'b@example.it')).toMatchObject({ kind: 'accepted' });
    expect(Object.fromEntries(smtp.taken)).toEqual({ 'a@example.it': 1, 'b@example.it': 1 });
    smtp.fail('rcpt', { kind: 'drop' });
    expect(await sendOne(gateway)).toMatchObject({ kind: 'tryAgain', reason: 'connection-failed' });
  });

  test('fails once the gateway has stopped', async () => {
    const gateway = await gatewayTo(server());
    await gateway.stop();
    await gateway.stop();
    expect(await gateway.reserve(never)).toMatchObject({ kind: 'failed' });
  });
});

describe('a check', () => {
  test('says whether the server answers, and never shows the credentials', async () => {
    const gateway = await gatewayTo(server(smtp.url.replace('smtp://', 'smtp://user:word@')));
    expect(await gateway.check()).toMatchObject({ ok: true });
    await smtp.stop();
    const { ok, detail } = await gateway.check();
    expect(ok).toBe(false);
    expect(detail).toContain('connection-failed');
    expect(detail).not.toMatch(/user|word/);
  });
});
