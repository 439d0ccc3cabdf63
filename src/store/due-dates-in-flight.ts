import { asId, type CustomerId, type DueDateId, type ReminderId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/**
 * Reminders of these due dates that were claimed before a change of them and are being handed over right now: too
 * late to stop. Call it under the due dates' locks, which the claim takes too.
 */
export async function remindersInFlight(
  client: Queryable,
  dueDates: readonly DueDateId[],
): Promise<Map<DueDateId, ReminderId[]>> {
  const inFlight = new Map<DueDateId, ReminderId[]>();
  if (dueDates.length === 0) return inFlight;
  const { rows } = await client.query<{ due_date_id: string; reminder_id: string }>(
    `SELECT DISTINCT l.due_date_id, l.reminder_id
     FROM sollecito.reminder_due_date l JOIN sollecito.delivery d ON d.reminder_id = l.reminder_id AND d.status = 'sending'
     WHERE l.due_date_id = ANY ($1) ORDER BY l.due_date_id, l.reminder_id`,
    [dueDates],
  );
  for (const row of rows) {
    const dueDate = asId('dueDate', row.due_date_id);
    inFlight.set(dueDate, [...(inFlight.get(dueDate) ?? []), asId('reminder', row.reminder_id)]);
  }
  return inFlight;
}

/** The same for a customer that was excluded, paused or given other addresses. Call it under the customer's lock. */
export async function customersRemindersInFlight(client: Queryable, customer: CustomerId): Promise<ReminderId[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT r.id FROM sollecito.reminder r WHERE r.customer_id = $1 AND r.status = 'sending' ORDER BY r.id`,
    [customer],
  );
  return rows.map((row) => asId('reminder', row.id));
}
