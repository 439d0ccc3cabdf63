import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

describe('payments', () => {
  const due = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>';

  test('hold whom to pay and where', () => {
    const account =
      '<Beneficiario>Caffè\n snc</Beneficiario><IstitutoFinanziario>Banca</IstitutoFinanziario><IBAN>it60 x054 2811 1010 0000 0123 456</IBAN><ABI>05428</ABI><CAB>11101</CAB><BIC>bcititmm</BIC>';
    expect(read({ payments: payment(due + account) }).instalments).toEqual([
      {
        dueOn: '2026-12-05',
        amount: { units: 12_200n, currency: 'EUR' },
        method: 'MP05',
        iban: 'IT60X0542811101000000123456',
        bic: 'BCITITMM',
        holder: 'Caffè snc',
      },
    ]);
  });

  test('of several kinds come in the order of the file; an advance may be paid already, and says so', () => {
    const advance = payment(due, '22.00').replace('<Dett', '<CondizioniPagamento>TP03</CondizioniPagamento><Dett');
    const rest = payment(due.replace('12-05', '12-31'), '100.00').replace(
      '<Dett',
      '<CondizioniPagamento>TP02</CondizioniPagamento><Dett',
    );
    const invoice = read({ payments: advance + rest });
    expect(dueDatesOf(invoice)).toEqual(['2026-12-05 22.00', '2026-12-31 100.00']);
    expect(invoice.warnings).toMatchObject([
      { code: 'advance-payment', message: expect.stringContaining('FatturaElettronicaBody[1]/DatiPagamento[1]') },
    ]);
  });

  test('a discount for paying early is not taken off, and that is said', () => {
    const discount =
      '<ScontoPagamentoAnticipato>2.44</ScontoPagamentoAnticipato><DataLimitePagamentoAnticipato>2026-11-15</DataLimitePagamentoAnticipato>';
    const invoice = read({ payments: payment(due + discount) });
    expect(dueDatesOf(invoice)).toEqual(['2026-12-05 122.00']);
    expect(invoice.warnings).toMatchObject([
      { code: 'early-payment-discount', message: expect.stringMatching(/2\.44 .*until 2026-11-15/) },
    ]);
    expect(
      codesOf(read({ payments: payment(`${due}<ScontoPagamentoAnticipato>0.00</ScontoPagamentoAnticipato>`) })),
    ).toEqual([]);
  });

  test.each([
    ['that add up to something else', '100.00', /100\.00, the document to 102\.00/],
    ['of the total where some of it is withheld', '122.00', /total, 122\.00, of which only 102\.00/],
  ])('%s are taken as they stand, with a warning', (_what, amount, message) => {
    const general =
      '<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta>';
    const invoice = read({ general, payments: payment(due, amount) });
    expect(dueDatesOf(invoice)).toEqual([`2026-12-05 ${amount}`]);
    expect(invoice.warnings).toMatchObject([{ code: 'instalments-differ', message: expect.stringMatching(message) }]);
  });

  test('zeros past the cents are no fraction of one', () => {
    expect(dueDatesOf(read({ payments: payment(due, '122.00000') }))).toEqual(['2026-12-05 122.00']);
  });
});

