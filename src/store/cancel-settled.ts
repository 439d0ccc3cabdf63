import { sourcesOf } from '../domain/delivery-state.ts';
import { asId, type DueDateId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** Why a due date asks for nothing more, or no longer of that customer. */
export type NothingToAsk = 'paid' | 'credited' | 'void' | 'not-receivable' | 'customer-changed';

type Settled = { tenant: TenantId; dueDates: readonly DueDateId[]; reason: NothingToAsk; now: Temporal.Instant };

/**
 * Locks what cancelSettled may call off for these due dates. To be taken before it is called for several reasons in one
 * transaction: all at once and by id, so that two such transactions do not wait for each other in a circle.
 */
export async function lockCancelable(client: Queryable, dueDates: readonly DueDateId[]): Promise<ReminderId[]> {
  const { rows } = await client.query<{ id: string }>(lockReminders, [dueDates, sourcesOf('canceled', 'cancel')]);
  return rows.map((row) => asId('reminder', row.id));
}

/**
 * Calls off what has not left yet and would ask for nothing: reminders of these due dates of which no due date is
 * still owed by the reminder's customer (thanks go all the same, unless it is void). Call it in the transaction that changed the due dates, under their locks.
 * The triggers on deliveries bring the reminder's status and the quota along.
 * @returns the reminders of which at least one delivery was canceled.
 */
export async function cancelSettled(client: Queryable, settled: Settled): Promise<ReminderId[]> {
  if (settled.dueDates.length === 0) return [];
  const locked = await lockCancelable(client, settled.dueDates);
  if (locked.length === 0) return [];
  // A statement of its own: where two due dates of one reminder are paid at the same time, the second to hold the
  // reminder's lock sees that both are.
  const { rows } = await client.query<{ reminder_id: string }>(cancelDeliveries, [
    locked,
    sourcesOf('canceled', 'cancel'),
    settled.reason,
    settled.now.toString(),
    settled.tenant,
  ]);
  return rows.map((row) => asId('reminder', row.reminder_id));
}

const lockReminders = `
  SELECT r.id FROM sollecito.reminder r
  WHERE r.id IN (SELECT l.reminder_id FROM sollecito.reminder_due_date l WHERE l.due_date_id = ANY ($1))
    AND EXISTS (SELECT 1 FROM sollecito.delivery d WHERE d.reminder_id = r.id AND d.status = ANY ($2))
  ORDER BY r.id FOR NO KEY UPDATE`;

// A claim that holds a delivery's lock has it `sending` when this gets it: the status is looked at again then.
const cancelDeliveries = `
  WITH asking AS (
    SELECT d.id FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id
    WHERE d.reminder_id = ANY ($1) AND d.status = ANY ($2) AND NOT EXISTS (
      SELECT 1 FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id
      WHERE l.reminder_id = r.id AND u.direction = 'receivable' AND u.customer_id = r.customer_id
        AND (u.outstanding > 0 OR (r.template = 'thank-you' AND u.voided_at IS NULL))
    )
    ORDER BY d.id FOR NO KEY UPDATE OF d
  ), canceled AS (
    UPDATE sollecito.delivery d SET status = sollecito.status_in_doubt(d.in_doubt, 'canceled'), in_doubt = false, reason = $3, updated_at = $4
    FROM asking WHERE d.id = asking.id
    RETURNING d.reminder_id
  )
  INSERT INTO sollecito.event (at, tenant_id, reminder_id, type, reason, detail)
  SELECT $4, $5, reminder_id, 'canceled', $3, jsonb_build_object('deliveries', count(*))
  FROM canceled GROUP BY reminder_id
  RETURNING reminder_id`;
