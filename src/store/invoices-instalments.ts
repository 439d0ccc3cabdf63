import type { DueDateId } from '../domain/ids.ts';
import type { InvoiceWarning } from '../domain/invoice.ts';
import type { Queryable } from './database.ts';
import type { Change } from './due-dates-events.ts';
import { saveDueDates } from './due-dates-save.ts';
import type { DueDate, DueDateFields } from './due-dates.ts';
import { type Accounts, asImported, completed, fieldsOf, merged } from './invoices-fields.ts';
import { goneOf, restoreGone, voidGone } from './invoices-gone.ts';
import { type Counterparties, type KnownInvoice, saysNews } from './invoices-known.ts';
import type { Present } from './invoices-present.ts';
import { freeRefs } from './invoices-refs.ts';
import { askedTwice, buyerChanged, inOtherCurrency, keptWarning, nothingOwed, stillVoid } from './invoices-warnings.ts';

/** What an import writes by: under the locks of what is there. */
export type Standing = { present: Present; accounts: Accounts };

/**
 * Makes a due date of each instalment that asks for something, or brings along the one it is already. What a corrected
 * invoice no longer asks for is voided, unless somebody has paid or changed it since.
 * @param news the invoices that say something new.
 * @returns the due dates that were written, by invoice.
 */
export async function saveInstalments(
  client: Queryable,
  change: Change,
  news: ReadonlyMap<KnownInvoice, Counterparties>,
  { present, accounts }: Standing,
): Promise<{ written: Map<KnownInvoice, DueDateId[]>; warnings: InvoiceWarning[] }> {
  const warnings: InvoiceWarning[] = [];
  const gone = [...news].flatMap(([known, counterparties]) => {
    const { untouched, warnings: told } = goneOf(known, counterparties, present, accounts);
    warnings.push(...told);
    return untouched;
  });
  const wanted = [...news].flatMap(([known, counterparties]) =>
    wantedOf(known, counterparties, { present, accounts }, warnings),
  );
  const written = await write(client, change, wanted, warnings);
  await restoreGone(
    client,
    change,
    wanted.flatMap(({ current }) => (current && present.wasGone(current) ? [current.id] : [])),
  );
  await voidGone(client, change, gone);
  return { written, warnings };
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
  counterparties: Counterparties,
  { present, accounts }: Standing,
  warnings: InvoiceWarning[],
): Wanted[] {
  const there = present.ofInvoice(known);
  const { invoice } = known;
  warnings.push(...buyerChanged(known, counterparties));
  const wanted = invoice.instalments.flatMap((instalment, index): Wanted[] => {
    const number = index + 1;
    const current = there.find((dueDate) => dueDate.instalment === number);
    if (instalment.amount.units <= 0n) {
      warnings.push(nothingOwed(invoice.number, number));
      return [];
    }
    const fields = fieldsOf(known, instalment, counterparties.customer, accounts);
    if (!current) {
      const adopted = present.adopt(fields);
      const kept = adopted ? completed(adopted, fields) : fields;
      if (adopted?.isVoid === true) warnings.push(stillVoid(adopted));
      return [{ known, instalment: number, current: adopted, fields: kept }];
    }
    // Nobody had touched it when it was voided, so all of it follows the file.
    if (present.wasGone(current)) return [{ known, instalment: number, current, fields }];
    const imported = asImported(known, number, counterparties, accounts);
    const followed = merged(current, imported, fields);
    if (current.isVoid && saysNews(known)) warnings.push(stillVoid(current));
    if (!current.isVoid) warnings.push(...followed.kept.map((kept) => keptWarning(kept, current, followed.fields)));
    return [{ known, instalment: number, current, fields: followed.fields }];
  });
  const made = wanted.find(({ current }) => !current);
  if (made) warnings.push(...present.alsoAsking(made.fields).map((one) => askedTwice(invoice.number, one)));
  return wanted;
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
      invoice: { id: known.id, instalment, changed: saysNews(known) },
    }));
    const outcomes = await saveDueDates(client, change, writes);
    left = left.filter((one, index) => {
      const outcome = outcomes[index];
      if (outcome?.kind === 'raced') return true;
      if (outcome && 'id' in outcome) written.set(one.known, [...(written.get(one.known) ?? []), outcome.id]);
      else warnings.push(inOtherCurrency(one.known.invoice.number, one.current, one.fields));
      return false;
    });
  }
  return written;
}
