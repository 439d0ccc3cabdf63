import { isDeepStrictEqual } from 'node:util';
import { asId, type DueDateId, formatId } from '../domain/ids.ts';
import type { InvoiceWarning } from '../domain/invoice.ts';
import { formatUnits } from '../domain/money.ts';
import { lockCancelable } from './cancel-settled.ts';
import type { Queryable } from './database.ts';
import type { Change } from './due-dates-events.ts';
import { saveDueDates } from './due-dates-save.ts';
import { type DueDate, type DueDateFields, loadDueDates, lockDueDates } from './due-dates.ts';
import { bankAccountsOf } from './invoices-bank-account.ts';
import { type Accounts, asImported, completed, fieldsOf, merged } from './invoices-fields.ts';
import { goneOf, restoreGone, voidedAsGone, voidGone } from './invoices-gone.ts';
import { freeRefs } from './invoices-refs.ts';
import { type Buyers, isNews, type KnownInvoice } from './invoices-known.ts';

type Saved = { dueDates: DueDate[]; warnings: InvoiceWarning[] };

/**
 * Makes a due date of each instalment that asks for something, or brings along the one it is already. What a corrected
 * invoice no longer asks for is voided, unless somebody has paid or changed it since.
 * @param buyers of the invoices that say something new.
 * @returns the due dates of all invoices, those without news included.
 */
export async function saveInstalments(
  client: Queryable,
  change: Change,
  asking: readonly KnownInvoice[],
  buyers: ReadonlyMap<KnownInvoice, Buyers>,
): Promise<Saved> {
  const news = asking.filter(isNews);
  const files = news.flatMap(({ invoice, before }) => (before ? [invoice, before] : [invoice]));
  const accounts = await bankAccountsOf(client, { tenant: change.tenant, now: change.clock.now() }, files);
  const present = await lockPresent(client, asking, buyers);
  const buyersOf = (known: KnownInvoice): Buyers => {
    const found = buyers.get(known);
    if (!found) throw new Error('an invoice with news has a customer');
    return found;
  };
  const warnings: InvoiceWarning[] = [];
  const gone = news.flatMap((known) => {
    const { untouched, warnings: told } = goneOf(known, buyersOf(known), present.ofInvoice(known), accounts);
    warnings.push(...told);
    return untouched;
  });
  const wanted = news.flatMap((known) => wantedOf(known, buyersOf(known), present, accounts, warnings));
  if (gone.length > 0) {
    // Saving and voiding each call reminders off: what either may touch is locked once, by id.
    const known = [...gone, ...wanted.flatMap(({ current }) => current ?? [])];
    await lockCancelable(client, [...new Set(known.map((dueDate) => dueDate.id))]);
  }
  const written = await write(client, change, wanted, warnings);
  await restoreGone(
    client,
    change,
    wanted.flatMap(({ current }) => (current && present.wasGone(current) ? [current.id] : [])),
  );
  await voidGone(client, change, gone);
  const ids = asking.flatMap((known) => [
    ...new Set([...present.ofInvoice(known).map((one) => one.id), ...(written.get(known) ?? [])]),
  ]);
  const dueDates = await loadDueDates(client, ids);
  return { dueDates: ids.flatMap((id) => dueDates.get(id) ?? []), warnings };
}

/** The due dates that stand already, locked. */
class Present {
  readonly #dueDates: readonly DueDate[];
  readonly #gone: ReadonlySet<DueDateId>;
  readonly #adopted = new Set<DueDateId>();

  constructor(dueDates: readonly DueDate[], gone: ReadonlySet<DueDateId>) {
    this.#dueDates = dueDates;
    this.#gone = gone;
  }

  /** Void only because an earlier file no longer had it. */
  wasGone(dueDate: DueDate): boolean {
    return this.#gone.has(dueDate.id);
  }

  ofInvoice({ id }: KnownInvoice): DueDate[] {
    const those = this.#dueDates.filter((dueDate) => dueDate.invoiceId === id);
    return those.sort((a, b) => (a.instalment ?? 0) - (b.instalment ?? 0));
  }

  /** One that a caller made before its invoice came: the same customer, number, day and amount. It is asked for once. */
  adopt(fields: DueDateFields): DueDate | undefined {
    const found = this.#dueDates.find(
      (dueDate) =>
        dueDate.invoiceId === null &&
        !this.#adopted.has(dueDate.id) &&
        dueDate.customerId === fields.customerId &&
        dueDate.documentNumber === fields.documentNumber &&
        dueDate.dueOn === fields.dueOn &&
        isDeepStrictEqual(dueDate.amount, fields.amount) &&
        (dueDate.documentDate ?? fields.documentDate) === fields.documentDate,
    );
    if (found) this.#adopted.add(found.id);
    return found;
  }
}

