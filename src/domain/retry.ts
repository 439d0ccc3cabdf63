import type { SendOutcome } from './send-outcome.ts';

/** How often a delivery is handed over before it is a dead letter. */
export const maxAttempts = 12;
/** How often the preparing of a delivery may fail (each after the queue's own tries) before it is given up. */
export const maxPrepareFailures = 6;

/** Milliseconds: 5 s and an hour, in earnest. */
export type RetryTimings = { retryFirstMs: number; retryLongestMs: number };

/**
 * Milliseconds to wait after the nth failure (1, 2, …): the first pause, doubled each time, the longest at most, spread
 * by a fifth so that what failed together does not come back together. A provider's own wish is the least.
 * @param random from 0 to 1.
 */
export function retryDelay(
  failure: number,
  random: number,
  timings: RetryTimings,
  retryAfterMs: number | null = null,
): number {
  const plain = Math.min(timings.retryLongestMs, timings.retryFirstMs * 2 ** (failure - 1));
  return Math.max(Math.round(plain * (0.8 + 0.4 * random)), retryAfterMs ?? 0);
}

/** A provider that cannot be reached burns no attempt: the delivery comes back in 5 to 10 seconds. */
export function unavailableDelay(random: number, timings: { unavailableMs: number }): number {
  return Math.round(timings.unavailableMs * (1 + random));
}

/** What a hand-over's outcome makes of its delivery. */
export type Settlement =
  | { to: 'sent'; providerMessageId: string | null; repeated: boolean }
  /** `free`: it says nothing of this message, so it counts as no attempt. */
  | { to: 'retrying'; reason: string; delayMs: number; free?: true }
  | { to: 'failed'; reason: string }
  | { to: 'unknown'; reason: string };

/** @param attempts hand-overs that were put off before this one. */
export function settlementOf(
  outcome: SendOutcome,
  attempts: number,
  random: number,
  timings: RetryTimings & { unavailableMs: number },
): Settlement {
  switch (outcome.kind) {
    case 'accepted':
      return { to: 'sent', providerMessageId: outcome.providerMessageId, repeated: outcome.repeated ?? false };
    case 'refused':
      return { to: 'failed', reason: outcome.reason };
    case 'unknown':
      return { to: 'unknown', reason: outcome.reason };
    case 'tryAgain':
      return putOff(outcome, attempts + 1, random, timings);
  }
}

function putOff(
  { reason, retryAfterMs, speaksOf }: Extract<SendOutcome, { kind: 'tryAgain' }>,
  failure: number,
  random: number,
  timings: RetryTimings & { unavailableMs: number },
): Settlement {
  // This process stops: the next one may take it at once, and it is nobody's failure.
  if (reason === 'drained') return { to: 'retrying', reason, delayMs: 0, free: true };
  // Whatever had been handed over would have fared so: the provider's breaker sees to it that it is not tried for ever.
  if (speaksOf === 'provider' || speaksOf === 'account') {
    const delayMs = Math.max(unavailableDelay(random, timings), retryAfterMs ?? 0);
    return { to: 'retrying', reason, delayMs, free: true };
  }
  if (failure >= maxAttempts) return { to: 'failed', reason: 'exhausted' };
  return { to: 'retrying', reason, delayMs: retryDelay(failure, random, timings, retryAfterMs) };
}
