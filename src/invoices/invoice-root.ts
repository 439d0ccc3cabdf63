export type InvoiceFormat = 'fatturapa' | 'ubl' | 'cii';

// Namespaces are not looked at: older files and files of single makers have others, and the same elements.
const formats: ReadonlyMap<string, InvoiceFormat> = new Map([
  ['FatturaElettronica', 'fatturapa'],
  ['FatturaElettronicaSemplificata', 'fatturapa'],
  ['Invoice', 'ubl'],
  ['CreditNote', 'ubl'],
  ['CrossIndustryInvoice', 'cii'],
]);

/** Around an invoice on its way through a network (UN/CEFACT SBDH, as Peppol sends it), its header beside. */
export const networkEnvelope = 'StandardBusinessDocument';

/** The names that roots of invoices have. */
export const invoiceRoots: Iterable<string> = formats.keys().toArray();

/** The format whose invoices have this root. */
export function formatOfRoot(name: string): InvoiceFormat | undefined {
  return formats.get(name);
}

/** The root of ZUGFeRD 1, whose elements have other names than those of CII. */
export const oldZugferdRoot = 'CrossIndustryDocument';

/** The name of the first element, without its prefix, before anything else is read of the text. */
export function rootName(xml: string): string | undefined {
  let at = 0;
  for (;;) {
    rootForm.lastIndex = at;
    const [, special, name] = rootForm.exec(xml) ?? [];
    if (special === undefined) return name;
    const end = special === '?' ? '?>' : '-->';
    const found = xml.indexOf(end, rootForm.lastIndex);
    if (found < 0) return undefined;
    at = found + end.length;
  }
}

const rootForm = /\s*<(?:(\?|!--)|(?:[\w.-]{1,100}:)?([\w.-]{1,100}))/y;
