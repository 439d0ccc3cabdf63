import { withoutReferences } from './xml-references.ts';
import { refusedAt, XmlRefused } from './xml-refused.ts';

/** An element as it stands in the text: `tag` with its namespace prefix, `name` without. */
export type RawElement = {
  readonly tag: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Its own text and CDATA, in order. */
  text: string;
  children: RawElement[];
};

/** More than any invoice has: the largest real ones hold some 5,000 lines of about 12 elements. */
const xmlLimits = { depth: 32, elements: 200_000 } as const;

/**
 * Reads XML in one pass: well-formed (one root, tags closed in order, no stray text, no unknown entity) and within the
 * limits, attributes counted as elements. Document types are refused whole, and with them every trick of entities and
 * everything that is fetched; processing instructions and comments are skipped. Throws XmlRefused.
 */
export function scanXml(xml: string): RawElement {
  // Also inside comments and CDATA: no invoice has a reason to hold one, and whoever reads the file next is not led astray.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) {
    throw new XmlRefused('xml-unsafe', 'The file has a document type (DOCTYPE); invoices have none');
  }
  const scan: Scan = { xml, at: 0, open: [], elements: 0, root: undefined };
  while (scan.at < xml.length) step(scan);
  const unclosed = scan.open.at(-1);
  if (unclosed) throw broken(scan, `The file ends before <${unclosed.tag}> is closed`);
  if (!scan.root) throw broken(scan, 'The file has no element');
  return scan.root;
}

type Scan = {
  readonly xml: string;
  at: number;
  /** The elements that are not closed yet, the innermost last. */
  readonly open: RawElement[];
  elements: number;
  root: RawElement | undefined;
};

function step(scan: Scan): void {
  const { xml, at } = scan;
  if (xml[at] !== '<') return text(scan);
  switch (xml.charAt(at + 1)) {
    case '/':
      return endTag(scan);
    case '?':
      return skip(scan, '<?', '?>', 'processing instruction');
    case '!':
      if (xml.startsWith('<!--', at)) return skip(scan, '<!--', '-->', 'comment');
      if (xml.startsWith('<![CDATA[', at)) return cdata(scan);
      throw broken(scan, 'A tag is not well-formed');
    default:
      return startTag(scan);
  }
}

function text(scan: Scan): void {
  const next = scan.xml.indexOf('<', scan.at);
  const end = next < 0 ? scan.xml.length : next;
  append(scan, withoutReferences(scan.xml, scan.at, end));
  scan.at = end;
}

function cdata(scan: Scan): void {
  const start = scan.at + '<![CDATA['.length;
  skip(scan, '<![CDATA[', ']]>', 'CDATA section');
  if (scan.open.length === 0) throw broken(scan, 'There is text outside of the root element');
  append(scan, scan.xml.slice(start, scan.at - ']]>'.length));
}

function append(scan: Scan, content: string): void {
  const element = scan.open.at(-1);
  if (!element) {
    if (content.trim() !== '') throw broken(scan, 'There is text outside of the root element');
    return;
  }
  // XML 1.0 §2.11: every end of a line is read as a line feed.
  element.text += content.includes('\r') ? content.replaceAll(/\r\n?/g, '\n') : content;
}

// The end begins after the beginning: `<!-->` does not close itself, and what follows it is still a comment to others.
function skip(scan: Scan, begin: string, end: string, what: string): void {
  const found = scan.xml.indexOf(end, scan.at + begin.length);
  if (found < 0) throw broken(scan, `A ${what} is not closed`);
  scan.at = found + end.length;
}

const nameForm = '[\\p{L}_][\\p{L}\\p{M}\\p{N}_.:-]*';
const endTagForm = new RegExp(`</(${nameForm})\\s*>`, 'uy');

