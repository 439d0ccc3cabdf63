import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { fatturaPa } from './support/fatturapa.ts';
import { signedFile } from './support/p7m.ts';
import { pdfOf, pdfStream, pdfWithFiles } from './support/pdf-with-files.ts';

const xml = fatturaPa();

describe('a PDF that carries an invoice is read, and kept', () => {
  test.each([
    ['found both ways', pdfWithFiles([{ content: xml }])],
    ['as an associated file', pdfWithFiles([{ content: xml }], { by: ['associated'] })],
    ['in the name tree', pdfWithFiles([{ content: xml }], { by: ['nameTree'] })],
    ['with objects in a compressed stream', pdfWithFiles([{ content: xml }], { compressed: true })],
    ['not compressed', pdfWithFiles([{ content: xml, filter: '' }])],
    [
      'in hexadecimal',
      pdfWithFiles([{ content: `${Buffer.from(xml).toString('hex')}>`, filter: '/Filter [/ASCIIHexDecode]' }]),
    ],
    ['named as ZUGFeRD names it', pdfWithFiles([{ name: 'ZUGFeRD-invoice.xml', content: xml }])],
    ['named as XRechnung names it', pdfWithFiles([{ name: 'xrechnung.xml', content: xml }])],
    ['under any other name', pdfWithFiles([{ name: 'a.bin', content: xml }])],
    [
      'beside other files',
      pdfWithFiles([{ name: 'terms.txt', content: 'Terms' }, { name: 'rss.xml', content: '<rss/>' }, { content: xml }]),
    ],
    [
      'beside another invoice that only has the wrong name',
      pdfWithFiles([{ name: 'old.xml', content: fatturaPa({ date: '2020-01-01' }) }, { content: xml }]),
    ],
    ['twice the same', pdfWithFiles([{ content: xml }, { name: 'zugferd-invoice.xml', content: xml }])],
    ['after a first line that is none of it', Buffer.concat([Buffer.from('\r\n'), pdfWithFiles([{ content: xml }])])],
    ['with a length that is wrong', replaced(pdfWithFiles([{ content: xml }]), /\/Length \d+/, '/Length 7')],
    ['signed', signedFile(pdfWithFiles([{ content: xml }]))],
  ])('%s', (_how, bytes) => {
    const read = readInvoices(bytes);
    if ('error' in read) expect.fail(read.error.message);
    expect(read.invoices.map(({ date }) => date)).toEqual(['2026-11-05']);
    expect(
      Buffer.from(read.pdf ?? [])
        .subarray(0, 20)
        .toString('latin1'),
    ).toContain('%PDF-1.7');
    expect(read.warnings.map(({ code }) => code)).toEqual(_how === 'signed' ? ['signature-not-verified'] : []);
  });

  test('the later of two objects with one number counts, as in a file that was changed', () => {
    const before = pdfWithFiles([{ content: fatturaPa({ date: '2020-01-01' }) }]);
    const changed = Buffer.concat([before, pdfStream(5, '/Filter /FlateDecode', deflateSync(xml))]);
    expect(readInvoices(changed)).toMatchObject({ invoices: [{ date: '2026-11-05' }] });
  });
});

