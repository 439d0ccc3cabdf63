import type { Invoice, InvoiceWarning } from '../domain/invoice.ts';
import { readCii } from './cii/cii.ts';
import { openEnvelopes } from './envelope/open-envelopes.ts';
import { readFatturaPa } from './fatturapa/fatturapa.ts';
import { InvoiceRefused } from './field.ts';
import { formatOfRoot, type InvoiceFormat, invoiceRoots, networkEnvelope, oldZugferdRoot } from './invoice-root.ts';
import { type UnreadableInvoice, unreadable } from './unreadable-invoice.ts';
import { XmlRefused } from './xml-refused.ts';
import { xmlText } from './xml-text.ts';
import { readUbl } from './ubl/ubl.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/**
 * `warnings` are those of the file; each invoice has its own. `pdf` is the file itself where it is a PDF that carries
 * the invoice (Factur-X): the document that its sender made.
 */
export type ReadInvoices =
  | { format: InvoiceFormat; invoices: Invoice[]; warnings: InvoiceWarning[]; pdf: Uint8Array | null }
  | { error: UnreadableInvoice };

/**
 * Reads an invoice file by its content, whatever it is called: XML, signed XML (`.p7m`), or a PDF that carries XML.
 * Nothing is fetched, no entity is expanded, no archive unpacked. It takes its time on a large file, and a hostile one
 * can be made to take more: where others are waiting, `readInvoicesApart` is the one to call.
 *
 * Error codes of the file: `file-too-large`, `not-xml`, `json-not-here`, `signature-broken`, `signed-content-missing`,
 * `content-encrypted`, `pdf-broken`, `pdf-encrypted`, `pdf-too-large`, `pdf-without-invoice`, `pdf-several-invoices`.
 * Of its XML: `encoding-not-supported`, `encoding-wrong`, `xml-unsafe`, `xml-broken`, `xml-too-large`,
 * `format-not-supported`, `format-unknown`. With a path: `missing-element`, `text-too-long`, `date-invalid`,
 * `number-invalid`, `amount-invalid`, `currency-invalid`, `attachments-too-large`. Warning: `signature-not-verified`.
 */
export function readInvoices(bytes: Uint8Array): ReadInvoices {
  const opened = openEnvelopes(bytes);
  if ('error' in opened) return opened;
  const { xml, warnings, pdf } = opened;
  const decoded = xmlText(xml);
  if ('error' in decoded) return decoded;
  try {
    const root = insideOf(parseXml(decoded.text));
    const format = formatOfRoot(root.name);
    return format ? { format, invoices: readers[format](root), warnings, pdf } : { error: unknownFormat(root.name) };
  } catch (error) {
    if (error instanceof XmlRefused) return unreadable(error.code, error.message);
    if (!(error instanceof InvoiceRefused)) throw error;
    return { error: { code: error.code, message: error.message, path: error.path } };
  }
}

const readers: Record<InvoiceFormat, (root: XmlElement) => Invoice[]> = {
  fatturapa: readFatturaPa,
  ubl: readUbl,
  cii: readCii,
};

function insideOf(root: XmlElement): XmlElement {
  if (root.name !== networkEnvelope) return root;
  const names = [...invoiceRoots].filter((name) => root.child(name));
  const [name] = names;
  if (name === undefined) return root;
  if (names.length > 1 || root.children(name).length > 1) {
    const message = 'The envelope holds several invoices: give each as a file of its own';
    throw new InvoiceRefused('format-not-supported', message, name);
  }
  return root.child(name) ?? root;
}

function unknownFormat(root: string): UnreadableInvoice {
  if (root === oldZugferdRoot) {
    const message = 'ZUGFeRD 1 is not read; ZUGFeRD 2, Factur-X and XRechnung are';
    return { code: 'format-not-supported', message };
  }
  return { code: 'format-unknown', message: `<${root.slice(0, 60)}> is no invoice that is known here` };
}
