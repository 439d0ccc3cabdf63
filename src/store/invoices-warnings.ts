import type { InvoiceWarning } from '../domain/invoice.ts';
import { formatUnits, type Money } from '../domain/money.ts';
import { publicName } from './due-dates-save.ts';
import type { DueDate, DueDateFields } from './due-dates.ts';
import type { KeptField } from './invoices-fields.ts';
import type { Counterparties, KnownInvoice } from './invoices-known.ts';

/** What a corrected file asks for and did not get: the value that stands, and why. */
export function keptWarning(
  { because, name, wanted }: KeptField,
  current: DueDate,
  fields: DueDateFields,
): InvoiceWarning {
  const stands = `${publicName(name)} ${standing(name, current, fields)}`;
  const said = inWords(name, wanted);
  const file = said === undefined ? '' : `; the file says ${said}`;
  switch (because) {
    case 'paid':
      return { code: 'kept-paid', message: `${current.ref} was paid and keeps ${stands}${file}` };
    case 'changed':
      return { code: 'kept-changed', message: `${current.ref} was changed since and keeps ${stands}${file}` };
  }
}

/** One that a person has called off. */
export function stillVoid({ ref }: DueDate): InvoiceWarning {
  return { code: 'kept-changed', message: `${ref} was called off and stays void` };
}

export function nothingOwed(number: string, instalment: number): InvoiceWarning {
  const message = `Instalment ${instalment} of ${number} asks for nothing: it makes no due date`;
  return { code: 'nothing-owed', message };
}

/** A caller made it of the same document, by another day or amount: which of the two is right nobody can tell but a person. */
export function askedTwice(number: string, { ref }: DueDate): InvoiceWarning {
  const message = `${ref} asks for ${number} as well, by another day or amount: it stays beside what the invoice asks for`;
  return { code: 'also-asked', message };
}

export function inOtherCurrency(
  number: string,
  current: DueDate | undefined,
  { amount }: DueDateFields,
): InvoiceWarning {
  const message = `${current?.ref ?? number} was paid in another currency: ${moneyText(amount)} is not taken over`;
  return { code: 'paid-in-other-currency', message };
}

/** Nothing when it is asked of, or owed to, the same one as before. */
export function buyerChanged(
  { invoice, direction, before: kept }: KnownInvoice,
  { customer, before }: Counterparties,
): InvoiceWarning[] {
  if (customer === before || kept?.direction !== direction) return [];
  const message = `${invoice.number} was known with another buyer: what is owed by it is asked of ${invoice.buyer.name} now`;
  return [{ code: 'buyer-changed', message }];
}

export function moneyText(amount: Money): string {
  return `${formatUnits(amount)} ${amount.currency}`;
}

function standing(name: KeptField['name'], current: DueDate, fields: DueDateFields): string {
  if (name === 'customerId') return current.customerRef;
  if (name === 'bankAccountId') return current.bankAccountRef ?? 'none';
  return inWords(name, fields) ?? 'none';
}

// Who and which account are ids, which say nothing to a person.
function inWords(name: KeptField['name'], fields: DueDateFields): string | undefined {
  if (name === 'customerId' || name === 'bankAccountId') return undefined;
  return name === 'amount' ? moneyText(fields.amount) : (fields[name] ?? 'none');
}
