import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmsapiGateway, type SmsSlot } from '../src/channels/sms/smsapi-gateway.ts';
import type { SendOutcome } from '../src/domain/send-outcome.ts';
import { FaultySmsapi } from './support/faulty-smsapi.ts';

const never = new AbortController().signal;
const hour = 3_600_000;
let smsapi: FaultySmsapi;
let gateway: SmsapiGateway;

beforeEach(async () => {
  smsapi = new FaultySmsapi();
  await smsapi.start();
  gateway = new SmsapiGateway({
    token: 'test-token',
    url: new URL(smsapi.url),
    connections: 2,
    connectTimeoutMs: 2_000,
  });
  await gateway.start();
});

afterEach(async () => {
  await gateway.stop();
  await smsapi.stop();
});

async function reserved(): Promise<SmsSlot> {
  const reservation = await gateway.reserve(never);
  if (reservation.kind === 'failed') throw new Error(reservation.outcome.response);
  return reservation.slot;
}

async function sendOne(idx = 'dlv-1', timeMs = hour): Promise<SendOutcome> {
  const slot = await reserved();
  const outcome = await slot.send({
    to: '+393471234567',
    text: 'Città: 10 €',
    from: 'Rossi',
    idx,
    deadline: Date.now() + timeMs,
    now: Date.now,
  });
  slot.release();
  return outcome;
}

describe('a hand-over', () => {
  test('is accepted with the provider’s id and carries idx, check_idx, sender and encoding', async () => {
    expect(await sendOne()).toMatchObject({ kind: 'accepted', providerMessageId: 'S1' });
    expect(smsapi.messages).toMatchObject([
      { to: '+393471234567', from: 'Rossi', text: 'Città: 10 €', idx: 'dlv-1', authorization: 'Bearer test-token' },
    ]);
    expect(smsapi.messages[0]?.body).toMatchObject({ check_idx: true, encoding: 'utf-8', format: 'json' });
  });

  test('repeated with the same idx is accepted as repeated and sent once', async () => {
    await sendOne();
    expect(await sendOne()).toMatchObject({ kind: 'accepted', repeated: true, providerMessageId: null });
    expect(smsapi.taken.get('+393471234567')).toBe(1);
  });

  test.each([
    [8, 'tryAgain', 'provider-error', 'exchange'],
    [11, 'refused', 'message-refused', undefined],
    [12, 'refused', 'message-refused', undefined],
    [13, 'refused', 'recipient-refused', undefined],
    [14, 'refused', 'sender-refused', undefined],
    [59, 'refused', 'recipient-refused', undefined],
    [101, 'tryAgain', 'credentials-refused', 'account'],
    [102, 'tryAgain', 'credentials-refused', 'account'],
    [103, 'tryAgain', 'insufficient-credit', 'account'],
    [98, 'tryAgain', 'account-refused', 'account'],
    [105, 'tryAgain', 'credentials-refused', 'account'],
    [110, 'tryAgain', 'account-refused', 'account'],
    [112, 'refused', 'account-refused', undefined],
    [201, 'tryAgain', 'provider-error', 'exchange'],
    [52, 'tryAgain', 'rate-limited', undefined],
    [202, 'tryAgain', 'rate-limited', 'account'],
    [203, 'tryAgain', 'rate-limited', 'account'],
    [666, 'tryAgain', 'provider-error', 'exchange'],
    [999, 'tryAgain', 'provider-error', 'exchange'],
    [12345, 'tryAgain', 'provider-error', undefined],
  ] as const)('answered with error %i inside HTTP 200 is %s: %s, of the %s', async (number, kind, reason, speaksOf) => {
    smsapi.fail({ kind: 'error', number, message: 'no' });
    const outcome = await sendOne();
    expect(outcome).toMatchObject({ kind, reason, code: String(number), response: 'no' });
    expect('speaksOf' in outcome ? outcome.speaksOf : undefined).toBe(speaksOf);
  });

  test.each([
    [429, { 'Retry-After': '7' }, 'rate-limited', 7_000, 'account'],
    [429, { 'Retry-After': '31536000000' }, 'rate-limited', 86_400_000, 'account'],
    [429, { 'Retry-After': 'Thu, 01 Jan 2099 00:00:00 GMT' }, 'rate-limited', 86_400_000, 'account'],
    [401, {}, 'credentials-refused', null, 'account'],
    [402, {}, 'insufficient-credit', null, 'account'],
    [403, {}, 'credentials-refused', null, 'account'],
    [404, {}, 'provider-error', null, 'provider'],
    [302, {}, 'provider-error', null, 'provider'],
  ] as const)(
    'answered with HTTP %i %o is tried again: %s',
    async (status, headers, reason, retryAfterMs, speaksOf) => {
      smsapi.fail({ kind: 'http', status, headers });
      expect(await sendOne()).toMatchObject({ kind: 'tryAgain', reason, code: String(status), retryAfterMs, speaksOf });
    },
  );

  test('answered with a numbered error and a 4xx goes by the number', async () => {
    smsapi.fail({ kind: 'http', status: 400, body: '{"error":13,"message":"No correct phonenumbers"}' });
    expect(await sendOne()).toMatchObject({ kind: 'refused', reason: 'recipient-refused', code: '13' });
  });

  test.each([500, 502, 503, 504])(
    'answered with HTTP %i is unknown: it may have been taken all the same',
    async (status) => {
      smsapi.fail({ kind: 'http', status });
      expect(await sendOne()).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    },
  );

  test('taken behind a 5xx is not sent twice by the next try', async () => {
    smsapi.fail({ kind: 'http', status: 502, taken: true }, { times: 1 });
    expect(await sendOne()).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    expect(await sendOne()).toMatchObject({ kind: 'accepted', repeated: true });
    expect(smsapi.taken.get('+393471234567')).toBe(1);
  });

  test('whose answer is lost, cut off or unreadable is unknown', async () => {
    smsapi.fail({ kind: 'drop', when: 'taken' }, { times: 1 });
    expect(await sendOne('a')).toMatchObject({ kind: 'unknown', reason: 'connection-lost' });
    smsapi.fail({ kind: 'half' }, { times: 1 });
    expect(await sendOne('b')).toMatchObject({ kind: 'unknown', reason: 'connection-lost' });
    smsapi.fail({ kind: 'http', status: 200, body: '<html>', taken: true }, { times: 1 });
    expect(await sendOne('c')).toMatchObject({ kind: 'unknown', reason: 'no-answer' });
  });

  test('cut off in the middle of the request is unknown', async () => {
    smsapi.fail({ kind: 'drop', when: 'request' });
    expect(await sendOne()).toMatchObject({ kind: 'unknown', reason: 'connection-lost' });
  });

  test('without an answer ends at the deadline as unknown', async () => {
    smsapi.fail({ kind: 'silence' });
    expect(await sendOne('a', 200)).toMatchObject({ kind: 'unknown', reason: 'no-answer' });
    expect(smsapi.taken.get('+393471234567')).toBe(1);
  });

  test('past its deadline does not leave', async () => {
    expect(await sendOne('a', 0)).toMatchObject({ kind: 'tryAgain', reason: 'deadline' });
    expect(smsapi.requests).toBe(0);
  });

  test('answered late but in time is accepted', async () => {
    const held = smsapi.hold();
    const sending = sendOne();
    await held.reached;
    held.release();
    expect(await sending).toMatchObject({ kind: 'accepted' });
  });

  test('over a connection that the provider closed before the request is tried again', async () => {
    smsapi.fail({ kind: 'drop', when: 'connected' });
    const reservation = await gateway.reserve(never);
    const outcome =
      reservation.kind === 'failed'
        ? reservation.outcome
        : await reservation.slot.send({
            to: '+393471234567',
            text: 'a',
            from: null,
            idx: 'a',
            deadline: Date.now() + hour,
            now: Date.now,
          });
    // Whether the end is seen before the request leaves is the network's choice; never is it taken for sent.
    expect(['tryAgain', 'unknown']).toContain(outcome.kind);
    expect(smsapi.taken.size).toBe(0);
    if (reservation.kind === 'ready') reservation.slot.release();
  });
});

