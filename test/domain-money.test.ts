import { describe, expect, test } from 'vitest';
import { assert, bigInt, constantFrom, integer, property } from 'fast-check';
import {
  add,
  type Currency,
  decimalsOf,
  formatMoney,
  formatUnits,
  moneyFromNumeric,
  parseCurrency,
  parseMoney,
  subtract,
  zero,
} from '../src/domain/money.ts';

const eur = currency('EUR');
const jpy = currency('JPY');
const kwd = currency('KWD');

describe('a currency', () => {
  test('has as many decimals as ISO 4217 gives it, however often it is asked', () => {
    for (let times = 0; times < 3; times++) expect([eur, jpy, kwd].map(decimalsOf)).toEqual([2, 0, 3]);
  });

  test('has the decimals of ISO 4217 also where shops use none', () => {
    expect(['HUF', 'ALL', 'COP', 'ISK', 'KRW', 'IQD', 'TND'].map((code) => decimalsOf(currency(code)))).toEqual([
      2, 2, 2, 0, 0, 3, 3,
    ]);
    const huf = currency('HUF');
    const amount = parseMoney('1122.50', huf);
    expect(amount && formatMoney(amount, 'it-IT')).toBe('1.122,50\u00a0HUF');
    const whole = parseMoney('1122', huf);
    expect(whole && formatMoney(whole, 'it-IT')).toBe('1.122\u00a0HUF');
  });

  test('fits into a column: none has more than three decimals', () => {
    for (const code of Intl.supportedValuesOf('currency')) {
      const found = parseCurrency(code);
      if (found) expect(decimalsOf(found), code).toBeLessThanOrEqual(3);
    }
    expect(parseCurrency('CLF')).toBeUndefined();
  });

  test('that does not exist is none', () => {
    expect(['EURO', 'eur', 'XX', '', 'ZZZ'].map(parseCurrency)).toEqual(Array(5).fill(undefined));
  });
});

describe('an amount', () => {
  test('is read exactly', () => {
    expect(parseMoney('122.00', eur)?.units).toBe(12_200n);
    expect(parseMoney('-3.5', eur)?.units).toBe(-350n);
    expect(parseMoney('7', jpy)?.units).toBe(7n);
    expect(parseMoney('0.001', kwd)?.units).toBe(1n);
    expect(parseMoney('999999999999999.99', eur)?.units).toBe(99_999_999_999_999_999n);
  });

  test('with more decimals than its currency, or that is no number, is refused', () => {
    for (const text of ['1.001', '1e3', '1,00', '', '.5', '+1', ' 1', '1000000000000000']) {
      expect(parseMoney(text, eur), text).toBeUndefined();
    }
    expect(parseMoney('1.0', jpy)).toBeUndefined();
  });

  test('comes back from a numeric column, padded or not', () => {
    expect(moneyFromNumeric('122.000', eur).units).toBe(12_200n);
    expect(moneyFromNumeric('122', eur).units).toBe(12_200n);
    expect(moneyFromNumeric('122.000', jpy).units).toBe(122n);
    expect(() => moneyFromNumeric('1.001', eur)).toThrow(/decimals/);
  });

  test('is the same once written and read again', () => {
    assert(
      property(bigInt(-(10n ** 14n), 10n ** 14n), constantFrom(eur, jpy, kwd), (units, of) => {
        expect(parseMoney(formatUnits({ units, currency: of }), of)).toEqual({ units, currency: of });
      }),
    );
  });

  test('is added and subtracted only within its currency', () => {
    const two = { units: 200n, currency: eur };
    expect(add(two, subtract(zero(eur), two))).toEqual(zero(eur));
    expect(() => add(two, zero(jpy))).toThrow(/EUR with JPY/);
  });
});

describe('an amount for a reader', () => {
  test('stands as their locale writes it, and each locale keeps its own way', () => {
    const money = { units: 123_456n, currency: eur };
    for (let times = 0; times < 2; times++) {
      expect(plain(formatMoney(money, 'it-IT'))).toBe('1.234,56 €');
      expect(plain(formatMoney(money, 'en-GB'))).toBe('€1,234.56');
    }
    expect(plain(formatMoney({ units: 1_234n, currency: jpy }, 'en-GB'))).toBe('JP¥1,234');
    expect(plain(formatMoney({ units: -1n, currency: kwd }, 'it-IT'))).toBe('-0,001 KWD');
  });

  test('is exact where a float is not', () => {
    const money = { units: 90_071_992_547_409_931n, currency: eur };
    expect(plain(formatMoney(money, 'it-IT'))).toBe('900.719.925.474.099,31 €');
  });

  test('is what a format made for it alone gives, in any order of currencies and locales', () => {
    const locales = ['it', 'it-IT', 'en', 'en-GB', 'de', 'fr-CH'];
    assert(
      property(constantFrom(eur, jpy, kwd), constantFrom(...locales), integer(), (of, locale, units) => {
        const money = { units: BigInt(units), currency: of };
        const alone = new Intl.NumberFormat(locale, { style: 'currency', currency: of, useGrouping: 'always' });
        expect(formatMoney(money, locale)).toBe(alone.format(units / 10 ** decimalsOf(of)));
      }),
    );
  });
});

function currency(code: string): Currency {
  const parsed = parseCurrency(code);
  if (!parsed) throw new Error(`${code} is no currency here`);
  return parsed;
}

// Intl puts no-break spaces between number and sign.
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, ' ');
}
