import type { Invoice, InvoiceWarning } from '../../domain/invoice.ts';
import { payableOf } from '../../domain/invoice-terms.ts';
import { add, formatUnits, type Money, subtract } from '../../domain/money.ts';

type Stated = {
  /** BT-112. */
  readonly total: Money | null;
  /** BT-113. */
  readonly prepaid: Money | null;
  /** BT-114. */
  readonly rounding: Money | null;
  /** BT-115. */
  readonly payable: Money;
  /** What the seller asks for on behalf of others (BT-DEX-002 of XRechnung's extension), which no total holds. */
  readonly forOthers: Money;
};

/**
 * The sums of a document. What is payable is what the file says, unless that still holds what the buyer pays to the
 * treasury: EN 16931 itself (BR-CO-16) knows neither a withholding nor VAT that is transferred to the buyer.
 */
export function totalsOf(
  stated: Stated,
  { vat, withholding }: Pick<Invoice, 'vat' | 'withholding'>,
  warnings: InvoiceWarning[],
): Pick<Invoice, 'total' | 'prepaid' | 'rounding' | 'payable'> {
  const { rounding } = stated;
  const total = stated.total ?? computedTotal(stated, warnings);
  const rounded = rounding === null ? total : add(total, rounding);
  const gross = payableOf(rounded, { vat: [], withholding: [], prepaid: stated.prepaid });
  const prepaid = stated.payable.units === gross.units ? reallyPrepaid(stated.prepaid, vat) : stated.prepaid;
  const expected = payableOf(rounded, { vat, withholding, prepaid });
  if (stated.payable.units === expected.units) return { total, prepaid, rounding, payable: expected };
  if (stated.payable.units === gross.units) {
    const kept = formatUnits(subtract(gross, expected));
    const message = `${kept} of the ${formatUnits(gross)} that the invoice asks for is the buyer's to pay to the treasury`;
    warnings.push({ code: 'payable-reduced', message });
    return { total, prepaid, rounding, payable: expected };
  }
  const message = differenceOf(stated, expected);
  warnings.push({ code: 'payable-differs', message });
  return { total, prepaid, rounding, payable: stated.payable };
}

function differenceOf({ payable, forOthers }: Stated, expected: Money): string {
  if (forOthers.units !== 0n && payable.units === add(expected, forOthers).units) {
    return `${formatUnits(forOthers)} of the ${formatUnits(payable)} that the invoice asks for is collected for others`;
  }
  return `The invoice asks for ${formatUnits(payable)}, its total and what was prepaid come to ${formatUnits(expected)}`;
}

// Italian invoices with split payment state the transferred VAT as prepaid, since only so BR-CO-16 comes out.
function reallyPrepaid(prepaid: Money | null, vat: Invoice['vat']): Money | null {
  const transferred = vat.reduce((sum, { tax, paidByBuyer }) => (paidByBuyer ? sum + tax.units : sum), 0n);
  if (prepaid === null || transferred <= 0n || prepaid.units < transferred) return prepaid;
  return prepaid.units === transferred ? null : { ...prepaid, units: prepaid.units - transferred };
}

function computedTotal({ payable, prepaid, rounding }: Stated, warnings: InvoiceWarning[]): Money {
  const unrounded = rounding === null ? payable : subtract(payable, rounding);
  const total = prepaid === null ? unrounded : add(unrounded, prepaid);
  warnings.push({
    code: 'total-computed',
    message: `The invoice states no total: ${formatUnits(total)} is what it asks for with what was prepaid`,
  });
  return total;
}
