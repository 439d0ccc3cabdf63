import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Breaker, failuresToOpen, newsOf, type ProviderNews, reported } from '../src/domain/breaker.ts';
import type { SendOutcome, SpeaksOf } from '../src/domain/send-outcome.ts';
import { timings } from '../src/timings.ts';

const start = Temporal.Instant.from('2026-03-02T09:00:00Z');
const inEarnest = timings();
const closed: Breaker = { failures: 0, opens: 0, until: null };
const failure: ProviderNews = { kind: 'fails', reason: 'connection-failed', retryAfterMs: null, atOnce: false };
const after = (seconds: number): Temporal.Instant => start.add({ milliseconds: Math.round(seconds * 1_000) });

function report(breaker: Breaker, news: ProviderNews, now = start, began = now, random = 0.5): Breaker {
  return reported(breaker, { news, began, now, random }, inEarnest);
}

const openedBy = (breaker: Breaker, now: Temporal.Instant): number =>
  breaker.until?.since(now).total('seconds') ?? expect.fail('it is closed');

describe('the rule of a breaker', () => {
  test('opens with the fifth failure in a row, and a success between begins anew', () => {
    let breaker = closed;
    for (let n = 1; n < failuresToOpen; n++) breaker = report(breaker, failure);
    expect(breaker).toEqual({ failures: 4, opens: 0, until: null });
    expect(openedBy(report(breaker, failure), start)).toBe(5);
    breaker = report(breaker, { kind: 'works' });
    expect(breaker).toEqual(closed);
    expect(report(breaker, failure).until).toBeNull();
  });

  test('opens at once for what concerns the whole account, until the time that the provider names', () => {
    expect(openedBy(report(closed, { ...failure, atOnce: true }), start)).toBe(5);
    expect(openedBy(report(closed, { ...failure, atOnce: true, retryAfterMs: 120_000 }), start)).toBe(120);
  });

  test('opens twice as long each time that its probe fails, five minutes at most, and a success closes it', () => {
    let breaker = report(closed, { ...failure, atOnce: true });
    let now = start;
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) {
      waits.push(openedBy(breaker, now));
      now = breaker.until ?? now;
      breaker = report(breaker, failure, now);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    expect(report(breaker, { kind: 'works' }, breaker.until ?? now)).toEqual(closed);
  });

  test('spreads its times by a fifth', () => {
    const opens = (random: number): number =>
      openedBy(report(closed, { ...failure, atOnce: true }, start, start, random), start);
    expect([opens(0), opens(1)]).toEqual([4, 6]);
  });

  test('is not moved by what began before it opened, but for a longer wish', () => {
    const open = report(closed, { ...failure, atOnce: true });
    expect(report(open, failure, after(1), start)).toBe(open);
    expect(report(open, { kind: 'works' }, after(9), start)).toBe(open);
    const wished = report(open, { ...failure, atOnce: true, retryAfterMs: 60_000 }, after(1), start);
    expect(wished).toEqual({ ...open, until: after(61) });
  });

  test('never lets through while open, is closed only by a success, and opens only after five or at once', () => {
    const news = fc.oneof(
      fc.constant<ProviderNews>({ kind: 'works' }),
      fc.record({
        kind: fc.constant('fails' as const),
        reason: fc.constant('connection-failed' as const),
        retryAfterMs: fc.option(fc.integer({ min: 0, max: 600_000 })),
        atOnce: fc.boolean(),
      }),
    );
    const step = fc.record({
      news,
      waitMs: fc.integer({ min: 0, max: 60_000 }),
      lastedMs: fc.integer({ min: 0, max: 30_000 }),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let breaker = closed;
      let now = start;
      for (const { news: told, waitMs, lastedMs, random } of steps) {
        now = now.add({ milliseconds: waitMs });
        const began = now.subtract({ milliseconds: lastedMs });
        const next = report(breaker, told, now, began, random);
        if (breaker.until !== null && next.until === null) {
          expect(told.kind).toBe('works');
          expect(Temporal.Instant.compare(began, breaker.until)).toBeGreaterThanOrEqual(0);
        }
        if (breaker.until === null && next.until !== null) {
          expect(told.kind === 'fails' && (told.atOnce || breaker.failures === failuresToOpen - 1)).toBe(true);
        }
        if (breaker.until !== null && next.until !== null) {
          expect(Temporal.Instant.compare(next.until, breaker.until)).toBeGreaterThanOrEqual(0);
        }
        if (next.until === null) expect(next.failures).toBeLessThan(failuresToOpen);
        breaker = next;
      }
    });
    fc.assert(property);
  });
});

describe('what an outcome says of the provider', () => {
  const again = (speaksOf?: SpeaksOf): SendOutcome => ({
    kind: 'tryAgain',
    reason: 'provider-error',
    code: null,
    response: '',
    retryAfterMs: null,
    ...(speaksOf ? { speaksOf } : {}),
  });
  test.each<[string, SendOutcome, string]>([
    ['taken', { kind: 'accepted', providerMessageId: null, response: '' }, 'works'],
    ['one recipient refused', { kind: 'refused', reason: 'recipient-refused', code: '550', response: '' }, 'works'],
    ['put off, as one message', again(), 'works'],
    ['put off by the domain', again('domain'), 'works'],
    ['put off by a greylist', again('stranger'), 'works'],
    ['not reached', again('provider'), 'fails'],
    ['broken off', again('exchange'), 'fails'],
    ['the account refused', again('account'), 'fails at once'],
    ['HTTP 5xx', { kind: 'unknown', reason: 'server-error', response: '' }, 'fails'],
    ['no answer', { kind: 'unknown', reason: 'no-answer', response: '' }, 'nothing'],
    ['the connection lost', { kind: 'unknown', reason: 'connection-lost', response: '' }, 'nothing'],
    ['our own time up', { ...again(), reason: 'deadline' } as SendOutcome, 'nothing'],
    ['our own end', { ...again(), reason: 'drained' } as SendOutcome, 'nothing'],
  ])('%s', (_, outcome, says) => {
    const news = newsOf(outcome);
    expect(news?.kind === 'fails' && news.atOnce ? 'fails at once' : (news?.kind ?? 'nothing')).toBe(says);
  });
});
