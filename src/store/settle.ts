import type { DeliveryId } from '../domain/ids.ts';
import type { Settlement } from '../domain/retry.ts';
import type { Database } from './database.ts';
import { moveDelivery } from './move-delivery.ts';

export type SettleRequest = {
  delivery: DeliveryId;
  token: string;
  claimNo: number;
  attempts: number;
  now: Temporal.Instant;
  settlement: Settlement;
  /** The provider's own code and text: they go to the event, and the text to its private part. */
  code: string | null;
  response: string;
};

/**
 * Writes down what became of a hand-over. Matches the claim's token, so that nobody settles another's claim; also from
 * `unknown`, when the answer came after the lease.
 * @returns false when the claim was settled otherwise in the meantime (by an operator, by a report).
 */
export async function settleDelivery(database: Database, request: SettleRequest): Promise<boolean> {
  const { settlement } = request;
  return moveDelivery(database.pool, {
    delivery: request.delivery,
    to: settlement.to,
    by: 'settle',
    at: request.now,
    reason: 'reason' in settlement ? settlement.reason : settlement.repeated ? 'taken-before' : null,
    claimToken: request.token,
    detail: { attempt: request.claimNo, code: request.code },
    privateDetail: { response: request.response },
    ...(settlement.to === 'retrying' ? { nextAttemptAt: request.now.add({ milliseconds: settlement.delayMs }) } : {}),
    set: {
      ...(settlement.to === 'retrying' || settlement.to === 'failed' ? { attempts: request.attempts + 1 } : {}),
      ...(settlement.to === 'sent' ? { providerMessageId: settlement.providerMessageId } : {}),
    },
  });
}
