import type { InvoiceAttachment, InvoiceWarning } from '../../domain/invoice.ts';
import { InvoiceRefused } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** All attachments of one file together, decoded; the exchange system itself takes no single invoice over 5 MB. */
export const maxAttachmentBytes = 5 * 1024 * 1024;

/** `Allegati`, decoded but never unpacked. `budget.left` (bytes) runs over all bodies of the file. */
export function attachmentsOf(
  body: XmlElement,
  budget: { left: number },
  warnings: InvoiceWarning[],
): InvoiceAttachment[] {
  return body.children('Allegati').flatMap((element, index) => {
    const name = element.textOf('NomeAttachment') ?? `${index + 1}`;
    const bytes = decoded(element.textOf('Attachment') ?? '');
    if (!bytes) {
      warnings.push({ code: 'attachment-unreadable', message: `${element.path} is no base64 and is left out` });
      return [];
    }
    budget.left -= bytes.length;
    if (budget.left < 0) {
      const message = `The attachments have more than ${maxAttachmentBytes} bytes`;
      throw new InvoiceRefused('attachments-too-large', message, element.path);
    }
    return [{ name, mediaType: mediaTypeOf(element, name), size: bytes.length, bytes }];
  });
}

function decoded(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  return new Uint8Array(Buffer.from(compact, 'base64'));
}

function mediaTypeOf(element: XmlElement, name: string): string {
  if (element.textOf('AlgoritmoCompressione') !== null) return 'application/zip';
  const format = element.textOf('FormatoAttachment') ?? name.slice(name.lastIndexOf('.') + 1);
  return mediaTypes.get(format.toLowerCase().replace(/^\./, '')) ?? 'application/octet-stream';
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['application/pdf', 'application/pdf'],
  ['xml', 'application/xml'],
  ['txt', 'text/plain'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['tif', 'image/tiff'],
  ['tiff', 'image/tiff'],
  ['zip', 'application/zip'],
  ['doc', 'application/msword'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
]);
