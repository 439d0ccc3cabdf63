import { describe, expect, test } from 'vitest';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../src/domain/invoice.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { InvoiceRefused } from '../src/invoices/field.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa, party, payment, sale, simplifiedFatturaPa, vatId } from './support/fatturapa.ts';

const seat =
  '<Sede><Indirizzo>Via</Indirizzo><NumeroCivico>1</NumeroCivico><CAP>16100</CAP><Comune>Genova</Comune><Provincia>GE</Provincia><Nazione>IT</Nazione></Sede>';
const ordinary = fatturaPa({
  transmission: '<CodiceDestinatario>ABCDEF1</CodiceDestinatario><PECDestinatario>a@pec.example.it</PECDestinatario>',
  buyer: party(`${vatId('02888000219')}<CodiceFiscale>02888000219</CodiceFiscale>`, 'Rossi', seat),
  header: '<SoggettoEmittente>TZ</SoggettoEmittente>',
  general: `<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta><AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>
    <DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo>
    <DatiCassaPrevidenziale><AlCassa>4.00</AlCassa><ImportoContributoCassa>4.00</ImportoContributoCassa></DatiCassaPrevidenziale>
    <ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>1.00</Percentuale><Importo>1.00</Importo></ScontoMaggiorazione>
    <Arrotondamento>0.01</Arrotondamento><Causale>x</Causale>`,
  references: '<DatiFattureCollegate><IdDocumento>1</IdDocumento><Data>2026-10-01</Data></DatiFattureCollegate>',
  goods: `<DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>x</Descrizione><Quantita>1.00</Quantita><UnitaMisura>h</UnitaMisura>
    <DataInizioPeriodo>2026-10-01</DataInizioPeriodo><PrezzoUnitario>100.00</PrezzoUnitario><PrezzoTotale>100.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA><Natura>N4</Natura></DettaglioLinee>
    <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta><EsigibilitaIVA>S</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>`,
  payments: payment(
    '<DataRiferimentoTerminiPagamento>2026-11-05</DataRiferimentoTerminiPagamento><GiorniTerminiPagamento>30</GiorniTerminiPagamento><ScontoPagamentoAnticipato>1.00</ScontoPagamentoAnticipato><DataLimitePagamentoAnticipato>2026-11-10</DataLimitePagamentoAnticipato><IBAN>IT60X0542811101000000123456</IBAN><BIC>BCITITMM</BIC>',
  ),
  attachments: '<Allegati><NomeAttachment>a</NomeAttachment><Attachment>QUJD</Attachment></Allegati>',
});
const simplified = simplifiedFatturaPa({
  general: '<BolloVirtuale>SI</BolloVirtuale>',
  references: '<DatiFatturaRettificata><NumeroFR>1</NumeroFR><DataFR>2026-10-01</DataFR></DatiFatturaRettificata>',
  sales: sale('122.00', '<Imposta>22.00</Imposta><Aliquota>22.00</Aliquota>', '<Natura>N4</Natura>'),
});
const values = [
  '',
  ' ',
  '0',
  '-1',
  '100',
  '9'.repeat(15),
  '9'.repeat(40),
  '1e9',
  'NaN',
  '-',
  '.',
  '0.123456789',
  "'; --",
];
const days = ['9999-12-31', '0001-01-01', '9999-12-31T23:59:59Z', '2026-11-05T00:00:00+24:00', '-000001-01-01'];

describe.each([
  ['the ordinary form', ordinary],
  ['the simplified form', simplified],
])('%s', (_form, xml) => {
  test('as it is, is read', () => {
    expect(outcomeOf(xml)).toHaveProperty('number');
  });

  test('with anything at all in any of its elements, is an invoice that can be kept or a refusal that names a path', () => {
    const refused = new Set<string>();
    for (const leaf of xml.matchAll(/(?<=<(\w+)>)[^<>]*(?=<\/\1>)/g)) {
      for (const value of [...values, ...days]) {
        const changed = xml.slice(0, leaf.index) + value + xml.slice(leaf.index + leaf[0].length);
        const outcome = outcomeOf(changed);
        if (outcome instanceof InvoiceRefused) {
          expect(outcome.path).toMatch(/^FatturaElettronica(?:Header|Body)/);
          refused.add(outcome.code);
        } else expect(invoiceFromJson(JSON.parse(JSON.stringify(invoiceToJson(outcome))))).toHaveProperty('number');
      }
    }
    expect([...refused].sort()).toEqual(
      expect.arrayContaining([
        'amount-invalid',
        'currency-invalid',
        'date-invalid',
        'missing-element',
        'number-invalid',
      ]),
    );
  });

  test('without any one of its elements, too', () => {
    for (const [element] of xml.matchAll(/<(\w+)>[^<>]*<\/\1>/g)) {
      const outcome = outcomeOf(xml.replace(element, ''));
      expect(outcome instanceof InvoiceRefused ? outcome.code : 'read').toMatch(/^(?:read|missing-element)$/);
    }
  });
});

describe('what is reckoned past all measure is refused, as it could not be kept', () => {
  const most = '9'.repeat(15);
  test.each([
    ['the sum of two sales', sale(most, '').repeat(2)],
    [
      'of one rate, though another makes up for it',
      (sale(most, '') + sale(`-${most}`, '<Aliquota>5</Aliquota>')).repeat(2),
    ],
  ])('%s', (_what, sales) => {
    const outcome = outcomeOf(simplifiedFatturaPa({ sales }));
    expect(outcome).toMatchObject({ code: 'amount-invalid', path: 'FatturaElettronicaBody[1]/DatiBeniServizi' });
  });

  test.each([
    ['a total', { total: '' }],
    [
      'what is left after VAT that the treasury gets',
      { total: `<ImportoTotaleDocumento>-${most}</ImportoTotaleDocumento>` },
    ],
  ])('%s', (_what, total) => {
    const goods = `<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>${most}</ImponibileImporto><Imposta>${most}</Imposta><EsigibilitaIVA>S</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>`;
    expect(outcomeOf(fatturaPa({ goods, ...total }))).toMatchObject({
      code: 'amount-invalid',
      path: 'FatturaElettronicaBody[1]/DatiGenerali/DatiGeneraliDocumento/ImportoTotaleDocumento',
    });
  });
});

/** Throws what is no refusal. */
function outcomeOf(xml: string): Invoice | InvoiceRefused {
  try {
    const [invoice] = readFatturaPa(parseXml(xml));
    if (!invoice) throw new Error('no invoice');
    return invoice;
  } catch (error) {
    if (error instanceof InvoiceRefused) return error;
    throw error;
  }
}