describe('a reservation', () => {
  test('of a provider that is down fails before any claim', async () => {
    await smsapi.stop();
    expect(await gateway.reserve(never)).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'tryAgain', reason: 'connection-failed', code: 'ECONNREFUSED' },
    });
    await smsapi.start();
    expect(await sendOne()).toMatchObject({ kind: 'accepted' });
  });

  test('waits for a free place and is given up with its signal', async () => {
    const slots = [await reserved(), await reserved()];
    const abort = new AbortController();
    const waiting = gateway.reserve(abort.signal);
    abort.abort();
    expect(await waiting).toMatchObject({ kind: 'failed' });
    for (const slot of slots) slot.release();
    expect(await sendOne()).toMatchObject({ kind: 'accepted' });
  });

  test('fails once the gateway has stopped', async () => {
    await gateway.stop();
    expect(await gateway.reserve(never)).toMatchObject({ kind: 'failed' });
  });
});

test('a check says whether the provider answers, and never shows the token', async () => {
  expect(await gateway.check()).toMatchObject({ ok: true });
  smsapi.fail({ kind: 'http', status: 401 });
  const refused = await gateway.check();
  expect(refused).toMatchObject({ ok: false });
  await smsapi.stop();
  const down = await gateway.check();
  expect(down).toMatchObject({ ok: false });
  expect(refused.detail + down.detail).not.toContain('test-token');
});
