import { describe, expect, test } from 'vitest';
import { cii, ciiDate, ciiDue, ciiMeans, ciiTerms } from './support/cii.ts';
import { dueDatesOf, readOne, refusalOf, warningsOf } from './support/read-en16931.ts';

const iban = 'DE89370400440532013000';
const settlement = 'SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement';

describe('a day in CII', () => {
  test.each([
    ['102', '20260115', '2026-01-15'],
    ['', '20260115', '2026-01-15'],
    ['203', '202601151230', '2026-01-15'],
    ['204', '20260115123059', '2026-01-15'],
    ['205', '202601151230+0100', '2026-01-15'],
    ['610', '202602', '2026-02-01'],
    ['616', '202601', '2025-12-29'],
    ['102', '2026-01-15', '2026-01-15'],
    ['', '2026-01-15T00:00:00+01:00', '2026-01-15'],
  ])('of the format %s: %s', (format, text, date) => {
    expect(readOne(cii({ date: `<ram:IssueDateTime>${ciiDate(text, format)}</ram:IssueDateTime>` })).date).toBe(date);
  });

  test('as XML writes it', () => {
    const date = '<ram:IssueDateTime><udt:DateTime>2026-01-15T08:00:00Z</udt:DateTime></ram:IssueDateTime>';
    expect(readOne(cii({ date })).date).toBe('2026-01-15');
  });

  test.each([
    ['610', '202602', '2026-02-28'],
    ['616', '202607', '2026-02-15'],
    ['616', '202653', '2027-01-03'],
  ])('what is due in a month or a week (%s: %s) is due on its last day', (format, text, date) => {
    expect(readOne(cii({ terms: ciiTerms(ciiDue(text, format)) })).instalments[0]?.dueOn).toBe(date);
  });

  test.each([
    ['102', '20260230'],
    ['102', '202602'],
    ['102', '15.01.2026'],
    ['102', '2026011500'],
    ['610', '202613'],
    ['616', '202553'],
    ['616', '202600'],
    ['718', '20260101-20260131'],
    ['102', '00000101'],
  ])('that is none (%s: %s) is refused with its place', (format, text) => {
    expect(refusalOf(cii({ terms: ciiTerms(ciiDue(text, format)) }))).toEqual({
      code: 'date-invalid',
      path: `${settlement}/SpecifiedTradePaymentTerms[1]/DueDateDateTime/DateTimeString`,
    });
  });
});

describe('how and when a CII invoice is to be paid', () => {
  const partial = (amount: string, day: string): string =>
    ciiTerms(`${ciiDue(day)}<ram:PartialPaymentAmount>${amount}</ram:PartialPaymentAmount>`);
  const discount =
    '<ram:ApplicableTradePaymentDiscountTerms><ram:BasisPeriodMeasure unitCode="DAY">14</ram:BasisPeriodMeasure><ram:CalculationPercent>2.00</ram:CalculationPercent></ram:ApplicableTradePaymentDiscountTerms>';

  test('partial payments are instalments', () => {
    const invoice = readOne(cii({ terms: partial('19.00', '20260201') + partial('100.00', '20260301') }));
    expect(dueDatesOf(invoice)).toEqual([`2026-02-01 19.00 58 ${iban}`, `2026-03-01 100.00 58 ${iban}`]);
    expect(invoice.warnings).toEqual([]);
  });

  test('the whole above its parts is not a debt more', () => {
    const terms = partial('119.00', '20260301') + partial('19.00', '20260201') + partial('100.00', '20260301');
    expect(dueDatesOf(readOne(cii({ terms })))).toEqual([
      `2026-02-01 19.00 58 ${iban}`,
      `2026-03-01 100.00 58 ${iban}`,
    ]);
  });

  test('an instalment without a day takes it from its words, else the day of the invoice with a warning', () => {
    const instalment = (words: string, amount: string): string =>
      ciiTerms(
        `<ram:Description>${words}</ram:Description><ram:PartialPaymentAmount>${amount}</ram:PartialPaymentAmount>`,
      );
    const invoice = readOne(cii({ terms: instalment('30 Tage netto', '19.00') + instalment('bei Abnahme', '100.00') }));
    expect(dueDatesOf(invoice)).toEqual([`2026-02-14 19.00 58 ${iban}`, `2026-01-15 100.00 58 ${iban}`]);
    expect(warningsOf(invoice)).toEqual(['no-due-date']);
  });

  test('the terms of a discount are no due date beside others, and no hindrance alone', () => {
    const two =
      ciiTerms(`<ram:Description>2% bis 29.01.2026</ram:Description>${ciiDue('20260129')}${discount}`) +
      ciiTerms(`<ram:Description>ohne Abzug</ram:Description>${ciiDue('20260214')}`);
    const read = readOne(cii({ terms: two }));
    expect([dueDatesOf(read), warningsOf(read)]).toEqual([[`2026-02-14 119.00 58 ${iban}`], []]);
    expect(dueDatesOf(readOne(cii({ terms: ciiTerms(ciiDue('20260214') + discount) })))).toEqual([
      `2026-02-14 119.00 58 ${iban}`,
    ]);
  });

  test('words over several terms', () => {
    const terms =
      ciiTerms(`<ram:Description>Bei Zahlung innerhalb 14 Tagen 2,0% Skonto.</ram:Description>${discount}`) +
      ciiTerms('<ram:Description>Zahlbar innerhalb 30 Tagen ohne Abzug.</ram:Description>');
    expect(dueDatesOf(readOne(cii({ terms })))).toEqual([`2026-02-14 119.00 58 ${iban}`]);
  });

  test("a direct debit's account is the payer's and never one to pay to", () => {
    const means = `<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>59</ram:TypeCode><ram:PayerPartyDebtorFinancialAccount><ram:IBANID>${iban}</ram:IBANID></ram:PayerPartyDebtorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>`;
    expect(dueDatesOf(readOne(cii({ means })))).toEqual(['2026-02-14 119.00 59 null']);
  });

  test('holder and BIC; an IBAN is one wherever it stands', () => {
    const bic =
      '<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>COBADEFFXXX</ram:BICID></ram:PayeeSpecifiedCreditorFinancialInstitution>';
    const account = `<ram:ProprietaryID>${iban}</ram:ProprietaryID><ram:AccountName>Beispiel</ram:AccountName>`;
    expect(readOne(cii({ means: ciiMeans('30', account, bic) })).instalments).toMatchObject([
      { iban, bic: 'COBADEFFXXX', holder: 'Beispiel' },
    ]);
  });

  test('an account that is no IBAN is left out with a warning that names its place', () => {
    const invoice = readOne(cii({ means: ciiMeans('30', '<ram:ProprietaryID>12345</ram:ProprietaryID>') }));
    expect(dueDatesOf(invoice)).toEqual(['2026-02-14 119.00 30 null']);
    expect(invoice.warnings).toMatchObject([
      { code: 'iban-invalid', message: expect.stringContaining('PayeePartyCreditorFinancialAccount/ProprietaryID') },
    ]);
  });
});
