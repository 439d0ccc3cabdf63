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
 * Moves a delivery and writes its event, in one round trip (move_delivery in the migrations): only from where the
 * domain's table allows it. Locks due dates (when it was taken), the reminder, the delivery.
 * @returns false when it was not (or no longer) there to be moved; nothing has changed then.
 */
export async function moveDelivery(client: Queryable, move: DeliveryMove): Promise<boolean> {
  const { rows } = await client.query<{ moved: boolean }>({
    name: 'move-delivery',
    text: 'SELECT sollecito.move_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS moved',
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
      takenStatuses.includes(move.to),
      JSON.stringify(move.detail ?? {}),
      move.privateDetail ? JSON.stringify(move.privateDetail) : null,
    ],
  });
  return rows[0]?.moved ?? false;
}
