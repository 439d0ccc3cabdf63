import { parseIban } from './iban.ts';
import type { Instalment } from './invoice.ts';

/** An account to pay to, as an instalment states it. `iban` without spaces. */
export type StatedAccount = { readonly iban: string; readonly bic: string | null; readonly holder: string | null };

/**
 * The seller's account that an instalment asks to be paid to, or null. Only a bank transfer (FatturaPA `MP05`, or no
 * method at all) names it: the IBAN beside a direct debit (`MP09` to `MP11`, `MP16`, `MP17`, `MP19` to `MP21`) or a
 * bank receipt (`MP12`) is the payer's own, and a method in other words may be either.
 */
export function payableTo({ method, iban, bic, holder }: Instalment): StatedAccount | null {
  if (method !== null && method.trim().toUpperCase() !== 'MP05') return null;
  const account = iban === null ? undefined : parseIban(iban);
  return account === undefined ? null : { iban: account, bic, holder };
}
