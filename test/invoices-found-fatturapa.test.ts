import { expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

const takenBack = {
  total: '<ImportoTotaleDocumento>-122.00</ImportoTotaleDocumento>',
  goods:
    '<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>-100.00</ImponibileImporto><Imposta>-22.00</Imposta></DatiRiepilogo></DatiBeniServizi>',
};
const day = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>';

test.each(['122.00', '-122.00'])(
  'of a document of less than nothing a payment of %s is given back, not asked for',
  (amount) => {
    const invoice = read({ ...takenBack, payments: payment(day, amount) });
    expect(amountsOf(invoice)).toEqual(['-122.00']);
    expect(invoice.warnings).toEqual([]);
  },
);

test('one that is neither it nor its opposite stays as it is, with a warning', () => {
  const invoice = read({ ...takenBack, payments: payment(day, '50.00') });
  expect(amountsOf(invoice)).toEqual(['50.00']);
  expect(invoice.warnings).toMatchObject([{ code: 'instalments-differ' }]);
});

const withheld =
  '<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta><AliquotaRitenuta>20.00</AliquotaRitenuta><CausalePagamento>A</CausalePagamento></DatiRitenuta>';

test('from a total that is already without what is withheld it is not taken once more', () => {
  const invoice = read({
    general: withheld,
    total: '<ImportoTotaleDocumento>102.00</ImportoTotaleDocumento>',
    payments: payment(day, '102.00'),
  });
  expect([formatUnits(invoice.total), formatUnits(invoice.payable)]).toEqual(['122.00', '102.00']);
  expect(invoice.warnings).toEqual([{ code: 'total-computed', message: expect.stringContaining('102.00') }]);
});

test('from a total that holds it, it is', () => {
  const invoice = read({ general: withheld, payments: payment(day, '102.00') });
  expect([formatUnits(invoice.total), formatUnits(invoice.payable)]).toEqual(['122.00', '102.00']);
  expect(invoice.warnings).toEqual([]);
});

test('a block for an attachment that was left empty is none; one with a name and nothing in it is told', () => {
  const empty = '<Allegati><NomeAttachment></NomeAttachment><Attachment></Attachment></Allegati>';
  const named = '<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment/></Allegati>';
  const invoice = read({ attachments: empty + named });
  expect(invoice.attachments).toEqual([]);
  expect(invoice.warnings).toEqual([
    { code: 'attachment-unreadable', message: expect.stringContaining('Allegati[2]') },
  ]);
});

function read(parts: Parameters<typeof fatturaPa>[0]): Invoice {
  const [invoice] = readFatturaPa(parseXml(fatturaPa(parts)));
  if (!invoice) throw new Error('no invoice');
  return invoice;
}

function amountsOf({ instalments }: Invoice): string[] {
  return instalments.map(({ amount }) => formatUnits(amount));
}
