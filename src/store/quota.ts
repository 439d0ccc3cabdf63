import { z } from 'zod';
import type { Channel } from '../domain/delivery-facts.ts';
import type { TenantId } from '../domain/ids.ts';
import type { QuotaLimit } from '../domain/quota.ts';
import type { Queryable } from './database.ts';

/** In reminders. `used` and `reserved` are all there ever were; `limits` none: no limit. */
export type Quota = {
  plan: string;
  used: number;
  reserved: number;
  /** Totals before months, all channels before one. */
  limits: QuotaLimit[];
  /** Of the limits as they are, in the period that runs; oldest first. */
  warnings: QuotaWarning[];
};

type QuotaWarning = {
  reason: '80-percent' | 'quota-exhausted';
  period: 'total' | 'month';
  channel: Channel | null;
  limit: number;
  at: Temporal.Instant;
};

/** A tenant's quota as it stands. */
export async function loadQuota(client: Queryable, tenant: TenantId, now: Temporal.Instant): Promise<Quota> {
  const { rows } = await client.query<{ quota: unknown }>(
    `WITH standing AS MATERIALIZED (SELECT * FROM sollecito.quota_standing($1, $2))
     SELECT jsonb_build_object(
       'plan', t.plan, 'used', coalesce(c.used, 0), 'reserved', coalesce(c.reserved, 0),
       'limits', (SELECT coalesce(jsonb_agg(jsonb_build_object('period', s.period, 'channel', s.channel, 'limit', s.sends, 'used', s.used, 'reserved', s.reserved,
           'resetsAt', s.resets_at) ORDER BY s.period DESC, s.channel NULLS FIRST), '[]') FROM standing s),
       'warnings', (SELECT coalesce(jsonb_agg(jsonb_build_object('reason', CASE w.percent WHEN 100 THEN 'quota-exhausted' ELSE '80-percent' END,
           'period', w.period, 'channel', w.channel, 'limit', w.sends, 'at', w.at) ORDER BY w.at, w.percent), '[]')
         FROM sollecito.quota_warning w JOIN standing s ON w.plan = s.plan AND w.period = s.period AND w.channel IS NOT DISTINCT FROM s.channel
           AND w.sends = s.sends AND w.since = s.since
         WHERE w.tenant_id = t.id)
     ) AS quota
     FROM sollecito.tenant t
     CROSS JOIN LATERAL (SELECT sum(used) AS used, sum(reserved) AS reserved FROM sollecito.quota_counter WHERE tenant_id = t.id AND month = '-infinity') c
     WHERE t.id = $1`,
    [tenant, now.toString()],
  );
  return quotaSchema.parse(rows[0]?.quota);
}

/**
 * Under the locks that accepting takes too: the last unit goes to one of those who ask for it. To be called where nothing
 * is left to be locked but counters.
 * @returns the limit that is exhausted, or undefined: a unit is left, and nobody else takes it before the commit.
 */
export async function refuseUnit(
  client: Queryable,
  asked: { tenant: TenantId; channel: Channel; now: Temporal.Instant },
): Promise<QuotaLimit | undefined> {
  const { rows } = await client.query<{ exhausted: unknown }>('SELECT sollecito.refuse_unit($1, $2, $3) AS exhausted', [
    asked.tenant,
    asked.channel,
    asked.now.toString(),
  ]);
  return toQuotaLimit(rows[0]?.exhausted) ?? undefined;
}

/** A limit as exhausted_limit in the migrations answers it. */
export function toQuotaLimit(json: unknown): QuotaLimit | null {
  return limitSchema.nullable().parse(json);
}

const instant = z.string().transform((text) => Temporal.Instant.from(text));
const scope = { period: z.enum(['total', 'month']), channel: z.enum(['email', 'sms']).nullable(), limit: z.int() };
const limitSchema = z.object({ ...scope, used: z.int(), reserved: z.int(), resetsAt: instant.nullable() });
const quotaSchema = z.object({
  plan: z.string(),
  used: z.int(),
  reserved: z.int(),
  limits: z.array(limitSchema),
  warnings: z.array(z.object({ ...scope, reason: z.enum(['80-percent', 'quota-exhausted']), at: instant })),
});
