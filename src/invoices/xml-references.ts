import { refusedAt, type XmlRefused } from './xml-refused.ts';

/**
 * Resolves `&amp;` and the like in a piece of the text. Only XML's own five entities are known: others would come from
 * a document type, which no invoice has. Throws XmlRefused.
 */
export function withoutReferences(xml: string, start: number, end: number): string {
  const piece = xml.slice(start, end);
  if (!piece.includes('&')) return piece;
  return piece.replace(referenceForm, (whole, name?: string, decimal?: string, hexadecimal?: string, at = 0) => {
    const character = name === undefined ? characterOf(decimal, hexadecimal) : named.get(name);
    if (character === undefined) throw refused(xml, start + at, whole);
    return character;
  });
}

// Whatever begins with "&", so that what is wrong with one is seen too.
const referenceForm = /&(?:(\w{1,40});|#(\d{1,20});|#x([0-9a-fA-F]{1,20});)?/g;

const named: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function characterOf(decimal: string | undefined, hexadecimal: string | undefined): string | undefined {
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number.parseInt(decimal, 10);
  return isXmlCharacter(point) ? String.fromCodePoint(point) : undefined;
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

function refused(xml: string, at: number, reference: string): XmlRefused {
  if (reference.startsWith('&#')) {
    return refusedAt(xml, at, 'xml-broken', `${reference} stands for a character that XML has not`);
  }
  return reference === '&'
    ? refusedAt(xml, at, 'xml-broken', 'A "&" stands bare; it is written "&amp;"')
    : refusedAt(xml, at, 'xml-unsafe', `the entity ${reference} is not one of XML's own five`);
}
