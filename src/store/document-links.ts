import { asId, type DueDateId, formatId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { type Change, recordDueDateEvents } from './due-dates-events.ts';
import { type DueDate, findDueDate, lockDueDates } from './due-dates.ts';

/**
 * Makes every link that was sent to a due date's documents worthless; messages that have not left get new ones (its
 * version is raised, so what was prepared is prepared again).
 * @returns undefined when there is no such due date.
 */
export async function revokeDocumentLinks(
  client: Queryable,
  change: Change,
  refOrId: string,
): Promise<DueDate | undefined> {
  const asked = await findDueDate(client, refOrId);
  if (!asked) return undefined;
  const shared = (await sharing(client, asked.id)).map((id) => formatId('dueDate', id));
  const locked = await lockDueDates(client, [formatId('dueDate', asked.id), ...shared]);
  const ids = [...locked.values()].map((dueDate) => dueDate.id);
  const now = change.clock.now();
  await client.query(
    `UPDATE sollecito.document SET link_epoch = link_epoch + 1 WHERE due_date_id = $1 OR id IN (${ofInvoice})`,
    [asked.id],
  );
  await client.query('UPDATE sollecito.due_date SET version = version + 1, updated_at = $2 WHERE id = ANY ($1)', [
    ids,
    now.toString(),
  ]);
  await recordDueDateEvents(
    client,
    change,
    now,
    ids.map((dueDateId) => ({ dueDateId, type: 'linksRevoked', detail: {} })),
  );
  return locked.get(formatId('dueDate', asked.id));
}

/**
 * The PDFs that came with its invoice: the one that stands, and those that its messages linked to before another took
 * their place. They are kept with one of the instalments, whichever that is.
 */
const ofInvoice = `
  SELECT own_document_id FROM sollecito.due_date WHERE id = $1 AND own_document_id IS NOT NULL
  UNION
  SELECT o.id FROM sollecito.reminder_due_date l
  JOIN sollecito.delivery d ON d.reminder_id = l.reminder_id AND d.channel = 'sms'
  JOIN sollecito.delivery_message m ON m.delivery_id = d.id
  JOIN sollecito.document o ON o.id = ANY (m.document_ids) AND o.origin = 'invoice'
  WHERE l.due_date_id = $1`;

/** The due dates (of the same invoice) for which one of these documents stands: they lose its link as well. */
async function sharing(client: Queryable, dueDate: DueDateId): Promise<DueDateId[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT s.id FROM sollecito.document o
     JOIN sollecito.due_date f ON f.id = o.due_date_id
     JOIN sollecito.due_date s ON s.invoice_id = f.invoice_id AND s.own_document_id = o.id
     WHERE o.id IN (${ofInvoice})`,
    [dueDate],
  );
  return rows.map(({ id }) => asId('dueDate', id));
}
