import type { InvoiceAttachment, InvoiceWarning } from '../../domain/invoice.ts';
import { type AttachmentBudget, attachmentOf, mediaTypeOf } from '../attachment-bytes.ts';
import type { XmlElement } from '../xml-tree.ts';

/** `Allegati`, decoded but never unpacked. */
export function attachmentsOf(
  body: XmlElement,
  budget: AttachmentBudget,
  warnings: InvoiceWarning[],
): InvoiceAttachment[] {
  return body.children('Allegati').flatMap((element, index) => {
    const stated = element.textOf('NomeAttachment');
    const base64 = element.textOf('Attachment') ?? '';
    // Templates leave whole blocks empty.
    if (stated === null && base64 === '') return [];
    const name = stated ?? `${index + 1}`;
    const packed = element.textOf('AlgoritmoCompressione') !== null;
    const mediaType = packed ? 'application/zip' : mediaTypeOf(element.textOf('FormatoAttachment') ?? name);
    return attachmentOf({ base64, name, mediaType, path: element.path }, budget, warnings);
  });
}