async function lockPresent(
  client: Queryable,
  asking: readonly KnownInvoice[],
  buyers: ReadonlyMap<KnownInvoice, Buyers>,
): Promise<Present> {
  const numbered = [...buyers].map(([known, { customer }]) => ({ customer, number: known.invoice.number }));
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM sollecito.due_date WHERE invoice_id = ANY ($1)
     UNION
     SELECT d.id FROM jsonb_to_recordset($2) AS n (customer uuid, number text)
     JOIN sollecito.due_date d ON d.customer_id = n.customer AND d.document_number = n.number AND d.invoice_id IS NULL`,
    [asking.map((known) => known.id), JSON.stringify(numbered)],
  );
  const locked = await lockDueDates(
    client,
    rows.map((row) => formatId('dueDate', asId('dueDate', row.id))),
  );
  const dueDates = [...locked.values()];
  return new Present(dueDates, await voidedAsGone(client, dueDates));
}

type Wanted = {
  known: KnownInvoice;
  instalment: number;
  /** Undefined: it is to be made. */
  current: DueDate | undefined;
  fields: DueDateFields;
};

function wantedOf(
  known: KnownInvoice,
  buyers: Buyers,
  present: Present,
  accounts: Accounts,
  warnings: InvoiceWarning[],
): Wanted[] {
  const there = present.ofInvoice(known);
  const { invoice } = known;
  warnings.push(...moved(known, buyers));
  return invoice.instalments.flatMap((instalment, index): Wanted[] => {
    const current = there.find((dueDate) => dueDate.instalment === index + 1);
    if (instalment.amount.units <= 0n) {
      const message = `Instalment ${index + 1} of ${invoice.number} asks for nothing: it makes no due date`;
      warnings.push({ code: 'nothing-owed', message });
      return [];
    }
    const fields = fieldsOf(invoice, instalment, buyers.customer, accounts);
    if (!current) {
      const adopted = present.adopt(fields);
      const kept = adopted ? completed(adopted, fields) : fields;
      return [{ known, instalment: index + 1, current: adopted, fields: kept }];
    }
    // Nobody had touched it when it was voided, so all of it follows the file.
    if (present.wasGone(current)) return [{ known, instalment: index + 1, current, fields }];
    const imported = asImported(known, index + 1, buyers, accounts);
    return [{ known, instalment: index + 1, current, fields: merged(current, imported, fields) }];
  });
}

function moved({ invoice }: KnownInvoice, { customer, before }: Buyers): InvoiceWarning[] {
  if (customer === before) return [];
  const message = `${invoice.number} was known with another buyer: what is owed by it is asked of ${invoice.buyer.name} now`;
  return [{ code: 'buyer-changed', message }];
}

async function write(
  client: Queryable,
  change: Change,
  wanted: readonly Wanted[],
  warnings: InvoiceWarning[],
): Promise<Map<KnownInvoice, DueDateId[]>> {
  const written = new Map<KnownInvoice, DueDateId[]>();
  // A ref may be taken by another app between the look and the writing: then another one is found.
  for (let left = [...wanted]; left.length > 0;) {
    const refs = await freeRefs(
      client,
      left.map(({ known, instalment, current }) => ({ invoice: known.invoice, instalment, ref: current?.ref })),
    );
    const writes = left.map(({ known, instalment, current, fields }, index) => ({
      ref: refs[index] ?? '',
      current,
      fields,
      invoice: { id: known.id, instalment, changed: true },
    }));
    const outcomes = await saveDueDates(client, change, writes);
    left = left.filter((one, index) => {
      const outcome = outcomes[index];
      if (outcome?.kind === 'raced') return true;
      if (outcome && 'id' in outcome) written.set(one.known, [...(written.get(one.known) ?? []), outcome.id]);
      else warnings.push(inOtherCurrency(one));
      return false;
    });
  }
  return written;
}

function inOtherCurrency({ known, current, fields }: Wanted): InvoiceWarning {
  const message = `${current?.ref ?? known.invoice.number} was paid in another currency: ${formatUnits(fields.amount)} ${fields.amount.currency} is not taken over`;
  return { code: 'paid-in-other-currency', message };
}
