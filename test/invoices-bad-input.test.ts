import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../src/invoices/inspect.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { maxFileBytes } from '../src/invoices/xml-text.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

const due = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>';
const firstPayment = 'FatturaElettronicaBody[1]/DatiPagamento[1]/DettaglioPagamento[1]';
const document = 'FatturaElettronicaBody[1]/DatiGenerali/DatiGeneraliDocumento';

describe('a field that cannot be what it says ends the reading and is named', () => {
  test.each([
    ['a day that does not exist', fatturaPa({ date: '2026-02-30' }), 'date-invalid', `${document}/Data`],
    ['a date written the Italian way', fatturaPa({ date: '05/11/2026' }), 'date-invalid', `${document}/Data`],
    ['no date', fatturaPa({ date: '' }), 'missing-element', `${document}/Data`],
    [
      'a due date that does not exist',
      fatturaPa({ payments: payment(due.replace('12-05', '13-05')) }),
      'date-invalid',
      `${firstPayment}/DataScadenzaPagamento`,
    ],
    [
      'days that are no number',
      fatturaPa({ payments: payment('<GiorniTerminiPagamento>30gg</GiorniTerminiPagamento>') }),
      'number-invalid',
      `${firstPayment}/GiorniTerminiPagamento`,
    ],
    [
      'an amount with a comma',
      fatturaPa({ payments: payment(due, '122,00') }),
      'amount-invalid',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'an amount with three decimals',
      fatturaPa({ payments: payment(due, '122.005') }),
      'amount-invalid',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'an amount in the manner of floats',
      fatturaPa({ payments: payment(due, '1.22e2') }),
      'amount-invalid',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'an amount in words',
      fatturaPa({ payments: payment(due, 'cento') }),
      'amount-invalid',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'an amount of sixteen digits',
      fatturaPa({ payments: payment(due, '1234567890123456.00') }),
      'amount-invalid',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'an empty amount',
      fatturaPa({ payments: payment(due, '') }),
      'missing-element',
      `${firstPayment}/ImportoPagamento`,
    ],
    [
      'the second of two payments',
      fatturaPa({ payments: payment(due) + payment(due, 'x') }),
      'amount-invalid',
      'FatturaElettronicaBody[1]/DatiPagamento[2]/DettaglioPagamento[1]/ImportoPagamento',
    ],
    ['a currency that does not exist', fatturaPa({ currency: 'EURO' }), 'currency-invalid', `${document}/Divisa`],
    [
      'a rate that is no number',
      fatturaPa({
        goods: '<DatiBeniServizi><DettaglioLinee><AliquotaIVA>22%</AliquotaIVA></DettaglioLinee></DatiBeniServizi>',
      }),
      'number-invalid',
      'FatturaElettronicaBody[1]/DatiBeniServizi/DettaglioLinee[1]/AliquotaIVA',
    ],
    [
      'neither total nor VAT summary',
      fatturaPa({ total: '', goods: '' }),
      'missing-element',
      `${document}/ImportoTotaleDocumento`,
    ],
    [
      'a number of nine thousand signs',
      fatturaPa().replace('<Numero>12<', `<Numero>${'1'.repeat(9_000)}<`),
      'text-too-long',
      `${document}/Numero`,
    ],
    [
      'a VAT id of two hundred digits',
      fatturaPa().replace('02888000219', '1'.repeat(200)),
      'text-too-long',
      'FatturaElettronicaHeader/CessionarioCommittente/DatiAnagrafici/IdFiscaleIVA/IdCodice',
    ],
    [
      'a tax code of two hundred letters',
      fatturaPa({ buyerIds: `<CodiceFiscale>${'A'.repeat(200)}</CodiceFiscale>` }),
      'text-too-long',
      'FatturaElettronicaHeader/CessionarioCommittente/DatiAnagrafici/CodiceFiscale',
    ],
    [
      'a seller with a name of nine thousand letters',
      fatturaPa().replace('<![CDATA[C. <snc>]]>', 'c'.repeat(9_000)),
      'text-too-long',
      'FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici/Anagrafica/Denominazione',
    ],
    [
      'a buyer with such a surname',
      fatturaPa().replace('Però', 'c'.repeat(9_000)),
      'text-too-long',
      'FatturaElettronicaHeader/CessionarioCommittente/DatiAnagrafici/Anagrafica',
    ],
    [
      'no body',
      fatturaPa().replace(/<FatturaElettronicaBody>[\s\S]*<\/FatturaElettronicaBody>/, ''),
      'missing-element',
      'FatturaElettronicaBody',
    ],
    [
      'no buyer',
      fatturaPa().replace(/<CessionarioCommittente>[\s\S]*<\/CessionarioCommittente>/, ''),
      'missing-element',
      'FatturaElettronicaHeader/CessionarioCommittente',
    ],
  ])('%s', (_what, xml, code, path) => {
    expect(errorOf(xml)).toMatchObject({ code, path });
  });

  test('inspect says the path in the message', () => {
    const element = inspectFile('a.xml', Buffer.from(fatturaPa({ date: '2026-02-30' })));
    expect(element).toEqual({
      file: 'a.xml',
      error: { code: 'date-invalid', message: `"2026-02-30" is no date of the calendar (${document}/Data)` },
    });
  });
});

