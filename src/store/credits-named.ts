import { findCredited, namedInvoices } from '../domain/credited-invoice.ts';
import { asId, type DueDateId, type Id, type TenantId } from '../domain/ids.ts';
import { type Invoice, invoiceFromJson } from '../domain/invoice.ts';
import type { Queryable } from './database.ts';
import { isNews, type KnownInvoice } from './invoices-known.ts';

type KeptInvoice = { id: Id<'invoice'>; invoice: Invoice };
export type Named = { number: string } & ReturnType<typeof findCredited<KeptInvoice>>;

/** A credit note with what it lowers. `shares`: what it took off due dates already, in the currency's decimals. */
export type CreditNote = KeptInvoice & {
  /** Undefined: it is not in the file, which brings an invoice that it names, or another note of one. */
  known: KnownInvoice | undefined;
  /** It is in the file, or an invoice is that it names. */
  isOfFile: boolean;
  named: readonly Named[];
  shares: ReadonlyMap<DueDateId, string>;
};

/** `dueDates`: all that may be lowered or raised, and stand already; none when nothing is news. */
export type CreditsAround = { notes: readonly CreditNote[]; dueDates: readonly DueDateId[] };

/** Keeps which invoices a credit note names: one of them may be imported after it. */
export async function keepNamed(
  client: Queryable,
  tenant: TenantId,
  { id, invoice }: Pick<KnownInvoice, 'id' | 'invoice'>,
): Promise<void> {
  await client.query('DELETE FROM sollecito.credited_invoice WHERE credit_note_id = $1', [id]);
  await client.query(
    `INSERT INTO sollecito.credited_invoice (credit_note_id, position, tenant_id, number, date)
     SELECT $1, n - 1, $2, number, date FROM ROWS FROM (jsonb_to_recordset($3) AS (number text, date date)) WITH ORDINALITY AS v (number, date, n)`,
    [id, tenant, JSON.stringify(namedInvoices(invoice))],
  );
}

/**
 * The credit notes of an import and those that name an invoice with news in it, or one that a note with news lowers: what
 * was left of them is used where it takes off less than before. Imports of a tenant take turns, and
 * nothing else makes credits: what is read here stands until the import ends.
 */
export async function findCreditsAround(
  client: Queryable,
  tenant: TenantId,
  known: readonly KnownInvoice[],
): Promise<CreditsAround> {
  const isNote = ({ invoice }: KnownInvoice): boolean => invoice.type === 'creditNote';
  const imported = known.filter(isNote);
  const news = known.filter(isNews);
  const numbers = news.filter((one) => !isNote(one)).map(({ invoice }) => invoice.number);
  const lowered = news.filter(isNote).flatMap(numbersNamed);
  const { rows } = await client.query<NoteRow>(
    `SELECT n.id, n.data,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('dueDate', c.due_date_id, 'amount', c.amount::text)), '[]')
        FROM sollecito.credit c WHERE c.credit_note_id = n.id) AS shares
     FROM sollecito.invoice n
     WHERE n.tenant_id = $1 AND (n.id = ANY ($2) OR n.id IN (
       SELECT w.credit_note_id FROM sollecito.credited_invoice w WHERE w.tenant_id = $1 AND w.number = ANY ($3)
     ))
     ORDER BY n.created_at, n.id`,
    [tenant, imported.map(({ id }) => id), [...numbers, ...lowered]],
  );
  const kept = rows.map((row) => ({ ...keptFromRow(row), shares: sharesFromRow(row) }));
  const candidates = await findNumbered(client, tenant, [
    ...new Set(kept.flatMap(({ invoice }) => namedInvoices(invoice).map(({ number }) => number))),
  ]);
  const notes = kept.map((note) => ({
    ...note,
    known: imported.find(({ id }) => id === note.id),
    isOfFile:
      imported.some(({ id }) => id === note.id) ||
      namedInvoices(note.invoice).some(({ number }) => numbers.includes(number)),
    named: namedInvoices(note.invoice).map((one) => ({
      number: one.number,
      ...findCredited(note.invoice, one, candidates),
    })),
  }));
  return { notes, dueDates: known.some(isNews) ? await dueDatesAround(client, notes) : [] };
}

/** Now and as it was last imported. */
function numbersNamed({ invoice, before }: KnownInvoice): string[] {
  return [invoice, ...(before ? [before.invoice] : [])].flatMap((note) =>
    namedInvoices(note).map(({ number }) => number),
  );
}

/** The due dates that stand now: of the invoices that these notes name, and those that they lowered before. */
export async function dueDatesAround(
  client: Queryable,
  notes: readonly Pick<CreditNote, 'named' | 'shares'>[],
): Promise<DueDateId[]> {
  const invoices = notes.flatMap(({ named }) => named.flatMap((one) => ('found' in one ? [one.found.id] : [])));
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM sollecito.due_date WHERE invoice_id = ANY ($1) OR id = ANY ($2)',
    [invoices, notes.flatMap(({ shares }) => [...shares.keys()])],
  );
  return rows.map((row) => asId('dueDate', row.id));
}

async function findNumbered(client: Queryable, tenant: TenantId, numbers: readonly string[]): Promise<KeptInvoice[]> {
  if (numbers.length === 0) return [];
  const { rows } = await client.query<InvoiceRow>(
    "SELECT id, data FROM sollecito.invoice WHERE tenant_id = $1 AND number = ANY ($2) AND type <> 'creditNote'",
    [tenant, numbers],
  );
  return rows.map(keptFromRow);
}

type InvoiceRow = { id: string; data: unknown };
type NoteRow = InvoiceRow & { shares: { dueDate: string; amount: string }[] };

function keptFromRow(row: InvoiceRow): KeptInvoice {
  return { id: asId('invoice', row.id), invoice: invoiceFromJson(row.data) };
}

function sharesFromRow({ shares }: NoteRow): ReadonlyMap<DueDateId, string> {
  return new Map(shares.map(({ dueDate, amount }) => [asId('dueDate', dueDate), amount]));
}
