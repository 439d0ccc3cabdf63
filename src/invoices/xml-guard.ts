/** Why a text is refused before a tree is built of it. `line` counts from 1. */
export type XmlRefusal = { code: 'xml-broken' | 'xml-unsafe' | 'xml-too-large'; message: string };

/** More than any invoice has: the largest real ones hold some 5,000 lines of about 12 elements. */
const xmlLimits = { depth: 32, elements: 200_000 } as const;

/**
 * Looks at the markup once, without building anything: it is well-formed (one root, tags closed in order, no stray text,
 * no unknown entity, no character that XML has not) and within the limits. Document types are refused whole, and with them every entity trick.
 * @returns undefined when the text may be parsed.
 */
export function refuseXml(xml: string): XmlRefusal | undefined {
  // Also inside comments and CDATA: no invoice has a reason to hold one, and no parser can then be led astray.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) {
    return { code: 'xml-unsafe', message: 'The file has a document type (DOCTYPE); invoices have none' };
  }
  const scan: Scan = { xml, at: 0, open: [], elements: 0, rootClosed: false };
  while (scan.at < xml.length) {
    const refusal = step(scan);
    if (refusal) return refusal;
  }
  const unclosed = scan.open.at(-1);
  if (unclosed !== undefined) return broken(scan, `The file ends before <${unclosed}> is closed`);
  if (!scan.rootClosed) return broken(scan, 'The file has no element');
  return undefined;
}

type Scan = { readonly xml: string; at: number; readonly open: string[]; elements: number; rootClosed: boolean };

function step(scan: Scan): XmlRefusal | undefined {
  const { xml, at } = scan;
  if (xml[at] !== '<') return text(scan);
  if (xml.startsWith('<!--', at)) return skip(scan, '-->', 'comment');
  if (xml.startsWith('<?', at)) return skip(scan, '?>', 'processing instruction');
  if (xml.startsWith('<![CDATA[', at)) {
    if (scan.open.length === 0) return broken(scan, 'There is text outside of the root element');
    return skip(scan, ']]>', 'CDATA section');
  }
  return xml[at + 1] === '/' ? endTag(scan) : startTag(scan);
}

function text(scan: Scan): XmlRefusal | undefined {
  const next = scan.xml.indexOf('<', scan.at);
  const end = next < 0 ? scan.xml.length : next;
  const content = scan.xml.slice(scan.at, end);
  if (scan.open.length === 0 && content.trim() !== '') {
    return broken(scan, 'There is text outside of the root element');
  }
  const refusal = refuseReferences(scan, content);
  if (!refusal) scan.at = end;
  return refusal;
}

function skip(scan: Scan, end: string, what: string): XmlRefusal | undefined {
  const found = scan.xml.indexOf(end, scan.at + 2);
  if (found < 0) return broken(scan, `A ${what} is not closed`);
  scan.at = found + end.length;
  return undefined;
}

const nameForm = '[\\p{L}_][\\p{L}\\p{M}\\p{N}_.:-]*';
const endTagForm = new RegExp(`</(${nameForm})\\s*>`, 'uy');

function endTag(scan: Scan): XmlRefusal | undefined {
  endTagForm.lastIndex = scan.at;
  const name = endTagForm.exec(scan.xml)?.[1];
  if (name === undefined) return broken(scan, 'A closing tag is not well-formed');
  const expected = scan.open.pop();
  if (expected === undefined) return broken(scan, `</${name}> closes nothing`);
  if (expected !== name) return broken(scan, `</${name}> stands where </${expected}> should`);
  if (scan.open.length === 0) scan.rootClosed = true;
  scan.at = endTagForm.lastIndex;
  return undefined;
}

const tagNameForm = new RegExp(`<(${nameForm})`, 'uy');
const attributeForm = new RegExp(`\\s+(${nameForm})\\s*=\\s*("[^"<]*"|'[^'<]*')`, 'uy');
const tagCloseForm = /\s*(\/?)>/y;

function startTag(scan: Scan): XmlRefusal | undefined {
  tagNameForm.lastIndex = scan.at;
  const name = tagNameForm.exec(scan.xml)?.[1];
  if (name === undefined) return broken(scan, 'A tag is not well-formed');
  const afterAttributes = attributes(scan, tagNameForm.lastIndex, name);
  if (typeof afterAttributes !== 'number') return afterAttributes;
  tagCloseForm.lastIndex = afterAttributes;
  const close = tagCloseForm.exec(scan.xml);
  if (!close) return broken(scan, `The tag <${name}> is not well-formed`);
  if (scan.rootClosed) return broken(scan, `<${name}> stands after the root element`);
  scan.elements += 1;
  if (scan.elements > xmlLimits.elements) return tooLarge(`more than ${xmlLimits.elements} elements`);
  if (scan.open.length >= xmlLimits.depth) return tooLarge(`elements nested deeper than ${xmlLimits.depth}`);
  if (close[1] === '') scan.open.push(name);
  else if (scan.open.length === 0) scan.rootClosed = true;
  scan.at = tagCloseForm.lastIndex;
  return undefined;
}

function attributes(scan: Scan, from: number, tag: string): number | XmlRefusal {
  const seen = new Set<string>();
  let end = from;
  for (;;) {
    attributeForm.lastIndex = end;
    const [, name, value] = attributeForm.exec(scan.xml) ?? [];
    if (name === undefined || value === undefined) return end;
    if (seen.has(name)) return broken(scan, `<${tag}> has the attribute ${name} twice`);
    const refusal = refuseReferences(scan, value);
    if (refusal) return refusal;
    seen.add(name);
    end = attributeForm.lastIndex;
  }
}

const strayForm = /&(?!(?:amp|lt|gt|quot|apos|#0*\d{1,7}|#x0*[0-9a-fA-F]{1,6});)[^\s;<]{0,20};?/;
const numericForm = /&#(?:(\d+)|x([0-9a-fA-F]+));/g;

function refuseReferences(scan: Scan, content: string): XmlRefusal | undefined {
  if (!content.includes('&')) return undefined;
  const stray = strayForm.exec(content)?.[0];
  if (stray !== undefined) return unknownReference(scan, stray);
  for (const [reference, decimal, hexadecimal = ''] of content.matchAll(numericForm)) {
    const point = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number.parseInt(decimal, 10);
    if (!isXmlCharacter(point)) return broken(scan, `${reference} stands for a character that XML has not`);
  }
  return undefined;
}

// XML 1.0 §2.2, production 2; §4.1 binds what a reference stands for to it.
function isXmlCharacter(point: number): boolean {
  if (point === 0x9 || point === 0xa || point === 0xd) return true;
  return (
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}

function unknownReference(scan: Scan, reference: string): XmlRefusal {
  return /^&[\w.-]+;$/.test(reference)
    ? { code: 'xml-unsafe', message: `Line ${lineOf(scan)}: the entity ${reference} is not one of XML's own five` }
    : broken(scan, 'A "&" stands bare; it is written "&amp;"');
}

function broken(scan: Scan, what: string): XmlRefusal {
  return { code: 'xml-broken', message: `Line ${lineOf(scan)}: ${what}` };
}

function tooLarge(what: string): XmlRefusal {
  return { code: 'xml-too-large', message: `The file has ${what}` };
}

function lineOf(scan: Scan): number {
  let line = 1;
  for (let i = scan.xml.indexOf('\n'); i >= 0 && i < scan.at; i = scan.xml.indexOf('\n', i + 1)) line += 1;
  return line;
}
