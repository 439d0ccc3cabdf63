import { type DocumentLocale, nameIn, type Names } from './words/words.ts';

/**
 * A unit of UN/ECE recommendation 20 (and of 21, for what goods are packed in: `XBX`), as UBL, CII and EN 16931 code
 * it, in words that go with the quantity: `HUR` and `1` is `ora`, `KWH` is `kWh`. Any other as it is.
 * @param quantity decimal text
 */
export function unitName(locale: DocumentLocale, code: string, quantity: string): string {
  const symbol = symbols.get(code);
  if (symbol !== undefined) return symbol;
  const counted = units.get(code);
  if (!counted) return code;
  return nameIn(locale, pluralRules(locale).select(Number(quantity)) === 'one' ? counted.one : counted.more);
}

// What is written alike in all these languages.
const symbols: ReadonlyMap<string, string> = new Map([
  ['KGM', 'kg'],
  ['GRM', 'g'],
  ['MGM', 'mg'],
  ['TNE', 't'],
  ['MTR', 'm'],
  ['LM', 'm'],
  ['CMT', 'cm'],
  ['MMT', 'mm'],
  ['KMT', 'km'],
  ['KTM', 'km'],
  ['MTK', 'm²'],
  ['CMK', 'cm²'],
  ['KMK', 'km²'],
  ['HAR', 'ha'],
  ['MTQ', 'm³'],
  ['LTR', 'l'],
  ['MLT', 'ml'],
  ['CLT', 'cl'],
  ['HLT', 'hl'],
  ['KWH', 'kWh'],
  ['MWH', 'MWh'],
  ['GWH', 'GWh'],
  ['WHR', 'Wh'],
  ['KWT', 'kW'],
  ['WTT', 'W'],
  ['4L', 'MB'],
  ['E34', 'GB'],
  ['E35', 'TB'],
  ['P1', '%'],
  ['SEC', 's'],
  ['MIN', 'min'],
]);

type Counted = { readonly one: Names; readonly more: Names };

const piece: Counted = {
  one: ['pezzo', 'piece', 'Stück', 'pièce', 'unidad'],
  more: ['pezzi', 'pieces', 'Stück', 'pièces', 'unidades'],
};
const pack: Counted = {
  one: ['confezione', 'pack', 'Packung', 'paquet', 'paquete'],
  more: ['confezioni', 'packs', 'Packungen', 'paquets', 'paquetes'],
};
const box: Counted = {
  one: ['scatola', 'box', 'Karton', 'carton', 'caja'],
  more: ['scatole', 'boxes', 'Kartons', 'cartons', 'cajas'],
};
const pallet: Counted = {
  one: ['pallet', 'pallet', 'Palette', 'palette', 'palé'],
  more: ['pallet', 'pallets', 'Paletten', 'palettes', 'palés'],
};

const units: ReadonlyMap<string, Counted> = new Map([
  ['C62', piece],
  ['H87', piece],
  ['EA', piece],
  ['NAR', piece],
  ['XPP', piece],
  ['NMP', pack],
  ['PK', pack],
  ['XPK', pack],
  ['XPA', pack],
  ['BX', box],
  ['XBX', box],
  ['CT', box],
  ['XCT', box],
  ['PF', pallet],
  ['XPX', pallet],
  [
    'XBO',
    {
      one: ['bottiglia', 'bottle', 'Flasche', 'bouteille', 'botella'],
      more: ['bottiglie', 'bottles', 'Flaschen', 'bouteilles', 'botellas'],
    },
  ],
  ['XBG', { one: ['sacco', 'bag', 'Beutel', 'sac', 'bolsa'], more: ['sacchi', 'bags', 'Beutel', 'sacs', 'bolsas'] }],
  ['PR', { one: ['paio', 'pair', 'Paar', 'paire', 'par'], more: ['paia', 'pairs', 'Paar', 'paires', 'pares'] }],
  [
    'DZN',
    {
      one: ['dozzina', 'dozen', 'Dutzend', 'douzaine', 'docena'],
      more: ['dozzine', 'dozen', 'Dutzend', 'douzaines', 'docenas'],
    },
  ],
  ['SET', { one: ['set', 'set', 'Satz', 'jeu', 'juego'], more: ['set', 'sets', 'Sätze', 'jeux', 'juegos'] }],
  [
    'LS',
    {
      one: ['a corpo', 'lump sum', 'pauschal', 'forfait', 'a tanto alzado'],
      more: ['a corpo', 'lump sum', 'pauschal', 'forfait', 'a tanto alzado'],
    },
  ],
  [
    'E48',
    {
      one: ['prestazione', 'service unit', 'Leistungseinheit', 'prestation', 'servicio'],
      more: ['prestazioni', 'service units', 'Leistungseinheiten', 'prestations', 'servicios'],
    },
  ],
  ['HUR', { one: ['ora', 'hour', 'Stunde', 'heure', 'hora'], more: ['ore', 'hours', 'Stunden', 'heures', 'horas'] }],
  ['DAY', { one: ['giorno', 'day', 'Tag', 'jour', 'día'], more: ['giorni', 'days', 'Tage', 'jours', 'días'] }],
  [
    'WEE',
    {
      one: ['settimana', 'week', 'Woche', 'semaine', 'semana'],
      more: ['settimane', 'weeks', 'Wochen', 'semaines', 'semanas'],
    },
  ],
  ['MON', { one: ['mese', 'month', 'Monat', 'mois', 'mes'], more: ['mesi', 'months', 'Monate', 'mois', 'meses'] }],
  [
    'QAN',
    {
      one: ['trimestre', 'quarter', 'Quartal', 'trimestre', 'trimestre'],
      more: ['trimestri', 'quarters', 'Quartale', 'trimestres', 'trimestres'],
    },
  ],
  ['ANN', { one: ['anno', 'year', 'Jahr', 'an', 'año'], more: ['anni', 'years', 'Jahre', 'ans', 'años'] }],
]);

const rules = new Map<DocumentLocale, Intl.PluralRules>();

function pluralRules(locale: DocumentLocale): Intl.PluralRules {
  const known = rules.get(locale) ?? new Intl.PluralRules(locale);
  rules.set(locale, known);
  return known;
}
