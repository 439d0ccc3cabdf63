import { formatUnits, type Money, parseMoney } from '../domain/money.ts';
import { InvoiceRefused } from './field.ts';

/**
 * An amount that was reckoned from others, refused when it has more digits than one that is read may have: it could not
 * be read again from where it is kept.
 * @param path of the element that says it, or should.
 */
export function reckoned(amount: Money, path: string): Money {
  if (parseMoney(formatUnits(amount), amount.currency)) return amount;
  throw new InvoiceRefused('amount-invalid', `What it comes to, ${formatUnits(amount)}, has more than 15 digits`, path);
}
