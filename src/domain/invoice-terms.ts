import type { Instalment, Invoice, InvoiceWarning } from './invoice.ts';
import { add, formatUnits, type Money, subtract, zero } from './money.ts';

type Document = { readonly date: string; readonly total: Money; readonly payable: Money };

/** What the buyer owes the seller: the total less what was prepaid, withheld, or is VAT that the buyer pays to the treasury. */
export function payableOf(
  total: Money,
  { vat, withholding, prepaid }: Pick<Invoice, 'vat' | 'withholding' | 'prepaid'>,
): Money {
  const withheld = withholding.reduce((left, { amount }) => subtract(left, amount), total);
  const left = prepaid === null ? withheld : subtract(withheld, prepaid);
  return vat.reduce((rest, { tax, paidByBuyer }) => (paidByBuyer ? subtract(rest, tax) : rest), left);
}

export function sumOf(instalments: readonly Instalment[], currency: Money['currency']): Money {
  return instalments.reduce((sum, { amount }) => add(sum, amount), zero(currency));
}

/**
 * The instalments as the document states them, with a warning where they do not add up to it; where it states none,
 * all is due on its date.
 */
export function paymentTerms(
  stated: readonly Instalment[],
  { date, total, payable }: Document,
): { instalments: Instalment[]; warnings: InvoiceWarning[] } {
  if (stated.length === 0) {
    const instalment = { dueOn: date, amount: payable, method: null, iban: null, bic: null, holder: null };
    const message = `The invoice states no payment terms: ${formatUnits(payable)} is taken as due on its date, ${date}`;
    return { instalments: [instalment], warnings: [{ code: 'no-payment-terms', message }] };
  }
  const instalments = [...stated];
  const sum = sumOf(stated, total.currency);
  if (sum.units === payable.units) return { instalments, warnings: [] };
  const message =
    sum.units === total.units && payable.units < total.units
      ? `The instalments add up to the total, ${formatUnits(total)}, of which only ${formatUnits(payable)} is owed to the seller`
      : `The instalments add up to ${formatUnits(sum)}, the document to ${formatUnits(payable)}`;
  return { instalments, warnings: [{ code: 'instalments-differ', message }] };
}
