import { InvoiceRefused } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/**
 * A quantity, price or rate as decimal text. `xs:decimal` also allows a plus, a bare point and any number of decimals:
 * past the eighth they are rounded, as these numbers are shown and never paid.
 */
export function decimalText(element: XmlElement): string | null {
  const { text } = element;
  if (/^-?\d{1,15}(?:\.\d{1,8})?$/.test(text)) return text;
  if (text === '') return null;
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d{0,15})(?:\.(\d{0,60}))?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new InvoiceRefused('number-invalid', `"${shown}" is no decimal number`, element.path);
  }
  const tail = fraction.slice(8, 9);
  const units = BigInt(`${whole}${fraction.slice(0, 8).padEnd(8, '0')}`) + (tail >= '5' ? 1n : 0n);
  return textOf(sign === '-' ? -units : units);
}

/** `a / b`, to eight decimals, halves away from zero; undefined for `b` zero and for more than 15 digits. */
export function quotient(a: string, b: string): string | undefined {
  const divisor = unitsOf(b);
  if (divisor === 0n) return undefined;
  const result = textOf(divided(unitsOf(a) * scale, divisor));
  return /^-?\d{1,15}(?:\.|$)/.test(result) ? result : undefined;
}

/** Whether `a × b` comes to `sum` (in units of 10⁻⁸) but for the rounding of `cents`. */
export function isProduct(a: string, b: string, sum: bigint, cents = 1n): boolean {
  const off = divided(unitsOf(a) * unitsOf(b), scale) - sum;
  return off < cents * cent && off > -cents * cent;
}

/** In units of 10⁻⁸. */
export function unitsOf(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(8, '0'));
}

/** `-12.00` without its sign. */
export function withoutSign(decimal: string): string {
  return decimal.replace(/^-/, '');
}

const scale = 100_000_000n;
const cent = scale / 100n;

function divided(a: bigint, b: bigint): bigint {
  const half = (b < 0n ? -b : b) / 2n;
  return (a < 0n === b < 0n ? a + (a < 0n ? -half : half) : a < 0n ? a - half : a + half) / b;
}

function textOf(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(9, '0');
  const fraction = digits.slice(-8).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -8)}${fraction === '' ? '' : `.${fraction}`}`;
}
