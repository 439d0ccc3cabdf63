import { describe, expect, test } from 'vitest';
import { formatUnits } from '../src/domain/money.ts';
import { dueDatesOf, readOne, warningsOf } from './support/read-en16931.ts';
import { ubl, ublAllowance, ublLine, ublVat } from './support/ubl.ts';

const iban = 'IT60X0542811101000000123456';

describe('the goods of a UBL invoice', () => {
  test('lines: name and description, unit, price, rate, period', () => {
    const period =
      '<cac:InvoicePeriod><cbc:StartDate>2026-01-01</cbc:StartDate><cbc:EndDate>2026-01-31</cbc:EndDate></cac:InvoicePeriod>';
    expect(readOne(ubl({ lines: ublLine(period) })).lines).toEqual([
      {
        number: '1',
        description: 'Blech – Stahl, 2 mm',
        quantity: '2',
        unit: 'C62',
        unitPrice: '50.00',
        adjustments: [],
        period: { from: '2026-01-01', to: '2026-01-31' },
        vatRate: '22',
        vatNature: null,
        total: '100.00',
      },
    ]);
  });

  test.each([
    ['for a thousand pieces', '50000.00', '1000', '50'],
    ['for three, rounded at the eighth decimal', '100', '3', '33.33333333'],
    ['for none: as it stands', '50.00', '0', '50.00'],
    ['for a base that is the price once more: of one', '50.00', '50.00', '50.00'],
  ])('a price %s', (_how, price, base, unitPrice) => {
    const inside = `<cbc:PriceAmount currencyID="EUR">${price}</cbc:PriceAmount><cbc:BaseQuantity>${base}</cbc:BaseQuantity>`;
    expect(readOne(ubl({ lines: ublLine('', inside) })).lines[0]?.unitPrice).toBe(unitPrice);
  });

  test('allowances and charges of a line are for one unit, a percentage only where it is one of the price', () => {
    const factor = '<cbc:MultiplierFactorNumeric>10</cbc:MultiplierFactorNumeric>';
    const wrong = '<cbc:MultiplierFactorNumeric>0.1</cbc:MultiplierFactorNumeric>';
    const inside = ublAllowance(false, '10.00', factor) + ublAllowance(true, '3.00', wrong);
    expect(readOne(ubl({ lines: ublLine(inside) })).lines[0]?.adjustments).toEqual([
      { kind: 'discount', percent: '10', amount: '5' },
      { kind: 'surcharge', percent: null, amount: '1.5' },
    ]);
  });

  test('a discount on goods that come back raises the price of one', () => {
    const lines = ublLine(ublAllowance(false, '10.00'), undefined, '-110.00').replace('>2</cbc:Inv', '>-2</cbc:Inv');
    expect(readOne(ubl({ lines })).lines[0]?.adjustments).toEqual([{ kind: 'surcharge', percent: null, amount: '5' }]);
  });

  test('allowances and charges of the document', () => {
    const of = (factor: string): string =>
      `<cbc:MultiplierFactorNumeric>${factor}</cbc:MultiplierFactorNumeric><cbc:BaseAmount>20.00</cbc:BaseAmount>`;
    const charges =
      ublAllowance(false, '5.00', of('25')) +
      ublAllowance(true, '5.00', of('0.25')) +
      ublAllowance(false, '5.00', of('7')) +
      ublAllowance(true, '5.00');
    expect(readOne(ubl({ charges })).charges).toEqual([
      { kind: 'discount', rate: '25', amount: '5.00' },
      { kind: 'surcharge', rate: '25', amount: '5.00' },
      { kind: 'discount', rate: null, amount: '5.00' },
      { kind: 'surcharge', rate: null, amount: '5.00' },
    ]);
  });
});

