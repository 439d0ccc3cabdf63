import { latinText } from './latin-text.ts';
import { type UnreadableInvoice, unreadable } from './unreadable-invoice.ts';

/**
 * Decodes an XML file: a byte order mark decides, then the zero bytes of UTF-16, then what the declaration says
 * (XML 1.0 §4.3.3 and Appendix F). What stands before the declaration is dropped: white space and marks, which some
 * writers put there.
 */
export function xmlText(bytes: Uint8Array): { text: string } | { error: UnreadableInvoice } {
  const head = latinText(bytes.subarray(0, 400));
  const encoding = markedEncoding(head) ?? declaredEncoding(head);
  const decoder = decoderOf(encoding);
  if (!decoder) return unreadable('encoding-not-supported', `The encoding "${encoding.slice(0, 40)}" is not supported`);
  try {
    const text = decoder.decode(bytes);
    // XML 1.0 §2.2: no control characters but tab, line feed and carriage return, and two code points that are none.
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) {
      return unreadable('not-xml', 'The file holds control characters, which XML has not');
    }
    return { text: text.trimStart() };
  } catch {
    return unreadable('encoding-wrong', `The file is not in the encoding that it declares (${decoder.encoding})`);
  }
}

function markedEncoding(head: string): string | undefined {
  if (head.startsWith('\u00ef\u00bb\u00bf')) return 'utf-8';
  // UTF-32 begins as UTF-16 does, and goes on with two zeros.
  if (head.startsWith('\u00ff\u00fe\u0000\u0000')) return 'utf-32';
  if (head.startsWith('\u00ff\u00fe')) return 'utf-16le';
  if (head.startsWith('\u00fe\u00ff')) return 'utf-16be';
  // Without a mark it shows in the zero beside the first character, which is ASCII in all XML.
  const [first, second] = head;
  if (first === '\u0000') return second === '\u0000' ? 'utf-32' : 'utf-16be';
  return second === '\u0000' ? 'utf-16le' : undefined;
}

function declaredEncoding(head: string): string {
  const declaration = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"']*)["']/.exec(head);
  const declared = declaration?.[1]?.trim() ?? 'utf-8';
  // A declaration that could be read a byte at a time is not in UTF-16, whatever it says: a text was made for UTF-16,
  // as .NET's writers of strings do, and then saved as UTF-8.
  return /^(?:utf-?16|ucs-?2|unicode|iso-10646-ucs-2)/i.test(declared) ? 'utf-8' : declared;
}

// Labels of the WHATWG Encoding Standard whose encodings have ASCII as ASCII. ISO-8859-1 comes out as windows-1252, as
// that standard wants: files that say the one and hold 0x80 to 0x9f mean the other, and elsewhere both are the same.
const taken =
  /^(?:utf-?8|(?:us-)?ascii|iso[-_]?8859[-_]?\d{1,2}|latin\d|windows-(?:125\d|874)|(?:x-)?cp125\d|koi8-[ru])$/;

function decoderOf(declared: string): TextDecoder | undefined {
  const encoding = declared.toLowerCase();
  const known = decoders.get(encoding);
  if (known) return known;
  if (!taken.test(encoding) && !/^utf-16[lb]e$/.test(encoding)) return undefined;
  try {
    const decoder = new TextDecoder(encoding.endsWith('ascii') ? 'utf-8' : encoding, { fatal: true });
    decoders.set(encoding, decoder);
    return decoder;
  } catch {
    return undefined;
  }
}

// Made once each: there are no more than names that are taken.
const decoders = new Map<string, TextDecoder>();
