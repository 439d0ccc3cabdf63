import { type Currency, type Money, parseCurrency, parseMoney } from '../../domain/money.ts';
import { InvoiceRefused } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { decimalText } from './decimal.ts';

/** The document's currency (BT-5), of ISO 4217. */
export function currencyOf(code: string, path: string): Currency {
  const currency = parseCurrency(code.toUpperCase());
  if (currency) return currency;
  throw new InvoiceRefused('currency-invalid', `"${code.slice(0, 40)}" is no currency of ISO 4217`, path);
}

/** An amount (a child) in the document's currency: refused when it says that it is in another one. */
export function amountIn(element: XmlElement, name: string, currency: Currency): Money | null {
  const child = element.child(name);
  if (!child || child.text === '') return null;
  refuseOther(child, currency);
  return amountOf(child, currency);
}

export function requiredAmountIn(element: XmlElement, name: string, currency: Currency): Money {
  const amount = amountIn(element, name, currency);
  if (amount) return amount;
  throw new InvoiceRefused('missing-element', `${name} is missing or empty`, element.pathOf(name));
}

/** Exactly what is written, as `xs:decimal` (also `+1`, `.5`); past the currency's decimals only zeros may stand. */
export function amountOf({ text, path }: XmlElement, currency: Currency): Money {
  const [, sign, whole, fraction] = /^(?=.{1,100}$)(?=.*\d)([+-]?)0*(\d*)\.?(\d*?)0*$/.exec(text) ?? [];
  const digits = fraction ? `${whole || '0'}.${fraction}` : whole || '0';
  const amount = sign === undefined ? undefined : parseMoney(sign === '-' ? `-${digits}` : digits, currency);
  if (amount) return amount;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new InvoiceRefused('amount-invalid', `"${shown}" is no amount in ${currency}`, path);
}

/** A price or an amount of a line (a child), as decimal text: it may have more decimals than its currency. */
export function decimalIn(element: XmlElement | undefined, name: string, currency: Currency): string | null {
  const child = element?.child(name);
  if (!child) return null;
  refuseOther(child, currency);
  return decimalText(child);
}

/** A number without a currency (a child): a quantity, a rate. */
export function numberIn(element: XmlElement | undefined, name: string): string | null {
  const child = element?.child(name);
  return child ? decimalText(child) : null;
}

function refuseOther(amount: XmlElement | undefined, currency: Currency): void {
  const other = amount?.attributes.get('currencyID')?.trim() ?? '';
  if (!amount || other === '' || other.toUpperCase() === currency) return;
  const message = `The amount is in ${other.slice(0, 10)}, the document in ${currency}`;
  throw new InvoiceRefused('currency-differs', message, amount.path);
}