describe('the sums of a UBL invoice', () => {
  test.each(['E', 'AE', 'K', 'G', 'O', 'Z', 'L', 'M'])('the VAT category %s is why no VAT is due', (category) => {
    const vat = ublVat(category, '0', '0.00', '<cbc:TaxExemptionReason>Art. 10</cbc:TaxExemptionReason>');
    expect(readOne(ubl({ vat })).vat).toMatchObject([{ nature: category, reason: 'Art. 10', tax: { units: 0n } }]);
  });

  test('a reason by its code alone', () => {
    const vat = ublVat('AE', '0', '0.00', '<cbc:TaxExemptionReasonCode>VATEX-EU-AE</cbc:TaxExemptionReasonCode>');
    expect(readOne(ubl({ vat })).vat[0]?.reason).toBe('VATEX-EU-AE');
  });

  test('the VAT once more in the currency of the accounts is left out', () => {
    const head = '<cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>';
    const vat = `${ublVat()}<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">250.00</cbc:TaxAmount></cac:TaxTotal>`;
    expect(readOne(ubl({ head, vat })).vat).toHaveLength(1);
  });

  test('prepaid, rounded, payable', () => {
    const sums =
      '<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount><cbc:PrepaidAmount>22.03</cbc:PrepaidAmount><cbc:PayableRoundingAmount>0.03</cbc:PayableRoundingAmount><cbc:PayableAmount>100.00</cbc:PayableAmount>';
    const invoice = readOne(ubl({ sums }));
    expect(invoice).toMatchObject({ prepaid: { units: 2_203n }, rounding: { units: 3n }, payable: { units: 10_000n } });
    expect(invoice.warnings).toEqual([]);
    expect(invoice.instalments[0]?.amount.units).toBe(10_000n);
  });

  test('what is withheld is not owed to the seller, whether the file has taken it off or not', () => {
    const vat = `${ublVat()}<cac:WithholdingTaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxCategory><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>IRPF</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:WithholdingTaxTotal>`;
    const off = '<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>102.00</cbc:PayableAmount>';
    const taken = readOne(ubl({ vat, sums: off }));
    expect(taken.withholding).toMatchObject([{ type: 'IRPF', rate: '20', amount: { units: 2_000n } }]);
    expect([formatUnits(taken.payable), warningsOf(taken)]).toEqual(['102.00', []]);
    const still = readOne(ubl({ vat }));
    expect([formatUnits(still.payable), warningsOf(still)]).toEqual(['102.00', ['payable-reduced']]);
    expect(dueDatesOf(still)).toEqual([`2026-02-14 102.00 30 ${iban}`]);
  });

  test("Italy's split payment (category B) is the buyer's to pay to the treasury", () => {
    const invoice = readOne(ubl({ vat: ublVat('B') }));
    expect(invoice.vat).toMatchObject([{ paidByBuyer: true, nature: null }]);
    expect(formatUnits(invoice.payable)).toBe('100.00');
    expect(warningsOf(invoice)).toEqual(['payable-reduced']);
  });

  test.each([
    ['22.00', '100.00', null],
    ['30.00', '92.00', '8.00'],
  ])(
    'split payment stated as prepaid (%s) is neither taken off twice nor called prepaid',
    (stated, payable, prepaid) => {
      const sums = `<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount><cbc:PrepaidAmount>${stated}</cbc:PrepaidAmount><cbc:PayableAmount>${payable}</cbc:PayableAmount>`;
      const invoice = readOne(ubl({ vat: ublVat('B'), sums }));
      expect([formatUnits(invoice.payable), invoice.prepaid && formatUnits(invoice.prepaid)]).toEqual([
        payable,
        prepaid,
      ]);
      expect(invoice.warnings).toEqual([]);
    },
  );

  test('a payable that its parts do not come to is kept, with a warning', () => {
    const sums = '<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>150.00</cbc:PayableAmount>';
    const invoice = readOne(ubl({ sums }));
    expect([formatUnits(invoice.payable), warningsOf(invoice)]).toEqual(['150.00', ['payable-differs']]);
  });

  test('a missing total is what is asked for and what was prepaid', () => {
    const sums = '<cbc:PrepaidAmount>22.00</cbc:PrepaidAmount><cbc:PayableAmount>100.00</cbc:PayableAmount>';
    const invoice = readOne(ubl({ sums }));
    expect([formatUnits(invoice.total), warningsOf(invoice)]).toEqual(['122.00', ['total-computed']]);
  });

  test('a negative invoice is read as it stands', () => {
    const sums =
      '<cbc:TaxInclusiveAmount>-122.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>-122.00</cbc:PayableAmount>';
    const invoice = readOne(ubl({ sums, type: '384' }));
    expect(invoice.type).toBe('invoice');
    expect(dueDatesOf(invoice)).toEqual([`2026-02-14 -122.00 30 ${iban}`]);
  });
});
