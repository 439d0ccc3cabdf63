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
    isDecimal(decimal)
      ? new Intl.NumberFormat(tag, {
          minimumFractionDigits: decimals,
          maximumFractionDigits: 8,
          useGrouping: 'always',
        }).format(decimal)
      : decimal;
  return {
    day: (date) =>
      Temporal.PlainDate.from(date).toLocaleString(tag, {
        day: '2-digit',
        month: locale === 'it' ? '2-digit' : 'short',
        year: 'numeric',
      }),
    money: (amount) => formatMoney(amount, tag),
    number,
    percent: (decimal) => `${number(decimal)}%`,
  };
}

// Intl takes decimal text to the letter, without a float between (ECMA-402, Intl.NumberFormat v3).
function isDecimal(text: string): text is `${number}` {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}
