/** What a PDF is made of (ISO 32000-1 §7.3). A name and a string are told apart; text is one letter a byte. */
export type PdfValue =
  | null
  | boolean
  | number
  | { name: string }
  | { string: string }
  | { reference: number }
  | PdfValue[]
  | PdfDictionary;
export type PdfDictionary = ReadonlyMap<string, PdfValue>;

/** Ends the reading of a PDF. It never leaves this folder: `pdfInvoice` turns it into a value. */
export class PdfRefused extends Error {
  readonly code: 'pdf-broken' | 'pdf-too-large' | 'pdf-encrypted';

  constructor(code: PdfRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * How much may still be read of one file: in values, for they take memory, and in bytes, for what is short on disk is
 * long when it is read again and again.
 */
export type ReadBudget = { values: number; bytes: number };

/** Reads the value that stands at a place, and where it ends. Throws PdfRefused. */
export function readPdfValue(text: string, at: number, budget: ReadBudget): { value: PdfValue; end: number } {
  const scan = { text, at, budget };
  try {
    return { value: value(scan, 0), end: scan.at };
  } finally {
    budget.bytes -= scan.at - at;
  }
}

/** The first place that holds neither white space nor a comment. */
export function skipPdfSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (space.has(text.charCodeAt(at))) at += 1;
    if (text[at] !== '%') return at;
    lineEnd.lastIndex = at;
    at = lineEnd.exec(text)?.index ?? text.length;
  }
}

type Scan = { readonly text: string; at: number; readonly budget: ReadBudget };

const space: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20]);
const lineEnd = /[\r\n]/g;
const deepest = 64;

function value(scan: Scan, depth: number): PdfValue {
  const { budget } = scan;
  budget.values -= 1;
  if (budget.values < 0 || budget.bytes < 0)
    throw new PdfRefused('pdf-too-large', 'The PDF has more objects than any invoice');
  if (depth > deepest) throw new PdfRefused('pdf-broken', `The PDF has objects nested deeper than ${deepest}`);
  scan.at = skipPdfSpace(scan.text, scan.at);
  const { text, at } = scan;
  if (text.startsWith('<<', at)) return dictionary(scan, depth);
  switch (text.charAt(at)) {
    case '/':
      return { name: name(scan) };
    case '[':
      return array(scan, depth);
    case '(':
      return { string: literalString(scan) };
    case '<':
      return { string: hexString(scan) };
    default:
      return atom(scan);
  }
}

function dictionary(scan: Scan, depth: number): PdfDictionary {
  const entries = new Map<string, PdfValue>();
  scan.at += 2;
  for (;;) {
    scan.at = skipPdfSpace(scan.text, scan.at);
    if (scan.text.startsWith('>>', scan.at)) break;
    if (scan.text[scan.at] !== '/') throw broken(scan);
    const key = name(scan);
    entries.set(key, value(scan, depth + 1));
  }
  scan.at += 2;
  return entries;
}

function array(scan: Scan, depth: number): PdfValue[] {
  const items: PdfValue[] = [];
  scan.at += 1;
  for (;;) {
    scan.at = skipPdfSpace(scan.text, scan.at);
    if (scan.text[scan.at] === ']') break;
    items.push(value(scan, depth + 1));
  }
  scan.at += 1;
  return items;
}

const nameForm = /\/([^\0\t\n\f\r ()<>[\]{}/%]*)/y;

function name(scan: Scan): string {
  const [whole, raw = ''] = matched(scan, nameForm);
  scan.at += whole.length;
  return raw.replace(/#([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

const hexForm = /<[0-9a-fA-F\0\t\n\f\r ]*/y;

function hexString(scan: Scan): string {
  const [raw] = matched(scan, hexForm);
  scan.at += raw.length;
  if (scan.text[scan.at] !== '>') throw broken(scan);
  scan.at += 1;
  const digits = raw.replaceAll(/[^0-9a-fA-F]/g, '');
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex').toString('latin1');
}

// Names of files are the only strings that count here: escapes other than of brackets have no place in them.
function literalString(scan: Scan): string {
  const { text } = scan;
  let depth = 0;
  for (let at = scan.at; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth > 0) continue;
    const inside = text.slice(scan.at + 1, at);
    scan.at = at + 1;
    return inside.replaceAll(/\\([\\()])/g, '$1');
  }
  scan.at = text.length;
  throw broken(scan);
}

const referenceForm = /(\d{1,10})[\0\t\n\f\r ]{1,20}\d{1,5}[\0\t\n\f\r ]{1,20}R(?![A-Za-z0-9])/y;
const numberForm = /[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})/y;
const wordForm = /true|false|null/y;
const words = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function atom(scan: Scan): PdfValue {
  referenceForm.lastIndex = scan.at;
  const reference = referenceForm.exec(scan.text);
  if (reference) {
    scan.at = referenceForm.lastIndex;
    return { reference: Number(reference[1]) };
  }
  numberForm.lastIndex = scan.at;
  const number = numberForm.exec(scan.text)?.[0];
  if (number !== undefined) {
    scan.at = numberForm.lastIndex;
    return Number(number);
  }
  const [word] = matched(scan, wordForm);
  scan.at += word.length;
  return words.get(word) ?? null;
}

function matched(scan: Scan, form: RegExp): RegExpExecArray {
  form.lastIndex = scan.at;
  const match = form.exec(scan.text);
  if (!match) throw broken(scan);
  return match;
}

function broken(scan: Scan): PdfRefused {
  return new PdfRefused('pdf-broken', `The PDF cannot be read at byte ${scan.at}`);
}
