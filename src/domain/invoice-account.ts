import { parseIban } from './iban.ts';
import type { Instalment } from './invoice.ts';
import { paymentKind } from './payment-method.ts';

/** An account to pay to, as an instalment states it. `iban` without spaces. */
export type StatedAccount = { readonly iban: string; readonly bic: string | null; readonly holder: string | null };

/**
 * The seller's account that an instalment asks to be paid to, or null. Only a bank transfer (or no method at all) names
 * it: the IBAN beside a direct debit or a bank receipt is the payer's own, and a method in other words may be either.
 */
export function payableTo({ method, iban, bic, holder }: Instalment): StatedAccount | null {
  if (method !== null && paymentKind(method) !== 'transfer') return null;
  const account = iban === null ? undefined : parseIban(iban);
  return account === undefined ? null : { iban: account, bic, holder };
}
