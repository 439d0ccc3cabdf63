import { sourcesOf } from '../domain/delivery-state.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { asId, type DeliveryId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { moveDelivery } from './move-delivery.ts';

/** Deliveries queued for longer than the grace: their jobs should be looked for. */
export async function queuedSince(
  database: Database,
  channel: Channel,
  before: Temporal.Instant,
): Promise<{ delivery: DeliveryId; dispatchNo: number }[]> {
  const { rows } = await database.pool.query<{ id: string; dispatch_no: number }>(
    `SELECT id, dispatch_no FROM sollecito.delivery WHERE status = 'queued' AND channel = $1 AND queued_at < $2 ORDER BY queued_at LIMIT 500`,
    [channel, before.toString()],
  );
  return rows.map((row) => ({ delivery: asId('delivery', row.id), dispatchNo: row.dispatch_no }));
}

/** The job is gone: back to the backlog, unless it has moved on in the meantime (compare and set on dispatch_no). */
export async function returnLost(
  database: Database,
  lost: { delivery: DeliveryId; dispatchNo: number; now: Temporal.Instant },
): Promise<boolean> {
  return moveDelivery(database.pool, {
    delivery: lost.delivery,
    to: 'accepted',
    by: 'return',
    at: lost.now,
    reason: 'job-lost',
    nextAttemptAt: lost.now,
    dispatchNo: lost.dispatchNo,
  });
}

/**
 * Claims past their lease: the worker died, or its answer is lost. They may have been taken, so they are `unknown`.
 * Rows that somebody is settling right now are left alone (SKIP LOCKED).
 * @param tell hears how many of each channel.
 * @returns how many.
 */
export async function expireLeases(
  database: Database,
  now: Temporal.Instant,
  tell: (channel: Channel, count: number) => void = () => {},
): Promise<number> {
  const { rows } = await database.pool.query<{ channel: Channel; n: number }>(
    `WITH expired AS (
      SELECT d.id FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id
      WHERE d.status = ANY ($2) AND d.lease_until < $1
      ORDER BY d.lease_until LIMIT 500 FOR NO KEY UPDATE OF d, r SKIP LOCKED
    ), moved AS (
      UPDATE sollecito.delivery d SET status = 'unknown', in_doubt = false, reason = 'claim-expired', updated_at = $1
      FROM expired WHERE d.id = expired.id RETURNING d.id, d.tenant_id, d.reminder_id, d.claim_no, d.channel
    ), told AS (
      INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
      SELECT $1, tenant_id, reminder_id, id, 'unknown', 'claim-expired', jsonb_build_object('attempt', claim_no) FROM moved
    )
    SELECT channel, count(*)::integer AS n FROM moved GROUP BY channel`,
    [now.toString(), sourcesOf('unknown', 'lease')],
  );
  for (const { channel, n } of rows) tell(channel, n);
  return rows.reduce((sum, { n }) => sum + n, 0);
}

/** @param graceMs from its becoming unknown: what a worker knows and could not write down yet comes first. */
type Grace = { now: Temporal.Instant; graceMs: number };

/**
 * Sends an unknown again where the tenant's policy says `resend`: once, and only after the lease, when the first
 * hand-over cannot be under way any more. The repeat is a new generation, so that the provider takes it.
 * @returns how many.
 */
export async function resendUnknown(database: Database, { now, graceMs }: Grace): Promise<number> {
  const { rowCount } = await database.pool.query(
    `WITH chosen AS (
      SELECT d.id FROM sollecito.delivery d
      JOIN sollecito.reminder r ON r.id = d.reminder_id
      JOIN sollecito.tenant t ON t.id = d.tenant_id AND t.unknown_policy = 'resend'
      WHERE d.status = ANY ($2) AND d.resends = 0 AND d.lease_until < $1 AND d.updated_at < $3
      ORDER BY d.lease_until LIMIT 500 FOR NO KEY UPDATE OF d, r SKIP LOCKED
    ), moved AS (
      UPDATE sollecito.delivery d
      SET status = 'accepted', in_doubt = true, reason = 'resend', resends = d.resends + 1, generation = d.generation + 1, first_claimed_at = NULL,
        next_attempt_at = $1, updated_at = $1
      FROM chosen WHERE d.id = chosen.id RETURNING d.id, d.tenant_id, d.reminder_id
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
    SELECT $1, tenant_id, reminder_id, id, 'accepted', 'resend', jsonb_build_object('policy', 'resend') FROM moved`,
    [now.toString(), sourcesOf('accepted', 'resend'), now.subtract({ milliseconds: graceMs }).toString()],
  );
  return rowCount ?? 0;
}

/**
 * An SMS whose fate is unknown is handed over again under the same idx, inside the window in which the provider still
 * knows it: it drops the double and says so, which proves that the first was taken.
 * @returns how many.
 */
export async function repeatUnknownSms(
  database: Database,
  { now, graceMs, windowMs }: Grace & { windowMs: number },
): Promise<number> {
  const { rowCount } = await database.pool.query(
    `WITH chosen AS (
      SELECT d.id FROM sollecito.delivery d
      JOIN sollecito.reminder r ON r.id = d.reminder_id
      WHERE d.status = ANY ($2) AND d.channel = 'sms' AND d.lease_until < $1 AND d.updated_at < $4 AND d.first_claimed_at > $3 AND d.attempts < 5
      ORDER BY d.lease_until LIMIT 500 FOR NO KEY UPDATE OF d, r SKIP LOCKED
    ), moved AS (
      UPDATE sollecito.delivery d SET status = 'accepted', in_doubt = true, reason = 'repeat', attempts = d.attempts + 1, next_attempt_at = $1, updated_at = $1
      FROM chosen WHERE d.id = chosen.id RETURNING d.id, d.tenant_id, d.reminder_id, d.generation
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
    SELECT $1, tenant_id, reminder_id, id, 'accepted', 'repeat', jsonb_build_object('generation', generation) FROM moved`,
    [
      now.toString(),
      sourcesOf('accepted', 'resend'),
      now.subtract({ milliseconds: windowMs }).toString(),
      now.subtract({ milliseconds: graceMs }).toString(),
    ],
  );
  return rowCount ?? 0;
}
