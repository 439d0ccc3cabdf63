import type { InvoiceCharge, InvoiceLine, InvoiceReference, InvoiceVat } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { decimalOf, requiredAmount } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { codeOf, dayOf, lineOf } from './loose-field.ts';

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
    vatNature: codeOf(line, 'Natura'),
    total: decimalOf(line, 'PrezzoTotale'),
  }));
}

/** The sums for each VAT rate: `DatiBeniServizi/DatiRiepilogo`. */
export function vatOf(goods: XmlElement | undefined, currency: Currency): InvoiceVat[] {
  return (goods?.children('DatiRiepilogo') ?? []).map((summary) => ({
    rate: decimalOf(summary, 'AliquotaIVA') ?? '0.00',
    nature: codeOf(summary, 'Natura'),
    taxable: requiredAmount(summary, 'ImponibileImporto', currency),
    tax: requiredAmount(summary, 'Imposta', currency),
    reason: summary.textOf('RiferimentoNormativo'),
    // S = "scissione dei pagamenti", art. 17-ter D.P.R. 633/1972.
    paidByBuyer: codeOf(summary, 'EsigibilitaIVA') === 'S',
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
      const found = lineOf(element, number);
      if (found === null) return [];
      return [
        {
          kind,
          number: found,
          date: dayOf(element, date),
          cup: lineOf(element, 'CodiceCUP'),
          cig: lineOf(element, 'CodiceCIG'),
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
  // The simplified form's: art. 26 D.P.R. 633/1972.
  { block: 'DatiFatturaRettificata', kind: 'invoice', number: 'NumeroFR', date: 'DataFR' },
  { block: 'DatiDDT', kind: 'deliveryNote', number: 'NumeroDDT', date: 'DataDDT' },
] as const;

/** 2.1.1.8.1 and 2.2.1.10.1 Tipo: MG is a surcharge, SC a discount. */
export function isSurcharge(adjustment: XmlElement): boolean {
  return codeOf(adjustment, 'Tipo') === 'MG';
}

function adjustmentOf(element: XmlElement): InvoiceLine['adjustments'][number] {
  const percent = decimalOf(element, 'Percentuale');
  const amount = decimalOf(element, 'Importo');
  if (isSurcharge(element)) return { kind: 'surcharge', percent, amount };
  // Some write the sign into a discount, and mean the same.
  return { kind: 'discount', percent: unsigned(percent), amount: unsigned(amount) };
}

function unsigned(decimal: string | null): string | null {
  return decimal?.replace(/^-/, '') ?? null;
}

function periodOf(line: XmlElement): InvoiceLine['period'] {
  const from = dayOf(line, 'DataInizioPeriodo');
  const to = dayOf(line, 'DataFinePeriodo');
  return from === null && to === null ? null : { from, to };
}
