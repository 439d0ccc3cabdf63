import type { Provider } from '../domain/breaker.ts';
import { noteInAudit } from './audit.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';
import { dueAgain, holdClaimsUnder } from './pauses.ts';

/** How a provider stands. Half open: its time is over, and one delivery tries. */
export type BreakerStanding = {
  readonly provider: Provider;
  readonly state: 'closed' | 'open' | 'half-open';
  readonly until: Temporal.Instant | null;
  readonly openedAt: Temporal.Instant | null;
  readonly reason: string | null;
  /** In a row. */
  readonly failures: number;
};

export async function standingBreakers(client: Queryable, now: Temporal.Instant): Promise<BreakerStanding[]> {
  const { rows } = await client.query<
    Omit<BreakerStanding, 'until' | 'openedAt'> & { until: string | null; opened_at: string | null }
  >(
    `SELECT provider, CASE WHEN until IS NULL THEN 'closed' WHEN until > $1 THEN 'open' ELSE 'half-open' END AS state, until, opened_at, reason, failures
     FROM sollecito.breaker`,
    [now.toString()],
  );
  return rows.map(({ until, opened_at, ...row }) => ({
    ...row,
    until: toInstant(until),
    openedAt: toInstant(opened_at),
  }));
}

/**
 * A person says that a provider works again: its failures are forgotten, and what waited for it is due at once. The caller
 * wakes the dispatchers after the commit. One that is closed, without a failure, stays as it is.
 */
export async function closeBreaker(
  client: Queryable,
  provider: Provider,
  { actor, now }: { actor: string; now: Temporal.Instant },
): Promise<void> {
  const scope = { tenant: null, channel: null, provider };
  await holdClaimsUnder(client, scope);
  const { rows } = await client.query<{ reason: string | null; failures: number }>(
    `UPDATE sollecito.breaker b SET failures = 0, opens = 0, until = NULL, opened_at = NULL, reason = NULL, updated_at = $2
     FROM (SELECT provider, reason, failures FROM sollecito.breaker WHERE provider = $1 FOR UPDATE) before
     WHERE b.provider = before.provider AND (b.until IS NOT NULL OR b.failures > 0) RETURNING before.reason, before.failures`,
    [provider, now.toString()],
  );
  const [before] = rows;
  if (!before) return;
  await dueAgain(client, scope, 'provider-down', now);
  await noteInAudit(client, { tenant: null, actor, action: 'breaker.close', target: provider, detail: before, now });
}
