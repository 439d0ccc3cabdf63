import { describe, expect, test } from 'vitest';
import { formatUnits } from '../src/domain/money.ts';
import { cii, ciiDue, ciiMeans, ciiTerms } from './support/cii.ts';
import { dueDatesOf, readOne, refusalOf, warningsOf } from './support/read-en16931.ts';
import { ubl, ublMeans, ublParty, ublTerms, ublVat } from './support/ubl.ts';

const iban = 'IT60X0542811101000000123456';

describe('amounts beside a discount', () => {
  const discount =
    '<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent><cbc:Amount currencyID="EUR">2.00</cbc:Amount><cbc:PaymentDueDate>2026-01-25</cbc:PaymentDueDate>';

  test('the discount itself is no instalment', () => {
    const invoice = readOne(ubl({ terms: ublTerms(discount) }));
    expect(dueDatesOf(invoice)).toEqual([`2026-02-14 122.00 30 ${iban}`]);
    expect(warningsOf(invoice)).toEqual([]);
  });

  test('two instalments, each with a discount, come to the whole and stay two', () => {
    const half = (day: string): string =>
      ublTerms(
        `<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent><cbc:Amount>61.00</cbc:Amount><cbc:PaymentDueDate>${day}</cbc:PaymentDueDate>`,
      );
    expect(dueDatesOf(readOne(ubl({ terms: half('2026-02-01') + half('2026-03-01') })))).toEqual([
      `2026-02-01 61.00 30 ${iban}`,
      `2026-03-01 61.00 30 ${iban}`,
    ]);
  });

  test('a day that only a discount has, by the words beside it, is not the due date', () => {
    const terms =
      ciiTerms(`<ram:Description>ohne Abzug bis</ram:Description>${ciiDue('20260214')}`) +
      ciiTerms(`<ram:Description>mit 2% Skonto bis</ram:Description>${ciiDue('20260125')}`);
    const invoice = readOne(cii({ terms }));
    expect(invoice.instalments).toMatchObject([{ dueOn: '2026-02-14', amount: { units: 11_900n } }]);
    expect(warningsOf(invoice)).toEqual([]);
  });
});

describe('what the seller collects for others', () => {
  const sums = (payable: string, prepaid = ''): string =>
    `<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount>${prepaid}<cbc:PayableAmount>${payable}</cbc:PayableAmount>`;
  const part = (amount: string): string =>
    `<cac:PrepaidPayment><cbc:PaidAmount currencyID="EUR">${amount}</cbc:PaidAmount></cac:PrepaidPayment>`;

  test('is asked for beyond the total, and told as such', () => {
    const invoice = readOne(ubl({ terms: part('20.00') + part('9.96'), sums: sums('151.96') }));
    expect(formatUnits(invoice.payable)).toBe('151.96');
    expect(invoice.warnings).toEqual([
      { code: 'payable-differs', message: expect.stringMatching(/^29\.96 of the 151\.96 .* for others$/) },
    ]);
  });

  test('in other profiles the same element holds the parts of what was prepaid', () => {
    const prepaid = '<cbc:PrepaidAmount>22.00</cbc:PrepaidAmount>';
    const invoice = readOne(ubl({ terms: part('22.00'), sums: sums('100.00', prepaid) }));
    expect([formatUnits(invoice.payable), warningsOf(invoice)]).toEqual(['100.00', []]);
  });

  test('a part without an amount, which says only when it was paid, counts for nothing', () => {
    const terms = '<cac:PrepaidPayment><cbc:PaidDate>2026-01-10</cbc:PaidDate></cac:PrepaidPayment>';
    expect(warningsOf(readOne(ubl({ terms })))).toEqual([]);
  });
});

