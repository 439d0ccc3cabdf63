import { describe, expect, test } from 'vitest';
import { readOne, warningsOf } from './support/read-en16931.ts';
import { ubl, ublParty } from './support/ubl.ts';

const id = (text: string, scheme?: string): string =>
  `<cac:PartyIdentification><cbc:ID${scheme === undefined ? '' : ` schemeID="${scheme}"`}>${text}</cbc:ID></cac:PartyIdentification>`;
const endpoint = (text: string, scheme: string): string =>
  `<cbc:EndpointID schemeID="${scheme}">${text}</cbc:EndpointID>`;
const contact = (name: string): string => `<cac:Contact><cbc:Name>${name}</cbc:Name></cac:Contact>`;

describe('the kind of a buyer', () => {
  test.each([
    ['a Leitweg-ID as its reference', '991-33333TEST-33'],
    ['one of a municipality', '04011000-1234512345-06'],
    ['one of a municipality with wrong check digits, as examples have them', '04011000-12345-34'],
    ['one without a finer address', '05711-37'],
  ])('%s: public', (_what, reference) => {
    const buyer = ublParty({ name: 'Stadtkasse', country: 'DE' });
    expect(readOne(ubl({ buyer, reference })).buyer.kind).toBe('public');
  });

  test.each([
    ['an order number that looks like a Leitweg-ID', 'DE', '10-2024-05'],
    ['a Leitweg-ID outside of Germany', 'AT', '991-33333TEST-33'],
    ['a reference in words', 'DE', 'Einkauf, Frau Meier'],
  ])('%s is none', (_what, country, reference) => {
    expect(readOne(ubl({ buyer: ublParty({ name: 'Eva Adam', country }), reference })).buyer.kind).toBe('consumer');
  });

  test.each([
    ['an address in the German administration', { endpoint: endpoint('991-33333TEST-33', '0204'), country: 'DE' }],
    ['the Italian index of public bodies', { endpoint: endpoint('UFABCD', '0201'), vatId: 'IT1' }],
    ['the same before Peppol', { endpoint: endpoint('ufabcd', '9921'), vatId: 'IT1' }],
    ['the Dutch register of public bodies', { ids: id('00000001003214345000', '0190'), country: 'NL' }],
    ['the Austrian administration', { endpoint: endpoint('b', '9915'), country: 'AT' }],
  ])('%s: public', (_what, party) => {
    expect(readOne(ubl({ buyer: ublParty({ name: 'A', ...party }) })).buyer.kind).toBe('public');
  });

  test.each([
    ['a VAT id', { vatId: 'IT01234567890' }],
    ['a number of a register', { registration: '<cbc:CompanyID>HRB 1</cbc:CompanyID>' }],
    ['a number of a scheme for organisations', { ids: id('5790000435975', '0088') }],
    ['an address in a network', { endpoint: endpoint('0000000295', '0208') }],
    ['an Italian tax code of a body', { ids: id('01234567890', '0210') }],
    ['an address of a private firm in the Italian index', { endpoint: endpoint('ABCDEFG', '0201') }],
    ['a foreign number under the scheme of the Italian index', { endpoint: endpoint('123456', '0201'), country: 'BE' }],
    ['a brand', { tradingName: 'Trattoria Sole' }],
    ['somebody to ask for', { contact: contact('Dhr. J Blokker') }],
  ])('%s: business', (_what, party) => {
    expect(readOne(ubl({ buyer: ublParty({ name: 'Odin 59', ...party }) })).buyer.kind).toBe('business');
  });

  test.each([
    'Rossi S.r.l.',
    'ROSSI SRL',
    'Bau & Co. KG',
    'Muster GmbH',
    'Example Ltd.',
    'Exemple SAS',
    'Voorbeeld B.V.',
  ])('the name of a firm (%s): business', (name) => {
    const escaped = name.replaceAll('&', '&amp;');
    expect(readOne(ubl({ buyer: ublParty({ name: escaped }) })).buyer.kind).toBe('business');
  });

  test.each([
    ['nothing but a name', {}],
    ['a number of the shop', { ids: id('10202') }],
    ['a mail address', { endpoint: endpoint('anna@example.it', 'EM') }],
    ['a mail address under another scheme', { endpoint: endpoint('anna@example.it', '0088') }],
    ['an Italian tax code of a person', { ids: id('PREANN80A41L378X', '0210') }],
    [
      'a tax code of a person as its registration',
      { registration: '<cbc:CompanyID schemeID="9907">PREANN80A41L378X</cbc:CompanyID>' },
    ],
    ['a name that looks like a legal form', { name: 'Asa de Sa' }],
    ['a name of two people', { name: 'M. ou Mme Sas' }],
    ['nobody to ask for', { contact: contact('n/a') }],
    ['itself as the contact', { contact: contact('Sig.ra Però Anna') }],
  ])('%s: consumer', (_what, party) => {
    expect(readOne(ubl({ buyer: ublParty({ name: 'Anna Però', ...party }) })).buyer.kind).toBe('consumer');
  });

  test("a person's tax code is kept as such", () => {
    const buyer = ublParty({ name: 'Anna Però', ids: id('IT:CF:PREANN80A41L378X') });
    expect(readOne(ubl({ buyer })).buyer).toMatchObject({ taxCode: 'PREANN80A41L378X', kind: 'consumer' });
  });

  test('a number too long to be kept is left out with a warning', () => {
    const buyer = ublParty({ name: 'A', registration: `<cbc:CompanyID>HRB ${'1'.repeat(40)}</cbc:CompanyID>` });
    const invoice = readOne(ubl({ buyer }));
    expect([invoice.buyer.taxCode, warningsOf(invoice)]).toEqual([null, ['number-too-long']]);
  });
});

describe('the type of a document (UNTDID 1001)', () => {
  const invoices = ['71', '82', '130', '218', '326', '331', '380', '382', '384', '385', '386', '388', '393', '395'];
  test.each([...invoices, '553', '575', '623', '751', '780', '817', '870', '875', '876', '877'])(
    '%s asks for money',
    (code) => {
      expect(readOne(ubl({ type: code }))).toMatchObject({ type: 'invoice', typeCode: code, warnings: [] });
    },
  );

  test.each([
    ['81', 'creditNote'],
    ['83', 'creditNote'],
    ['261', 'creditNote'],
    ['381', 'creditNote'],
    ['396', 'creditNote'],
    ['532', 'creditNote'],
    ['80', 'debitNote'],
    ['84', 'debitNote'],
    ['383', 'debitNote'],
  ])('%s is a %s', (code, type) => {
    expect(readOne(ubl({ type: code }))).toMatchObject({ type, warnings: [] });
  });

  test.each([
    ['389', 'selfInvoice', 'self-invoice'],
    ['325', 'invoice', 'pro-forma'],
    ['999', 'invoice', 'document-type-unknown'],
  ])('%s is a %s, with the warning %s', (code, type, warning) => {
    const invoice = readOne(ubl({ type: code }));
    expect([invoice.type, warningsOf(invoice)]).toEqual([type, [warning]]);
  });

  test('without a code: an invoice', () => {
    expect(readOne(ubl({ type: '' }))).toMatchObject({ type: 'invoice', typeCode: '380', warnings: [] });
  });
});
