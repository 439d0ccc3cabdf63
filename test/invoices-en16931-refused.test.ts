import { describe, expect, test } from 'vitest';
import { cii, ciiAddress, ciiLine } from './support/cii.ts';
import { readOne, refusalOf } from './support/read-en16931.ts';
import { ubl, ublLine, ublParty, ublVat } from './support/ubl.ts';

const settlement = 'SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement';
const sumsPath = `${settlement}/SpecifiedTradeSettlementHeaderMonetarySummation`;

describe('a UBL file is refused by the place that is wrong', () => {
  const line = ublLine();
  test.each([
    ['no number', { number: '' }, 'missing-element', 'ID'],
    ['no date', { date: '' }, 'missing-element', 'IssueDate'],
    ['an impossible date', { date: '<cbc:IssueDate>2026-02-30</cbc:IssueDate>' }, 'date-invalid', 'IssueDate'],
    ['a date in words', { due: '<cbc:DueDate>14.02.2026</cbc:DueDate>' }, 'date-invalid', 'DueDate'],
    ['no sum', { sums: '' }, 'missing-element', 'LegalMonetaryTotal/PayableAmount'],
    [
      'a float',
      { sums: '<cbc:PayableAmount>1.2e3</cbc:PayableAmount>' },
      'amount-invalid',
      'LegalMonetaryTotal/PayableAmount',
    ],
    [
      'a fraction of a cent',
      { sums: '<cbc:PayableAmount>122.001</cbc:PayableAmount>' },
      'amount-invalid',
      'LegalMonetaryTotal/PayableAmount',
    ],
    [
      'an amount beyond all measure',
      { sums: `<cbc:PayableAmount>${'9'.repeat(90)}</cbc:PayableAmount>` },
      'amount-invalid',
      'LegalMonetaryTotal/PayableAmount',
    ],
    [
      'another currency',
      { sums: '<cbc:PayableAmount currencyID="USD">122.00</cbc:PayableAmount>' },
      'currency-differs',
      'LegalMonetaryTotal/PayableAmount',
    ],
    [
      'another currency in the breakdown',
      { vat: ublVat().replaceAll('"EUR"', '"USD"') },
      'currency-differs',
      'TaxTotal[1]/TaxSubtotal[1]/TaxableAmount',
    ],
    [
      'no currency that is one',
      { currency: '<cbc:DocumentCurrencyCode>EURO</cbc:DocumentCurrencyCode>' },
      'currency-invalid',
      'DocumentCurrencyCode',
    ],
    [
      'no currency at all',
      { currency: '', sums: '<cbc:PayableAmount>1</cbc:PayableAmount>' },
      'missing-element',
      'DocumentCurrencyCode',
    ],
    ['no seller', { seller: '' }, 'missing-element', 'AccountingSupplierParty/Party'],
    [
      'a buyer without a name',
      { buyer: ublParty({}) },
      'missing-element',
      'AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName',
    ],
    [
      'a quantity that is none',
      { lines: line + line.replace('>2</cbc:Inv', '>two</cbc:Inv') },
      'number-invalid',
      'InvoiceLine[2]/InvoicedQuantity',
    ],
    [
      'a name of endless length',
      { buyer: ublParty({ name: 'A'.repeat(1_000) }) },
      'text-too-long',
      'AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName',
    ],
    [
      'a reference of an impossible day',
      {
        head: '<cac:OrderReference><cbc:ID>1</cbc:ID><cbc:IssueDate>2025-13-01</cbc:IssueDate></cac:OrderReference>',
      },
      'date-invalid',
      'OrderReference[1]/IssueDate',
    ],
  ])('%s', (_what, parts, code, path) => {
    expect(refusalOf(ubl(parts))).toEqual({ code, path });
  });

  test('numbers as XML may write them are exact', () => {
    const sums = (payable: string): string => `<cbc:PayableAmount>${payable}</cbc:PayableAmount>`;
    const units = (payable: string): bigint => readOne(ubl({ sums: sums(payable) })).payable.units;
    expect(['+.50', '0000000000000000122.0000000000', '5.', '-0.10', '90071992547409.93'].map(units)).toEqual([
      50n,
      12_200n,
      500n,
      -10n,
      9_007_199_254_740_993n,
    ]);
    const price = '<cbc:PriceAmount>+.123456789</cbc:PriceAmount>';
    expect(readOne(ubl({ lines: ublLine('', price) })).lines[0]?.unitPrice).toBe('0.12345679');
  });

  test('the currency of the amounts stands in for that of the document', () => {
    expect(readOne(ubl({ currency: '' })).currency).toBe('EUR');
  });

  test('ten thousand lines are read', () => {
    expect(readOne(ubl({ lines: ublLine().repeat(10_000) })).lines).toHaveLength(10_000);
  });
});

describe('a CII file is refused by the place that is wrong', () => {
  test.each([
    ['no number', { head: '' }, 'missing-element', 'ExchangedDocument/ID'],
    ['no date', { date: '' }, 'missing-element', 'ExchangedDocument/IssueDateTime'],
    ['no currency', { currency: '' }, 'missing-element', `${settlement}/InvoiceCurrencyCode`],
    ['no sum', { sums: '' }, 'missing-element', `${sumsPath}/DuePayableAmount`],
    [
      'only another currency',
      { sums: '<ram:DuePayableAmount currencyID="USD">119.00</ram:DuePayableAmount>' },
      'currency-differs',
      `${sumsPath}/DuePayableAmount`,
    ],
    [
      'only other currencies',
      {
        sums: '<ram:DuePayableAmount currencyID="USD">1</ram:DuePayableAmount><ram:DuePayableAmount currencyID="SEK">9</ram:DuePayableAmount>',
      },
      'currency-differs',
      `${sumsPath}/DuePayableAmount`,
    ],
    [
      'an amount with a comma',
      { sums: '<ram:DuePayableAmount>119,00</ram:DuePayableAmount>' },
      'amount-invalid',
      `${sumsPath}/DuePayableAmount`,
    ],
    [
      'a buyer without a name',
      { buyer: `<ram:BuyerTradeParty>${ciiAddress('DE')}</ram:BuyerTradeParty>` },
      'missing-element',
      'SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/BuyerTradeParty/Name',
    ],
    [
      'no seller',
      { seller: '' },
      'missing-element',
      'SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/SellerTradeParty',
    ],
    [
      'a breakdown without its tax',
      { vat: '<ram:ApplicableTradeTax><ram:BasisAmount>1</ram:BasisAmount></ram:ApplicableTradeTax>' },
      'missing-element',
      `${settlement}/ApplicableTradeTax[1]/CalculatedAmount`,
    ],
  ])('%s', (_what, parts, code, path) => {
    expect(refusalOf(cii(parts))).toEqual({ code, path });
  });

  test('ten thousand lines are read', () => {
    expect(readOne(cii({ lines: ciiLine().repeat(10_000) })).lines).toHaveLength(10_000);
  });
});
