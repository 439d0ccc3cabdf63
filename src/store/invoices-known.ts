import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Direction } from '../domain/due-date.ts';
import { asId, type CustomerId, type Id, type TenantId } from '../domain/ids.ts';
import { counterpartyOf } from '../domain/invoice-direction.ts';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../domain/invoice.ts';
import type { Queryable } from './database.ts';

/** An invoice as an import judges it. `pdf` is what came with it, to go with its reminders. */
export type JudgedInvoice = { invoice: Invoice; direction: Direction; pdf: Uint8Array | null };

/** With the row that keeps it. `before` is what an earlier import kept; undefined on the first. */
export type KnownInvoice = JudgedInvoice & { id: Id<'invoice'>; pdfSha256: string | null; before: Kept | undefined };

/** `judged` null: it was imported when every invoice was taken as receivable, credit notes lowered nothing, and PDFs were left. */
type Kept = { invoice: Invoice; direction: Direction; judged: Direction | null; pdfSha256: string | null };

/** Whether there is something in it that was not known: in what it says, in its PDF, or in whose money it speaks of. */
export function isNews(known: KnownInvoice): boolean {
  const { before, direction, pdfSha256 } = known;
  return saysNews(known) || before?.judged !== direction || before.pdfSha256 !== pdfSha256;
}

/** Whether the file says something that was not known of this invoice. What we say of it, in other words one day, is no news. */
export function saysNews({ invoice, before }: KnownInvoice): boolean {
  return before === undefined || !isDeepStrictEqual(statedIn(invoice), statedIn(before.invoice));
}

function statedIn(invoice: Invoice): unknown {
  return invoiceToJson({ ...invoice, warnings: [] });
}

/** Finds the invoice's row; writes it when there is news. */
export async function keepInvoice(
  client: Queryable,
  by: { tenant: TenantId; now: Temporal.Instant },
  judged: JudgedInvoice,
): Promise<KnownInvoice> {
  const { invoice, direction, pdf } = judged;
  const key = [by.tenant, ...keyOf(invoice)];
  const { rows } = await client.query<InvoiceRow>(
    `SELECT id, data, direction, pdf_sha256 FROM sollecito.invoice
     WHERE tenant_id = $1 AND seller = $2 AND number = $3 AND year = $4 AND type = $5`,
    key,
  );
  const pdfSha256 = pdf && createHash('sha256').update(pdf).digest('hex');
  const common = { ...judged, pdfSha256, before: rows[0] && keptFromRow(rows[0]) };
  const found = rows[0] && { ...common, id: asId('invoice', rows[0].id) };
  if (found && !isNews(found)) return found;
  const kept = await client.query<{ id: string }>(
    `INSERT INTO sollecito.invoice (id, tenant_id, seller, number, year, type, data, direction, pdf_sha256, created_at, updated_at)
     VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     ON CONFLICT (tenant_id, seller, number, year, type) DO UPDATE
     SET data = excluded.data, direction = excluded.direction, pdf_sha256 = excluded.pdf_sha256, updated_at = excluded.updated_at
     RETURNING id`,
    [...key, JSON.stringify(invoiceToJson(invoice)), direction, pdfSha256, by.now.toString()],
  );
  if (!kept.rows[0]) throw new Error('an invoice was not kept');
  return { ...common, id: asId('invoice', kept.rows[0].id) };
}

type InvoiceRow = { id: string; data: unknown; direction: Direction | null; pdf_sha256: string | null };

function keptFromRow(row: InvoiceRow): Kept {
  const { direction: judged, pdf_sha256: pdfSha256 } = row;
  return { invoice: invoiceFromJson(row.data), direction: judged ?? 'receivable', judged, pdfSha256 };
}

/** What makes two invoices one: a seller's numbers begin again every year, and differ by kind of document. */
export function keyOf(invoice: Invoice): [seller: string, number: string, year: number, type: string] {
  const { seller, number, date, type } = invoice;
  return [seller.vatId ?? seller.taxCode ?? seller.name, number, Number(date.slice(0, 4)), type];
}

/** The customer that an invoice's other party is, and was when it was last imported: equal unless that has changed. */
export type Counterparties = { customer: CustomerId; before: CustomerId };

/**
 * An invoice that was refused on its way may come again under its number, with its buyer put right; and what was taken
 * for an invoice of the tenant's own may turn out to be one to it.
 */
export function hasNewCounterparty(known: KnownInvoice): known is KnownInvoice & { before: Kept } {
  const { invoice, direction, before } = known;
  if (!before) return false;
  const [now, then] = [counterpartyOf(invoice, direction), counterpartyOf(before.invoice, before.direction)];
  return (['vatId', 'taxCode', 'name'] as const).some((name) => now[name] !== then[name]);
}
