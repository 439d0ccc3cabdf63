import { isDeepStrictEqual } from 'node:util';
import type { Channel } from '../domain/delivery-facts.ts';
import { asId, type TenantId } from '../domain/ids.ts';
import { noteInAudit } from './audit.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';
import { limitsChanged } from './spend-limits.ts';

/** The largest that each may be. */
export const mostOf = {
  perSecond: 10_000,
  perMinute: 1_000_000,
  perDay: 1_000_000_000,
  connections: 1_000,
  weight: 100,
} as const;

/** How much may be handed over; null is no limit. `connections`: at once, of a recipient domain alone. */
export type Limits = {
  readonly perSecond: number | null;
  readonly perMinute: number | null;
  readonly perDay: number | null;
  readonly connections: number | null;
};

/** Whose limit: a tenant's, a recipient domain's (`email` alone), or with neither the provider account's. */
export type LimitOf = { readonly channel: Channel; readonly tenant: TenantId | null; readonly domain: string | null };

/** A limit and what was spent of it in this minute and this day (a tenant's own, else UTC's). */
export type StandingLimit = LimitOf &
  Limits & {
    readonly tenantRef: string | null;
    readonly used: { readonly minute: number; readonly day: number };
    /** The domain asked for less: no hand-over before `closedUntil`, and then one in `gapMs`. `lineUntil`: its turns are given away up to then. */
    readonly slowed: { gapMs: number; closedUntil: Temporal.Instant; lineUntil: Temporal.Instant | null } | null;
  };

export type Weights = Readonly<Record<Channel, number>>;
type Change = { actor: string; now: Temporal.Instant };

/**
 * Changes the limits that are given and leaves the others; without any left there is no limit, and what was spent is
 * forgotten. What waits because of the old one is due at once: the caller wakes the dispatchers after the commit. Several
 * in one transaction: emails first, as everybody does.
 */
export async function setLimits(
  client: Queryable,
  of: LimitOf,
  wanted: Partial<Limits>,
  { actor, now }: Change,
): Promise<void> {
  const { channel, tenant, domain } = of;
  const key = [channel, tenant, domain];
  const { rows } = await client.query<Limits>(
    `SELECT per_second::float8 AS "perSecond", per_minute AS "perMinute", per_day AS "perDay", connections
     FROM sollecito.send_limit ${isThat} FOR UPDATE`,
    key,
  );
  const before = { ...none, ...rows[0] };
  const after = { ...before, ...wanted };
  if (isDeepStrictEqual(before, after)) return;
  const { perSecond, perMinute, perDay, connections } = after;
  await client.query(
    `INSERT INTO sollecito.send_limit (id, channel, tenant_id, domain, per_second, per_minute, per_day, connections, updated_at)
     VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (channel, tenant_id, domain) DO UPDATE SET per_second = excluded.per_second, per_minute = excluded.per_minute,
       per_day = excluded.per_day, connections = excluded.connections, updated_at = excluded.updated_at`,
    [...key, perSecond, perMinute, perDay, connections, now.toString()],
  );
  await limitsChanged(client, channel, domain, now);
  // How slow a domain was made is kept: it was not ours to say.
  if (!hasLimit(after)) await client.query(`DELETE FROM sollecito.send_limit ${isThat} AND gap_ms = 0`, key);
  await noteInAudit(client, {
    tenant,
    actor,
    action: 'limits.set',
    target: domain ?? channel,
    detail: { before, after },
    now,
  });
}

/** How many of its deliveries a tenant may send in one round of turns. */
export async function setWeight(
  client: Queryable,
  tenant: TenantId,
  { channel, weight }: { channel: Channel; weight: number },
  { actor, now }: Change,
): Promise<void> {
  await client.query('UPDATE sollecito.tenant_turn SET weight = $3 WHERE tenant_id = $1 AND channel = $2', [
    tenant,
    channel,
    weight,
  ]);
  await noteInAudit(client, { tenant, actor, action: 'weight.set', target: channel, detail: { weight }, now });
}

