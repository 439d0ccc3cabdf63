import type { SendOutcome } from './send-outcome.ts';

/** How often a delivery is handed over before it is a dead letter. */
export const maxAttempts = 12;
/** How often the preparing of a delivery may fail (each after the queue's own tries) before it is given up. */
export const maxPrepareFailures = 6;

const firstDelay = 5_000;
const longestDelay = 3_600_000;

/**
 * Milliseconds to wait after the nth failure (1, 2, …): 5 s, doubled each time, an hour at most, spread by a fifth
 * so that what failed together does not come back together. A provider's own wish is the least.
 * @param random from 0 to 1.
 */
export function retryDelay(failure: number, random: number, retryAfterMs: number | null = null): number {
  const plain = Math.min(longestDelay, firstDelay * 2 ** (failure - 1));
  return Math.max(Math.round(plain * (0.8 + 0.4 * random)), retryAfterMs ?? 0);
}

/** A provider that cannot be reached burns no attempt: the delivery comes back in 5 to 10 seconds. */
export function unavailableDelay(random: number): number {
  return Math.round(firstDelay * (1 + random));
}

/** What a hand-over's outcome makes of its delivery. */
export type Settlement =
  | { to: 'sent'; providerMessageId: string | null; repeated: boolean }
  | { to: 'retrying'; reason: string; delayMs: number }
  | { to: 'failed'; reason: string }
  | { to: 'unknown'; reason: string };

/** @param attempts hand-overs that were put off before this one. */
export function settlementOf(outcome: SendOutcome, attempts: number, random: number): Settlement {
  switch (outcome.kind) {
    case 'accepted':
      return { to: 'sent', providerMessageId: outcome.providerMessageId, repeated: outcome.repeated ?? false };
    case 'refused':
      return { to: 'failed', reason: outcome.reason };
    case 'unknown':
      return { to: 'unknown', reason: outcome.reason };
    case 'tryAgain':
      return attempts + 1 >= maxAttempts
        ? { to: 'failed', reason: 'exhausted' }
        : { to: 'retrying', reason: outcome.reason, delayMs: retryDelay(attempts + 1, random, outcome.retryAfterMs) };
  }
}
