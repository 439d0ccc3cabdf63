import { type Provider, providerOf } from '../domain/breaker.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { asId, formatId, type Id, newId, type ReminderId, type TenantId } from '../domain/ids.ts';
import { noteInAudit } from './audit.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** What is stopped; null narrows nothing. */
export type PauseScope = {
  readonly tenant: TenantId | null;
  readonly channel: Channel | null;
  readonly provider: Provider | null;
};

/** A person's word that nothing leaves. Breakers know nothing of it, and it nothing of them. */
export type Pause = PauseScope & {
  readonly id: Id<'pause'>;
  readonly tenantRef: string | null;
  /** Who made it: `key:key_…`, `operator:opr_…`, `cli`. */
  readonly owner: string;
  /** Then the tenant that it concerns may not lift it. */
  readonly byPlatform: boolean;
  readonly reason: string;
  /** null: until it is lifted. */
  readonly until: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly endedAt: Temporal.Instant | null;
};

export type NewPause = PauseScope & Pick<Pause, 'owner' | 'byPlatform' | 'reason' | 'until'>;

/** Makes a pause. From the commit on no claim begins under it; what was claimed before goes out. */
export async function addPause(client: Queryable, wanted: NewPause, now: Temporal.Instant): Promise<Pause> {
  const { tenant, channel, provider, owner, byPlatform, reason, until } = wanted;
  const { rows } = await client.query<PauseRow>(
    `INSERT INTO sollecito.pause AS p (id, tenant_id, channel, provider, owner, by_platform, reason, until, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`,
    [newId('pause'), tenant, channel, provider, owner, byPlatform, reason, until?.toString() ?? null, now.toString()],
  );
  const [row] = rows;
  if (!row) throw new Error('no row for a pause');
  const pause = fromRow(row);
  await note(client, pause, { actor: owner, action: 'pause.add', now });
  return pause;
}

/**
 * Ends a pause; what it put off is due at once (another pause may still hold it). The caller wakes the dispatchers after
 * the commit.
 * @param by of a tenant: it lifts its own alone. null: the platform, which may lift any.
 * @returns undefined when there is none that concerns the tenant, 'platforms' when it is not the tenant's to lift; one that
 * has ended stays as it was.
 */
export async function liftPause(
  client: Queryable,
  id: Id<'pause'>,
  by: { tenant: TenantId | null; actor: string; now: Temporal.Instant },
): Promise<Pause | 'platforms' | undefined> {
  const found = await client.query<PauseRow>(
    `SELECT ${columns} FROM sollecito.pause p WHERE id = $1 AND ($2::uuid IS NULL OR tenant_id IS NULL OR tenant_id = $2)`,
    [id, by.tenant],
  );
  const [standing] = found.rows.map(fromRow);
  if (!standing) return undefined;
  if (by.tenant !== null && standing.byPlatform) return 'platforms';
  await holdClaimsUnder(client, standing);
  const ended = await client.query<PauseRow>(
    `UPDATE sollecito.pause p SET ended_at = least($2, until) WHERE id = $1 AND ended_at IS NULL RETURNING ${columns}`,
    [id, by.now.toString()],
  );
  const [row] = ended.rows;
  if (!row) return standing;
  const pause = fromRow(row);
  await dueAgain(client, pause, 'paused', by.now);
  await note(client, pause, { ...by, action: 'pause.lift' });
  return pause;
}

export type PauseFilter = {
  /** Those that concern this tenant: its own, and everybody's. */
  concerns?: TenantId | undefined;
  /** Whether it counts at `now`. */
  active: boolean | undefined;
  now: Temporal.Instant;
};

/** A page, newest first; one row more than `limit` when there are more. @param after the last one of the page before. */
export async function listPauses(
  client: Queryable,
  { concerns, active, now }: PauseFilter,
  { after, limit }: { after: Id<'pause'> | undefined; limit: number },
): Promise<Pause[]> {
  const { rows } = await client.query<PauseRow>(
    `SELECT ${columns} FROM sollecito.pause p
     WHERE ($1::uuid IS NULL OR tenant_id IS NULL OR tenant_id = $1)
       AND ($2::boolean IS NULL OR (ended_at IS NULL AND (until IS NULL OR until > $3)) = $2) AND ($4::uuid IS NULL OR id < $4)
     ORDER BY id DESC LIMIT $5`,
    [concerns ?? null, active ?? null, now.toString(), after ?? null, limit + 1],
  );
  return rows.map(fromRow);
}

