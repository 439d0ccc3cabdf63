import { describe, expect, test } from 'vitest';
import { dueDatesOf, readOne, refusalOf, warningsOf } from './support/read-en16931.ts';
import { ubl, ublLine, ublMeans, ublParty, ublTax, ublTerms } from './support/ubl.ts';

const iban = 'IT60X0542811101000000123456';

describe('a UBL invoice is read', () => {
  test('with its parties, sums and due date', () => {
    const invoice = readOne(ubl());
    expect(invoice).toMatchObject({
      source: 'ubl',
      type: 'invoice',
      typeCode: '380',
      number: '2026/12',
      date: '2026-01-15',
      currency: 'EUR',
      seller: { name: 'Acciaio Nord S.r.l.', vatId: 'IT01234567890', taxCode: null },
      buyer: { name: 'Beispiel GmbH', vatId: 'DE123456789', kind: 'business' },
      total: { units: 12_200n },
      payable: { units: 12_200n },
      prepaid: null,
      rounding: null,
      warnings: [],
    });
    expect(invoice.seller.address).toEqual({
      street: 'Via Roma 1',
      postalCode: '38122',
      city: 'Trento',
      province: null,
      country: 'IT',
    });
    expect(dueDatesOf(invoice)).toEqual([`2026-02-14 122.00 30 ${iban}`]);
  });

  test('a zone after the date is dropped, as the day is meant', () => {
    expect(readOne(ubl({ date: '<cbc:IssueDate>2026-01-15+01:00</cbc:IssueDate>' })).date).toBe('2026-01-15');
  });

  test('the legal name counts before the trading name, which stands in where there is no other', () => {
    const seller = ublParty({ name: 'Nord Holding S.p.A.', tradingName: 'NordShop', vatId: 'IT1' });
    expect(readOne(ubl({ seller })).seller.name).toBe('Nord Holding S.p.A.');
    expect(readOne(ubl({ seller: ublParty({ tradingName: 'Nord\n  Shop' }) })).seller.name).toBe('Nord Shop');
    const person =
      '<cac:Party><cac:Person><cbc:FirstName>Anna</cbc:FirstName><cbc:FamilyName>Però</cbc:FamilyName></cac:Person></cac:Party>';
    expect(readOne(ubl({ buyer: person })).buyer.name).toBe('Anna Però');
  });

  test('contacts come from the contact and from an electronic address that is mail', () => {
    const contact =
      '<cac:Contact><cbc:Telephone>+39 0461 1</cbc:Telephone><cbc:ElectronicMail>conti@example.it</cbc:ElectronicMail></cac:Contact>';
    const endpoint = '<cbc:EndpointID schemeID="EM">mailto:fatture@example.it</cbc:EndpointID>';
    const { buyer } = readOne(ubl({ buyer: ublParty({ name: 'A', contact, endpoint }) }));
    expect(buyer).toMatchObject({
      email: ['conti@example.it', 'fatture@example.it'],
      phone: ['+39 0461 1'],
      pec: null,
    });
    const mail = '<cbc:EndpointID schemeID="MAIL">b@example.it</cbc:EndpointID>';
    const nothing =
      '<cac:Contact><cbc:Telephone>n/a</cbc:Telephone><cbc:ElectronicMail>-</cbc:ElectronicMail></cac:Contact>';
    expect(readOne(ubl({ buyer: ublParty({ name: 'A', endpoint: mail, contact: nothing }) })).buyer).toMatchObject({
      email: ['b@example.it'],
      phone: [],
      kind: 'consumer',
    });
    const certified = '<cbc:EndpointID schemeID="0202">a@pec.example.it</cbc:EndpointID>';
    expect(readOne(ubl({ buyer: ublParty({ name: 'A', endpoint: certified }) })).buyer).toMatchObject({
      email: [],
      pec: 'a@pec.example.it',
    });
  });

  test.each([
    ['the register', { registration: '<cbc:CompanyID>HRB 4711</cbc:CompanyID>' }, null, 'HRB 4711'],
    ['the tax office', { taxes: ublTax('201/123/12340', 'TAX') }, null, '201/123/12340'],
    [
      'an Italian tax code before the register',
      {
        registration: '<cbc:CompanyID>TN-123</cbc:CompanyID>',
        ids: '<cac:PartyIdentification><cbc:ID schemeID="0210">01234567890</cbc:ID></cac:PartyIdentification>',
      },
      null,
      '01234567890',
    ],
    ['a word that is no number', { taxes: ublTax('Foretaksregisteret', 'TAX') }, null, null],
    [
      'the VAT id once more',
      { vatId: 'DK16356706', registration: '<cbc:CompanyID>DK16356706</cbc:CompanyID>' },
      'DK16356706',
      null,
    ],
    ['a VAT id with blanks', { vatId: 'de 123 456 789' }, 'DE123456789', null],
    ['a VAT id without its country', { vatId: '01234567890' }, 'IT01234567890', null],
    ['a Greek VAT id without its country', { vatId: '094259216', country: 'GR' }, 'EL094259216', null],
    ['no VAT id but words', { vatId: 'not registered' }, null, null],
  ])('numbers of a party: %s', (_which, party, vatId, taxCode) => {
    expect(readOne(ubl({ seller: ublParty({ name: 'A', ...party }) })).seller).toMatchObject({ vatId, taxCode });
  });

  test('references, each with its kind and date', () => {
    const head = `<cac:OrderReference><cbc:ID>PO-1</cbc:ID><cbc:IssueDate>2025-12-01</cbc:IssueDate></cac:OrderReference>
      <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>2025/99</cbc:ID><cbc:IssueDate>2025-11-30</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference>
      <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>2025/98</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
      <cac:DespatchDocumentReference><cbc:ID>D-1</cbc:ID></cac:DespatchDocumentReference>
      <cac:ReceiptDocumentReference><cbc:ID>R-1</cbc:ID></cac:ReceiptDocumentReference>
      <cac:ContractDocumentReference><cbc:ID>C-1</cbc:ID></cac:ContractDocumentReference>`;
    expect(readOne(ubl({ head })).references.map(({ kind, number, date }) => [kind, number, date])).toEqual([
      ['order', 'PO-1', '2025-12-01'],
      ['contract', 'C-1', null],
      ['receipt', 'R-1', null],
      ['deliveryNote', 'D-1', null],
      ['invoice', '2025/99', '2025-11-30'],
      ['invoice', '2025/98', null],
    ]);
    const none = '<cac:OrderReference><cbc:ID>n/a</cbc:ID><cbc:SalesOrderID>7</cbc:SalesOrderID></cac:OrderReference>';
    expect(readOne(ubl({ head: none })).references).toEqual([]);
  });

  test('notes without the codes for machines, and the terms among them', () => {
    const head = '<cbc:Note>#AAI#Thank you</cbc:Note>';
    const terms = ublTerms('<cbc:Note>#SKONTO#TAGE=14#PROZENT=2.00#\n30 Tage netto</cbc:Note>');
    expect(readOne(ubl({ head, terms })).notes).toEqual(['Thank you', '30 Tage netto']);
  });

  test('embedded files are decoded, what is elsewhere is left there', () => {
    const file = (inside: string): string =>
      `<cac:AdditionalDocumentReference><cbc:ID>D1</cbc:ID><cac:Attachment>${inside}</cac:Attachment></cac:AdditionalDocumentReference>`;
    const head =
      file('<cac:ExternalReference><cbc:URI>https://example.com/a.pdf</cbc:URI></cac:ExternalReference>') +
      file(
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="Application/PDF" filename="a.pdf">JVBE\n Ri0=</cbc:EmbeddedDocumentBinaryObject>',
      ) +
      file('<cbc:EmbeddedDocumentBinaryObject>YQ==</cbc:EmbeddedDocumentBinaryObject>') +
      file('<cbc:EmbeddedDocumentBinaryObject filename="b.csv">???</cbc:EmbeddedDocumentBinaryObject>');
    const invoice = readOne(ubl({ head }));
    expect(invoice.attachments.map(({ name, mediaType, size }) => [name, mediaType, size])).toEqual([
      ['a.pdf', 'application/pdf', 5],
      ['D1', 'application/octet-stream', 1],
    ]);
    expect(warningsOf(invoice)).toEqual(['attachment-unreadable']);
    const large = Buffer.alloc(3 * 1024 * 1024).toString('base64');
    const two = file(`<cbc:EmbeddedDocumentBinaryObject>${large}</cbc:EmbeddedDocumentBinaryObject>`).repeat(2);
    expect(refusalOf(ubl({ head: two }))).toEqual({
      code: 'attachments-too-large',
      path: 'AdditionalDocumentReference[2]/Attachment/EmbeddedDocumentBinaryObject',
    });
  });
});

describe('a UBL credit note', () => {
  test('has lines, quantities, a type and a due date of its own', () => {
    const lines = ublLine()
      .replaceAll('InvoiceLine', 'CreditNoteLine')
      .replaceAll('InvoicedQuantity', 'CreditedQuantity');
    const means = ublMeans('30', iban, '<cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>');
    const note = readOne(ubl({ root: 'CreditNote', due: '', lines, means }));
    expect(note).toMatchObject({ type: 'creditNote', typeCode: '381', lines: [{ quantity: '2', unit: 'C62' }] });
    expect(dueDatesOf(note)).toEqual([`2026-03-01 122.00 30 ${iban}`]);
  });

  test('is one whatever its code says', () => {
    expect(readOne(ubl({ root: 'CreditNote', type: '380' })).type).toBe('creditNote');
    expect(readOne(ubl({ root: 'CreditNote', type: '' })).typeCode).toBe('381');
  });
});
