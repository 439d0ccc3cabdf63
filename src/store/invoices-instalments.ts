import { isDeepStrictEqual } from 'node:util';
import { outstandingOf } from '../domain/due-date.ts';
import { parseIban } from '../domain/iban.ts';
import { asId, type BankAccountId, type CustomerId, type DueDateId, formatId } from '../domain/ids.ts';
import type { Instalment, Invoice, InvoiceWarning } from '../domain/invoice.ts';
import { formatUnits } from '../domain/money.ts';
import type { Queryable } from './database.ts';
import type { Change } from './due-dates-events.ts';
import { saveDueDates } from './due-dates-save.ts';
import { type DueDate, type DueDateFields, loadDueDates, lockDueDates } from './due-dates.ts';
import { bankAccountsOf } from './invoices-bank-account.ts';
import { freeRefs } from './invoices-refs.ts';
import { type Buyers, isNews, type KnownInvoice } from './invoices-known.ts';

type Saved = { dueDates: DueDate[]; warnings: InvoiceWarning[] };

/**
 * Makes a due date of each instalment that asks for something, or brings along the one it is already.
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
  const warnings: InvoiceWarning[] = [];
  const wanted = news.flatMap((known) => wantedOf(known, buyers.get(known), present, accounts, warnings));
  const written = await write(client, change, wanted, warnings);
  const ids = asking.flatMap((known) => [
    ...new Set([...present.ofInvoice(known).map((one) => one.id), ...(written.get(known) ?? [])]),
  ]);
  const dueDates = await loadDueDates(client, ids);
  return { dueDates: ids.flatMap((id) => dueDates.get(id) ?? []), warnings };
}

/** The due dates that stand already, locked. */
class Present {
  readonly #dueDates: readonly DueDate[];
  readonly #adopted = new Set<DueDateId>();

  constructor(dueDates: readonly DueDate[]) {
    this.#dueDates = dueDates;
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
  return new Present([...locked.values()]);
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
  buyers: Buyers | undefined,
  present: Present,
  accounts: ReadonlyMap<string, BankAccountId>,
  warnings: InvoiceWarning[],
): Wanted[] {
  const there = present.ofInvoice(known);
  if (buyers === undefined) throw new Error('an invoice with news has a customer');
  const { invoice, before } = known;
  warnings.push(...gone(invoice, there), ...moved(known, buyers));
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
    const old = before?.instalments[index];
    const asImported = before && old && fieldsOf(before, old, buyers.before, accounts);
    return [{ known, instalment: index + 1, current, fields: merged(current, asImported, fields) }];
  });
}

function gone(invoice: Invoice, there: readonly DueDate[]): InvoiceWarning[] {
  return there
    .filter((dueDate) => (dueDate.instalment ?? 0) > invoice.instalments.length && outstandingOf(dueDate).units > 0n)
    .map((dueDate) => ({
      code: 'instalment-gone',
      message: `${invoice.number} no longer has the instalment behind ${dueDate.ref}, which stays as it is`,
    }));
}

function moved({ invoice }: KnownInvoice, { customer, before }: Buyers): InvoiceWarning[] {
  if (customer === before) return [];
  const message = `${invoice.number} was known with another buyer: what is owed by it is asked of ${invoice.buyer.name} now`;
  return [{ code: 'buyer-changed', message }];
}

function fieldsOf(
  invoice: Invoice,
  instalment: Instalment,
  customerId: CustomerId,
  accounts: ReadonlyMap<string, BankAccountId>,
): DueDateFields {
  const iban = instalment.iban === null ? undefined : parseIban(instalment.iban);
  return {
    customerId,
    direction: 'receivable',
    documentNumber: invoice.number,
    documentDate: invoice.date,
    documentType: invoice.type,
    dueOn: instalment.dueOn,
    amount: instalment.amount,
    paymentMethod: instalment.method,
    bankAccountId: (iban !== undefined && accounts.get(iban)) || null,
    paymentUrl: null,
    sequence: null,
    metadata: {},
  };
}

function completed(current: DueDate, fields: DueDateFields): DueDateFields {
  return {
    ...current,
    documentDate: current.documentDate ?? fields.documentDate,
    paymentMethod: current.paymentMethod ?? fields.paymentMethod,
    bankAccountId: current.bankAccountId ?? fields.bankAccountId,
  };
}

// What still stands as it was imported follows the file; what a person or an app has changed since stays theirs.
function merged(current: DueDate, asImported: DueDateFields | undefined, fields: DueDateFields): DueDateFields {
  if (!asImported) return current;
  const follow = <K extends keyof DueDateFields>(name: K): DueDateFields[K] =>
    isDeepStrictEqual(current[name], asImported[name]) ? fields[name] : current[name];
  return {
    ...current,
    // What was paid was paid by the one it was asked of.
    customerId: current.paid.units > 0n ? current.customerId : follow('customerId'),
    documentNumber: follow('documentNumber'),
    documentDate: follow('documentDate'),
    dueOn: follow('dueOn'),
    amount: follow('amount'),
    paymentMethod: follow('paymentMethod'),
    bankAccountId: follow('bankAccountId'),
  };
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
