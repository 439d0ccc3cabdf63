import { z } from 'zod';
import { formatId } from '../domain/ids.ts';
import type { BankAccount, BankAccountFields } from '../store/bank-accounts.ts';
import { instantText } from '../store/instants.ts';
import { bic, iban, line, ref } from './schemas.ts';

const shape = {
  holder: line(140),
  iban,
  bic: bic.nullable().optional(),
  label: line(100).nullable().optional(),
  default: z.boolean().optional().describe('Takes the place of the default that was'),
};

/** A whole bank account. */
export const bankAccountInput = z.strictObject(shape);
/** The same with its ref: inside a due date. */
export const bankAccountInputWithRef = z.strictObject({ ref, ...shape });

/** The bank account that a body describes. */
export function bankAccountFields(input: z.output<typeof bankAccountInput>): BankAccountFields {
  return {
    holder: input.holder,
    iban: input.iban,
    bic: input.bic ?? null,
    label: input.label ?? null,
    isDefault: input.default ?? false,
  };
}

export const bankAccountReply = z.strictObject({
  id: z.string(),
  ref: z.string(),
  holder: z.string(),
  iban: z.string(),
  bic: z.string().nullable(),
  label: z.string().nullable(),
  default: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** As it leaves. */
export function bankAccountJson(account: BankAccount): z.input<typeof bankAccountReply> {
  return {
    id: formatId('bankAccount', account.id),
    ref: account.ref,
    holder: account.holder,
    iban: account.iban,
    bic: account.bic,
    label: account.label,
    default: account.isDefault,
    createdAt: instantText(account.createdAt),
    updatedAt: instantText(account.updatedAt),
  };
}
