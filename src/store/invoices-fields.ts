import { isDeepStrictEqual } from 'node:util';
import { outstandingOf } from '../domain/due-date.ts';
import type { BankAccountId, CustomerId } from '../domain/ids.ts';
import { payableTo } from '../domain/invoice-account.ts';
import type { Instalment } from '../domain/invoice.ts';
import type { DueDate, DueDateFields } from './due-dates.ts';
import type { Counterparties, JudgedInvoice, KnownInvoice } from './invoices-known.ts';

export type Accounts = ReadonlyMap<string, BankAccountId>;

/**
 * The due date that an instalment asks for. The account in a payable is the supplier's, which is none of the tenant's own.
 * @param accounts by IBAN.
 */
export function fieldsOf(
  { invoice, direction }: Pick<JudgedInvoice, 'invoice' | 'direction'>,
  instalment: Instalment,
  customerId: CustomerId,
  accounts: Accounts,
): DueDateFields {
  const account = direction === 'receivable' ? payableTo(instalment) : null;
  return {
    customerId,
    direction,
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
  { before: customer }: Counterparties,
  accounts: Accounts,
): DueDateFields | undefined {
  const old = before?.invoice.instalments[instalment - 1];
  return before && old && fieldsOf(before, old, customer, accounts);
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

const following = [
  'direction',
  'customerId',
  'documentNumber',
  'documentDate',
  'dueOn',
  'amount',
  'paymentMethod',
  'bankAccountId',
] as const satisfies readonly (keyof DueDateFields)[];
type Following = (typeof following)[number];

/** What a corrected file asks for and did not get, and why. `wanted`: what the file says. */
export type KeptField = { because: 'paid' | 'changed'; name: Following; wanted: DueDateFields };

/**
 * What still stands as it was imported follows the file; what a person or an app has changed since stays theirs. What is
 * paid off keeps its amount and day, what is paid in part an amount of at least that; whoever paid stays who was asked.
 */
export function merged(
  current: DueDate,
  imported: DueDateFields | undefined,
  wanted: DueDateFields,
): { fields: DueDateFields; kept: KeptField[] } {
  const differing = following.filter((name) => !isDeepStrictEqual(current[name], wanted[name]));
  const keeps = (name: Following): KeptField => ({
    because: staysAsPaid(current, name) ? 'paid' : 'changed',
    name,
    wanted,
  });
  if (!imported) {
    return { fields: current, kept: differing.filter((name) => name === 'dueOn' || name === 'amount').map(keeps) };
  }
  const followed = new Set(
    differing.filter((name) => isDeepStrictEqual(current[name], imported[name]) && !staysAsPaid(current, name)),
  );
  const follow = <K extends Following>(name: K): DueDateFields[K] =>
    followed.has(name) ? wanted[name] : current[name];
  const amount = atLeastPaid(current, follow('amount'));
  const left = differing.filter((name) => !followed.has(name) && !isDeepStrictEqual(wanted[name], imported[name]));
  return {
    fields: {
      ...current,
      direction: follow('direction'),
      customerId: follow('customerId'),
      documentNumber: follow('documentNumber'),
      documentDate: follow('documentDate'),
      dueOn: follow('dueOn'),
      amount,
      paymentMethod: follow('paymentMethod'),
      bankAccountId: follow('bankAccountId'),
    },
    // Only where the file itself says something new: what a person changed is not told again and again.
    kept: [
      ...left.map(keeps),
      ...(amount === follow('amount') ? [] : [{ because: 'paid', name: 'amount', wanted } as const]),
    ],
  };
}

/** Money came for all of it; what credit notes settled is not paid. */
export function isPaidOff(current: DueDate): boolean {
  return current.paid.units > 0n && !current.isVoid && outstandingOf(current).units === 0n;
}

function staysAsPaid(current: DueDate, name: Following): boolean {
  if (name === 'amount' || name === 'dueOn') return isPaidOff(current);
  return (name === 'customerId' || name === 'direction') && current.paid.units > 0n;
}

function atLeastPaid({ paid, isVoid }: DueDate, amount: DueDateFields['amount']): DueDateFields['amount'] {
  return !isVoid && amount.currency === paid.currency && amount.units < paid.units ? paid : amount;
}

/** Nothing was paid on it, and neither a person nor an app has touched it since it was imported. */
export function isUntouched(current: DueDate, imported: DueDateFields | undefined): boolean {
  if (!imported || current.paid.units > 0n || current.hold !== null) return false;
  const standing = new Map<string, unknown>(Object.entries(current));
  return Object.entries(imported).every(([name, value]) => isDeepStrictEqual(standing.get(name), value));
}
