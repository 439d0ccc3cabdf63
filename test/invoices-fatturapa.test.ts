import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { inspection } from '../src/invoices/inspect.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { fatturaPa, fatturaPaBody, payment } from './support/fatturapa.ts';

const examples = join(import.meta.dirname, '..', 'examples', 'invoices');

describe('a FatturaPA is read', () => {
  test('with every name and text as the seller wrote it: references, CDATA, accents', () => {
    const [invoice] = invoicesOf(fatturaPa());
    expect(invoice?.seller.name).toBe('Caffè & C. <snc>');
    expect(invoice?.buyer).toMatchObject({ name: 'Anna Però', vatId: 'IT02888000219', kind: 'business', email: [] });
  });

  test.each([
    ['without a namespace prefix', fatturaPa({ prefix: '' })],
    ['with another prefix', fatturaPa({ prefix: 'ns3:' })],
    ['without an XML declaration', fatturaPa({ declaration: '' })],
    [
      'with white space inside its values',
      fatturaPa({ total: '<ImportoTotaleDocumento> 122.00\n</ImportoTotaleDocumento>' }),
    ],
    ['with comments and processing instructions', fatturaPa({ general: '<!-- x --><?sheet type="a"href="b"?>' })],
  ])('%s', (_how, xml) => {
    expect(formatUnits(only(xml).total)).toBe('122.00');
  });

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${fatturaPa()}`, 'utf8')],
    ['ISO-8859-1', Buffer.from(fatturaPa({ declaration: '<?xml version="1.0" encoding="ISO-8859-1"?>' }), 'latin1')],
    [
      'windows-1252',
      Buffer.from(fatturaPa({ declaration: "<?xml version='1.0' encoding='windows-1252' ?>" }), 'latin1'),
    ],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${fatturaPa({ declaration: '' })}`, 'utf16le')],
  ])('in %s', (_encoding, bytes) => {
    const read = readInvoices(bytes);
    expect('invoices' in read && read.invoices[0]?.buyer.name).toBe('Anna Però');
  });

  test('the euro sign of a file that says ISO-8859-1 and means windows-1252', () => {
    const xml = fatturaPa({
      declaration: '<?xml version="1.0" encoding="iso-8859-1"?>',
      general: '<Causale>5 @</Causale>',
    });
    const bytes = Buffer.from(xml, 'latin1').map((byte) => (byte === 0x40 ? 0x80 : byte));
    const read = readInvoices(bytes);
    expect('invoices' in read && read.invoices[0]?.notes).toEqual(['5 €']);
  });

  test('each body of a lot is an invoice of its own', () => {
    const xml = fatturaPa().replace(
      '</p:FatturaElettronica>',
      `${fatturaPaBody({ date: '2026-11-06' })}</p:FatturaElettronica>`,
    );
    expect(invoicesOf(xml).map(({ date }) => date)).toEqual(['2026-11-05', '2026-11-06']);
  });

  test('every block of payments gives its due dates, in order', () => {
    const payments =
      payment('<DataScadenzaPagamento>2026-12-05Z</DataScadenzaPagamento>', '22.00') +
      payment('<DataScadenzaPagamento>2027-01-05+01:00</DataScadenzaPagamento>', '100.00');
    expect(only(fatturaPa({ payments })).instalments.map(({ dueOn, amount }) => [dueOn, formatUnits(amount)])).toEqual([
      ['2026-12-05', '22.00'],
      ['2027-01-05', '100.00'],
    ]);
  });

  test.each([
    [
      'days from a reference day',
      '<DataRiferimentoTerminiPagamento>2026-01-31</DataRiferimentoTerminiPagamento><GiorniTerminiPagamento>30</GiorniTerminiPagamento>',
      '2026-03-02',
    ],
    ['days from the date of the invoice', '<GiorniTerminiPagamento>60</GiorniTerminiPagamento>', '2027-01-04'],
    [
      'a reference day alone',
      '<DataRiferimentoTerminiPagamento>2026-11-30</DataRiferimentoTerminiPagamento>',
      '2026-11-30',
    ],
  ])('terms without a date: %s', (_how, terms, dueOn) => {
    expect(only(fatturaPa({ payments: payment(terms) })).instalments[0]?.dueOn).toBe(dueOn);
  });

  test('no terms at all: due on the date of the invoice, with a warning', () => {
    const invoice = only(fatturaPa({ payments: '' }));
    expect(invoice.instalments).toMatchObject([{ dueOn: '2026-11-05', amount: { units: 12_200n }, iban: null }]);
    expect(invoice.warnings.map(({ code }) => code)).toEqual(['no-payment-terms']);
  });

  test('withholding and VAT that the buyer pays to the treasury are not owed to the seller', () => {
    const general =
      '<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta>';
    const goods =
      '<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta><EsigibilitaIVA>S</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>';
    const invoice = only(fatturaPa({ general, goods, payments: '' }));
    expect([invoice.total, invoice.payable].map(formatUnits)).toEqual(['122.00', '80.00']);
    expect(invoice.instalments[0]?.amount).toEqual(invoice.payable);
  });

  test('a missing total is the sum of the VAT summary, and says so', () => {
    const invoice = only(fatturaPa({ total: '' }));
    expect(formatUnits(invoice.total)).toBe('122.00');
    expect(invoice.warnings.map(({ code }) => code)).toEqual(['total-computed']);
  });

  test('an amount too large for a float stays exact', () => {
    const invoice = only(fatturaPa({ payments: payment('', '90071992547409.93') }));
    expect(invoice.instalments[0]?.amount.units).toBe(9_007_199_254_740_993n);
  });

  test('yen written with two decimals, as the format wants them, are yen', () => {
    expect(formatUnits(only(fatturaPa({ currency: 'JPY' })).total)).toBe('122');
  });

  test('an IBAN with wrong check digits is left out, with a warning that names its place', () => {
    const invoice = only(
      fatturaPa({
        payments: payment(
          '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento><IBAN>IT60X0542811101000000123457</IBAN>',
        ),
      }),
    );
    expect(invoice.instalments[0]?.iban).toBeNull();
    expect(invoice.warnings).toMatchObject([
      { code: 'iban-invalid', message: expect.stringContaining('DettaglioPagamento[1]/IBAN') },
    ]);
  });

  test.each([
    [
      'a VAT number',
      'FPR12',
      '<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>02888000219</IdCodice></IdFiscaleIVA>',
      'business',
    ],
    ['the tax code of a body', 'FPR12', '<CodiceFiscale>95123400103</CodiceFiscale>', 'business'],
    ['the tax code of a person', 'FPR12', '<CodiceFiscale>MRALNE80E05H501C</CodiceFiscale>', 'consumer'],
    [
      'a person abroad',
      'FPR12',
      '<IdFiscaleIVA><IdPaese>GB</IdPaese><IdCodice>0000000</IdCodice></IdFiscaleIVA>',
      'consumer',
    ],
    [
      'a firm outside the EU',
      'FPR12',
      '<IdFiscaleIVA><IdPaese>CH</IdPaese><IdCodice>OO99999999999</IdCodice></IdFiscaleIVA>',
      'business',
    ],
    ['a public body', 'FPA12', '<CodiceFiscale>80011100106</CodiceFiscale>', 'public'],
  ])('a buyer with %s (%s)', (_who, format, buyerIds, kind) => {
    expect(only(fatturaPa({ format, buyerIds })).buyer.kind).toBe(kind);
  });

  test.each([
    ['TD04', 'creditNote'],
    ['TD05', 'debitNote'],
    ['TD06', 'invoice'],
    ['TD17', 'selfInvoice'],
  ])('%s is of the type %s', (code, type) => {
    expect(only(fatturaPa().replace('TD01', code)).type).toBe(type);
  });

  test('attachments are decoded, counted and never unpacked', () => {
    const attachments = `<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment>${Buffer.from('%PDF-1.7').toString('base64')}</Attachment></Allegati>
      <Allegati><NomeAttachment>b</NomeAttachment><AlgoritmoCompressione>ZIP</AlgoritmoCompressione><Attachment>UEsDBA==</Attachment></Allegati>
      <Allegati><NomeAttachment>c</NomeAttachment><Attachment>???</Attachment></Allegati>`;
    const invoice = only(fatturaPa({ attachments }));
    expect(invoice.attachments.map(({ name, mediaType, size }) => [name, mediaType, size])).toEqual([
      ['a.pdf', 'application/pdf', 8],
      ['b', 'application/zip', 4],
    ]);
    expect(invoice.warnings.map(({ code }) => code)).toEqual(['attachment-unreadable']);
  });

  test('an invoice is the same after a stay in the database, but for the bytes of its attachments', () => {
    for (const file of readdirSync(examples)) {
      const read = readInvoices(readFileSync(join(examples, file)));
      for (const invoice of 'invoices' in read ? read.invoices : []) {
        const stored: unknown = JSON.parse(JSON.stringify(invoiceToJson(invoice)));
        const attachments = invoice.attachments.map((attachment) => ({ ...attachment, bytes: null }));
        expect(invoiceFromJson(stored)).toEqual({ ...invoice, attachments });
        expect(JSON.stringify(stored)).not.toContain('bytes');
      }
    }
  });
});

describe('the examples', () => {
  test('are read without a warning, all from one seller', () => {
    const files = readdirSync(examples).map((file) =>
      inspection(file, readInvoices(readFileSync(join(examples, file)))),
    );
    const invoices = files.flatMap((file) => ('invoices' in file ? file.invoices : []));
    expect(files.filter((file) => 'error' in file)).toEqual([]);
    expect(invoices.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(new Set(invoices.map(({ seller }) => seller.vatId)).size).toBe(1);
    expect(invoices.map(({ buyer }) => buyer.kind)).toContain('public');
    expect(invoices.some(({ dueDates }) => dueDates.length === 2)).toBe(true);
  });
});

function invoicesOf(xml: string): Invoice[] {
  const read = readInvoices(Buffer.from(xml));
  if ('error' in read) throw new Error(`${read.error.code}: ${read.error.message}`);
  return read.invoices;
}

function only(xml: string): Invoice {
  const [invoice] = invoicesOf(xml);
  if (!invoice) throw new Error('no invoice');
  return invoice;
}
