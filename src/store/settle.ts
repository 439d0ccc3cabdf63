import type { DeliveryId } from '../domain/ids.ts';
import type { Settlement } from '../domain/retry.ts';
import type { Database, Queryable } from './database.ts';
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
 * `unknown`, when the answer came after the lease. Locks in the order of everyone: due dates, reminder, delivery.
 * @returns false when the claim was settled otherwise in the meantime (by an operator, by a report).
 */
export async function settleDelivery(database: Database, request: SettleRequest): Promise<boolean> {
  const { settlement } = request;
  return database.transaction(async (client) => {
    if (settlement.to === 'sent') await markReminded(client, request.delivery);
    await lockReminderOf(client, request.delivery);
    return moveDelivery(client, {
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
  });
}

/** The filter "not reminded yet" rests on this: it turns true once, with the first reminder that a provider takes. */
export async function markReminded(client: Queryable, delivery: DeliveryId): Promise<void> {
  await client.query({
    name: 'mark-reminded',
    text: `UPDATE sollecito.due_date SET reminded = true
    WHERE NOT reminded AND id IN (
      SELECT u.id FROM sollecito.delivery d
      JOIN sollecito.reminder_due_date l ON l.reminder_id = d.reminder_id
      JOIN sollecito.due_date u ON u.id = l.due_date_id
      WHERE d.id = $1 AND NOT u.reminded ORDER BY u.id FOR NO KEY UPDATE OF u
    )`,
    values: [delivery],
  });
}

/** Taken before any delivery of it is moved: its status follows from all of them. */
export async function lockReminderOf(client: Queryable, delivery: DeliveryId): Promise<void> {
  await client.query({
    name: 'lock-reminder-of',
    text: `SELECT 1 FROM sollecito.reminder WHERE id = (SELECT reminder_id FROM sollecito.delivery WHERE id = $1) FOR NO KEY UPDATE`,
    values: [delivery],
  });
}
