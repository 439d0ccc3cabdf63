import { XMLParser } from 'fast-xml-parser';

/**
 * One element of an invoice file, which knows where it stands: `path` is relative to the root, with `[n]` (from 1) for
 * elements that may repeat, and is what an error names.
 */
export class XmlElement {
  readonly name: string;
  readonly path: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The element's own text, references resolved, white space at the ends gone. */
  readonly text: string;
  readonly #children: readonly RawElement[];

  constructor(raw: RawElement, path: string) {
    this.name = raw.name;
    this.path = path;
    this.attributes = raw.attributes;
    this.text = raw.text.trim();
    this.#children = raw.children;
  }

  child(name: string): XmlElement | undefined {
    const found = this.#children.find((child) => child.name === name);
    return found && new XmlElement(found, this.pathOf(name));
  }

  children(name: string): XmlElement[] {
    return this.#children
      .filter((child) => child.name === name)
      .map((child, index) => new XmlElement(child, `${this.pathOf(name)}[${index + 1}]`));
  }

  /** The text of a child, or null when it is absent or empty. */
  textOf(name: string): string | null {
    const text = this.child(name)?.text ?? '';
    return text === '' ? null : text;
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`;
  }
}

/** The root of a text that `refuseXml` has let through. Namespace prefixes are dropped; entities are never expanded. */
export function parseXml(xml: string): XmlElement {
  const nodes: unknown = parser.parse(xml);
  for (const node of isList(nodes) ? nodes : []) {
    const element = rawElement(node);
    if (element) return new XmlElement(element, '');
  }
  throw new Error('no root element in a text that was found well-formed');
}

const cdata = '#cdata';
const parser = new XMLParser({
  // Order keeps text and CDATA apart, so that each is decoded as it should be.
  preserveOrder: true,
  cdataPropName: cdata,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  processEntities: false,
});

type RawElement = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  readonly children: readonly RawElement[];
};

// What the parser gives for one element: { Tag: [nodes], ':@': { attribute: value } }.
function rawElement(node: unknown): RawElement | undefined {
  if (!isRecord(node)) return undefined;
  const name = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#'));
  const content = name === undefined ? undefined : node[name];
  if (name === undefined || !isList(content)) return undefined;
  const children = content.map(rawElement).filter((child) => child !== undefined);
  return { name, attributes: attributesOf(node[':@']), text: content.map(textOf).join(''), children };
}

function textOf(node: unknown): string {
  if (!isRecord(node)) return '';
  const text = node['#text'];
  if (typeof text === 'string') return resolveReferences(text);
  const verbatim = node[cdata];
  return isList(verbatim) ? verbatim.map(verbatimText).join('') : '';
}

function verbatimText(node: unknown): string {
  return isRecord(node) && typeof node['#text'] === 'string' ? node['#text'] : '';
}

function attributesOf(value: unknown): ReadonlyMap<string, string> {
  if (!isRecord(value)) return new Map();
  return new Map(Object.entries(value).map(([name, text]) => [name, resolveReferences(String(text))]));
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/g, (whole, name, decimal, hex) => {
    if (typeof name === 'string') return named[name] ?? whole;
    const point = typeof decimal === 'string' ? Number.parseInt(decimal, 10) : Number.parseInt(String(hex), 16);
    return String.fromCodePoint(point);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}
