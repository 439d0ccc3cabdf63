import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderNews } from '../src/domain/breaker.ts';
import { reportProvider } from '../src/store/breaker.ts';
import { timings } from '../src/timings.ts';
import { TestService } from './support/service.ts';

const start = Temporal.Instant.from('2026-03-02T09:00:00Z');
const inEarnest = timings();
const failure: ProviderNews = { kind: 'fails', reason: 'connection-failed', retryAfterMs: null, atOnce: false };
const after = (seconds: number): Temporal.Instant => start.add({ milliseconds: Math.round(seconds * 1_000) });

describe('a breaker in the service', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  beforeEach(async () => {
    service.clock.set('2026-03-02T09:00:00Z');
    service.breakerChanges.length = 0;
    await service.calm();
    await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  });
  afterAll(async () => {
    await service.stop();
  });

  const breaker = async (provider: string): Promise<Record<string, unknown> | undefined> =>
    (
      await service.query('SELECT failures, opens, until, reason FROM sollecito.breaker WHERE provider = $1', [
        provider,
      ])
    )[0];
  const attempts = async (): Promise<number[]> =>
    (
      await service.query<{ attempts: number }>("SELECT attempts FROM sollecito.delivery WHERE status <> 'canceled'")
    ).map((row) => row.attempts);
  const many = async (count: number, more: Record<string, unknown> = {}): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, async () => (await service.remind(more)).id));

  test('of a server that is down: opens once, burns no attempt, probes with one, and closes', async () => {
    const ids = await many(8);
    service.smtp.fail('greeting', { kind: 'reply', line: '421 4.3.2 closing' });
    await service.sendDue();
    expect(await breaker('smtp')).toMatchObject({ failures: 5, opens: 1, reason: 'provider-busy' });
    expect(service.breakerChanges).toEqual(['smtp open']);
    const before = service.smtp.connections;
    expect(await service.sendDue()).toBe(0);
    // Half open: one, which fails; then one, which succeeds.
    service.clock.advance({ seconds: 8 });
    expect(await service.sendDue()).toBe(1);
    expect(service.smtp.connections).toBe(before + 1);
    expect(await breaker('smtp')).toMatchObject({ opens: 2 });
    service.smtp.behave();
    service.clock.advance({ seconds: 10 });
    expect(await service.sendDue()).toBe(1);
    expect(await breaker('smtp')).toMatchObject({ failures: 0, opens: 0, until: null, reason: null });
    expect(service.breakerChanges).toEqual(['smtp open', 'smtp open', 'smtp closed']);
    await service.sendDue();
    expect((await Promise.all(ids.map(async (id) => service.fates(id)))).flat()).toEqual(ids.map(() => 'sent'));
    expect(new Set(await attempts())).toEqual(new Set([0]));
  });

  test.each([
    ['HTTP 429', { kind: 'http', status: 429, headers: { 'Retry-After': '120' } }, 120, 'rate-limited'],
    ['wrong credentials', { kind: 'error', number: 101 }, 5, 'credentials-refused'],
    ['no credit', { kind: 'error', number: 103 }, 5, 'insufficient-credit'],
    ['a blocked account', { kind: 'error', number: 98 }, 5, 'account-refused'],
  ] as const)('opens at once for %s', async (_, fault, seconds, reason) => {
    service.sms.fail(fault, { times: 1 });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual([`retrying ${reason}`]);
    expect(await breaker('smsapi')).toMatchObject({ opens: 1, reason });
    expect(new Set(await attempts())).toEqual(new Set([0]));
    const other = await service.remind({ channel: 'sms' });
    service.clock.advance({ seconds: seconds - 1 });
    expect(await service.sendDue('sms')).toBe(0);
    service.clock.advance({ seconds: 10 });
    await service.sendDue('sms');
    await service.sendDue('sms');
    expect([...(await service.fates(id)), ...(await service.fates(other.id))]).toEqual(['sent', 'sent']);
  });

  test('opens after five answers of HTTP 5xx, whose messages are unknown; emails go on', async () => {
    service.sms.fail({ kind: 'http', status: 503 });
    await many(5, { channel: 'sms' });
    await service.sendDue('sms');
    expect(await breaker('smsapi')).toMatchObject({ opens: 1, reason: 'server-error' });
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('is not moved by hand-overs without an answer, nor by refusals of recipients', async () => {
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 6 });
    await many(6);
    await service.sendDue();
    service.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' }, { times: 6 });
    await many(6);
    await service.sendDue();
    expect(await breaker('smtp')).toMatchObject({ failures: 0, until: null });
  });

  test('lets jobs that were already queued go back when it is open, and one of them try when it is half open', async () => {
    const ids = await many(6);
    const items = await service.dispatch();
    const worker = await service.worker('email');
    const open = { kind: 'fails', reason: 'connection-failed', retryAfterMs: 60_000, atOnce: true } as const;
    const now = service.clock.now();
    const told = { provider: 'smtp', news: open, began: now, now, random: 0.5, timings: inEarnest } as const;
    await reportProvider(service.database, told);
    for (const item of items.slice(0, 3)) await service.run(item, worker);
    service.clock.advance({ minutes: 1 });
    const { reached, release } = service.smtp.hold('rcpt');
    const probing = service.run(items[3] ?? expect.fail('no item'), worker);
    await reached;
    await Promise.all(items.slice(4).map(async (item) => service.run(item, worker)));
    const fates = async (): Promise<string[]> => (await Promise.all(ids.map(async (id) => service.fates(id)))).flat();
    expect((await fates()).sort()).toEqual([...Array.from({ length: 5 }, () => 'accepted provider-down'), 'sending']);
    release('250 ok');
    await probing;
    expect(service.breakerChanges).toEqual(['smtp closed']);
    service.clock.advance({ seconds: 1 });
    expect(await service.sendDue()).toBe(5);
    expect(new Set(await fates())).toEqual(new Set(['sent']));
  });

  test('is opened and closed by one of many processes', async () => {
    const told = (news: ProviderNews, now: Temporal.Instant) =>
      Array.from({ length: 20 }, async () =>
        reportProvider(service.database, { provider: 'smtp', news, began: now, now, random: 0.5, timings: inEarnest }),
      );
    const opened = await Promise.all(told(failure, start));
    expect(opened.filter((change) => change !== undefined)).toEqual([
      { provider: 'smtp', to: 'open', until: after(5), opens: 1, reason: 'connection-failed' },
    ]);
    const ended = await Promise.all(told({ kind: 'works' }, after(5)));
    expect(ended.filter((change) => change !== undefined)).toEqual([{ provider: 'smtp', to: 'closed' }]);
  });

  test('that is clean is not written to by a success', async () => {
    const version = async (): Promise<unknown> =>
      (await service.query("SELECT xmin::text, ctid::text FROM sollecito.breaker WHERE provider = 'smtp'"))[0];
    const before = await version();
    await many(3);
    await service.sendDue();
    expect(await version()).toEqual(before);
  });

  test('leaves the pauses of operators alone', async () => {
    await service.query(
      "INSERT INTO sollecito.pause (id, provider, owner, reason, created_at) VALUES (uuidv7(), 'smtp', 'operator:1', 'works', now())",
    );
    const { id } = await service.remind();
    await reportProvider(service.database, {
      provider: 'smtp',
      news: { ...failure, atOnce: true },
      began: start,
      now: start,
      random: 0.5,
      timings: inEarnest,
    });
    service.clock.advance({ seconds: 5 });
    const began = service.clock.now();
    const works = {
      provider: 'smtp',
      news: { kind: 'works' },
      began,
      now: began,
      random: 0.5,
      timings: inEarnest,
    } as const;
    expect(await reportProvider(service.database, works)).toEqual({ provider: 'smtp', to: 'closed' });
    expect(await service.sendDue()).toBe(0);
    await service.query('DELETE FROM sollecito.pause');
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });
});
