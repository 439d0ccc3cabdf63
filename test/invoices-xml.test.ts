import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { type RawElement, scanXml } from '../src/invoices/xml-scan.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa } from './support/fatturapa.ts';

const declared = (encoding: string, more: Parameters<typeof fatturaPa>[0] = {}): string =>
  fatturaPa({ declaration: `<?xml version="1.0" encoding="${encoding}"?>`, ...more });
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const mark = '\ufeff';

describe('an invoice is read in the encoding that it is in', () => {
  test.each([
    ['UTF-8 that says so', Buffer.from(declared('UTF-8'))],
    ['UTF-8 that says nothing', Buffer.from(fatturaPa({ declaration: '' }))],
    ['UTF-8 with a mark', Buffer.from(mark + declared('utf-8'))],
    ['UTF-8 with two marks', Buffer.from(mark + mark + declared('utf-8'))],
    ['UTF-8 with a mark that says ISO-8859-1: the mark counts', Buffer.from(mark + declared('ISO-8859-1'))],
    ['UTF-8 that says UTF-16, as it was made from a string', Buffer.from(declared('utf-16'))],
    ['UTF-8 with a mark that says UTF-16', Buffer.from(mark + declared('UTF-16'))],
    ['UTF-8 behind white space', Buffer.from(`\r\n  ${declared('UTF-8')}`)],
    ['UTF-8 behind a mark and white space', Buffer.from(`${mark}\n\n${declared('UTF-8')}`)],
    ['ISO-8859-1', Buffer.from(declared('ISO-8859-1'), 'latin1')],
    ['iso-8859-1 behind white space', Buffer.from(`\n${declared('iso-8859-1')}`, 'latin1')],
    ['ISO-8859-15', Buffer.from(declared('ISO-8859-15'), 'latin1')],
    ['windows-1252', Buffer.from(declared('Windows-1252'), 'latin1')],
    ['cp1252', Buffer.from(declared('cp1252'), 'latin1')],
    ['UTF-16LE with a mark', Buffer.from(mark + declared('UTF-16'), 'utf16le')],
    ['UTF-16BE with a mark', utf16be(mark + declared('UTF-16'))],
    ['UTF-16LE without a mark', Buffer.from(declared('UTF-16LE'), 'utf16le')],
    ['UTF-16BE without a mark', utf16be(declared('UTF-16'))],
    ['UTF-16LE behind white space', Buffer.from(`\r\n${declared('UTF-16')}`, 'utf16le')],
    ['UTF-16LE with a mark that says UTF-8', Buffer.from(mark + declared('UTF-8'), 'utf16le')],
    ['UTF-16BE that says UTF-8', utf16be(declared('UTF-8'))],
  ])('%s', (_encoding, bytes) => {
    expect(readInvoices(bytes)).toMatchObject({ invoices: [{ buyer: { name: 'Anna Però' } }] });
  });

  test.each([
    ['ISO-8859-2', 0xb1, 'ą'],
    ['ISO-8859-5', 0xd0, 'а'],
    ['ISO-8859-7', 0xe1, 'α'],
    ['ISO-8859-9', 0xf0, 'ğ'],
    ['ISO-8859-15', 0xa4, '€'],
    ['ISO-8859-1', 0x80, '€'],
    ['windows-1252', 0x80, '€'],
    ['windows-1250', 0xb9, 'ą'],
  ])('%s: byte %i is %s', (encoding, byte, letter) => {
    const bytes = Buffer.from(declared(encoding, { general: '<Causale>@</Causale>' }), 'latin1');
    expect(readInvoices(bytes.map((each) => (each === 0x40 ? byte : each)))).toMatchObject({
      invoices: [{ notes: [letter] }],
    });
  });

  test.each([
    ['ISO-8859-1 that says UTF-8', Buffer.from(declared('UTF-8'), 'latin1')],
    ['ISO-8859-1 that says nothing', Buffer.from(fatturaPa({ declaration: '' }), 'latin1')],
    ['half of a letter in UTF-16', Buffer.from(mark + declared('UTF-16'), 'utf16le').subarray(0, -1)],
  ])('%s is refused', (_encoding, bytes) => {
    expect(readInvoices(bytes)).toMatchObject({ error: { code: 'encoding-wrong' } });
  });

  test('one that is wrong leaves nothing for the next one', () => {
    readInvoices(Buffer.concat([Buffer.from(declared('UTF-8')), Buffer.from([0xe2, 0x82])]));
    expect(readInvoices(Buffer.from(declared('UTF-8')))).toHaveProperty('invoices');
  });
});

