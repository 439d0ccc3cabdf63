import type { Channel } from './delivery-facts.ts';
import type { SendOutcome, TryAgainReason } from './send-outcome.ts';

export type Provider = 'smtp' | 'smsapi';

export function providerOf(channel: Channel): Provider {
  return channel === 'email' ? 'smtp' : 'smsapi';
}

/** `until` null: closed. Before it: open, nothing is handed over. From it on: half open, one delivery probes. */
export type Breaker = {
  /** In a row. */
  failures: number;
  /** In a row, without a success between. */
  opens: number;
  until: Temporal.Instant | null;
};

/** What a hand-over, or an attempt to connect, says of its provider. */
export type ProviderNews =
  | { kind: 'works' }
  | { kind: 'fails'; reason: TryAgainReason | 'server-error'; retryAfterMs: number | null; atOnce: boolean };

/** Milliseconds: 5 s and 5 minutes, in earnest. */
export type BreakerTimings = { breakerFirstMs: number; breakerLongestMs: number };

/** So many failures in a row open it; one that concerns the whole account does at once. */
export const failuresToOpen = 5;

/**
 * Undefined: it says nothing. An unknown does not, but for an answer that is the provider's own failure (HTTP 5xx).
 * Any other answer proves that the provider works, a refusal of one recipient as well.
 */
export function newsOf(outcome: SendOutcome): ProviderNews | undefined {
  switch (outcome.kind) {
    case 'accepted':
    case 'refused':
      return { kind: 'works' };
    case 'unknown':
      return outcome.reason === 'server-error'
        ? { kind: 'fails', reason: outcome.reason, retryAfterMs: null, atOnce: false }
        : undefined;
    case 'tryAgain':
      return newsOfPutOff(outcome);
  }
}

function newsOfPutOff({
  reason,
  retryAfterMs,
  speaksOf,
}: Extract<SendOutcome, { kind: 'tryAgain' }>): ProviderNews | undefined {
  switch (speaksOf) {
    case 'account':
      return { kind: 'fails', reason, retryAfterMs, atOnce: true };
    case 'provider':
    case 'exchange':
      return { kind: 'fails', reason, retryAfterMs, atOnce: false };
    case 'domain':
    case 'stranger':
      return { kind: 'works' };
    case undefined:
      // Our own time was up: nobody answered.
      return reason === 'deadline' || reason === 'drained' ? undefined : { kind: 'works' };
  }
}

type Report = {
  news: ProviderNews;
  /** When the hand-over began: what began before the breaker opened is known already, and says nothing of now. */
  began: Temporal.Instant;
  now: Temporal.Instant;
  /** From 0 to 1. */
  random: number;
};

/** The breaker after that report; the same object when it changes nothing. */
export function reported(breaker: Breaker, report: Report, timings: BreakerTimings): Breaker {
  const { news, began } = report;
  const { until } = breaker;
  if (until !== null && Temporal.Instant.compare(began, until) < 0) return heldOpen(breaker, until, report);
  if (news.kind === 'works') {
    return breaker.until === null && breaker.failures === 0 ? breaker : { failures: 0, opens: 0, until: null };
  }
  const failures = breaker.failures + 1;
  const opens = news.atOnce || breaker.until !== null || failures >= failuresToOpen;
  if (!opens) return { ...breaker, failures };
  const waitMs = news.retryAfterMs ?? openFor(breaker.opens, report.random, timings);
  return { failures, opens: breaker.opens + 1, until: report.now.add({ milliseconds: waitMs }) };
}

/** Who is late to tell of a failure may still bring the provider's wish. */
function heldOpen(breaker: Breaker, until: Temporal.Instant, { news, now }: Report): Breaker {
  if (news.kind !== 'fails' || !news.atOnce || news.retryAfterMs === null) return breaker;
  const wished = now.add({ milliseconds: news.retryAfterMs });
  return Temporal.Instant.compare(wished, until) > 0 ? { ...breaker, until: wished } : breaker;
}

/** Milliseconds: doubled with each opening, up to the longest, and spread by a fifth. */
function openFor(opens: number, random: number, timings: BreakerTimings): number {
  const plain = Math.min(timings.breakerLongestMs, timings.breakerFirstMs * 2 ** Math.min(opens, 30));
  return Math.round(plain * (0.8 + 0.4 * random));
}
