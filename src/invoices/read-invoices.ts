import type { Invoice } from '../domain/invoice.ts';
import { readFatturaPa } from './fatturapa/fatturapa.ts';
import { InvoiceRefused } from './field.ts';
import { refuseXml } from './xml-guard.ts';
import { xmlText } from './xml-text.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/** `path` names the field from the root, repeated elements counted from 1: `FatturaElettronicaBody[1]/DatiPagamento[1]`. */
export type UnreadableInvoice = { code: string; message: string; path?: string };
export type ReadInvoices = { format: 'fatturapa'; invoices: Invoice[] } | { error: UnreadableInvoice };

/**
 * Reads an invoice file by its content, whatever it is called. Nothing is fetched, expanded or unpacked on the way.
 *
 * Error codes: `file-too-large`, `not-xml`, `encoding-not-supported`, `encoding-wrong`, `xml-unsafe`, `xml-broken`,
 * `xml-too-large`, `format-not-supported`, `format-unknown`, and with a path `missing-element`, `date-invalid`,
 * `number-invalid`, `amount-invalid`, `currency-invalid`, `attachments-too-large`.
 */
export function readInvoices(bytes: Uint8Array): ReadInvoices {
  const decoded = xmlText(bytes);
  if ('error' in decoded) return decoded;
  const refusal = refuseXml(decoded.text);
  if (refusal) return { error: refusal };
  const root = treeOf(decoded.text);
  if (!root) return { error: { code: 'xml-broken', message: 'The file holds a name that no invoice has' } };
  const unsupported = unsupportedFormat(root);
  if (unsupported) return { error: unsupported };
  try {
    return { format: 'fatturapa', invoices: readFatturaPa(root) };
  } catch (error) {
    if (!(error instanceof InvoiceRefused)) throw error;
    return { error: { code: error.code, message: error.message, path: error.path } };
  }
}

// The parser refuses element names such as __proto__ by throwing; everything else was looked at before.
function treeOf(text: string): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch {
    return undefined;
  }
}

const unsupportedRoots: ReadonlyMap<string, string> = new Map([
  ['FatturaElettronicaSemplificata', 'The simplified FatturaPA (FSM10)'],
  ['Invoice', 'UBL'],
  ['CreditNote', 'UBL'],
  ['CrossIndustryInvoice', 'UN/CEFACT Cross Industry Invoice (CII)'],
]);

function unsupportedFormat(root: XmlElement): UnreadableInvoice | undefined {
  if (root.name === 'FatturaElettronica') return undefined;
  const known = unsupportedRoots.get(root.name);
  if (known !== undefined) {
    return { code: 'format-not-supported', message: `${known} is not supported yet; FatturaPA 1.2 is` };
  }
  return { code: 'format-unknown', message: `<${root.name.slice(0, 60)}> is no invoice that is known here` };
}