/** All that count at `now`, the oldest first. */
export async function activePauses(client: Queryable, now: Temporal.Instant): Promise<Pause[]> {
  const { rows } = await client.query<PauseRow>(
    `SELECT ${columns} FROM sollecito.pause p WHERE ended_at IS NULL AND (until IS NULL OR until > $1) ORDER BY id`,
    [now.toString()],
  );
  return rows.map(fromRow);
}

/**
 * The reminders that are being handed over in spite of a pause: claimed before it, too late to stop. To be asked when the
 * pause has committed, or under the claims lock of its tenant; it waits for the claims that are under way, which may have
 * seen no pause.
 */
export async function remindersInFlightUnder(client: Queryable, scope: PauseScope): Promise<ReminderId[]> {
  await holdClaimsUnder(client, scope);
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT reminder_id AS id FROM sollecito.delivery
     WHERE status = 'sending' AND ($1::uuid IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR channel = $2) ORDER BY 1`,
    [scope.tenant, channelOf(scope)],
  );
  return rows.map((row) => asId('reminder', row.id));
}

/**
 * No claim in this scope is under way from here until the transaction ends. Only what is queued can be claimed, so of all
 * tenants those count that have something queued (or being claimed, which shows as queued until it commits). By id: two
 * who do this cannot wait for each other. Comes before any row lock.
 */
export async function holdClaimsUnder(client: Queryable, scope: PauseScope): Promise<void> {
  await client.query(
    `SELECT sollecito.hold_claims(tenant_id) FROM (
       SELECT $1::uuid AS tenant_id WHERE $1::uuid IS NOT NULL
       UNION
       SELECT tenant_id FROM sollecito.delivery WHERE $1::uuid IS NULL AND status = 'queued' AND ($2::text IS NULL OR channel = $2)
       ORDER BY 1
     ) claiming`,
    [scope.tenant, channelOf(scope)],
  );
}

/**
 * What a pause or a breaker put off is due now, but for what is planned for later. Under `holdClaimsUnder`: a claim that
 * saw the old state has then committed what it put off. Rests on delivery_put_off.
 */
export async function dueAgain(
  client: Queryable,
  scope: PauseScope,
  reason: 'paused' | 'provider-down',
  now: Temporal.Instant,
): Promise<void> {
  await client.query(
    `UPDATE sollecito.delivery d SET next_attempt_at = greatest($4, w.send_at) FROM (
       SELECT o.id, r.send_at FROM sollecito.delivery o JOIN sollecito.reminder r ON r.id = o.reminder_id
       WHERE o.status = 'accepted' AND o.reason IN ('paused', 'provider-down') AND o.reason = $3 AND o.next_attempt_at > $4
         AND ($1::uuid IS NULL OR o.tenant_id = $1) AND ($2::text IS NULL OR o.channel = $2)
       ORDER BY o.id FOR NO KEY UPDATE OF o
     ) w WHERE d.id = w.id`,
    [scope.tenant, channelOf(scope), reason, now.toString()],
  );
}

/** The channel that a scope is narrowed to; a provider carries one. */
function channelOf({ channel, provider }: PauseScope): Channel | null {
  return channel ?? (['email', 'sms'] as const).find((each) => providerOf(each) === provider) ?? null;
}

async function note(
  client: Queryable,
  { id, tenant, channel, provider }: Pause,
  { actor, action, now }: { actor: string; action: string; now: Temporal.Instant },
): Promise<void> {
  await noteInAudit(client, {
    tenant,
    actor,
    action,
    target: formatId('pause', id),
    detail: { channel, provider },
    now,
  });
}

const columns = `p.id, p.tenant_id, (SELECT t.ref FROM sollecito.tenant t WHERE t.id = p.tenant_id) AS tenant_ref, p.channel, p.provider, p.owner,
  p.by_platform, p.reason, p.until, p.created_at, p.ended_at`;

type PauseRow = {
  id: string;
  tenant_id: string | null;
  tenant_ref: string | null;
  channel: Channel | null;
  provider: Provider | null;
  owner: string;
  by_platform: boolean;
  reason: string;
  until: string | null;
  created_at: string;
  ended_at: string | null;
};

function fromRow(row: PauseRow): Pause {
  const { channel, provider, owner, reason } = row;
  return {
    id: asId('pause', row.id),
    tenant: row.tenant_id === null ? null : asId('tenant', row.tenant_id),
    tenantRef: row.tenant_ref,
    channel,
    provider,
    owner,
    byPlatform: row.by_platform,
    reason,
    until: toInstant(row.until),
    createdAt: toInstant(row.created_at),
    endedAt: toInstant(row.ended_at),
  };
}
