import { type Breaker, type BreakerTimings, type Provider, providerOf, reported } from '../domain/breaker.ts';
import type { ProviderNews } from '../domain/breaker.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import type { Database, Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** A breaker that has just opened (again) or closed. */
export type BreakerChange =
  | { provider: Provider; to: 'open'; until: Temporal.Instant; opens: number; reason: string }
  | { provider: Provider; to: 'closed' };

export type ProviderReport = {
  provider: Provider;
  news: ProviderNews;
  /** When the attempt began. */
  began: Temporal.Instant;
  now: Temporal.Instant;
  random: number;
  timings: BreakerTimings;
};

/**
 * Writes down what an attempt says of its provider. All processes share one row, under whose lock it is read and written,
 * so that each opening and closing is told by one of them alone.
 * @returns the change, if it made one.
 */
export async function reportProvider(database: Database, report: ProviderReport): Promise<BreakerChange | undefined> {
  return database.transaction(async (client) => {
    const before = await lockBreaker(client, report.provider);
    const after = reported(before, report, report.timings);
    if (after === before) return undefined;
    await write(client, report, after);
    return changeOf(before, after, report);
  });
}

/**
 * At a claim: may it be handed over, as far as a breaker that is half open goes? It may when no other delivery probes the
 * provider; the row's lock, held until the claim commits, makes claims take turns.
 * @returns undefined when it may; else when to look again.
 */
export async function waitForProbe(
  client: Queryable,
  channel: Channel,
  now: Temporal.Instant,
  probeMs: number,
): Promise<Temporal.Instant | undefined> {
  const { until } = await lockBreaker(client, providerOf(channel));
  if (until === null) return undefined;
  // It opened again while this waited for the lock.
  if (Temporal.Instant.compare(until, now) > 0) return until;
  const { rowCount } = await client.query({
    name: 'probe-under-way',
    text: `SELECT FROM sollecito.delivery WHERE channel = $1 AND status = 'sending' AND claimed_at >= $2 LIMIT 1`,
    values: [channel, until.toString()],
  });
  return rowCount === 0 ? undefined : now.add({ milliseconds: probeMs });
}

async function lockBreaker(client: Queryable, provider: Provider): Promise<Breaker> {
  const { rows } = await client.query<{ failures: number; opens: number; until: string | null }>({
    name: 'lock-breaker',
    text: 'SELECT failures, opens, until FROM sollecito.breaker WHERE provider = $1 FOR UPDATE',
    values: [provider],
  });
  const [row] = rows;
  if (!row) throw new Error(`no breaker of ${provider}`);
  return { ...row, until: toInstant(row.until) };
}

async function write(client: Queryable, { provider, news, now }: ProviderReport, after: Breaker): Promise<void> {
  await client.query({
    name: 'write-breaker',
    text: `UPDATE sollecito.breaker SET failures = $2, opens = $3, until = $4, updated_at = $5,
        opened_at = CASE WHEN $4::timestamptz IS NOT NULL THEN coalesce(opened_at, $5) END,
        reason = CASE WHEN $4::timestamptz IS NOT NULL THEN $6 END
      WHERE provider = $1`,
    values: [
      provider,
      after.failures,
      after.opens,
      after.until?.toString() ?? null,
      now.toString(),
      news.kind === 'fails' ? news.reason : null,
    ],
  });
}

function changeOf(before: Breaker, after: Breaker, { provider, news }: ProviderReport): BreakerChange | undefined {
  if (after.until === null) return before.until === null ? undefined : { provider, to: 'closed' };
  if (after.opens === before.opens || news.kind !== 'fails') return undefined;
  return { provider, to: 'open', until: after.until, opens: after.opens, reason: news.reason };
}
