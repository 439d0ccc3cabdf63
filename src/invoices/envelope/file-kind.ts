import { latinText } from '../latin-text.ts';
import type { UnreadableInvoice } from '../unreadable-invoice.ts';

/** `signed` is CMS as bytes (DER or BER), `signedText` the same in base64, with or without PEM's lines. */
export type FileKind = 'xml' | 'signed' | 'signedText' | 'pdf' | 'json';

/** What a file is by its first bytes; nobody looks at its name. */
export function fileKind(bytes: Uint8Array): FileKind | UnreadableInvoice {
  if (bytes.length === 0) return { code: 'not-xml', message: 'The file is empty' };
  const head = latinText(bytes.subarray(0, 1024));
  const archive = archives.find(({ begins }) => begins.some((mark) => head.startsWith(mark)));
  if (archive) return { code: 'not-xml', message: archive.message };
  if (isSequence(bytes) || head.slice(0, 20).includes(pkcs7)) return 'signed';
  const text = head
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)+/, '')
    .replaceAll('\u0000', '')
    .trimStart();
  if (text.startsWith('<')) return 'xml';
  if (/^[{[]/.test(text)) return 'json';
  if (/^-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----/.test(text) || isBase64OfSequence(text)) return 'signedText';
  // Some writers put something before the header, and readers are used to look for it (ISO 32000-1, Annex H.3.4.1).
  if (head.includes('%PDF-')) return 'pdf';
  return { code: 'not-xml', message: 'The file is neither XML nor signed XML nor a PDF' };
}

// A SEQUENCE (X.690 §8.9) with a length in more than one byte, or without one: a CAdES signature begins so.
function isSequence([first, second = 0]: Uint8Array): boolean {
  return first === 0x30 && second >= 0x80 && second <= 0x84;
}

/** What the types of CMS begin with, 1.2.840.113549.1.7: the first thing in a file of any length. */
const pkcs7 = '\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0007';

const archives = [
  {
    begins: ['PK\u0003', 'PK\u0005', 'PK\u0007'],
    message: 'The file is a ZIP archive; unpack it and give each of the files in it',
  },
  { begins: ['\u001f\u008b'], message: 'The file is compressed (gzip); unpack it and give what is in it' },
];

function isBase64OfSequence(text: string): boolean {
  const start = /^[A-Za-z0-9+/\s]{8,80}/.exec(text)?.[0];
  return start !== undefined && isSequence(Buffer.from(start, 'base64'));
}
