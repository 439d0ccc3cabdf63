import type { InvoiceWarning } from '../../domain/invoice.ts';
import type { XmlElement } from '../xml-tree.ts';
import { codeOf } from './loose-field.ts';

/** How the file was sent. `byBuyer`: its buyer wrote it (`SoggettoEmittente` CC), for itself or for the seller. */
export type Transmission = {
  readonly simplified: boolean;
  readonly toPublicBody: boolean;
  readonly byBuyer: boolean;
  readonly warnings: readonly InvoiceWarning[];
};

/**
 * `FormatoTrasmissione`, or the root's `versione` where that is missing: FPR12 to private buyers, FPA12 to public bodies,
 * FSM10 simplified; SDI10 and SDI11 before 2017, when only public bodies were sent any. The elements are the same in all
 * ordinary ones, so one that is not known is read as well.
 */
export function transmissionOf(root: XmlElement, header: XmlElement): Transmission {
  const data = header.child('DatiTrasmissione');
  const stated = codeOf(data, 'FormatoTrasmissione') ?? root.attributes.get('versione')?.toUpperCase() ?? '';
  const known = publicByFormat.get(stated);
  // 1.1.4 CodiceDestinatario: six signs are an office of a public body, seven a private channel.
  const toPublicBody = known ?? codeOf(data, 'CodiceDestinatario')?.length === 6;
  const warnings: InvoiceWarning[] = [];
  if (known === undefined) {
    const message = `The version "${stated.slice(0, 40)}" of FatturaPA is not known: read as 1.2`;
    warnings.push({ code: 'format-version-unknown', message });
  }
  return {
    simplified: isSimplified(header),
    toPublicBody,
    byBuyer: codeOf(header, 'SoggettoEmittente') === 'CC',
    warnings,
  };
}

const publicByFormat: ReadonlyMap<string, boolean> = new Map([
  ['FPR12', false],
  ['FPA12', true],
  ['FSM10', false],
  ['SDI10', true],
  ['SDI11', true],
  ['1.0', true],
  ['1.1', true],
]);

// What stands there decides, not what it is called: only the simplified form has no DatiAnagrafici.
function isSimplified(header: XmlElement): boolean {
  const seller = header.child('CedentePrestatore');
  if (seller) return seller.child('DatiAnagrafici') === undefined && seller.child('IdFiscaleIVA') !== undefined;
  return header.child('CessionarioCommittente')?.child('IdentificativiFiscali') !== undefined;
}
