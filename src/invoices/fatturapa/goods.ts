import type { InvoiceCharge, InvoiceLine, InvoiceReference, InvoiceVat } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { dateOf, decimalOf, requiredAmount } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** The lines: `DatiBeniServizi/DettaglioLinee`. */
export function linesOf(goods: XmlElement | undefined): InvoiceLine[] {
  return (goods?.children('DettaglioLinee') ?? []).map((line) => ({
    number: line.textOf('NumeroLinea'),
    description: line.textOf('Descrizione') ?? '',
    quantity: decimalOf(line, 'Quantita'),
    unit: line.textOf('UnitaMisura'),
    unitPrice: decimalOf(line, 'PrezzoUnitario'),
    adjustments: line.children('ScontoMaggiorazione').map(adjustmentOf),
    period: periodOf(line),
    vatRate: decimalOf(line, 'AliquotaIVA'),
    vatNature: line.textOf('Natura'),
    total: decimalOf(line, 'PrezzoTotale'),
  }));
}

/** The sums for each VAT rate: `DatiBeniServizi/DatiRiepilogo`. */
export function vatOf(goods: XmlElement | undefined, currency: Currency): InvoiceVat[] {
  return (goods?.children('DatiRiepilogo') ?? []).map((summary) => ({
    rate: decimalOf(summary, 'AliquotaIVA') ?? '0.00',
    nature: summary.textOf('Natura'),
    taxable: requiredAmount(summary, 'ImponibileImporto', currency),
    tax: requiredAmount(summary, 'Imposta', currency),
    reason: summary.textOf('RiferimentoNormativo'),
    // S = "scissione dei pagamenti", art. 17-ter D.P.R. 633/1972.
    paidByBuyer: summary.textOf('EsigibilitaIVA') === 'S',
  }));
}

/** What is taken off or put on the whole document: discounts, surcharges, welfare contributions. */
export function chargesOf(general: XmlElement): InvoiceCharge[] {
  const funds = general.children('DatiCassaPrevidenziale').map((fund): InvoiceCharge => {
    return { kind: 'welfareFund', rate: decimalOf(fund, 'AlCassa'), amount: decimalOf(fund, 'ImportoContributoCassa') };
  });
  const adjustments = general.children('ScontoMaggiorazione').map(adjustmentOf);
  return [...adjustments.map(({ kind, percent, amount }) => ({ kind, rate: percent, amount })), ...funds];
}

/** Orders, contracts, delivery notes and the invoices that this one changes. */
export function referencesOf(data: XmlElement): InvoiceReference[] {
  return referenceBlocks.flatMap(({ block, kind, number, date }) =>
    data.children(block).flatMap((element) => {
      const found = element.textOf(number);
      if (found === null) return [];
      return [
        {
          kind,
          number: found,
          date: dateOf(element, date),
          cup: element.textOf('CodiceCUP'),
          cig: element.textOf('CodiceCIG'),
        },
      ];
    }),
  );
}

const referenceBlocks = [
  { block: 'DatiOrdineAcquisto', kind: 'order', number: 'IdDocumento', date: 'Data' },
  { block: 'DatiContratto', kind: 'contract', number: 'IdDocumento', date: 'Data' },
  { block: 'DatiConvenzione', kind: 'agreement', number: 'IdDocumento', date: 'Data' },
  { block: 'DatiRicezione', kind: 'receipt', number: 'IdDocumento', date: 'Data' },
  { block: 'DatiFattureCollegate', kind: 'invoice', number: 'IdDocumento', date: 'Data' },
  { block: 'DatiDDT', kind: 'deliveryNote', number: 'NumeroDDT', date: 'DataDDT' },
] as const;

function adjustmentOf(element: XmlElement): InvoiceLine['adjustments'][number] {
  return {
    kind: element.textOf('Tipo') === 'MG' ? 'surcharge' : 'discount',
    percent: decimalOf(element, 'Percentuale'),
    amount: decimalOf(element, 'Importo'),
  };
}

function periodOf(line: XmlElement): InvoiceLine['period'] {
  const from = dateOf(line, 'DataInizioPeriodo');
  const to = dateOf(line, 'DataFinePeriodo');
  return from === null && to === null ? null : { from, to };
}
