import { describe, expect, test } from 'vitest';
import { epcQrPayload } from '../src/domain/epc-qr.ts';
import { type Money, parseCurrency, parseMoney } from '../src/domain/money.ts';

const account = { holder: 'Impianti Lanterna S.r.l.', iban: 'IT09P9999801400000000123456', bic: 'LNTRIT2GXXX' };

describe('the EPC payload', () => {
  test('has the standard’s lines, and none after the last used', () => {
    expect(epcQrPayload({ ...account, amount: money('1234.5'), text: 'Fattura 12' })).toBe(
      'BCD\n002\n1\nSCT\nLNTRIT2GXXX\nImpianti Lanterna S.r.l.\nIT09P9999801400000000123456\nEUR1234.50\n\n\nFattura 12',
    );
    expect(epcQrPayload({ ...account, bic: null, amount: money('0.01') })).toBe(
      'BCD\n002\n1\nSCT\n\nImpianti Lanterna S.r.l.\nIT09P9999801400000000123456\nEUR0.01',
    );
  });

  test('carries a structured reference or free text, never both', () => {
    const lines = epcQrPayload({
      ...account,
      amount: money('1'),
      reference: 'RF18539007547034',
      text: 'x',
      information: 'i',
    })?.split('\n');
    expect(lines?.slice(8)).toEqual(['', 'RF18539007547034', '', 'i']);
  });

  test('cuts text to its length and keeps it on one line', () => {
    const lines = epcQrPayload({
      ...account,
      holder: `a\nb${'c'.repeat(100)}`,
      amount: money('1'),
      text: 'x'.repeat(200),
    })?.split('\n');
    expect(lines?.[5]).toHaveLength(70);
    expect(lines?.[10]).toHaveLength(140);
  });

  test('stays within 331 bytes, whatever letters it is of', () => {
    const payload = epcQrPayload({
      ...account,
      holder: '店'.repeat(80),
      amount: money('999999999.99'),
      text: 'è'.repeat(200),
    });
    expect(Buffer.byteLength(payload ?? '')).toBeLessThanOrEqual(331);
    expect(payload).toContain('EUR999999999.99');
  });

  test.each([
    ['nothing', money('0')],
    ['less than nothing', money('-1')],
    ['a billion', money('1000000000')],
    ['another currency', money('1', 'CHF')],
  ])('there is none for %s', (_what, amount) => {
    expect(epcQrPayload({ ...account, amount })).toBeUndefined();
  });
});

function money(value: string, code = 'EUR'): Money {
  const currency = parseCurrency(code);
  const amount = currency && parseMoney(value, currency);
  if (!amount) throw new Error('no amount');
  return amount;
}