export async function weightsOf(client: Queryable, tenant: TenantId): Promise<Weights> {
  const { rows } = await client.query<{ channel: Channel; weight: number }>(
    'SELECT channel, weight FROM sollecito.tenant_turn WHERE tenant_id = $1',
    [tenant],
  );
  return rows.reduce((weights, { channel, weight }) => ({ ...weights, [channel]: weight }), { email: 1, sms: 1 });
}

/** The limits of a tenant, by channel. */
export async function limitsOfTenant(client: Queryable, tenant: TenantId, now: Temporal.Instant) {
  return select(client, now, 'WHERE v.tenant_id = $2', [tenant]);
}

/** The limits of the provider accounts, by channel. */
export async function limitsOfProviders(client: Queryable, now: Temporal.Instant) {
  return select(client, now, 'WHERE v.tenant_id IS NULL AND v.domain IS NULL', []);
}

/** Every limit: of provider accounts, tenants, domains. */
export async function limitsOfAll(client: Queryable, now: Temporal.Instant) {
  return select(client, now, 'ORDER BY v.domain NULLS FIRST, t.ref NULLS FIRST, v.channel', []);
}

/**
 * A page of recipient domains that have a limit or were slowed, by name; one row more than `limit` when there are more.
 * @param after the last one of the page before.
 */
export async function limitsOfDomains(
  client: Queryable,
  now: Temporal.Instant,
  { slowed, after, limit }: { slowed?: boolean | undefined; after: string | undefined; limit: number },
) {
  return select(
    client,
    now,
    `WHERE v.domain IS NOT NULL AND ($2::boolean IS NULL OR (v.gap_ms > 0) = $2) AND ($3::text IS NULL OR v.domain COLLATE "C" > $3)
     ORDER BY v.domain COLLATE "C" LIMIT $4`,
    [slowed ?? null, after ?? null, limit + 1],
  );
}

export async function limitOfDomain(client: Queryable, domain: string, now: Temporal.Instant) {
  const [found] = await select(client, now, 'WHERE v.domain = $2', [domain]);
  return found;
}

export function hasLimit({ perSecond, perMinute, perDay, connections }: Limits): boolean {
  return [perSecond, perMinute, perDay, connections].some((value) => value !== null);
}

const none: Limits = { perSecond: null, perMinute: null, perDay: null, connections: null };

const isThat = `WHERE channel = $1 AND tenant_id IS NOT DISTINCT FROM $2 AND domain IS NOT DISTINCT FROM $3`;

type Row = Limits & {
  channel: Channel;
  tenant_id: string | null;
  tenantRef: string | null;
  domain: string | null;
  minute_used: number;
  day_used: number;
  gap_ms: number;
  closed_until: string;
  line_until: string | null;
};

async function select(
  client: Queryable,
  now: Temporal.Instant,
  rest: string,
  values: unknown[],
): Promise<StandingLimit[]> {
  const { rows } = await client.query<Row>(
    `SELECT v.channel, v.tenant_id, t.ref AS "tenantRef", v.domain, v.per_second::float8 AS "perSecond", v.per_minute AS "perMinute", v.per_day AS "perDay", v.connections,
       CASE WHEN v.minute >= date_trunc('minute', $1::timestamptz, 'UTC') THEN v.minute_used ELSE 0 END AS minute_used,
       CASE WHEN v.day >= ($1::timestamptz AT TIME ZONE coalesce(t.time_zone, 'UTC'))::date THEN v.day_used ELSE 0 END AS day_used,
       v.gap_ms, v.closed_until, CASE WHEN v.line_until > $1 THEN v.line_until END AS line_until
     FROM sollecito.send_limit v LEFT JOIN sollecito.tenant t ON t.id = v.tenant_id ${rest}`,
    [now.toString(), ...values],
  );
  return rows.map(({ tenant_id, minute_used, day_used, gap_ms, closed_until, line_until, ...row }) => ({
    ...row,
    tenant: tenant_id === null ? null : asId('tenant', tenant_id),
    used: { minute: minute_used, day: day_used },
    slowed:
      gap_ms > 0 ? { gapMs: gap_ms, closedUntil: toInstant(closed_until), lineUntil: toInstant(line_until) } : null,
  }));
}
