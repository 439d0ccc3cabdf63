import type { InvoiceCharge, InvoiceLine } from '../../domain/invoice.ts';
import { isProduct, quotient, unitsOf, withoutSign } from './decimal.ts';

/** An allowance or a charge (BG-20, BG-21, BG-27, BG-28); the amount is that of the whole line or document. */
export type StatedAllowance = {
  readonly kind: 'discount' | 'surcharge';
  readonly percent: string | null;
  /** What the percentage is of. */
  readonly base: string | null;
  readonly amount: string | null;
};

type StatedLine = Omit<InvoiceLine, 'unitPrice' | 'adjustments' | 'description' | 'vatNature'> & {
  /** BT-153 and BT-154. */
  readonly texts: readonly (string | null)[];
  /** BT-146, for so many units (BT-149). */
  readonly netPrice: string | null;
  readonly baseQuantity: string | null;
  readonly allowances: readonly StatedAllowance[];
  readonly category: string | null;
};

/** A line with the price of one unit, to eight decimals, and its allowances and charges for one unit. */
export function lineOf(line: StatedLine): InvoiceLine {
  const unitPrice = unitPriceOf(line);
  return {
    number: line.number,
    description: descriptionOf(line.texts),
    quantity: line.quantity,
    unit: line.unit,
    unitPrice,
    adjustments: line.allowances.map((allowance) => perUnit(allowance, line.quantity, unitPrice)),
    period: line.period,
    vatRate: line.vatRate,
    vatNature: natureOf(line.category),
    total: line.total,
  };
}

export function chargesOf(allowances: readonly StatedAllowance[]): InvoiceCharge[] {
  return allowances.map((allowance) => ({
    kind: allowance.kind,
    rate: percentOf(allowance),
    amount: allowance.amount,
  }));
}

/** A category of UNTDID 5305 by which no VAT is due; L and M are the taxes of the Canaries, Ceuta and Melilla instead. */
export function natureOf(category: string | null): string | null {
  const code = category?.toUpperCase() ?? '';
  return ['E', 'AE', 'K', 'G', 'O', 'Z', 'L', 'M'].includes(code) ? code : null;
}

function descriptionOf(texts: readonly (string | null)[]): string {
  const [name = null, description = null] = texts.map((text) => (text === '' ? null : text));
  if (name === null || description === null || description.startsWith(name)) return description ?? name ?? '';
  return name.endsWith(description) ? name : `${name} – ${description}`;
}

// Some files give a base quantity that is none (the price once more): where only the price as it stands comes to the
// line's total, it is the price of one.
function unitPriceOf({ netPrice, baseQuantity, quantity, total, allowances }: StatedLine): string | null {
  if (netPrice === null || baseQuantity === null || unitsOf(baseQuantity) === unitsOf('1')) return netPrice;
  const price = quotient(netPrice, baseQuantity);
  if (price === undefined) return netPrice;
  if (quantity === null || total === null) return price;
  const net = unitsOf(total) - allowances.reduce((sum, allowance) => sum + signed(allowance), 0n);
  return !isProduct(price, quantity, net) && isProduct(netPrice, quantity, net) ? netPrice : price;
}

function signed({ kind, amount }: StatedAllowance): bigint {
  const units = amount === null ? 0n : unitsOf(amount);
  return kind === 'discount' ? -units : units;
}

// On goods that come back (a negative quantity) a discount of the line raises the price of one.
function perUnit(
  allowance: StatedAllowance,
  quantity: string | null,
  unitPrice: string | null,
): InvoiceLine['adjustments'][number] {
  const { kind, amount } = allowance;
  const percent = percentOf(allowance);
  const each = amount === null || quantity === null ? amount : (quotient(amount, quantity) ?? amount);
  const turned = each?.startsWith('-') === true && amount?.startsWith('-') === false;
  const opposite = kind === 'discount' ? 'surcharge' : 'discount';
  return {
    kind: turned ? opposite : kind,
    percent: isOfPrice(percent, each, unitPrice) ? percent : null,
    amount: turned ? withoutSign(each) : each,
  };
}

// Denmark's older profile writes the factor (0.25) where EN 16931 wants the percentage. What does not come to the amount
// either way is left out: the amount is what counts.
function percentOf({ percent, base, amount }: StatedAllowance): string | null {
  if (percent === null || base === null || amount === null) return percent;
  const hundredfold = unitsOf(amount) * 100n;
  if (isProduct(percent, base, hundredfold, 100n)) return percent;
  const ofFactor = quotient(percent, '0.01');
  return ofFactor !== undefined && isProduct(ofFactor, base, hundredfold, 100n) ? ofFactor : null;
}

// A percentage may be of another base than the price.
function isOfPrice(percent: string | null, amount: string | null, unitPrice: string | null): boolean {
  if (percent === null || amount === null || unitPrice === null) return amount === null;
  return isProduct(percent, unitPrice, unitsOf(withoutSign(amount)) * 100n, 100n);
}
