import { type DocumentLocale, nameIn, type Names } from './words/words.ts';

/**
 * Why no VAT is charged, as EN 16931 codes it (UNTDID 5305), in the words that an invoice has to have. Null for any other
 * code, as FatturaPA's `N2.2`, which stands beside its reason.
 */
export function vatName(locale: DocumentLocale, code: string): string | null {
  const found = categories.get(code);
  return found ? nameIn(locale, found) : null;
}

// Directive 2006/112/EC art. 226 (11) and (11a) in each language, for AE; the others as the categories are called.
const categories: ReadonlyMap<string, Names> = new Map<string, Names>([
  ['E', ['Esente', 'Exempt', 'Steuerbefreit', 'Exonéré', 'Exento']],
  [
    'AE',
    [
      'Inversione contabile',
      'Reverse charge',
      'Steuerschuldnerschaft des Leistungsempfängers',
      'Autoliquidation',
      'Inversión del sujeto pasivo',
    ],
  ],
  [
    'K',
    [
      'Cessione intracomunitaria',
      'Intra-Community supply',
      'Innergemeinschaftliche Lieferung',
      'Livraison intracommunautaire',
      'Entrega intracomunitaria',
    ],
  ],
  ['G', ['Esportazione', 'Export', 'Ausfuhrlieferung', 'Exportation', 'Exportación']],
  ['O', ['Non soggetto', 'Not subject to VAT', 'Nicht steuerbar', 'Non soumis', 'No sujeto']],
]);