describe('amounts', () => {
  test('several kinds of withholding are all taken off', () => {
    const general = [
      ['RT01', '20.00'],
      ['RT03', '4.00'],
    ].map(
      ([type, amount]) =>
        `<DatiRitenuta><TipoRitenuta>${type}</TipoRitenuta><ImportoRitenuta>${amount}</ImportoRitenuta><AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>`,
    );
    const invoice = read({ general: general.join(''), payments: '' });
    expect(invoice.withholding.map(({ type, amount }) => [type, formatUnits(amount)])).toEqual([
      ['RT01', '20.00'],
      ['RT03', '4.00'],
    ]);
    expect(dueDatesOf(invoice)).toEqual(['2026-11-05 98.00']);
  });

  test.each([
    ['with its amount', '<BolloVirtuale>SI</BolloVirtuale><ImportoBollo>16.00</ImportoBollo>', '16.00'],
    ['without', '<BolloVirtuale>SI</BolloVirtuale>', '2.00'],
    ['with another word', '<BolloVirtuale>NO</BolloVirtuale>', null],
  ])('a stamp %s is no part of the total', (_what, stamp, amount) => {
    const { stampDuty, total, payable } = read({ general: `<DatiBollo>${stamp}</DatiBollo>` });
    expect(stampDuty && formatUnits(stampDuty)).toBe(amount);
    expect([total, payable].map(formatUnits)).toEqual(['122.00', '122.00']);
  });

  test('discounts, surcharges and welfare funds stand as they are, a signed discount without its sign', () => {
    const general = `
      <ScontoMaggiorazione><Tipo>SC</Tipo><Importo>-5.00</Importo></ScontoMaggiorazione>
      <ScontoMaggiorazione><Tipo>MG</Tipo><Percentuale>2.00</Percentuale><Importo>2.44</Importo></ScontoMaggiorazione>
      <DatiCassaPrevidenziale><TipoCassa>TC01</TipoCassa><AlCassa>4.00</AlCassa><ImportoContributoCassa>4.00</ImportoContributoCassa></DatiCassaPrevidenziale>`;
    expect(read({ general }).charges).toEqual([
      { kind: 'discount', rate: null, amount: '5.00' },
      { kind: 'surcharge', rate: '2.00', amount: '2.44' },
      { kind: 'welfareFund', rate: '4.00', amount: '4.00' },
    ]);
  });

  test('a missing total has the discounts, surcharges and the rounding of the whole document in it', () => {
    const general = `
      <ScontoMaggiorazione><Tipo>SC</Tipo><Importo>5.00</Importo></ScontoMaggiorazione>
      <ScontoMaggiorazione><Tipo>SC</Tipo><Importo>-1.00</Importo></ScontoMaggiorazione>
      <ScontoMaggiorazione><Tipo>MG</Tipo><Importo>2.44</Importo></ScontoMaggiorazione>
      <Arrotondamento>-0.44</Arrotondamento>`;
    const invoice = read({ total: '', general, payments: payment('', '118.00') });
    expect([formatUnits(invoice.total), invoice.rounding && formatUnits(invoice.rounding)]).toEqual([
      '118.00',
      '-0.44',
    ]);
    const percent = '<ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>5.00</Percentuale></ScontoMaggiorazione>';
    expect(read({ total: '', general: percent }).warnings).toMatchObject([
      { code: 'total-computed', message: expect.stringContaining('without the discount or surcharge') },
    ]);
  });

  test('in another currency stay in it, whatever else the file says of euros', () => {
    const goods = `<DatiBeniServizi>
      <DettaglioLinee><Descrizione>x</Descrizione><AltriDatiGestionali><TipoDato>EUR</TipoDato><RiferimentoNumero>111.00</RiferimentoNumero></AltriDatiGestionali></DettaglioLinee>
      <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo></DatiBeniServizi>`;
    const invoice = read({ currency: 'USD', goods });
    expect([invoice.currency, invoice.total, invoice.instalments[0]?.amount]).toEqual([
      'USD',
      { units: 12_200n, currency: 'USD' },
      { units: 12_200n, currency: 'USD' },
    ]);
  });

  test.each([
    ['an invoice of less than nothing', 'TD01', 'invoice'],
    ['a credit note written with a sign', 'TD04', 'creditNote'],
  ])('%s is read to the letter', (_what, type, expected) => {
    const goods =
      '<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>-100.00</ImponibileImporto><Imposta>-22.00</Imposta></DatiRiepilogo></DatiBeniServizi>';
    const total = '<ImportoTotaleDocumento>-122.00</ImportoTotaleDocumento>';
    const invoice = read({ type, goods, total, payments: '' });
    expect([invoice.type, formatUnits(invoice.total), formatUnits(invoice.payable)]).toEqual([
      expected,
      '-122.00',
      '-122.00',
    ]);
  });
});

function read(parts: Parameters<typeof fatturaPa>[0] = {}): Invoice {
  const [invoice] = readFatturaPa(parseXml(fatturaPa(parts)));
  if (!invoice) throw new Error('no invoice');
  return invoice;
}

function codesOf({ warnings }: Invoice): string[] {
  return warnings.map(({ code }) => code);
}

function dueDatesOf({ instalments }: Invoice): string[] {
  return instalments.map(({ dueOn, amount }) => `${dueOn} ${formatUnits(amount)}`);
}
