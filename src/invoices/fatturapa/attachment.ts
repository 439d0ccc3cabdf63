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
    const name = element.textOf('NomeAttachment') ?? `${index + 1}`;
    const packed = element.textOf('AlgoritmoCompressione') !== null;
    const mediaType = packed ? 'application/zip' : mediaTypeOf(element.textOf('FormatoAttachment') ?? name);
    const base64 = element.textOf('Attachment') ?? '';
    return attachmentOf({ base64, name, mediaType, path: element.path }, budget, warnings);
  });
}
