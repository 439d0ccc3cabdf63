import type { Channel } from '../domain/delivery-facts.ts';
import type { QuotaLimit } from '../domain/quota.ts';
import type { Clock } from '../domain/clock.ts';
import { noteInAudit } from './audit.ts';
import type { Database } from './database.ts';

export type PlanLimit = Pick<QuotaLimit, 'period' | 'channel' | 'limit'>;
export type Plan = { key: string; limits: PlanLimit[] };

/** Every plan, the smallest first; without limits: none. */
export async function listPlans(database: Database): Promise<Plan[]> {
  const { rows } = await database.pool.query<{
    key: string;
    period: PlanLimit['period'] | null;
    channel: Channel | null;
    sends: number;
  }>(
    `SELECT p.key, l.period, l.channel, l.sends FROM sollecito.plan p LEFT JOIN sollecito.plan_limit l ON l.plan = p.key
     ORDER BY min(l.sends) OVER (PARTITION BY p.key), p.key, l.period DESC, l.channel NULLS FIRST`,
  );
  const plans = Map.groupBy(rows, ({ key }) => key);
  return [...plans].map(([key, limits]) => ({
    key,
    limits: limits.flatMap(({ period, channel, sends }) =>
      period === null ? [] : [{ period, channel, limit: sends }],
    ),
  }));
}

/**
 * Gives a plan these limits and no other; makes it when it is new. Takes effect at once for the tenants that are on it:
 * what they have used stays counted, and those who have reached a limit by it are warned. Needs the service role.
 */
export async function setPlanLimits(database: Database, clock: Clock, plan: Plan): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('INSERT INTO sollecito.plan (key) VALUES ($1) ON CONFLICT DO NOTHING', [plan.key]);
    // Two who set one plan take turns, so that what stands is what one of them said.
    await client.query('SELECT 1 FROM sollecito.plan WHERE key = $1 FOR UPDATE', [plan.key]);
    await client.query('DELETE FROM sollecito.plan_limit WHERE plan = $1', [plan.key]);
    await client.query(
      `INSERT INTO sollecito.plan_limit (plan, period, channel, sends)
       SELECT $1, l.period, l.channel, l."limit" FROM jsonb_to_recordset($2) AS l (period text, channel text, "limit" integer)`,
      [plan.key, JSON.stringify(plan.limits)],
    );
    const now = clock.now();
    await client.query('SELECT sollecito.warn_of_quota(id, $2) FROM sollecito.tenant WHERE plan = $1', [
      plan.key,
      now.toString(),
    ]);
    const detail = { limits: plan.limits };
    await noteInAudit(client, { tenant: null, actor: 'cli', action: 'plan.set', target: plan.key, detail, now });
  });
}