describe('XML that is broken or dangerous is refused before a tree is built of it', () => {
  const laughs = `<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  test.each([
    ['a document type', fatturaPa({ declaration: '<!DOCTYPE FatturaElettronica>' }), 'xml-unsafe'],
    ['a billion laughs', fatturaPa({ declaration: laughs, general: '<Causale>&b;</Causale>' }), 'xml-unsafe'],
    [
      'an external entity',
      fatturaPa({ declaration: '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' }),
      'xml-unsafe',
    ],
    ['an entity that no one declared', fatturaPa({ general: '<Causale>&nbsp;</Causale>' }), 'xml-unsafe'],
    ['a bare ampersand', fatturaPa({ general: '<Causale>A & B</Causale>' }), 'xml-broken'],
    ['a reference to NUL', fatturaPa({ general: '<Causale>A&#0;B</Causale>' }), 'xml-broken'],
    ['a reference to a control character', fatturaPa({ general: '<Causale>&#x1F;</Causale>' }), 'xml-broken'],
    ['a reference to half a character', fatturaPa({ general: '<Causale>&#xD800;</Causale>' }), 'xml-broken'],
    ['a reference to what is no character', fatturaPa({ general: '<Causale>&#xFFFF;</Causale>' }), 'xml-broken'],
    ['a reference past the last character', fatturaPa({ general: '<Causale>&#1114112;</Causale>' }), 'xml-broken'],
    ['such a reference in an attribute', '<a b="&#00;"/>', 'xml-broken'],
    ['a file cut in the middle', fatturaPa().slice(0, 900), 'xml-broken'],
    ['tags that cross', '<a><b></a></b>', 'xml-broken'],
    ['two roots', '<a/><b/>', 'xml-broken'],
    ['text after the root', '<a/>x', 'xml-broken'],
    ['an attribute twice', '<a b="1" b="2"/>', 'xml-broken'],
    ['an attribute without quotes', '<a b=1/>', 'xml-broken'],
    ['a comment without end', '<a><!-- </a>', 'xml-broken'],
    ['an element named after a prototype', '<a><__proto__>x</__proto__></a>', 'xml-broken'],
    ['elements nested 100 deep', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, 'xml-too-large'],
    ['a million open tags', '<a>'.repeat(1_000_000), 'xml-too-large'],
    ['a million elements', `<a>${'<b/>'.repeat(1_000_000)}</a>`, 'xml-too-large'],
  ])('%s', (_what, xml, code) => {
    expect(errorOf(xml).code).toBe(code);
  });

  test('the line is named', () => {
    expect(errorOf('<a>\n<b>\n</a>').message).toBe('Line 3: </a> stands where </b> should');
  });
});

describe('what is no XML is refused by what it is', () => {
  test.each([
    ['an empty file', Buffer.alloc(0), 'not-xml', 'empty'],
    ['a ZIP archive', Buffer.from('PK\u0003\u0004rest'), 'not-xml', 'ZIP'],
    ['a compressed file', gzipSync(fatturaPa()), 'not-xml', 'gzip'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'not-xml', 'PDF'],
    ['a signed envelope', Buffer.from([0x30, 0x82, 0x10, 0x00, 0x06]), 'not-xml', 'p7m'],
    ['a signed envelope in base64', Buffer.from('MIIKxwYJKoZIhvcNAQcC'), 'not-xml', 'p7m'],
    ['JSON', Buffer.from('{"a":1}'), 'not-xml', 'no XML'],
    ['control characters', Buffer.from('<a>\u0000\u0001</a>'), 'not-xml', 'control'],
    ['another encoding than it declares', Buffer.from(fatturaPa(), 'latin1'), 'encoding-wrong', 'utf-8'],
    [
      'an encoding that is not taken',
      Buffer.from('<?xml version="1.0" encoding="EBCDIC"?><a/>'),
      'encoding-not-supported',
      'EBCDIC',
    ],
    ['a file over 10 MiB', Buffer.alloc(maxFileBytes + 1, '<'), 'file-too-large', '10485760'],
    ['XML that is no invoice', Buffer.from('<rss/>'), 'format-unknown', 'rss'],
  ])('%s', (_what, bytes, code, word) => {
    const read = readInvoices(bytes);
    expect('error' in read && read.error).toMatchObject({ code, message: expect.stringContaining(word) });
  });

  test.each([
    ['the simplified FatturaPA', fatturaPa({ root: 'FatturaElettronicaSemplificata', format: 'FSM10' })],
    ['FSM10 under the ordinary root', fatturaPa({ format: 'FSM10' })],
    ['FatturaPA 1.1', fatturaPa({ format: '1.1' })],
    ['UBL', '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'],
    ['CII', '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>'],
  ])('%s is known and not supported', (_what, xml) => {
    expect(errorOf(xml).code).toBe('format-not-supported');
  });

  test('attachments are counted together', () => {
    const attachment = `<Allegati><NomeAttachment>a</NomeAttachment><Attachment>${'QUJD'.repeat(1_000_000)}</Attachment></Allegati>`;
    expect(errorOf(fatturaPa({ attachments: attachment })).code).toBe('none');
    expect(errorOf(fatturaPa({ attachments: attachment.repeat(2) }))).toMatchObject({
      code: 'attachments-too-large',
      path: 'FatturaElettronicaBody[1]/Allegati[2]',
    });
  });
});

function errorOf(xml: string): { code: string; message: string; path?: string } {
  const read = readInvoices(Buffer.from(xml));
  return 'error' in read ? read.error : { code: 'none', message: '' };
}
