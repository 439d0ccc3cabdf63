import type { LimitReason } from '../domain/claim-verdict.ts';
import type { Channel, DeliveryFacts } from '../domain/delivery-facts.ts';
import type { DomainNews, DomainTimings } from '../domain/send-limit.ts';
import type { Database, Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** `slowed`: the domain was asked to be slower, so that a success is news of it. */
export type Spent = { kind: 'spent'; slowed: boolean } | { kind: 'wait'; reason: LimitReason; until: Temporal.Instant };

/**
 * Spends one hand-over of every limit that applies to a delivery, all or none (spend_limits in the migrations), or puts
 * it into the line of its domain. Call it under the delivery's lock, in the transaction of its claim, and only when
 * `facts.limited`.
 */
export async function spendLimits(
  client: Queryable,
  { delivery, reminder, tenant }: DeliveryFacts,
  now: Temporal.Instant,
): Promise<Spent> {
  const { rows } = await client.query<{ reason: LimitReason | null; until: string | null; slowed: boolean }>({
    name: 'spend-limits',
    text: `WITH spent AS MATERIALIZED (
      SELECT s.* FROM sollecito.delivery d, sollecito.spend_limits(d.channel, d.tenant_id, d.recipient, $2, d.line_at) s WHERE d.id = $1
    ), placed AS (
      UPDATE sollecito.delivery d SET line_at = spent.line_at FROM spent
      WHERE d.id = $1 AND spent.reason IS NOT NULL AND spent.line_at IS DISTINCT FROM d.line_at AND spent.line_at IS NOT NULL
    )
    SELECT reason, until, slowed FROM spent`,
    values: [delivery.id, now.toString()],
  });
  const [row] = rows;
  if (!row) throw new Error(`no delivery to spend for: ${reminder.id} of ${tenant.id}`);
  const until = toInstant(row.until);
  return row.reason === null || until === null
    ? { kind: 'spent', slowed: row.slowed }
    : { kind: 'wait', reason: row.reason, until };
}

/** How many recipient domains may be slowed at once: one more is only put off by its deliveries' own retries. */
const mostSlowed = 10_000;

/**
 * Makes a recipient domain slower or faster by what one answer said. A hand-over that began before the domain was last
 * slowed says nothing new.
 */
export async function paceDomain(
  database: Database,
  of: { domain: string; news: DomainNews; began: Temporal.Instant; now: Temporal.Instant; timings: DomainTimings },
): Promise<void> {
  const { domain, news, began, now, timings } = of;
  const times = [domain, began.toString(), now.toString()];
  if (news.kind === 'taken') {
    await database.pool.query('SELECT sollecito.ease_domain($1, $2, $3, $4)', [...times, timings.domainFirstMs]);
    return;
  }
  await database.pool.query('SELECT sollecito.slow_domain($1, $2, $3, $4, $5, $6, $7, $8)', [
    ...times,
    news.doubles,
    news.wishMs,
    timings.domainFirstMs,
    timings.domainLongestMs,
    mostSlowed,
  ]);
}

/** Forgets the pace of domains that nobody has written to for a day, and that have no limit of their own. */
export async function forgetSlowDomains(database: Database, now: Temporal.Instant): Promise<void> {
  await database.pool.query(
    `DELETE FROM sollecito.send_limit WHERE id IN (
      SELECT id FROM sollecito.send_limit
      WHERE domain IS NOT NULL AND closed_until < $1 AND refilled_at < $1 AND coalesce(per_second, per_minute, per_day, connections) IS NULL
      FOR UPDATE SKIP LOCKED
    )`,
    [now.subtract({ hours: 24 }).toString()],
  );
}

/**
 * After a limit was set, changed or taken away, in the same transaction: whoever waits because of it is due at once, and
 * the claim looks anew. Of a domain, or (null) of the provider's account or a tenant. What is locked just now is left: it
 * comes back within the hour, or when its day begins.
 * @returns how many are due now; the caller wakes the dispatchers after the commit.
 */
export async function limitsChanged(
  client: Queryable,
  channel: Channel,
  domain: string | null,
  now: Temporal.Instant,
): Promise<number> {
  if (domain !== null) {
    await client.query(
      `UPDATE sollecito.send_limit SET line_until = '-infinity' WHERE channel = $1 AND tenant_id IS NULL AND domain = $2`,
      [channel, domain],
    );
  }
  const { rowCount } = await client.query(
    `UPDATE sollecito.delivery d SET next_attempt_at = $2, line_at = CASE WHEN $3::text IS NULL THEN line_at END
     FROM (${domain === null ? waitingForOthers : waitingInLine}) w WHERE d.id = w.id`,
    [channel, now.toString(), domain],
  );
  return rowCount ?? 0;
}

// Rests on delivery_limited.
const waitingForOthers = `SELECT id FROM sollecito.delivery
  WHERE channel = $1 AND status = 'accepted' AND reason IN ('rate-limited', 'minute-limit', 'day-limit') AND next_attempt_at > $2
  FOR NO KEY UPDATE SKIP LOCKED`;
// Rests on delivery_line.
const waitingInLine = `SELECT id FROM sollecito.delivery
  WHERE sollecito.domain_of(recipient) = $3 AND line_at IS NOT NULL AND status IN ('accepted', 'retrying') AND next_attempt_at > $2
    AND channel = $1 AND reason IN ('rate-limited', 'minute-limit', 'day-limit', 'domain-slowed', 'domain-connections')
  FOR NO KEY UPDATE SKIP LOCKED`;
