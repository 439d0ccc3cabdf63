import { isDeepStrictEqual } from 'node:util';
import type { BankAccountId, CustomerId } from '../domain/ids.ts';
import type { Instalment, Invoice } from '../domain/invoice.ts';
import { payableTo } from '../domain/invoice-account.ts';
import type { DueDate, DueDateFields } from './due-dates.ts';
import type { Buyers, KnownInvoice } from './invoices-known.ts';

export type Accounts = ReadonlyMap<string, BankAccountId>;

/** The due date that an instalment asks for. @param accounts by IBAN. */
export function fieldsOf(
  invoice: Invoice,
  instalment: Instalment,
  customerId: CustomerId,
  accounts: Accounts,
): DueDateFields {
  const account = payableTo(instalment);
  return {
    customerId,
    direction: 'receivable',
    documentNumber: invoice.number,
    documentDate: invoice.date,
    documentType: invoice.type,
    dueOn: instalment.dueOn,
    amount: instalment.amount,
    paymentMethod: instalment.method,
    bankAccountId: (account && accounts.get(account.iban)) ?? null,
    paymentUrl: null,
    sequence: null,
    metadata: {},
  };
}

/** What the last import made of the same instalment. @param instalment counts from 1. */
export function asImported(
  { before }: KnownInvoice,
  instalment: number,
  buyers: Buyers,
  accounts: Accounts,
): DueDateFields | undefined {
  const old = before?.instalments[instalment - 1];
  return before && old && fieldsOf(before, old, buyers.before, accounts);
}

/** Of one that a caller made only what is missing is filled in. */
export function completed(current: DueDate, fields: DueDateFields): DueDateFields {
  return {
    ...current,
    documentDate: current.documentDate ?? fields.documentDate,
    paymentMethod: current.paymentMethod ?? fields.paymentMethod,
    bankAccountId: current.bankAccountId ?? fields.bankAccountId,
  };
}

/** What still stands as it was imported follows the file; what a person or an app has changed since stays theirs. */
export function merged(current: DueDate, imported: DueDateFields | undefined, fields: DueDateFields): DueDateFields {
  if (!imported) return current;
  const follow = <K extends keyof DueDateFields>(name: K): DueDateFields[K] =>
    isDeepStrictEqual(current[name], imported[name]) ? fields[name] : current[name];
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

/** Nothing was paid on it, and neither a person nor an app has touched it since it was imported. */
export function isUntouched(current: DueDate, imported: DueDateFields | undefined): boolean {
  if (!imported || current.paid.units > 0n || current.hold !== null || current.ownDocumentId !== null) return false;
  const standing = new Map<string, unknown>(Object.entries(current));
  return Object.entries(imported).every(([name, value]) => isDeepStrictEqual(standing.get(name), value));
}
