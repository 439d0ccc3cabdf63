import { isIsoDate } from '../domain/invoice.ts';
import { type Currency, decimalsOf, type Money, parseMoney } from '../domain/money.ts';
import type { XmlElement } from './xml-tree.ts';

/**
 * Ends the reading of a file at the first field that cannot be what it says. It never leaves this folder:
 * `readInvoices` turns it into a value.
 */
export class InvoiceRefused extends Error {
  readonly code: string;
  readonly path: string;

  constructor(code: string, message: string, path: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

export function requiredChild(element: XmlElement, name: string): XmlElement {
  const child = element.child(name);
  if (!child) throw new InvoiceRefused('missing-element', `${name} is missing`, element.pathOf(name));
  return child;
}

export function requiredText(element: XmlElement, name: string): string {
  const text = element.textOf(name);
  if (text === null) throw new InvoiceRefused('missing-element', `${name} is missing or empty`, element.pathOf(name));
  return text;
}

/** Longer than this nothing real is: it would not fit where it is kept. @param most in characters. */
export function notLonger(text: string, most: number, path: string): string {
  if (text.length <= most) return text;
  throw new InvoiceRefused('text-too-long', `"${shown(text)}" has more than ${most} characters`, path);
}

/** A day of the calendar, `YYYY-MM-DD`. The zone that `xs:date` may carry (`Z`, `+01:00`) is dropped, as the day is meant. */
export function dateOf(element: XmlElement, name: string): string | null {
  const text = element.textOf(name);
  if (text === null) return null;
  const day = text.replace(/(?:Z|[+-]\d{2}:\d{2})$/, '');
  if (isIsoDate(day)) return day;
  throw new InvoiceRefused('date-invalid', `"${shown(text)}" is no date of the calendar`, element.pathOf(name));
}

/** A decimal number exactly as it is written: never a float. At most 15 digits before the point and 8 after it. */
export function decimalOf(element: XmlElement, name: string): string | null {
  const text = element.textOf(name);
  if (text === null) return null;
  if (/^-?\d{1,15}(?:\.\d{1,8})?$/.test(text)) return text;
  throw new InvoiceRefused('number-invalid', `"${shown(text)}" is no decimal number`, element.pathOf(name));
}

/** An amount of the document's currency; zeros past its decimals are allowed (`100.00` yen), anything else there is not. */
export function amountOf(element: XmlElement, name: string, currency: Currency): Money | null {
  const text = element.textOf(name);
  if (text === null) return null;
  const amount = exactAmount(text, currency);
  if (amount) return amount;
  throw new InvoiceRefused('amount-invalid', `"${shown(text)}" is no amount in ${currency}`, element.pathOf(name));
}

export function requiredAmount(element: XmlElement, name: string, currency: Currency): Money {
  const amount = amountOf(element, name, currency);
  if (amount) return amount;
  throw new InvoiceRefused('missing-element', `${name} is missing or empty`, element.pathOf(name));
}

function exactAmount(text: string, currency: Currency): Money | undefined {
  const decimals = decimalsOf(currency);
  const [whole = '', fraction = ''] = text.split('.', 2);
  if (!/^-?\d{1,15}(?:\.\d{1,8})?$/.test(text) || !/^0*$/.test(fraction.slice(decimals))) return undefined;
  const kept = fraction.slice(0, decimals);
  return parseMoney(kept === '' ? whole : `${whole}.${kept}`, currency);
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
