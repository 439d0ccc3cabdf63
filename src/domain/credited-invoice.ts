import type { Invoice, InvoiceReference } from './invoice.ts';
import { sumOf } from './invoice-terms.ts';
import { type Money, subtract, zero } from './money.ts';
import { sameParty } from './same-party.ts';

type NamedInvoice = Pick<InvoiceReference, 'number' | 'date'>;

/** The invoices that a credit note names, each once, in its order. */
export function namedInvoices({ references }: Pick<Invoice, 'references'>): NamedInvoice[] {
  const named = new Map<string, NamedInvoice>();
  for (const { kind, number, date } of references) {
    const key = JSON.stringify([number, date]);
    if (kind === 'invoice' && !named.has(key)) named.set(key, { number, date });
  }
  return [...named.values()];
}

/**
 * The invoice that a credit note means, or why none: it lowers only what its own seller asked of its own buyer, in its
 * own currency. Numbers begin again every year: without a date it means the last one that is not younger than itself.
 * @param known invoices of that number, of whomever.
 */
export function findCredited<T extends { readonly invoice: Invoice }>(
  note: Invoice,
  { number, date }: NamedInvoice,
  known: readonly T[],
): { found: T } | { missing: 'unknown' | 'other-buyer' | 'other-currency' } {
  const ofSeller = known.filter(
    ({ invoice }) =>
      invoice.type !== 'creditNote' &&
      invoice.number === number &&
      (date === null || invoice.date === date) &&
      sameParty(invoice.seller, note.seller),
  );
  const ofBuyer = ofSeller.filter(({ invoice }) => sameParty(invoice.buyer, note.buyer));
  const payable = ofBuyer.filter(({ invoice }) => invoice.currency === note.currency);
  const isYounger = ({ invoice }: T): number => Number(invoice.date > note.date);
  const [found] = payable.sort((a, b) => isYounger(a) - isYounger(b) || b.invoice.date.localeCompare(a.invoice.date));
  if (found) return { found };
  if (ofBuyer.length > 0) return { missing: 'other-currency' };
  return { missing: ofSeller.length > 0 ? 'other-buyer' : 'unknown' };
}

/**
 * What a credit note is worth on an invoice, measured as that invoice asks: one whose instalments come to its total is
 * lowered by the note's total, one that asks for less (withholding, VAT that the buyer pays to the treasury) by what the
 * note leaves of its own total in the same way. A note that does not state those again is taken at the invoice's own
 * share, so that crediting all of it settles exactly what was asked. Never negative, whichever sign the note is written with.
 */
export function creditFor(note: Invoice, invoice: Invoice): Money {
  const total = absolute(note.total);
  const asked = sumOf(invoice.instalments, invoice.currency);
  if (asked.units === invoice.total.units || note.payable.units === 0n) return total;
  const kept = keptByBuyer(invoice);
  if (kept.units === 0n || keptByBuyer(note).units !== 0n) return absolute(note.payable);
  return share(total, subtract(invoice.total, kept), invoice.total);
}

/** What a buyer pays to the treasury instead of the seller. */
function keptByBuyer({ vat, withholding, currency }: Invoice): Money {
  const amounts = [
    ...withholding.map(({ amount }) => amount),
    ...vat.flatMap(({ tax, paidByBuyer }) => (paidByBuyer ? [tax] : [])),
  ];
  return { units: amounts.reduce((sum, { units }) => sum + units, 0n), currency };
}

// To the nearest unit, halves up; the sums of an invoice are not zero where something is kept of them.
function share(amount: Money, part: Money, whole: Money): Money {
  if (whole.units === 0n) return zero(amount.currency);
  return absolute({
    units: (2n * amount.units * part.units + whole.units) / (2n * whole.units),
    currency: amount.currency,
  });
}

function absolute({ units, currency }: Money): Money {
  return { units: units < 0n ? -units : units, currency };
}
