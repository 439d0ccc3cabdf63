import { type DeliveryStatus, type Mover, sourcesOf, takenStatuses } from '../domain/delivery-state.ts';
import type { DeliveryId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** A move of one delivery, with the event that tells of it. */
export type DeliveryMove = {
  delivery: DeliveryId;
  to: DeliveryStatus;
  by: Mover;
  at: Temporal.Instant;
  reason: string | null;
  /** Shown to the tenant. */
  detail?: Record<string, unknown>;
  /** Providers' texts and addresses: never shown outside the house's own evidence. */
  privateDetail?: Record<string, unknown>;
  /** When it is due again (accepted, retrying). */
  nextAttemptAt?: Temporal.Instant;
  /** Only while it is still this claim's, or this dispatch's. */
  claimToken?: string;
  dispatchNo?: number;
  set?: {
    attempts?: number;
    prepareFailures?: number;
    /** A repeat by decision: its first hand-over is still to come. */
    generation?: number;
    resends?: number;
    providerMessageId?: string | null;
  };
};

/**
 * Moves a delivery and writes its event, in one statement: only from where the domain's table allows it.
 * The caller's transaction holds the reminder's row lock.
 * @returns false when it was not (or no longer) there to be moved; nothing has changed then.
 */
export async function moveDelivery(client: Queryable, move: DeliveryMove): Promise<boolean> {
  const taken = takenStatuses.includes(move.to);
  const result = await client.query({
    name: 'move-delivery',
    text: `WITH moved AS (
      UPDATE sollecito.delivery d
      SET status = $2, reason = $4, updated_at = $5,
          next_attempt_at = coalesce($6, d.next_attempt_at),
          attempts = coalesce($9, d.attempts), prepare_failures = coalesce($10, d.prepare_failures),
          generation = coalesce($11, d.generation), resends = coalesce($12, d.resends),
          first_claimed_at = CASE WHEN $11::integer IS NULL THEN d.first_claimed_at END,
          provider_message_id = coalesce($13, d.provider_message_id),
          taken_at = CASE WHEN $14 THEN coalesce(d.taken_at, $5) ELSE d.taken_at END
      WHERE d.id = $1 AND d.status = ANY ($3)
        AND ($7::uuid IS NULL OR d.claim_token = $7) AND ($8::integer IS NULL OR d.dispatch_no = $8)
      RETURNING d.id, d.tenant_id, d.reminder_id
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail, private_detail)
    SELECT $5, tenant_id, reminder_id, id, $2, $4, $15, $16 FROM moved`,
    values: [
      move.delivery,
      move.to,
      sourcesOf(move.to, move.by),
      move.reason,
      move.at.toString(),
      move.nextAttemptAt?.toString() ?? null,
      move.claimToken ?? null,
      move.dispatchNo ?? null,
      move.set?.attempts ?? null,
      move.set?.prepareFailures ?? null,
      move.set?.generation ?? null,
      move.set?.resends ?? null,
      move.set?.providerMessageId ?? null,
      taken,
      JSON.stringify(move.detail ?? {}),
      move.privateDetail ? JSON.stringify(move.privateDetail) : null,
    ],
  });
  return result.rowCount === 1;
}
