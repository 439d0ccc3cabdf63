/** The most that is taken of one file: 10 MiB. */
export const maxFileBytes = 10 * 1024 * 1024;

/** The text of an XML file, or why the bytes are none. */
export type XmlText = { text: string } | { error: { code: string; message: string } };

/**
 * Looks at what the bytes are, whatever the file is called, and decodes them as the XML declaration says
 * (UTF-8, UTF-16 with its mark, windows-1252, ISO-8859-1 and -15).
 */
export function xmlText(bytes: Uint8Array): XmlText {
  if (bytes.length > maxFileBytes) {
    return refused('file-too-large', `The file has ${bytes.length} bytes; at most ${maxFileBytes} are taken`);
  }
  const foreign = foreignKind(bytes);
  if (foreign !== undefined) return refused('not-xml', foreign);
  const encoding = encodingOf(bytes);
  if (encoding === undefined) {
    return refused('encoding-not-supported', `The encoding "${declaredEncoding(bytes)}" is not supported`);
  }
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // XML 1.0 §2.2: no control characters but tab, line feed and carriage return, and two code points that are none.
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) {
      return refused('not-xml', 'The file holds control characters, which XML has not');
    }
    return { text };
  } catch {
    return refused('encoding-wrong', `The file is not in the encoding that it declares (${encoding})`);
  }
}

function foreignKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'The file is empty';
  const head = latin(bytes.subarray(0, 4));
  if (head.startsWith('PK')) return 'The file is a ZIP archive; unpack it and give the XML files in it';
  if (head.startsWith('\u001f\u008b')) return 'The file is compressed (gzip); unpack it and give the XML in it';
  if (head.startsWith('%PDF')) return 'The file is a PDF; give the XML of the invoice';
  // DER: a SEQUENCE with a long length, as a CAdES signature begins.
  if (/^0[\u0080-\u0084]/.test(head)) {
    return 'The file is a signed envelope (.p7m); give the XML inside it';
  }
  const start = latin(bytes.subarray(0, 200)).replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, '');
  if (start.replaceAll('\u0000', '').trimStart().startsWith('<')) return undefined;
  if (/^MI[IA-L]/.test(start.trimStart()))
    return 'The file is a signed envelope (.p7m in base64); give the XML inside it';
  return 'The file is no XML';
}

const encodings: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['ascii', 'utf-8'],
  ['windows-1252', 'windows-1252'],
  ['cp1252', 'windows-1252'],
  // Files that say ISO-8859-1 and hold 0x80 to 0x9f mean windows-1252, and elsewhere both are the same (WHATWG Encoding).
  ['iso-8859-1', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['iso-8859-15', 'iso-8859-15'],
]);

function encodingOf(bytes: Uint8Array): string | undefined {
  const mark = latin(bytes.subarray(0, 4));
  if (mark.startsWith('\u00ef\u00bb\u00bf')) return 'utf-8';
  if (mark.startsWith('\u00ff\u00fe') || mark.startsWith('<\u0000')) return 'utf-16le';
  if (mark.startsWith('\u00fe\u00ff') || mark.startsWith('\u0000<')) return 'utf-16be';
  return encodings.get(declaredEncoding(bytes).toLowerCase());
}

function declaredEncoding(bytes: Uint8Array): string {
  const declaration = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(latin(bytes.subarray(0, 200)));
  return declaration?.[1] ?? 'utf-8';
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function refused(code: string, message: string): XmlText {
  return { error: { code, message } };
}
