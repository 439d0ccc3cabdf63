import type { SendOutcome } from './send-outcome.ts';

/** Milliseconds between the hand-overs to a slowed domain, the first and the longest: 1 s and 5 minutes, in earnest. */
export type DomainTimings = { domainFirstMs: number; domainLongestMs: number };

/** What an answer means for the pace of its recipient's domain. */
export type DomainNews = { kind: 'slower'; doubles: boolean; wishMs: number | null } | { kind: 'taken' };

// A wish for longer would keep a whole domain waiting for one line of somebody's text.
const longestWishMs = 3_600_000;

/**
 * Undefined: it says nothing of the domain.
 *
 * A greylisting puts off the first message of each pair of sender and recipient (RFC 6647 §2), and our sender differs with each delivery
 * (VERP): a domain that greylists refuses everything once, and takes it minutes later. Others keep that apart from a
 * site that is in trouble: Postfix lowers a destination's concurrency for failures of the session, not for a refused
 * RCPT, and Exim remembers such a refusal for that address alone. So a greylisting costs its own delivery a wait, the
 * wait that its text asks for as well, and sets the domain's pace to the first gap, which further ones do not double:
 * newcomers are still introduced at one a second, and the first that is taken ends it.
 */
export function domainNews(outcome: SendOutcome): DomainNews | undefined {
  if (outcome.kind === 'accepted') return { kind: 'taken' };
  if (outcome.kind !== 'tryAgain') return undefined;
  if (outcome.speaksOf === 'stranger') return { kind: 'slower', doubles: false, wishMs: null };
  if (outcome.speaksOf !== 'domain') return undefined;
  const wishMs = outcome.retryAfterMs === null ? null : Math.min(outcome.retryAfterMs, longestWishMs);
  return { kind: 'slower', doubles: true, wishMs };
}

/** In lower case; null for a phone number. */
export function domainOf(recipient: string): string | null {
  return /@([^@]+)$/.exec(recipient)?.[1]?.toLowerCase() ?? null;
}
