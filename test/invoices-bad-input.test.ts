import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspection } from '../src/invoices/inspect.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { maxFileBytes } from '../src/invoices/unreadable-invoice.ts';
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
    const element = inspection('a.xml', readInvoices(Buffer.from(fatturaPa({ date: '2026-02-30' }))));
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
    ['a document type behind a comment', '<!-- --><!doctype a><a/>', 'xml-unsafe'],
    [
      'a parameter entity',
      fatturaPa({ declaration: '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.com/x.dtd">%p;]>' }),
      'xml-unsafe',
    ],
    ['a document type elsewhere', '<!DOCTYPE x PUBLIC "-//x//y" "http://example.com/x.dtd"><x/>', 'xml-unsafe'],
    ['CDATA in front of the root', '<![CDATA[x]]><a/>', 'xml-broken'],
    ['CDATA without end', '<a><![CDATA[</a>', 'xml-broken'],
    ['an instruction without end', '<a><?x</a>', 'xml-broken'],
    ['a tag cut in the middle', '<a', 'xml-broken'],
    ['a tag without a name', '<a>< b/></a>', 'xml-broken'],
    ['a name that begins with a digit', '<a><1/></a>', 'xml-broken'],
    ['a closing tag of which the name goes on', '<a></ab>', 'xml-broken'],
    ['a closing tag too many', '<a/></a>', 'xml-broken'],
    ['nothing but comments', '<!-- -->', 'xml-broken'],
    ['a bare ampersand in an attribute', '<a b="x & y"/>', 'xml-broken'],
    ['a reference that is not closed', '<a>&amp</a>', 'xml-broken'],
    [
      'half a million attributes',
      `<a ${Array.from({ length: 500_000 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      'xml-too-large',
    ],
    ['elements nested 100 deep', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, 'xml-too-large'],
    ['a million open tags', '<a>'.repeat(1_000_000), 'xml-too-large'],
    ['a million elements', `<a>${'<b/>'.repeat(1_000_000)}</a>`, 'xml-too-large'],
  ])('%s', (_what, xml, code) => {
    expect(errorOf(xml).code).toBe(code);
  });

  test('the line of an entity is named', () => {
    const refused = { code: 'xml-unsafe', message: "Line 3: the entity &nbsp; is not one of XML's own five" };
    expect(errorOf('<a>\n<b>x\n&nbsp;</b></a>')).toEqual(refused);
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
    ['JSON', Buffer.from('{"a":1}'), 'json-not-here', '/v1/invoices'],
    ['words', Buffer.from('Egregio cliente'), 'not-xml', 'neither'],
    ['an image', Buffer.from('89504e470d0a1a0a', 'hex'), 'not-xml', 'neither'],
    ['zeros', Buffer.alloc(1000), 'not-xml', 'neither'],
    ['control characters', Buffer.from('<a>\u0000\u0001</a>'), 'not-xml', 'control'],
    ['another encoding than it declares', Buffer.from(fatturaPa(), 'latin1'), 'encoding-wrong', 'utf-8'],
    [
      'an encoding that is not taken',
      Buffer.from('<?xml version="1.0" encoding="EBCDIC"?><a/>'),
      'encoding-not-supported',
      'EBCDIC',
    ],
    ['UTF-32', Buffer.from('fffe00003c000000', 'hex'), 'encoding-not-supported', 'utf-32'],
    ['UTF-7', Buffer.from('<?xml version="1.0" encoding="utf-7"?><a/>'), 'encoding-not-supported', 'utf-7'],
    [
      'an encoding of several bytes',
      Buffer.from('<?xml version="1.0" encoding="iso-2022-jp"?><a/>'),
      'encoding-not-supported',
      'iso-2022-jp',
    ],
    ['a file over 10 MiB', Buffer.alloc(maxFileBytes + 1, '<'), 'file-too-large', '10485760'],
    ['XML that is no invoice', Buffer.from('<rss/>'), 'format-unknown', 'rss'],
  ])('%s', (_what, bytes, code, word) => {
    const read = readInvoices(bytes);
    expect('error' in read && read.error).toMatchObject({ code, message: expect.stringContaining(word) });
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
