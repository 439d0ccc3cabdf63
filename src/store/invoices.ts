import { asId } from '../domain/ids.ts';
import { type Invoice, invoiceFromJson, invoiceToJson, type InvoiceWarning } from '../domain/invoice.ts';
import type { Queryable } from './database.ts';
import type { Change } from './due-dates-events.ts';
import { customerOfBuyer, findBuyer } from './invoices-customer.ts';
import { type Buyers, hasNewBuyer, isNews, type KnownInvoice } from './invoices-known.ts';
import { saveInstalments } from './invoices-instalments.ts';
import type { DueDate } from './due-dates.ts';
import { tenantCountry } from './tenants.ts';

/** `unchanged`: every invoice of the file was known to the letter, and nothing was written. */
export type ImportReport = {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** Of all instalments of the file, in its order. */
  readonly dueDates: readonly DueDate[];
  readonly warnings: readonly InvoiceWarning[];
};

/**
 * Imports the invoices of one file: their customers, bank accounts and a due date for each instalment. An invoice that
 * is known to the letter changes nothing; of one that was corrected, what people changed or paid since stays.
 * Imports of one tenant take turns, so that two files never make one customer twice.
 */
export async function importInvoices(
  client: Queryable,
  change: Change,
  invoices: readonly Invoice[],
): Promise<ImportReport> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))", [change.tenant]);
  const now = change.clock.now();
  const warnings: InvoiceWarning[] = invoices.flatMap((invoice) => [...invoice.warnings, ...asksForNothing(invoice)]);
  const known: KnownInvoice[] = [];
  for (const invoice of distinct(invoices, warnings)) known.push(await keepInvoice(client, change, now, invoice));
  const asking = known.filter(({ invoice }) => asksForNothing(invoice).length === 0);
  const customers = await customersOf(client, change, now, asking.filter(isNews));
  const saved = await saveInstalments(client, change, asking, customers);
  const made = known.some((one) => one.before === undefined);
  return {
    outcome: made ? 'created' : known.some(isNews) ? 'updated' : 'unchanged',
    dueDates: saved.dueDates,
    warnings: [...warnings, ...saved.warnings],
  };
}

function asksForNothing({ type, number }: Invoice): InvoiceWarning[] {
  switch (type) {
    case 'creditNote':
      return [{ code: 'credit-note', message: `${number} is a credit note: it makes no due date` }];
    case 'selfInvoice':
      return [{ code: 'self-invoice', message: `${number} was written by its buyer: it makes no due date` }];
    case 'invoice':
    case 'debitNote':
      return [];
  }
}

function distinct(invoices: readonly Invoice[], warnings: InvoiceWarning[]): Invoice[] {
  const byKey = new Map<string, Invoice>();
  for (const invoice of invoices) {
    const key = JSON.stringify(keyOf(invoice));
    if (byKey.has(key)) {
      warnings.push({
        code: 'repeated-invoice',
        message: `${invoice.number} stands twice in the file: the first counts`,
      });
    } else byKey.set(key, invoice);
  }
  return [...byKey.values()];
}

// A seller's numbers begin again every year, and differ by kind of document.
function keyOf(invoice: Invoice): [seller: string, number: string, year: number, type: string] {
  const { seller, number, date, type } = invoice;
  return [seller.vatId ?? seller.taxCode ?? seller.name, number, Number(date.slice(0, 4)), type];
}

async function keepInvoice(
  client: Queryable,
  change: Change,
  now: Temporal.Instant,
  invoice: Invoice,
): Promise<KnownInvoice> {
  const { rows } = await client.query<{ id: string; data: unknown }>(
    `SELECT id, data FROM sollecito.invoice
     WHERE tenant_id = $1 AND seller = $2 AND number = $3 AND year = $4 AND type = $5`,
    [change.tenant, ...keyOf(invoice)],
  );
  const before = rows[0] && invoiceFromJson(rows[0].data);
  const found = rows[0] && { id: asId('invoice', rows[0].id), invoice, before };
  if (found && !isNews(found)) return found;
  const kept = await client.query<{ id: string }>(
    `INSERT INTO sollecito.invoice (id, tenant_id, seller, number, year, type, data, created_at, updated_at)
     VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $7)
     ON CONFLICT (tenant_id, seller, number, year, type) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at
     RETURNING id`,
    [change.tenant, ...keyOf(invoice), JSON.stringify(invoiceToJson(invoice)), now.toString()],
  );
  if (!kept.rows[0]) throw new Error('an invoice was not kept');
  return { id: asId('invoice', kept.rows[0].id), invoice, before };
}

// All customers before any due date: the order of the house's locks.
async function customersOf(
  client: Queryable,
  change: Change,
  now: Temporal.Instant,
  news: readonly KnownInvoice[],
): Promise<Map<KnownInvoice, Buyers>> {
  const by = { tenant: change.tenant, country: await tenantCountry(client, change.tenant), now };
  const buyers = new Map<KnownInvoice, Buyers>();
  for (const known of news) {
    const { id } = await customerOfBuyer(client, by, known.invoice.buyer);
    const before = hasNewBuyer(known) ? await findBuyer(client, change.tenant, known.before.buyer) : undefined;
    buyers.set(known, { customer: id, before: before?.id ?? id });
  }
  return buyers;
}