describe('a PDF that gives nothing is refused by name', () => {
  const bomb = deflateSync(Buffer.alloc(100 * 1024 * 1024));
  const catalog = (entries: string): string => `1 0 obj << /Type /Catalog ${entries} >> endobj\n`;
  const trailer = 'trailer << /Root 1 0 R >>\n';
  test.each([
    ['no file in it', pdfWithFiles([]), 'pdf-without-invoice'],
    ['files that are no invoice', pdfWithFiles([{ name: 'a.txt', content: 'x' }]), 'pdf-without-invoice'],
    [
      'an order',
      pdfWithFiles([{ name: 'order-x.xml', content: '<SCRDMCCBDACIOMessageStructure/>' }]),
      'pdf-without-invoice',
    ],
    [
      'ZUGFeRD 1',
      pdfWithFiles([{ name: 'ZUGFeRD-invoice.xml', content: '<CrossIndustryDocument/>' }]),
      'format-not-supported',
    ],
    ['an invoice that is broken', pdfWithFiles([{ content: xml.slice(0, 900) }]), 'xml-broken'],
    [
      'two invoices',
      pdfWithFiles([
        { name: 'a.xml', content: xml },
        { name: 'b.xml', content: fatturaPa({ date: '2026-11-06' }) },
      ]),
      'pdf-several-invoices',
    ],
    ['encrypted', pdfWithFiles([{ content: xml }], { trailer: '/Encrypt 9 0 R' }), 'pdf-encrypted'],
    [
      'encrypted, its table a stream',
      pdfWithFiles([{ content: xml }], { trailer: '/Encrypt 9 0 R', compressed: true }),
      'pdf-encrypted',
    ],
    ['a header alone', pdfOf(), 'pdf-broken'],
    [
      'a file that unpacks to 100 MiB',
      pdfWithFiles([{ content: bomb, filter: '/Filter /FlateDecode' }]),
      'pdf-too-large',
    ],
    [
      'a file that unpacks to a bomb',
      pdfWithFiles([{ content: deflateSync(bomb), filter: '/Filter [/FlateDecode /FlateDecode]' }]),
      'pdf-too-large',
    ],
    [
      'a tower of filters',
      pdfWithFiles([{ content: bomb, filter: `/Filter [${'/FlateDecode '.repeat(9)}]` }]),
      'pdf-broken',
    ],
    [
      'objects that unpack to 100 MiB',
      pdfOf(pdfStream(9, '/Type /ObjStm /N 1 /First 9 /Filter /FlateDecode', bomb)),
      'pdf-too-large',
    ],
    ['a catalog that is itself', pdfOf('1 0 obj 1 0 R endobj\n', trailer), 'pdf-broken'],
    ['two objects that are each other', pdfOf('1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj\n', trailer), 'pdf-broken'],
    [
      'a name tree that is a ring',
      pdfOf(
        catalog('/Names << /EmbeddedFiles 2 0 R >>'),
        '2 0 obj << /Kids [3 0 R 2 0 R] >> endobj 3 0 obj << /Kids [2 0 R] >> endobj\n',
        trailer,
      ),
      'pdf-without-invoice',
    ],
    [
      'a length that is itself',
      pdfOf('1 0 obj << /Length 1 0 R /AF [1 0 R] /Type /Catalog >> stream\nx endstream\n', trailer),
      'pdf-without-invoice',
    ],
    ['arrays in each other', pdfOf('trailer', '['.repeat(1_000_000)), 'pdf-broken'],
    ['a catalog of a million entries', pdfOf(catalog(`/AF [${'2 0 R '.repeat(1_000_000)}]`), trailer), 'pdf-too-large'],
    ['600,000 objects', pdfOf(Array.from({ length: 600_000 }, (_, n) => `${n} 0 obj`).join(' ')), 'pdf-too-large'],
    [
      'strings that never end',
      pdfOf(Array.from({ length: 100_000 }, (_, n) => `${n} 0 obj (`).join(' ')),
      'pdf-too-large',
    ],
    [
      'a table of a billion objects',
      pdfOf(pdfStream(1, '/Type /XRef /W [1 1 1] /Index [0 999999999] /Size 999999999', Buffer.alloc(3))),
      'pdf-broken',
    ],
  ])('%s', (_what, bytes, code) => {
    expect(errorOf(bytes).code).toBe(code);
  });

  test('more than a hundred files', () => {
    const files = Array.from({ length: 101 }, (_, n) => ({ name: `${n}.txt`, content: `${n}` }));
    expect(errorOf(pdfWithFiles(files)).code).toBe('pdf-too-large');
  });
});

const samples = path.join(import.meta.dirname, '..', '..', 'shared', 'samples', 'invoices');

describe.skipIf(!present(samples))('invoices that others wrote (../shared/samples), embedded', () => {
  test.each(['cii', 'ubl'] as const)('%s', (format) => {
    for (const file of readdirSync(path.join(samples, format))) {
      const content = readFileSync(path.join(samples, format, file));
      const alone = readInvoices(content);
      const pdf = pdfWithFiles([{ content }], { compressed: true });
      expect(alone).toMatchObject({ format, pdf: null });
      expect(readInvoices(pdf)).toEqual({ ...alone, pdf });
    }
  });
});

function present(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

function replaced(bytes: Buffer, what: RegExp, by: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(what, by), 'latin1');
}

function errorOf(bytes: Uint8Array): { code: string } {
  const read = readInvoices(bytes);
  return 'error' in read ? read.error : { code: 'none' };
}
