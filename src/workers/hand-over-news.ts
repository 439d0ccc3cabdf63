import { newsOf, providerOf } from '../domain/breaker.ts';
import type { Clock } from '../domain/clock.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { domainNews, domainOf } from '../domain/send-limit.ts';
import type { SendOutcome } from '../domain/send-outcome.ts';
import { type BreakerChange, reportProvider } from '../store/breaker.ts';
import type { Database } from '../store/database.ts';
import { paceDomain } from '../store/spend-limits.ts';
import type { Timings } from '../timings.ts';

type Teller = {
  database: Database;
  clock: Clock;
  timings: Timings;
  random: () => number;
  breakerChanged: (change: BreakerChange) => void;
  onError: (error: unknown) => void;
};

/** What became of one hand-over, or of the attempt to connect for it (then nothing speaks of a recipient). */
export type HandOver = {
  channel: Channel;
  outcome: SendOutcome;
  began: Temporal.Instant;
  recipient: string | null;
  /** As the claim found them: when all was well, a success is no news and costs nothing. */
  providerFailed: boolean;
  domainSlowed: boolean;
};

/**
 * Tells the breaker of the provider, and the pace of the recipient's domain, what an outcome says of them. It is told
 * once: the delivery itself is settled, and should this be lost, the next outcome says the same.
 */
export async function tellNews(teller: Teller, handOver: HandOver): Promise<void> {
  try {
    await tellProvider(teller, handOver);
    await tellDomain(teller, handOver);
  } catch (error) {
    teller.onError(error);
  }
}

async function tellProvider(teller: Teller, { channel, outcome, began, providerFailed }: HandOver): Promise<void> {
  const news = newsOf(outcome);
  if (!news || (news.kind === 'works' && !providerFailed)) return;
  const { database, clock, timings, random } = teller;
  const report = { provider: providerOf(channel), news, began, now: clock.now(), random: random(), timings };
  const change = await reportProvider(database, report);
  if (change) teller.breakerChanged(change);
}

async function tellDomain(teller: Teller, { outcome, began, recipient, domainSlowed }: HandOver): Promise<void> {
  const domain = recipient === null ? null : domainOf(recipient);
  const news = domainNews(outcome);
  if (domain === null || !news || (news.kind === 'taken' && !domainSlowed)) return;
  const { database, clock, timings } = teller;
  await paceDomain(database, { domain, news, began, now: clock.now(), timings });
}
