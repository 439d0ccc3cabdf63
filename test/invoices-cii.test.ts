import { describe, expect, test } from 'vitest';
import { formatUnits } from '../src/domain/money.ts';
import { cii, ciiDate, ciiLine, ciiTax, ciiVat } from './support/cii.ts';
import { dueDatesOf, readOne, warningsOf } from './support/read-en16931.ts';

const iban = 'DE89370400440532013000';

describe('a CII invoice is read', () => {
  test('with its parties, sums and due date', () => {
    const invoice = readOne(cii());
    expect(invoice).toMatchObject({
      source: 'cii',
      type: 'invoice',
      typeCode: '380',
      number: 'R-7',
      date: '2026-01-15',
      currency: 'EUR',
      seller: { name: 'Beispiel GmbH', vatId: 'DE123456789', taxCode: null },
      buyer: { name: 'Exemple SAS', vatId: 'FR40303265045', kind: 'business' },
      vat: [{ rate: '19', nature: null, taxable: { units: 10_000n }, tax: { units: 1_900n }, paidByBuyer: false }],
      total: { units: 11_900n },
      payable: { units: 11_900n },
      warnings: [],
    });
    expect(invoice.seller.address).toEqual({
      street: 'Weg 1',
      postalCode: '10115',
      city: 'Berlin',
      province: null,
      country: 'DE',
    });
    expect(dueDatesOf(invoice)).toEqual([`2026-02-14 119.00 58 ${iban}`]);
  });

  test('of the profile MINIMUM: no lines, no breakdown, no address, no terms', () => {
    const seller = `<ram:SellerTradeParty><ram:Name>A SARL</ram:Name><ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">123456782</ram:ID></ram:SpecifiedLegalOrganization><ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress></ram:SellerTradeParty>`;
    const buyer = '<ram:BuyerTradeParty><ram:Name>B SA</ram:Name></ram:BuyerTradeParty>';
    const invoice = readOne(cii({ lines: '', vat: '', means: '', terms: '', seller, buyer }));
    expect(invoice).toMatchObject({
      lines: [],
      vat: [],
      seller: { name: 'A SARL', vatId: null, taxCode: '123456782', address: null },
      buyer: { name: 'B SA', kind: 'business', address: null },
    });
    expect([dueDatesOf(invoice), warningsOf(invoice)]).toEqual([['2026-01-15 119.00 null null'], ['no-payment-terms']]);
  });

  test('contacts: mail and phone of the contact, and an electronic address that is mail', () => {
    const buyer = `<ram:BuyerTradeParty><ram:Name>B</ram:Name>
      <ram:DefinedTradeContact><ram:TelephoneUniversalCommunication><ram:CompleteNumber>+49 30 1</ram:CompleteNumber></ram:TelephoneUniversalCommunication><ram:EmailURIUniversalCommunication><ram:URIID>a@example.com</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>
      <ram:URIUniversalCommunication><ram:URIID schemeID="EM">b@example.com</ram:URIID></ram:URIUniversalCommunication></ram:BuyerTradeParty>`;
    expect(readOne(cii({ buyer })).buyer).toMatchObject({
      email: ['a@example.com', 'b@example.com'],
      phone: ['+49 30 1'],
    });
  });

  test('the number of the tax office where there is none of a register', () => {
    const seller = `<ram:SellerTradeParty><ram:Name>A</ram:Name>${ciiTax('FC', '201/113/40209')}${ciiTax('VA', 'DE 123 456 789')}</ram:SellerTradeParty>`;
    expect(readOne(cii({ seller })).seller).toMatchObject({ vatId: 'DE123456789', taxCode: '201/113/40209' });
  });

  test('lines, with the price of one and the allowances of one', () => {
    const inside = `<ram:BillingSpecifiedPeriod><ram:StartDateTime>${ciiDate('202601', '610')}</ram:StartDateTime><ram:EndDateTime>${ciiDate('202601', '610')}</ram:EndDateTime></ram:BillingSpecifiedPeriod>
      <ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator><ram:ActualAmount>4.00</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>
      <ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator><ram:CalculationPercent>4</ram:CalculationPercent><ram:ActualAmount>4.00</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>`;
    const price = '<ram:ChargeAmount>5000</ram:ChargeAmount><ram:BasisQuantity unitCode="H87">100</ram:BasisQuantity>';
    expect(readOne(cii({ lines: ciiLine(inside, '', price) })).lines).toEqual([
      {
        number: '1',
        description: 'Blech',
        quantity: '2',
        unit: 'H87',
        unitPrice: '50',
        adjustments: [
          { kind: 'surcharge', percent: null, amount: '2' },
          { kind: 'discount', percent: '4', amount: '2' },
        ],
        period: { from: '2026-01-01', to: '2026-01-31' },
        vatRate: '19',
        vatNature: null,
        total: '100.00',
      },
    ]);
  });

  test("the sum of EXTENDED's groups is not counted a second time", () => {
    const lines =
      ciiLine('', '<ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>') +
      ciiLine('', '<ram:LineStatusReasonCode>DETAIL</ram:LineStatusReasonCode>') +
      ciiLine('', '<ram:LineStatusReasonCode>INFORMATION</ram:LineStatusReasonCode>');
    expect(readOne(cii({ lines })).lines.map(({ total }) => total)).toEqual([null, '100.00', null]);
  });

  test('allowances, charges and services of transport', () => {
    const more = `<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator><ram:CalculationPercent>5</ram:CalculationPercent><ram:ActualAmount>5</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>
      <ram:SpecifiedLogisticsServiceCharge><ram:Description>DHL</ram:Description><ram:AppliedAmount>5.80</ram:AppliedAmount></ram:SpecifiedLogisticsServiceCharge>`;
    expect(readOne(cii({ settlement: more })).charges).toEqual([
      { kind: 'discount', rate: '5', amount: '5' },
      { kind: 'surcharge', rate: null, amount: '5.80' },
    ]);
  });

  test('why no VAT is due', () => {
    const vat = ciiVat('K', '0', '0.00', '<ram:ExemptionReason>Art. 138</ram:ExemptionReason>');
    expect(readOne(cii({ vat })).vat).toMatchObject([{ nature: 'K', reason: 'Art. 138' }]);
  });

  test('prepaid, rounded, payable; a sum once more in another currency is left out', () => {
    const sums =
      '<ram:RoundingAmount>0.01</ram:RoundingAmount><ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount><ram:TaxTotalAmount currencyID="SEK">210.00</ram:TaxTotalAmount><ram:GrandTotalAmount currencyID="SEK">1300.00</ram:GrandTotalAmount><ram:GrandTotalAmount currencyID="EUR">119.00</ram:GrandTotalAmount><ram:TotalPrepaidAmount>19.01</ram:TotalPrepaidAmount><ram:DuePayableAmount>100</ram:DuePayableAmount>';
    const invoice = readOne(cii({ sums }));
    expect(
      [invoice.total, invoice.prepaid, invoice.rounding, invoice.payable].map((sum) => sum && formatUnits(sum)),
    ).toEqual(['119.00', '19.01', '0.01', '100.00']);
    expect(invoice.warnings).toEqual([]);
  });

  test('references, each with its kind and date', () => {
    const document = (name: string, number: string, date = ''): string =>
      `<ram:${name}><ram:IssuerAssignedID>${number}</ram:IssuerAssignedID>${date === '' ? '' : `<ram:FormattedIssueDateTime><qdt:DateTimeString format="102">${date}</qdt:DateTimeString></ram:FormattedIssueDateTime>`}</ram:${name}>`;
    const invoice = readOne(
      cii({
        agreement:
          document('BuyerOrderReferencedDocument', 'PO', '20251201') + document('ContractReferencedDocument', 'C'),
        delivery:
          document('DespatchAdviceReferencedDocument', 'D') + document('ReceivingAdviceReferencedDocument', 'R'),
        settlement:
          document('InvoiceReferencedDocument', '2025/99', '20251130') +
          document('InvoiceReferencedDocument', '2025/98'),
      }),
    );
    expect(invoice.references.map(({ kind, number, date }) => [kind, number, date])).toEqual([
      ['order', 'PO', '2025-12-01'],
      ['contract', 'C', null],
      ['receipt', 'R', null],
      ['deliveryNote', 'D', null],
      ['invoice', '2025/99', '2025-11-30'],
      ['invoice', '2025/98', null],
    ]);
  });

  test('embedded files are decoded, what is elsewhere is left there', () => {
    const agreement = `<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>1</ram:IssuerAssignedID><ram:URIID>https://example.com/a.pdf</ram:URIID></ram:AdditionalReferencedDocument>
      <ram:AdditionalReferencedDocument><ram:IssuerAssignedID>2</ram:IssuerAssignedID><ram:AttachmentBinaryObject mimeCode="text/csv" filename="b.csv">YQ==</ram:AttachmentBinaryObject></ram:AdditionalReferencedDocument>`;
    expect(readOne(cii({ agreement })).attachments).toMatchObject([{ name: 'b.csv', mediaType: 'text/csv', size: 1 }]);
  });

  test.each([
    ['381', 'creditNote'],
    ['384', 'invoice'],
    ['751', 'invoice'],
    ['389', 'selfInvoice'],
  ])('%s is of the type %s', (code, type) => {
    expect(readOne(cii({ type: code })).type).toBe(type);
  });
});
