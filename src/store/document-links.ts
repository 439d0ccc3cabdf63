import { asId, formatId } from '../domain/ids.ts';
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
  // The instalments of an invoice may share its own PDF, and with it the link.
  const { rows } = await client.query<{ id: string }>('SELECT id FROM sollecito.due_date WHERE own_document_id = $1', [
    asked.ownDocumentId,
  ]);
  const shared = rows.map((row) => formatId('dueDate', asId('dueDate', row.id)));
  const locked = await lockDueDates(client, [formatId('dueDate', asked.id), ...shared]);
  const ids = [...locked.values()].map((dueDate) => dueDate.id);
  const now = change.clock.now();
  await client.query(
    `UPDATE sollecito.document SET link_epoch = link_epoch + 1
     WHERE due_date_id = $1 OR id = (SELECT own_document_id FROM sollecito.due_date WHERE id = $1)`,
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