describe('a tree is what the text says', () => {
  test('paths, prefixes, references, CDATA, ends of lines', () => {
    const root = parseXml(
      '<x:a xmlns:x="u" x:id=" 1 " y=\'&lt;\'>\r\n<b>&#233;&amp;</b><b><![CDATA[<&amp;>\r]]> z</b><b/></x:a>',
    );
    expect([root.name, root.text, root.path, [...root.attributes]]).toEqual([
      'a',
      '',
      '',
      [
        ['id', ' 1 '],
        ['y', '<'],
      ],
    ]);
    expect(root.children('b').map(({ path, text }) => [path, text])).toEqual([
      ['b[1]', 'é&'],
      ['b[2]', '<&amp;>\n z'],
      ['b[3]', ''],
    ]);
    expect([root.textOf('b'), root.textOf('c'), root.child('c')]).toEqual(['é&', null, undefined]);
  });

  test('a comment ends after it has begun', () => {
    const root = scanXml('<a><!--><b>1</b><!-- x --><!---><b>2</b><!----><b>3</b>--></a>');
    expect([root.text, root.children.map(({ text }) => text)]).toEqual(['-->', ['3']]);
    expect(readInvoices(Buffer.from('<a><!--></a>'))).toMatchObject({ error: { code: 'xml-broken' } });
  });

  test('an attribute of another vocabulary does not stand for the element’s own', () => {
    for (const both of ['b="1" x:b="2"', 'x:b="2" b="1"']) {
      expect(scanXml(`<a ${both}/>`).attributes.get('b')).toBe('1');
    }
    expect(scanXml('<a x:b="2"/>').attributes.get('b')).toBe('2');
  });

  test('names that mean something to JavaScript are names like others', () => {
    const general =
      '<__proto__ constructor="x"><a/></__proto__><constructor>y</constructor><toString/><hasOwnProperty/>';
    expect(readInvoices(Buffer.from(fatturaPa({ general })))).toEqual(readInvoices(Buffer.from(fatturaPa())));
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  test('nothing is fetched or included: what asks for it is read as what it is, and left out', () => {
    const declaration = '<?xml version="1.0"?><?xml-stylesheet href="http://example.com/x.xsl"?>';
    const general = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>';
    const asked = fatturaPa({ declaration, general: `<Causale>a${general}b</Causale><?php echo 1?>` });
    expect(readInvoices(Buffer.from(asked))).toMatchObject({ invoices: [{ notes: ['ab'] }] });
  });

  test.each(samples())('of %s as another parser reads it', (_file, bytes) => {
    const xml = new TextDecoder().decode(bytes);
    expect(plain(scanXml(xml))).toEqual(other(xml));
  });
});

type Plain = { name: string; text: string; attributes: Record<string, string>; children: Plain[] };

function plain({ name, text, attributes, children }: RawElement): Plain {
  return { name, text: text.trim(), attributes: Object.fromEntries(attributes), children: children.map(plain) };
}

function other(xml: string): Plain | undefined {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  type Node = Record<string, unknown> & { ':@'?: Record<string, string>; '#text'?: string };
  const element = (node: Node): Plain | undefined => {
    const tag = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    if (tag === undefined) return undefined;
    const content = node[tag] as Node[];
    const attributes = Object.entries(node[':@'] ?? {}).filter(([name]) => !/^xmlns(?:$|:)/.test(name));
    return {
      name: tag.slice(tag.indexOf(':') + 1),
      text: content
        .map((each) => each['#text'] ?? '')
        .join('')
        .trim(),
      attributes: Object.fromEntries(attributes.map(([name, value]) => [name.slice(name.indexOf(':') + 1), value])),
      children: content.flatMap((each) => element(each) ?? []),
    };
  };
  return (parser.parse(xml) as Node[]).map(element).find((each) => each !== undefined);
}

/** Our own examples, and what others wrote where it is there. */
function samples(): [file: string, bytes: Buffer][] {
  const shared = join(import.meta.dirname, '..', '..', 'shared', 'samples', 'invoices');
  const folders = [
    join(import.meta.dirname, '..', 'examples', 'invoices'),
    ...['fatturapa', 'ubl', 'cii'].map((each) => join(shared, each)),
  ];
  return folders.flatMap((folder) =>
    xmlFiles(folder).map((file): [string, Buffer] => [file, readFileSync(join(folder, file))]),
  );
}

function xmlFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.xml'));
  } catch {
    return [];
  }
}
