import type { InvoiceAttachment, InvoiceWarning } from '../domain/invoice.ts';
import { InvoiceRefused } from './field.ts';

/** What is left, in bytes, for the attachments of one file. */
export type AttachmentBudget = { left: number };

const mostBytes = 5 * 1024 * 1024;

/** All attachments of one file together, decoded; Italy's exchange system takes no single invoice over 5 MB. */
export function attachmentBudget(): AttachmentBudget {
  return { left: mostBytes };
}

/**
 * Decodes a base64 text, never unpacks it. None with a warning when it is no base64; refused when the file's attachments
 * have more bytes than they may.
 */
export function attachmentOf(
  { base64, name, mediaType, path }: { base64: string; name: string; mediaType: string; path: string },
  budget: AttachmentBudget,
  warnings: InvoiceWarning[],
): InvoiceAttachment[] {
  const bytes = decoded(base64);
  if (!bytes) {
    warnings.push({ code: 'attachment-unreadable', message: `${path} is no base64 and is left out` });
    return [];
  }
  budget.left -= bytes.length;
  if (budget.left < 0) {
    throw new InvoiceRefused('attachments-too-large', `The attachments have more than ${mostBytes} bytes`, path);
  }
  return [{ name, mediaType, size: bytes.length, bytes }];
}

/** By a format (`PDF`, `application/pdf`) or a name's ending, as far as it is known. */
export function mediaTypeOf(format: string): string {
  const ending = format.slice(format.lastIndexOf('.') + 1).toLowerCase();
  return mediaTypes.get(ending) ?? 'application/octet-stream';
}

function decoded(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s/g, '');
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  return new Uint8Array(Buffer.from(compact, 'base64'));
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
  ['ods', 'application/vnd.oasis.opendocument.spreadsheet'],
]);