describe('the profile MINIMUM, which cannot say what was prepaid', () => {
  const minimum = (due: string, guideline = 'urn:factur-x.eu:1p0:minimum'): string =>
    cii({
      sums: `<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount><ram:DuePayableAmount>${due}</ram:DuePayableAmount>`,
    }).replace(
      '<rsm:ExchangedDocument>',
      `<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>${guideline}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext><rsm:ExchangedDocument>`,
    );

  test('shows it by what is still due', () => {
    const invoice = readOne(minimum('100.00'));
    expect([formatUnits(invoice.payable), invoice.prepaid?.units, warningsOf(invoice)]).toEqual(['100.00', 1900n, []]);
  });

  test.each([
    ['more is due than the total', minimum('120.00')],
    ['the profile has a place for it', minimum('100.00', 'urn:cen.eu:en16931:2017')],
  ])('but not where %s', (_, xml) => {
    expect([readOne(xml).prepaid, warningsOf(readOne(xml))]).toEqual([null, ['payable-differs']]);
  });
});

describe('VAT in the currency of the accounts', () => {
  const inLei = ublVat('S', '22', '109.00').replaceAll('"EUR"', '"RON"');

  test('is passed over also where the file does not name that currency', () => {
    const invoice = readOne(ubl({ vat: ublVat() + inLei }));
    expect(invoice.vat.map(({ tax }) => formatUnits(tax))).toEqual(['22.00']);
  });

  test('where no breakdown is in the own currency the file is refused', () => {
    expect(refusalOf(ubl({ vat: inLei }))).toMatchObject({ code: 'currency-differs' });
  });
});

describe('accounts as they are written', () => {
  test.each([`IBAN ${iban}`, `IBAN: ${iban}`, `iban:${iban}`])('"%s"', (account) => {
    const invoice = readOne(ubl({ means: ublMeans('30', account) }));
    expect([invoice.instalments[0]?.iban, warningsOf(invoice)]).toEqual([iban, []]);
  });

  test("SEPA's word for no BIC is none, and nothing to warn of", () => {
    const institution =
      '<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>NOTPROVIDED</ram:BICID></ram:PayeeSpecifiedCreditorFinancialInstitution>';
    const means = ciiMeans('58', '<ram:IBANID>DE89370400440532013000</ram:IBANID>', institution);
    const invoice = readOne(cii({ means }));
    expect(invoice.instalments).toMatchObject([{ iban: 'DE89370400440532013000', bic: null }]);
    expect(warningsOf(invoice)).toEqual([]);
  });
});

test('a Leitweg-ID under the code that 0204 replaced shows a public body', () => {
  const endpoint = '<cbc:EndpointID schemeID="9958">04011000-12345-34</cbc:EndpointID>';
  expect(readOne(ubl({ buyer: ublParty({ name: 'Anna Però', endpoint }) })).buyer.kind).toBe('public');
});

describe('what only fills a field in', () => {
  test.each(['N/A', 'n.a.', '0000000000', '-'])('the address "%s" in a network makes nobody a firm', (address) => {
    const endpoint = `<cbc:EndpointID schemeID="9930">${address}</cbc:EndpointID>`;
    expect(readOne(ubl({ buyer: ublParty({ name: 'Anna Però', endpoint }) })).buyer.kind).toBe('consumer');
  });

  test('a text that is no mail address is none, whatever its scheme', () => {
    const endpoint = '<cbc:EndpointID schemeID="EM">the buyer</cbc:EndpointID>';
    const contact = '<cac:Contact><cbc:ElectronicMail>mailto:anna@example.it</cbc:ElectronicMail></cac:Contact>';
    const buyer = ublParty({ name: 'Anna Però', endpoint, contact });
    expect(readOne(ubl({ buyer })).buyer.email).toEqual(['anna@example.it']);
  });

  test('nor is a text without a digit a telephone number', () => {
    const phones = ['the number', '---', '06 123'].map((phone) => {
      const contact = `<cac:Contact><cbc:Telephone>${phone}</cbc:Telephone></cac:Contact>`;
      return readOne(ubl({ buyer: ublParty({ name: 'Anna Però', contact }) })).buyer.phone;
    });
    expect(phones).toEqual([[], [], ['06 123']]);
  });
});
