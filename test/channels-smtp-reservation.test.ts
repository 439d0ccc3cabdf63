import { describe, expect, test } from 'vitest';
import { FaultySmtp } from './support/faulty-smtp.ts';
import { never, reserved, sendOne, SmtpHouse } from './support/smtp-house.ts';

const house = new SmtpHouse();

describe('a reservation', () => {
  test('of a server that is down fails before any claim, and works when it is back', async () => {
    const gateway = await house.gatewayTo(house.server());
    await house.smtp.stop();
    const failed = await gateway.reserve(never);
    expect(failed).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'tryAgain', reason: 'connection-failed', speaksOf: 'provider' },
    });
    await house.smtp.start();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
  });

  test.each([
    [{ kind: 'reply', line: '421 too busy' }, 'provider-busy'],
    [{ kind: 'reply', line: '554 go away' }, 'provider-error'],
    [{ kind: 'drop' }, 'connection-failed'],
    [{ kind: 'silence' }, 'connection-failed'],
  ] as const)('greeted with %o is tried again: %s', async (fault, reason) => {
    house.smtp.fail('greeting', fault);
    const gateway = await house.gatewayTo(house.server(), 1, 150);
    expect(await gateway.reserve(never)).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'tryAgain', reason, speaksOf: 'provider' },
    });
  });

  test('with wrong credentials is tried again, for an operator mends them', async () => {
    const guarded = new FaultySmtp(['AUTH PLAIN']);
    await guarded.start();
    guarded.fail('auth', { kind: 'reply', line: '535 5.7.8 no' });
    const gateway = await house.gatewayTo(house.server(guarded.url.replace('smtp://', 'smtp://user:word@')));
    const failed = await gateway.reserve(never);
    expect(failed).toMatchObject({
      outcome: { kind: 'tryAgain', reason: 'credentials-refused', code: '535', speaksOf: 'account' },
    });
    guarded.behave();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
    await guarded.stop();
  });

  test('takes no more connections than allowed and gives them in order', async () => {
    const gateway = await house.gatewayTo(house.server(), 1);
    const first = await reserved(gateway);
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      const slot = await reserved(gateway);
      order.push(n);
      slot.release();
    });
    expect(house.smtp.connections).toBe(1);
    first.release();
    first.release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
    expect(house.smtp.connections).toBe(1);
  });

  test('that waits is given up when its signal aborts', async () => {
    const gateway = await house.gatewayTo(house.server(), 1);
    const slot = await reserved(gateway);
    const abort = new AbortController();
    const waiting = gateway.reserve(abort.signal);
    abort.abort();
    expect(await waiting).toMatchObject({ kind: 'failed', outcome: { kind: 'tryAgain' } });
    slot.release();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
  });

  test('uses one connection for many messages, also after a refused recipient', async () => {
    house.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' }, { recipient: 'b@example.it' });
    const gateway = await house.gatewayTo(house.server(), 1);
    for (const to of ['a@example.it', 'b@example.it', 'c@example.it']) await sendOne(gateway, to);
    expect(house.smtp.connections).toBe(1);
    expect([...house.smtp.taken.keys()]).toEqual(['a@example.it', 'c@example.it']);
  });

  test('gets a new connection where the server has closed the one that rested', async () => {
    const gateway = await house.gatewayTo(house.server(), 1);
    await sendOne(gateway);
    await house.smtp.stop();
    await house.smtp.start();
    expect(await sendOne(gateway)).toMatchObject({ kind: 'accepted' });
    expect(house.smtp.connections).toBe(2);
  });

  test('whose rested connection ends under the hand-over carries it over a new one, once', async () => {
    const gateway = await house.gatewayTo(house.server(), 1);
    await sendOne(gateway);
    house.smtp.fail('rcpt', { kind: 'drop' }, { times: 1 });
    expect(await sendOne(gateway, 'b@example.it')).toMatchObject({ kind: 'accepted' });
    expect(Object.fromEntries(house.smtp.taken)).toEqual({ 'a@example.it': 1, 'b@example.it': 1 });
    house.smtp.fail('rcpt', { kind: 'drop' });
    expect(await sendOne(gateway)).toMatchObject({ kind: 'tryAgain', reason: 'connection-failed' });
  });

  test('fails once the gateway has stopped', async () => {
    const gateway = await house.gatewayTo(house.server());
    await gateway.stop();
    await gateway.stop();
    expect(await gateway.reserve(never)).toMatchObject({ kind: 'failed' });
  });
});

describe('a check', () => {
  test('says whether the server answers, and never shows the credentials', async () => {
    const gateway = await house.gatewayTo(house.server(house.smtp.url.replace('smtp://', 'smtp://user:word@')));
    expect(await gateway.check()).toMatchObject({ ok: true });
    await house.smtp.stop();
    const { ok, detail } = await gateway.check();
    expect(ok).toBe(false);
    expect(detail).toContain('connection-failed');
    expect(detail).not.toMatch(/user|word/);
  });
});
