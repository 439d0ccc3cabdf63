import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { domainNews } from '../src/domain/send-limit.ts';
import { forgetSlowDomains } from '../src/store/spend-limits.ts';
import { addressesAt, fatesOf, paceOf, secondsUntil, setLimit } from './support/domain-limits.ts';
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
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  await service.addDueDate(`due${++count}`);
});
afterAll(async () => {
  await service.stop();
});

const pace = async (domain?: string) => paceOf(service, domain);
const limit = async (columns: Record<string, unknown>) => setLimit(service, columns);
/** One delivery each. */
const remind = async (...to: string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const address of to) ids.push((await service.remind({ dueDate: `due${count}`, to: [address] })).id);
  return ids;
};
const fates = async (ids: string[]) => fatesOf(service, ids);
const attemptsOf = async (to: string): Promise<number> =>
  (await service.query<{ attempts: number }>('SELECT attempts FROM sollecito.delivery WHERE recipient = $1', [to]))[0]
    ?.attempts ?? -1;
const dueIn = async (id: string) => secondsUntil(service, id);
/** Lets time pass until the domain takes again. */
const opens = async (): Promise<void> => {
  const until = (await pace())?.closed_until;
  if (until) service.clock.set(new Date(until).toISOString());
};

describe('a domain that asks to be slower', () => {
  test.each([
    ['421', 'rcpt', '421 4.7.0 too many connections'],
    ['450 at RCPT', 'rcpt', '450 4.3.2 not now'],
    ['451 at MAIL', 'mail', '451 4.3.0 not now'],
    ['452 at DATA', 'data', '452 4.3.1 no room'],
    ['451 after the body', 'afterBody', '451 4.3.0 not now'],
  ] as const)(
    'by %s gets a gap; only the delivery that was refused has lost an attempt, other domains go on',
    async (_, step, line) => {
      service.smtp.fail(step, { kind: 'reply', line }, { times: 1 });
      const [refused = '', ...others] = addressesAt('slow.example', 3, 10 * count);
      const [first = ''] = await remind(refused);
      await service.sendDue();
      expect((await service.reminder(first)).status).toBe('retrying');
      expect(await pace()).toMatchObject({ gap_ms: 1_000, closed_until: '2026-03-02 09:00:01+00' });
      const waiting = await remind(...others);
      const elsewhere = await remind(...addressesAt('quick.example', 3, 10 * count));
      await service.sendDue();
      expect(await fates(waiting)).toEqual(['accepted domain-slowed', 'accepted domain-slowed']);
      expect(await fates(elsewhere)).toEqual(['sent', 'sent', 'sent']);
      expect([await attemptsOf(refused), ...(await Promise.all(others.map(attemptsOf)))]).toEqual([1, 0, 0]);
      // One after the other, each at its own time; each that is taken halves the gap, and then it is gone.
      expect((await Promise.all(waiting.map(dueIn))).sort((a, b) => a - b)).toEqual([1, 2]);
      service.clock.advance({ seconds: 1 });
      await service.sendDue();
      expect((await fates(waiting)).sort()).toEqual(['accepted domain-slowed', 'sent']);
      expect(await pace()).toBeUndefined();
      await service.sendDue();
      expect(await fates(waiting)).toEqual(['sent', 'sent']);
    },
  );

  test('again and again gets twice the gap, five minutes at most; successes bring it back', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 4.3.2 not now' });
    const gaps: unknown[] = [];
    for (let n = 0; n < 10; n++) {
      await remind(...addressesAt('slow.example', 1, 100 + n));
      await service.sendDue();
      const row = await pace();
      gaps.push(row?.gap_ms);
      await service.query("UPDATE sollecito.delivery SET next_attempt_at = 'infinity' WHERE status <> 'sent'");
      await opens();
    }
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000));
    service.smtp.behave();
    const back: unknown[] = [];
    for (let n = 0; n < 9; n++) {
      await remind(...addressesAt('slow.example', 1, 200 + n));
      expect(await service.sendDue()).toBe(1);
      back.push((await pace())?.gap_ms);
      service.clock.advance({ minutes: 5 });
    }
    expect(back).toEqual([150_000, 75_000, 37_500, 18_750, 9_375, 4_687, 2_343, 1_171, undefined]);
  });

  test('once, though many hand-overs were under way and all are refused', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '421 4.7.0 too many' });
    await remind(...addressesAt('slow.example', 8));
    await service.sendDue();
    expect(await pace()).toMatchObject({ gap_ms: 1_000 });
  });

  test('for a time that it names is left alone for that long, an hour at most', async () => {
    service.smtp.fail(
      'rcpt',
      { kind: 'reply', line: '451 4.7.0 too many messages, try again in 10 minutes' },
      { times: 1 },
    );
    const [first = ''] = await remind('a@slow.example');
    await service.sendDue();
    expect(await pace()).toMatchObject({ gap_ms: 1_000, closed_until: '2026-03-02 09:10:00+00' });
    expect(await dueIn(first)).toBe(600);
    const wish = {
      kind: 'tryAgain',
      reason: 'provider-busy',
      code: '421',
      response: '',
      retryAfterMs: 86_400_000,
    } as const;
    expect(domainNews({ ...wish, speaksOf: 'domain' })).toEqual({ kind: 'slower', doubles: true, wishMs: 3_600_000 });
  });

  test('by a greylist keeps the first gap, and the first that is taken ends it', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '450 4.7.1 Greylisted, come back after 5 minutes' });
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      ids.push(...(await remind(...addressesAt('slow.example', 1, 300 + n))));
      await service.sendDue();
      expect(await pace()).toMatchObject({ gap_ms: 1_000 });
      service.clock.advance({ seconds: 1 });
    }
    expect(new Set(await fates(ids))).toEqual(new Set(['retrying recipient-deferred']));
    expect(await dueIn(ids[4] ?? '')).toBe(299);
    service.smtp.behave();
    service.clock.advance({ minutes: 5 });
    await service.sendDue();
    expect(await pace()).toBeUndefined();
    await service.sendDue();
    expect(new Set(await fates(ids))).toEqual(new Set(['sent']));
  });

  test('or has a full mailbox is not slowed', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '452 4.2.2 mailbox full' });
    await remind('full@slow.example');
    await service.sendDue();
    expect(await pace()).toBeUndefined();
  });

  test('is forgotten after a day in which nobody wrote to it, but not the limit that was set for it', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '421 4.7.0 too many' });
    await limit({ domain: 'set.example', per_second: 5 });
    await remind('a@slow.example', 'a@set.example');
    await service.sendDue();
    service.clock.advance({ hours: 24 });
    await forgetSlowDomains(service.database, service.clock.now());
    expect(await pace()).toBeDefined();
    service.clock.advance({ seconds: 2 });
    await forgetSlowDomains(service.database, service.clock.now());
    expect(await pace()).toBeUndefined();
    expect(await pace('set.example')).toBeDefined();
  });

  test('is one of a number at most', async () => {
    const slow = async (domain: string, most: number): Promise<unknown> =>
      service.query(
        "SELECT sollecito.slow_domain($1, '2026-03-02 09:00Z', '2026-03-02 09:00Z', true, NULL, 1000, 300000, $2)",
        [domain, most],
      );
    for (const name of ['a', 'b', 'c']) await slow(`${name}.example`, 2);
    expect([await pace('a.example'), await pace('b.example')]).not.toContain(undefined);
    expect(await pace('c.example')).toBeUndefined();
    // Those that are known go on.
    await slow('a.example', 0);
    await limit({ domain: 'c.example', per_second: 1 });
    await slow('c.example', 0);
    expect(await pace('c.example')).toMatchObject({ gap_ms: 1_000 });
  });
});
