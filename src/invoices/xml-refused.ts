/** Ends the reading of an XML text. It never leaves this folder: `readInvoices` turns it into a value. */
export class XmlRefused extends Error {
  readonly code: 'xml-broken' | 'xml-unsafe' | 'xml-too-large';

  constructor(code: XmlRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Names the line, from 1, that a place in the text is in. */
export function refusedAt(xml: string, at: number, code: XmlRefused['code'], what: string): XmlRefused {
  let line = 1;
  for (let i = xml.indexOf('\n'); i >= 0 && i < at; i = xml.indexOf('\n', i + 1)) line += 1;
  return new XmlRefused(code, `Line ${line}: ${what}`);
}