function endTag(scan: Scan): void {
  const { xml, at } = scan;
  const expected = scan.open.pop();
  const tagEnd = at + 2 + (expected?.tag.length ?? 0);
  if (expected && xml[tagEnd] === '>' && xml.startsWith(expected.tag, at + 2)) {
    scan.at = tagEnd + 1;
    return;
  }
  endTagForm.lastIndex = at;
  const tag = endTagForm.exec(xml)?.[1];
  if (tag === undefined) throw broken(scan, 'A closing tag is not well-formed');
  if (!expected) throw broken(scan, `</${tag}> closes nothing`);
  if (expected.tag !== tag) throw broken(scan, `</${tag}> stands where </${expected.tag}> should`);
  scan.at = endTagForm.lastIndex;
}

// Nearly every tag: one name in ASCII and no more.
const plainTagForm = /<([A-Za-z_][\w.:-]*)(\/?)>/y;
const tagNameForm = new RegExp(`<(${nameForm})`, 'uy');
const attributeForm = new RegExp(`\\s+(${nameForm})\\s*=\\s*("[^"<]*"|'[^'<]*')`, 'uy');
const tagCloseForm = /\s*(\/?)>/y;

function startTag(scan: Scan): void {
  plainTagForm.lastIndex = scan.at;
  const plain = plainTagForm.exec(scan.xml);
  if (plain) return enter(scan, elementOf(plain[1] ?? '', noAttributes), plain[2] === '/', plainTagForm.lastIndex);
  tagNameForm.lastIndex = scan.at;
  const tag = tagNameForm.exec(scan.xml)?.[1];
  if (tag === undefined) throw broken(scan, 'A tag is not well-formed');
  const { attributes, end } = attributesOf(scan, tagNameForm.lastIndex, tag);
  tagCloseForm.lastIndex = end;
  const close = tagCloseForm.exec(scan.xml);
  if (!close) throw broken(scan, `The tag <${tag}> is not well-formed`);
  enter(scan, elementOf(tag, attributes), close[1] === '/', tagCloseForm.lastIndex);
}

function enter(scan: Scan, element: RawElement, isEmpty: boolean, end: number): void {
  const parent = scan.open.at(-1);
  if (!parent && scan.root) throw broken(scan, `<${element.tag}> stands after the root element`);
  count(scan);
  if (scan.open.length >= xmlLimits.depth) throw tooLarge(`elements nested deeper than ${xmlLimits.depth}`);
  if (!parent) scan.root = element;
  else if (parent.children === noChildren) parent.children = [element];
  else parent.children.push(element);
  if (!isEmpty) scan.open.push(element);
  scan.at = end;
}

// Most elements have none of either, and share these: they are only ever replaced.
const noAttributes: ReadonlyMap<string, string> = new Map();
const noChildren: RawElement[] = [];

function elementOf(tag: string, attributes: ReadonlyMap<string, string>): RawElement {
  return { tag, name: withoutPrefix(tag), attributes, text: '', children: noChildren };
}

function attributesOf(scan: Scan, from: number, tag: string): { attributes: ReadonlyMap<string, string>; end: number } {
  const byName = new Map<string, string>();
  const seen = new Set<string>();
  for (let end = from; ; end = attributeForm.lastIndex) {
    attributeForm.lastIndex = end;
    const [, name, quoted] = attributeForm.exec(scan.xml) ?? [];
    if (name === undefined || quoted === undefined) return { attributes: byName, end };
    if (seen.has(name)) throw broken(scan, `<${tag}> has the attribute ${name} twice`);
    seen.add(name);
    count(scan);
    const valueEnd = attributeForm.lastIndex - 1;
    const value = withoutReferences(scan.xml, valueEnd - quoted.length + 2, valueEnd);
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const local = withoutPrefix(name);
    // The one without a prefix is the element's own, wherever another vocabulary's stands beside it.
    if (local === name || !byName.has(local)) byName.set(local, value);
  }
}

function withoutPrefix(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

function count(scan: Scan): void {
  scan.elements += 1;
  if (scan.elements > xmlLimits.elements) throw tooLarge(`more than ${xmlLimits.elements} elements`);
}

function broken(scan: Scan, what: string): XmlRefused {
  return refusedAt(scan.xml, scan.at, 'xml-broken', what);
}

function tooLarge(what: string): XmlRefused {
  return new XmlRefused('xml-too-large', `The file has ${what}`);
}
