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
  const moved = await moveDelivery(database.pool, {
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
      ...(counts(settlement) ? { attempts: request.attempts + 1 } : {}),
      ...(settlement.to === 'sent' ? { providerMessageId: settlement.providerMessageId } : {}),
    },
  });
  if (!moved) await noteLateAnswer(database, request);
  return moved;
}

function counts(settlement: Settlement): boolean {
  return settlement.to === 'failed' || (settlement.to === 'retrying' && !settlement.free);
}

/** It was settled otherwise meanwhile, but what the provider said is evidence: it stands in the story. */
async function noteLateAnswer(database: Database, request: SettleRequest): Promise<void> {
  await database.pool.query(
    `INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail, private_detail)
     SELECT $2, tenant_id, reminder_id, id, 'lateAnswer', $3, $4, $5 FROM sollecito.delivery WHERE id = $1`,
    [
      request.delivery,
      request.now.toString(),
      request.settlement.to,
      JSON.stringify({ attempt: request.claimNo, code: request.code }),
      JSON.stringify({ response: request.response }),
    ],
  );
}
