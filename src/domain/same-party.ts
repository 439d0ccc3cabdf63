import type { InvoiceParty } from './invoice.ts';

/** By which a firm or a person is known to the tax office. */
export type PartyNumbers = Pick<InvoiceParty, 'vatId' | 'taxCode'>;

/**
 * Whether two parties of invoices are one. Firms of one VAT group share its VAT id, not their tax codes: where both have
 * a tax code of their own it decides. Names speak only where numbers cannot.
 */
export function sameParty(
  a: PartyNumbers & { readonly name: string },
  b: PartyNumbers & { readonly name: string },
): boolean {
  return sameNumbers(a, b) ?? plain(a.name) === plain(b.name);
}

/** Undefined when it cannot be told: the two have no number of one kind. */
export function sameNumbers(a: PartyNumbers, b: PartyNumbers): boolean | undefined {
  if (sameNumber(a.taxCode, b.taxCode) === true) return true;
  if (ownTaxCode(a) !== null && ownTaxCode(b) !== null) return false;
  // An Italian firm's tax code is most often its VAT number.
  const isCrossed = sameNumber(a.vatId, b.taxCode) === true || sameNumber(a.taxCode, b.vatId) === true;
  return sameNumber(a.vatId, b.vatId) ?? (isCrossed ? true : undefined);
}

/** One that says more than the VAT id: who writes invoices may put the VAT number in the place of a person's tax code. */
function ownTaxCode({ vatId, taxCode }: PartyNumbers): string | null {
  return sameNumber(vatId, taxCode) === true ? null : taxCode;
}

/** With its country or without, and however it is spaced: people write both. */
function sameNumber(a: string | null, b: string | null): boolean | undefined {
  if (a === null || b === null) return undefined;
  const [one, other] = [compact(a), compact(b)];
  return one === other || withoutCountry(one) === other || one === withoutCountry(other);
}

function compact(number: string): string {
  return number.replaceAll(/[^\p{L}\p{N}]/gu, '').toUpperCase();
}

function withoutCountry(number: string): string | undefined {
  return /^[A-Z]{2}./.test(number) ? number.slice(2) : undefined;
}

function plain(name: string): string {
  return name.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
