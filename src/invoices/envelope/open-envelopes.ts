import type { InvoiceWarning } from '../../domain/invoice.ts';
import { refuseLarge, type UnreadableInvoice, unreadable } from '../unreadable-invoice.ts';
import { fileKind } from './file-kind.ts';
import { pdfInvoice } from './pdf-invoice.ts';
import { signatureOfText, signedContent } from './signed-content.ts';

/** The XML of an invoice, and what was found on the way to it. `pdf` is the document that it was embedded in. */
export type OpenedFile = { xml: Uint8Array; warnings: InvoiceWarning[]; pdf: Uint8Array | null };

/** Takes off signatures, as many as there are, and the PDF around an invoice. Content decides what each layer is. */
export function openEnvelopes(file: Uint8Array): OpenedFile | { error: UnreadableInvoice } {
  const warnings: InvoiceWarning[] = [];
  let bytes = file;
  for (let layer = 0; layer <= mostSignatures; layer++) {
    const large = refuseLarge(bytes, layer === 0 ? 'The file' : 'What was signed');
    if (large) return { error: large };
    const kind = fileKind(bytes);
    if (typeof kind !== 'string') return { error: kind };
    switch (kind) {
      case 'xml':
        return { xml: bytes, warnings, pdf: null };
      case 'pdf': {
        const found = pdfInvoice(bytes);
        return 'error' in found ? found : { xml: found.xml, warnings, pdf: bytes };
      }
      case 'json':
        return unreadable('json-not-here', 'The file is JSON; post it to /v1/invoices as application/json');
      case 'signed':
      case 'signedText': {
        const content = signedContent(kind === 'signed' ? bytes : signatureOfText(bytes));
        if ('error' in content) return content;
        bytes = content.bytes;
        if (warnings.length === 0) warnings.push(notVerified);
      }
    }
  }
  return unreadable('signature-broken', `The file is signed more than ${mostSignatures} times`);
}

/** A second signer usually signs beside the first one; some sign the signed file again. */
const mostSignatures = 5;

const notVerified = {
  code: 'signature-not-verified',
  message: 'The file is signed; whether the signature is valid was not looked at',
};
