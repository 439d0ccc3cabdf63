import type { Channel } from '../domain/delivery-facts.ts';
import { asId, type Id, newId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

export const suppressionReasons = ['manual', 'hard-bounce', 'soft-bounces', 'complaint', 'stop'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

/** Who must not be written to any more. `address`: a mailbox in small letters, or a number (E.164). */
export type Suppression = {
  readonly id: Id<'suppression'>;
  readonly channel: Channel;
  readonly address: string;
  readonly reason: SuppressionReason;
  readonly note: string | null;
  readonly actor: string;
  /** null: until it is lifted. */
  readonly until: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly liftedAt: Temporal.Instant | null;
};

export type NewSuppression = Pick<Suppression, 'channel' | 'address' | 'reason' | 'note' | 'actor' | 'until'>;

/**
 * Suppresses an address, unless it is already: then that one stays as it is. Under `holdClaims`, so that what leaves after
 * it is known to have been claimed before it. One whose time is over makes room for the next.
 */
export async function suppress(
  client: Queryable,
  tenant: TenantId,
  wanted: NewSuppression,
  now: Temporal.Instant,
): Promise<{ suppression: Suppression; made: boolean }> {
  const { channel, address, reason, note, actor, until } = wanted;
  await client.query(
    `UPDATE sollecito.suppression SET lifted_at = until
     WHERE tenant_id = $1 AND channel = $2 AND address = sollecito.mailbox_key($3) AND lifted_at IS NULL AND until <= $4`,
    [tenant, channel, address, now.toString()],
  );
  const made = await client.query<SuppressionRow>(
    `INSERT INTO sollecito.suppression (id, tenant_id, channel, address, reason, note, actor, until, created_at)
     VALUES ($1, $2, $3, sollecito.mailbox_key($4), $5, $6, $7, $8, $9)
     ON CONFLICT (tenant_id, channel, address) WHERE lifted_at IS NULL DO NOTHING RETURNING ${columns}`,
    [newId('suppression'), tenant, channel, address, reason, note, actor, until?.toString() ?? null, now.toString()],
  );
  const [row] = made.rows;
  if (row) return { suppression: fromRow(row), made: true };
  const { rows } = await client.query<SuppressionRow>(
    `SELECT ${columns} FROM sollecito.suppression
     WHERE tenant_id = $1 AND channel = $2 AND address = sollecito.mailbox_key($3) AND lifted_at IS NULL`,
    [tenant, channel, address],
  );
  const [present] = rows;
  if (!present) throw new Error('a suppression was lifted by somebody who does not hold the claims');
  return { suppression: fromRow(present), made: false };
}

/** Lets an address be written to again. Under `holdClaims`. @returns undefined when there is none such; `lifted`: it stood until now. */
export async function liftSuppression(
  client: Queryable,
  tenant: TenantId,
  id: Id<'suppression'>,
  now: Temporal.Instant,
): Promise<{ suppression: Suppression; lifted: boolean } | undefined> {
  const { rows } = await client.query<SuppressionRow>(
    `UPDATE sollecito.suppression SET lifted_at = $3 WHERE tenant_id = $1 AND id = $2 AND lifted_at IS NULL RETURNING ${columns}`,
    [tenant, id, now.toString()],
  );
  const [row] = rows;
  if (row) return { suppression: fromRow(row), lifted: true };
  const suppression = await findSuppression(client, tenant, id);
  return suppression && { suppression, lifted: false };
}

export async function findSuppression(
  client: Queryable,
  tenant: TenantId,
  id: Id<'suppression'>,
): Promise<Suppression | undefined> {
  const { rows } = await client.query<SuppressionRow>(
    `SELECT ${columns} FROM sollecito.suppression WHERE tenant_id = $1 AND id = $2`,
    [tenant, id],
  );
  return rows[0] && fromRow(rows[0]);
}

export type SuppressionFilter = {
  channel: Channel | undefined;
  /** A LIKE pattern for the address. */
  like: string | undefined;
  /** Whether it counts at `now`. */
  active: boolean | undefined;
  now: Temporal.Instant;
};

/** A page, newest first; one row more than `limit` when there are more. @param after the last one of the page before. */
export async function listSuppressions(
  client: Queryable,
  tenant: TenantId,
  { channel, like, active, now }: SuppressionFilter,
  { after, limit }: { after: Id<'suppression'> | undefined; limit: number },
): Promise<Suppression[]> {
  const { rows } = await client.query<SuppressionRow>(
    `SELECT ${columns} FROM sollecito.suppression
     WHERE tenant_id = $1 AND ($2::text IS NULL OR channel = $2) AND ($3::text IS NULL OR address LIKE lower($3))
       AND ($4::boolean IS NULL OR (lifted_at IS NULL AND (until IS NULL OR until > $5)) = $4) AND ($6::uuid IS NULL OR id < $6)
     ORDER BY id DESC LIMIT $7`,
    [tenant, channel ?? null, like ?? null, active ?? null, now.toString(), after ?? null, limit + 1],
  );
  return rows.map(fromRow);
}

const columns = 'id, channel, address, reason, note, actor, until, created_at, lifted_at';

type SuppressionRow = {
  id: string;
  channel: Channel;
  address: string;
  reason: SuppressionReason;
  note: string | null;
  actor: string;
  until: string | null;
  created_at: string;
  lifted_at: string | null;
};

function fromRow({ until, created_at, lifted_at, ...row }: SuppressionRow): Suppression {
  return {
    ...row,
    id: asId('suppression', row.id),
    until: until === null ? null : toInstant(until),
    createdAt: toInstant(created_at),
    liftedAt: lifted_at === null ? null : toInstant(lifted_at),
  };
}
