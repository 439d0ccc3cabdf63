import { type RawElement, scanXml } from './xml-scan.ts';

/** The root of an XML text, which must be well-formed and within the limits. Throws XmlRefused. */
export function parseXml(xml: string): XmlElement {
  return new XmlElement(scanXml(xml), '');
}

/**
 * One element of an invoice file, which knows where it stands: `path` is relative to the root, with `[n]` (from 1) for
 * elements that may repeat, and is what an error names. Names come without their namespace prefix.
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
    const found = this.#find(name);
    return found && new XmlElement(found, this.pathOf(name));
  }

  children(name: string): XmlElement[] {
    return this.#children
      .filter((child) => child.name === name)
      .map((child, index) => new XmlElement(child, `${this.pathOf(name)}[${index + 1}]`));
  }

  /** The text of a child, or null when it is absent or empty. */
  textOf(name: string): string | null {
    const text = this.#find(name)?.text.trim() ?? '';
    return text === '' ? null : text;
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`;
  }

  #find(name: string): RawElement | undefined {
    return this.#children.find((child) => child.name === name);
  }
}
