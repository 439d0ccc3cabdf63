import { type DocumentLocale, nameIn, type Names } from './words/words.ts';

/**
 * A payment method in words: of FatturaPA's list (2.4.2.2 `ModalitaPagamento`) or of UNTDID 4461, as EN 16931 takes it.
 * An unknown code, and words, as they are.
 */
export function methodName(locale: DocumentLocale, code: string): string {
  const names = methods.get(code.trim().toUpperCase());
  return names ? nameIn(locale, names) : code;
}

const methods: ReadonlyMap<string, Names> = new Map([
  ...named(['Contanti', 'Cash', 'Barzahlung', 'Espèces', 'Efectivo'], 'MP01', '10'),
  ...named(['Assegno', 'Cheque', 'Scheck', 'Chèque', 'Cheque'], 'MP02', '20', '25', '26'),
  ...named(
    ['Assegno circolare', 'Banker’s draft', 'Bankscheck', 'Chèque de banque', 'Cheque bancario'],
    'MP03',
    '21',
    '22',
    '23',
  ),
  ...named(
    [
      'Contanti presso Tesoreria',
      'Cash at the Treasury',
      'Barzahlung an die Staatskasse',
      'Espèces au Trésor',
      'Efectivo en Tesorería',
    ],
    'MP04',
  ),
  ...named(['Bonifico', 'Bank transfer', 'Überweisung', 'Virement', 'Transferencia'], 'MP05', '30', '31', '42'),
  ...named(['Vaglia cambiario', 'Money order', 'Zahlungsanweisung', 'Mandat', 'Giro bancario'], 'MP06'),
  ...named(
    [
      'Bollettino bancario',
      'Bank payment slip',
      'Bankzahlschein',
      'Bulletin de versement bancaire',
      'Boletín bancario',
    ],
    'MP07',
  ),
  ...named(
    ['Carta di pagamento', 'Payment card', 'Kartenzahlung', 'Carte de paiement', 'Tarjeta'],
    'MP08',
    '48',
    '54',
    '55',
  ),
  ...named(
    ['Addebito diretto (RID)', 'Direct debit (RID)', 'Lastschrift (RID)', 'Prélèvement (RID)', 'Adeudo (RID)'],
    'MP09',
    'MP10',
    'MP11',
  ),
  ...named(
    [
      'Ricevuta bancaria',
      'Bank receipt (RiBa)',
      'Bankeinzug (RiBa)',
      'Recouvrement bancaire (RiBa)',
      'Recibo bancario',
    ],
    'MP12',
  ),
  ...named(['MAV', 'MAV payment slip', 'MAV-Zahlschein', 'Bulletin de versement MAV', 'Boletín de pago MAV'], 'MP13'),
  ...named(
    [
      'Quietanza erario',
      'Tax office receipt',
      'Quittung der Steuerkasse',
      'Quittance du Trésor',
      'Carta de pago fiscal',
    ],
    'MP14',
  ),
  ...named(
    [
      'Giroconto su conti di contabilità speciale',
      'Transfer between special accounts',
      'Umbuchung auf Sonderkonten',
      'Virement entre comptes spéciaux',
      'Traspaso entre cuentas especiales',
    ],
    'MP15',
  ),
  ...named(
    ['Domiciliazione bancaria', 'Bank direct debit', 'Bankeinzug', 'Prélèvement bancaire', 'Domiciliación bancaria'],
    'MP16',
  ),
  ...named(
    ['Domiciliazione postale', 'Postal direct debit', 'Posteinzug', 'Prélèvement postal', 'Domiciliación postal'],
    'MP17',
  ),
  ...named(
    ['Bollettino postale', 'Postal payment slip', 'Postzahlschein', 'Bulletin de versement postal', 'Giro postal'],
    'MP18',
    '50',
  ),
  ...named(
    ['Addebito diretto SEPA', 'SEPA direct debit', 'SEPA-Lastschrift', 'Prélèvement SEPA', 'Adeudo directo SEPA'],
    'MP19',
    '59',
  ),
  ...named(
    [
      'Addebito diretto SEPA Core',
      'SEPA Core direct debit',
      'SEPA-Basislastschrift',
      'Prélèvement SEPA Core',
      'Adeudo directo SEPA Core',
    ],
    'MP20',
  ),
  ...named(
    [
      'Addebito diretto SEPA B2B',
      'SEPA B2B direct debit',
      'SEPA-Firmenlastschrift',
      'Prélèvement SEPA interentreprises',
      'Adeudo directo SEPA B2B',
    ],
    'MP21',
  ),
  ...named(
    [
      'Trattenuta su somme già riscosse',
      'Deduction from sums collected',
      'Einbehalt aus vereinnahmten Beträgen',
      'Retenue sur sommes encaissées',
      'Retención sobre importes cobrados',
    ],
    'MP22',
  ),
  ...named(['pagoPA', 'pagoPA', 'pagoPA', 'pagoPA', 'pagoPA'], 'MP23'),
  ...named(
    ['Come concordato', 'As agreed', 'Nach Vereinbarung', 'Selon accord', 'Según lo acordado'],
    '1',
    '57',
    'ZZZ',
  ),
  ...named(['Cambiale', 'Bill of exchange', 'Wechsel', 'Lettre de change', 'Letra de cambio'], '24', '70'),
  ...named(['Addebito diretto', 'Direct debit', 'Lastschrift', 'Prélèvement', 'Adeudo directo'], '49'),
  ...named(['Bonifico SEPA', 'SEPA credit transfer', 'SEPA-Überweisung', 'Virement SEPA', 'Transferencia SEPA'], '58'),
  ...named(['Pagherò cambiario', 'Promissory note', 'Eigenwechsel', 'Billet à ordre', 'Pagaré'], '60', '61'),
  ...named(['Pagamento online', 'Online payment', 'Online-Zahlung', 'Paiement en ligne', 'Pago en línea'], '68'),
  ...named(
    [
      'Bollettino con riferimento',
      'Reference giro',
      'Zahlschein mit Referenz',
      'Virement avec référence',
      'Giro con referencia',
    ],
    '93',
  ),
  ...named(['Compensazione', 'Set-off', 'Verrechnung', 'Compensation', 'Compensación'], '97'),
]);

function named(names: Names, ...codes: string[]): [string, Names][] {
  return codes.map((code) => [code, names]);
}
