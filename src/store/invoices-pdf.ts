import { documentName } from '../domain/due-date-document.ts';
import { asId, type DocumentId, type DueDateId, newId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { type Change, type DueDateEvent, recordDueDateEvents } from './due-dates-events.ts';
import type { KnownInvoice } from './invoices-known.ts';

/**
 * Makes the PDF that came with an invoice the document of all its due dates, stored once for them; where none came any
 * more, ours is made again. A PDF that a caller has put stays. Call it under the due dates' locks.
 */
export async function keepInvoicePdf(client: Queryable, change: Change, known: KnownInvoice): Promise<void> {
  const { rows } = await client.query<DueDateRow>(
    `SELECT d.id, d.ref, d.own_document_id FROM sollecito.due_date d LEFT JOIN sollecito.document o ON o.id = d.own_document_id
     WHERE d.invoice_id = $1 AND o.origin IS DISTINCT FROM 'uploaded' ORDER BY d.instalment, d.id`,
    [known.id],
  );
  const [first] = rows;
  if (!first) return;
  const now = change.clock.now();
  const wanted = known.pdf && ((await findKept(client, known)) ?? (await keep(client, change, now, known, first)));
  const others = rows.filter((row) => row.own_document_id !== wanted).map((row) => asId('dueDate', row.id));
  if (others.length === 0) return;
  await client.query(
    `UPDATE sollecito.due_date
     SET own_document_id = $2, version = version + 1, document_version = document_version + 1, updated_at = $3 WHERE id = ANY ($1)`,
    [others, wanted, now.toString()],
  );
  await recordDueDateEvents(
    client,
    change,
    now,
    others.map((id) => pdfEvent(id, known.pdfSha256)),
  );
}

type DueDateRow = { id: string; ref: string; own_document_id: string | null };

// What came with an earlier file may come again.
async function findKept(client: Queryable, { id, pdfSha256 }: KnownInvoice): Promise<DocumentId | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT o.id FROM sollecito.document o JOIN sollecito.due_date d ON d.id = o.due_date_id
     WHERE d.invoice_id = $1 AND o.origin = 'invoice' AND o.sha256 = decode($2, 'hex') ORDER BY o.created_at, o.id LIMIT 1`,
    [id, pdfSha256],
  );
  return rows[0] && asId('document', rows[0].id);
}

async function keep(
  client: Queryable,
  change: Change,
  now: Temporal.Instant,
  { invoice, pdf, pdfSha256 }: KnownInvoice,
  first: DueDateRow,
): Promise<DocumentId> {
  const id = newId('document');
  const name = documentName({ documentNumber: invoice.number, ref: first.ref });
  await client.query(
    `INSERT INTO sollecito.document (id, tenant_id, due_date_id, origin, name, sha256, bytes, created_at)
     VALUES ($1, $2, $3, 'invoice', $4, decode($5, 'hex'), $6, $7)`,
    [id, change.tenant, first.id, name, pdfSha256, pdf, now.toString()],
  );
  return id;
}

function pdfEvent(dueDateId: DueDateId, sha256: string | null): DueDateEvent {
  return { dueDateId, type: 'updated', detail: { changed: ['pdf'], sha256 } };
}
