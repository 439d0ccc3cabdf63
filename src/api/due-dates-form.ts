import { z } from 'zod';
import type { BankAccountId, CustomerId } from '../domain/ids.ts';
import type { DueDateFields } from '../store/due-dates.ts';
import { bankAccountInputWithRef } from './bank-account-form.ts';
import { customerInputWithRef } from './customer-form.ts';
import { date, line, metadata, positiveAmount, ref, textAs, webAddress } from './schemas.ts';

const customer = z.union([ref, customerInputWithRef]).describe('A ref, or the whole customer with its ref');
const bankAccount = z.union([ref, bankAccountInputWithRef]).describe('A ref, or the whole bank account with its ref');
export type CustomerReference = z.output<typeof customer>;
export type BankAccountReference = z.output<typeof bankAccount>;

const document = z.strictObject({
  number: line(100).nullable().optional(),
  date: date.nullable().optional(),
  type: line(40).optional().describe('invoice, debitNote, receipt, …'),
});

// There are none yet: one that is named is refused, not forgotten.
const sequence = textAs((): string | undefined => undefined, {
  code: 'unknown-sequence',
  message: 'names no dunning sequence',
});

const optionalFields = {
  direction: z.enum(['receivable', 'payable']).optional(),
  document: document.optional(),
  paymentMethod: line(100).nullable().optional(),
  bankAccount: bankAccount.nullable().optional(),
  paymentUrl: webAddress.nullable().optional(),
  sequence: sequence.nullable().optional(),
  metadata: metadata.optional(),
};

/** A whole due date: what is not sent is empty (`direction`: `receivable`, `document.type`: `invoice`). */
export const dueDateInput = z.strictObject({ customer, dueOn: date, amount: positiveAmount, ...optionalFields });
/** The same with its ref: in a batch. */
export const dueDateInputWithRef = z.strictObject({ ref, ...dueDateInput.shape });
/** Changes: what is not sent stays, null takes a value away. */
export const dueDateChanges = z.strictObject({
  customer: customer.optional(),
  dueOn: date.optional(),
  amount: positiveAmount.optional(),
  ...optionalFields,
});

/** The rows behind what a body names; undefined: it names none. */
export type References = { customer: CustomerId | undefined; bankAccount: BankAccountId | undefined };

/** The due date that a body describes. */
export function dueDateFields(input: z.output<typeof dueDateInput>, references: References): DueDateFields {
  const { customer: customerId } = references;
  if (customerId === undefined) throw new Error('a whole due date has a customer');
  return changedDueDate({ ...empty, customerId, dueOn: input.dueOn, amount: input.amount }, input, references);
}

/** The due date with those changes. */
export function changedDueDate(
  current: DueDateFields,
  changes: z.output<typeof dueDateChanges>,
  references: References,
): DueDateFields {
  const given = <T>(before: T, value: T | undefined): T => (value === undefined ? before : value);
  return {
    customerId: given(current.customerId, references.customer),
    direction: given(current.direction, changes.direction),
    documentNumber: given(current.documentNumber, changes.document?.number),
    documentDate: given(current.documentDate, changes.document?.date),
    documentType: given(current.documentType, changes.document?.type),
    dueOn: given(current.dueOn, changes.dueOn),
    amount: given(current.amount, changes.amount),
    paymentMethod: given(current.paymentMethod, changes.paymentMethod),
    bankAccountId: changes.bankAccount === null ? null : given(current.bankAccountId, references.bankAccount),
    paymentUrl: given(current.paymentUrl, changes.paymentUrl),
    sequence: given(current.sequence, changes.sequence),
    metadata: given(current.metadata, changes.metadata),
  };
}

const empty = {
  direction: 'receivable',
  documentNumber: null,
  documentDate: null,
  documentType: 'invoice',
  paymentMethod: null,
  bankAccountId: null,
  paymentUrl: null,
  sequence: null,
  metadata: {},
} as const;
