import { type DocumentLocale, nameIn, type Names, wordsIn } from './words/words.ts';

/**
 * `Fattura`, `Credit note`: of the format's code where it says more than the type (FatturaPA `TipoDocumento`,
 * UNTDID 1001), else of the type.
 */
export function kindName(locale: DocumentLocale, type: string, typeCode?: string): string {
  const found = kinds.get(typeCode ?? '') ?? kinds.get(type);
  return found ? nameIn(locale, found) : wordsIn(locale).document;
}

const advance: Names = [
  'Fattura di acconto',
  'Advance invoice',
  'Anzahlungsrechnung',
  'Facture d’acompte',
  'Factura de anticipo',
];
const deferred: Names = [
  'Fattura differita',
  'Deferred invoice',
  'Sammelrechnung',
  'Facture récapitulative',
  'Factura recapitulativa',
];

const kinds: ReadonlyMap<string, Names> = new Map<string, Names>([
  ['TD02', advance],
  ['386', advance],
  [
    'TD03',
    ['Parcella di acconto', 'Advance fee note', 'Vorschussnote', 'Note d’honoraires d’acompte', 'Minuta de anticipo'],
  ],
  ['TD06', ['Parcella', 'Fee note', 'Honorarnote', 'Note d’honoraires', 'Minuta de honorarios']],
  ['TD24', deferred],
  ['TD25', deferred],
  ['326', ['Fattura parziale', 'Partial invoice', 'Teilrechnung', 'Facture partielle', 'Factura parcial']],
  [
    '384',
    [
      'Fattura rettificativa',
      'Corrected invoice',
      'Rechnungskorrektur',
      'Facture rectificative',
      'Factura rectificativa',
    ],
  ],
  ['invoice', ['Fattura', 'Invoice', 'Rechnung', 'Facture', 'Factura']],
  ['creditNote', ['Nota di credito', 'Credit note', 'Gutschrift', 'Avoir', 'Factura de abono']],
  ['debitNote', ['Nota di debito', 'Debit note', 'Belastungsanzeige', 'Note de débit', 'Nota de débito']],
  ['selfInvoice', ['Autofattura', 'Self-billed invoice', 'Abrechnungsgutschrift', 'Autofacture', 'Autofactura']],
]);
