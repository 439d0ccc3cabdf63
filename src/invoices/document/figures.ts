import { formatMoney, type Money } from '../../domain/money.ts';
import type { DocumentLocale } from './words.ts';

/** How a document of one language writes days, amounts and numbers. */
export type Figures = {
  /** `31/01/2027`, `31 Jan 2027`. */
  day(date: string): string;
  /** `1.234,50 €`. */
  money(amount: Money): string;
  /** `1.234,5`: decimal text, nothing rounded, with at least `decimals` of them. */
  number(decimal: string, decimals?: number): string;
  /** `22%`. */
  percent(decimal: string): string;
};

export function figuresIn(locale: DocumentLocale): Figures {
  const tag = locale === 'it' ? 'it-IT' : 'en-GB';
  const number = (decimal: string, decimals = 0): string =>
    isDecimal(decimal) ? numberFormat(tag, decimals).format(decimal) : decimal;
  return {
    // V8 makes a formatter anew for each Temporal value, so the day goes in as its midnight in UTC.
    day: (date) => dayFormats[locale].format(Date.parse(date)),
    money: (amount) => formatMoney(amount, tag),
    number,
    percent: (decimal) => `${number(decimal)}%`,
  };
}

const dayFormats: Readonly<Record<DocumentLocale, Intl.DateTimeFormat>> = {
  it: new Intl.DateTimeFormat('it-IT', { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' }),
};

// Making a format costs a hundred times its use.
const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(tag: string, decimals: number): Intl.NumberFormat {
  const key = `${tag} ${decimals}`;
  const known = numberFormats.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat(tag, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: 8,
    useGrouping: 'always',
  });
  numberFormats.set(key, format);
  return format;
}

// Intl takes decimal text to the letter, without a float between (ECMA-402, Intl.NumberFormat v3).
function isDecimal(text: string): text is `${number}` {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}
