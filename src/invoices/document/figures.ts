import { intlTags } from '../../domain/locale.ts';
import { formatMoney, type Money } from '../../domain/money.ts';
import type { DocumentLocale } from './words/words.ts';

/** How a document of one language writes days, amounts and numbers. Less than nothing has a true minus sign. */
export type Figures = {
  /** `31/01/2027`, `31 Jan 2027`. */
  day(date: string): string;
  /** `1.234,50 €`. */
  money(amount: Money): string;
  /** `1.234,5`: decimal text, nothing rounded, with at least `decimals` of them. */
  number(decimal: string, decimals?: number): string;
  /** `22%`, `19 %`. */
  percent(decimal: string): string;
};

export function figuresIn(locale: DocumentLocale): Figures {
  const tag = intlTags[locale];
  const number = (decimal: string, decimals = 0): string =>
    isDecimal(decimal) ? withMinus(numberFormat(tag, decimals).format(decimal)) : decimal;
  return {
    // V8 makes a formatter anew for each Temporal value, so the day goes in as its midnight in UTC.
    day: (date) => dayFormats[locale].format(Date.parse(date)),
    money: (amount) => withMinus(formatMoney(amount, tag)),
    number,
    percent: (decimal) => number(decimal) + percentSigns[locale],
  };
}

// With the space that never breaks where the language has one before the sign, as CLDR has it.
const percentSigns: Readonly<Record<DocumentLocale, string>> = {
  it: '%',
  en: '%',
  de: '\u00a0%',
  fr: '\u202f%',
  es: '\u00a0%',
};

const dayFormats: Readonly<Record<DocumentLocale, Intl.DateTimeFormat>> = {
  it: dayFormat(intlTags.it, '2-digit'),
  en: dayFormat(intlTags.en, 'short'),
  de: dayFormat(intlTags.de, '2-digit'),
  fr: dayFormat(intlTags.fr, '2-digit'),
  es: dayFormat(intlTags.es, '2-digit'),
};

function dayFormat(tag: string, month: '2-digit' | 'short'): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(tag, { day: '2-digit', month, year: 'numeric', timeZone: 'UTC' });
}

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

function withMinus(figure: string): string {
  return figure.replace('-', '−');
}

// Intl takes decimal text to the letter, without a float between (ECMA-402, Intl.NumberFormat v3).
function isDecimal(text: string): text is `${number}` {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}
