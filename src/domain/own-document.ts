import { pdfFault } from './due-date-document.ts';
import type { Invoice, InvoiceAttachment, InvoiceWarning } from './invoice.ts';

/**
 * The PDF that an invoice brings along, which is what goes with its reminders, or null where there is none: the file
 * itself when it is a PDF around the invoice (Factur-X); else of the attachments that are PDFs in truth, whatever their
 * names and types say, the only one, or the one whose name holds the invoice's number, or calls it an invoice, or the first.
 * @param container the PDF that the invoice was read from.
 */
export function ownDocumentOf(
  invoice: Pick<Invoice, 'number' | 'attachments'>,
  container: Uint8Array | null,
): { pdf: Uint8Array | null; warnings: InvoiceWarning[] } {
  return container === null ? chosenAttachment(invoice) : { pdf: container, warnings: [] };
}

function chosenAttachment({ number, attachments }: Pick<Invoice, 'number' | 'attachments'>): {
  pdf: Uint8Array | null;
  warnings: InvoiceWarning[];
} {
  const pdfs = attachments.flatMap(({ name, bytes }) => (bytes && !pdfFault(bytes) ? [{ name, bytes }] : []));
  const warnings = attachments.filter(isFalsePdf).map(({ name }) => ({
    code: 'attachment-no-pdf',
    message: `The attachment ${name} of ${number} is no PDF, whatever it is called`,
  }));
  const [first, ...more] = pdfs;
  const named = pdfs.find(({ name }) => holdsNumber(name, number)) ?? pdfs.find(({ name }) => invoiceWords.test(name));
  const chosen = more.length === 0 ? first : named;
  if (chosen || !first) return { pdf: chosen?.bytes ?? null, warnings };
  const message = `${number} has ${pdfs.length} PDFs and none is named as the invoice: ${first.name} is taken`;
  return { pdf: first.bytes, warnings: [...warnings, { code: 'several-pdfs', message }] };
}

function isFalsePdf({ name, mediaType, bytes }: InvoiceAttachment): boolean {
  const isCalledPdf = mediaType === 'application/pdf' || /\.pdf$/i.test(name);
  return isCalledPdf && bytes !== null && pdfFault(bytes) !== undefined;
}

const invoiceWords = /fattura|invoice|rechnung|facture|factura/i;

/** `2026/12` stands as `2026-12` or `2026_12` in the name of a file; `12` does not stand in `1234`. */
function holdsNumber(name: string, number: string): boolean {
  const words = (text: string): string =>
    `-${text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')}-`;
  return words(name).includes(words(number));
}
