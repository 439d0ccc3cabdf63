import { inflateSync } from 'node:zlib';

/**
 * What a reader's copy and paste would give for a PDF that Chromium wrote: its words by page, white space collapsed.
 * Reads Skia's plain layout (no object streams, Type 0 fonts named after their object, a ToUnicode map each), so that
 * tests need no tool that a bare machine lacks.
 */
export function pdfText(pdf: Uint8Array): string[] {
  const objects = objectsOf(Buffer.from(pdf).toString('latin1'));
  const pages = [...objects.values()].filter((body) => /\/Type \/Page\b(?!s)/.test(body));
  return pages.map((page) => {
    const content = objects.get(/\/Contents (\d+) 0 R/.exec(page)?.[1] ?? '');
    return content === undefined ? '' : shownText(inflated(content), objects);
  });
}

/** What a reader's program shows about a PDF beside its text. `loose` are the fonts that are not inside it. */
export function pdfFacts(pdf: Uint8Array): {
  title: string | undefined;
  language: string | undefined;
  tagged: boolean;
  outline: string[];
  fonts: string[];
  loose: string[];
  scripts: boolean;
} {
  const file = Buffer.from(pdf).toString('latin1');
  const objects = [...objectsOf(file).values()];
  const info = objects.find((body) => body.includes('/Producer'));
  const catalog = objects.find((body) => /\/Type \/Catalog\b/.test(body)) ?? '';
  const descriptors = objects.filter((body) => /\/Type \/FontDescriptor\b/.test(body));
  const fontName = (body: string) => /\/FontName \/(?:[A-Z]{6}\+)?(\S+)/.exec(body)?.[1] ?? '';
  return {
    title: info && titleIn(info),
    language: /\/Lang \(([^)]*)\)/.exec(catalog)?.[1],
    tagged: /\/StructTreeRoot /.test(catalog) && /\/MarkInfo <<[^>]*\/Marked true/.test(catalog),
    outline: objects.flatMap((body) => (body.includes('/Parent') ? (titleIn(body) ?? []) : [])),
    fonts: [...new Set(descriptors.map(fontName))],
    loose: descriptors.filter((body) => !/\/FontFile[23]? /.test(body)).map(fontName),
    scripts: /\/(?:JavaScript|JS|OpenAction|AA|Launch)\b/.test(
      objects.filter((body) => !body.includes('stream\n')).join('\n'),
    ),
  };
}

// PDF 32000-1 §7.9.2: PDFDocEncoding in parentheses, or UTF-16 with a byte order mark, here in hexadecimal.
function titleIn(body: string): string | undefined {
  const [, plain, hex] = /\/Title (?:\(((?:\\.|[^)\\])*)\)|<FEFF([0-9A-F]*)>)/.exec(body) ?? [];
  return hex === undefined ? plain?.replace(/\\(.)/g, '$1') : lettersOf(hex);
}

function objectsOf(file: string): Map<string, string> {
  return new Map(
    [...file.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(([, id, body]) => [id ?? '', body ?? '']),
  );
}

function inflated(body: string): string {
  const start = body.indexOf('stream\n') + 'stream\n'.length;
  const end = body.lastIndexOf('\nendstream');
  return inflateSync(Buffer.from(body.slice(start, end), 'latin1')).toString('latin1');
}

function shownText(content: string, objects: Map<string, string>): string {
  const maps = new Map<string, Map<number, string>>();
  let current = new Map<number, string>();
  let text = '';
  for (const [token, font, hex] of content.matchAll(/\/F(\d+) [\d.]+ Tf|<([0-9A-F]+)> Tj|\bET\b|\bT[dm]\b/g)) {
    if (font !== undefined) {
      current = maps.get(font) ?? unicodeMap(font, objects);
      maps.set(font, current);
    } else if (hex !== undefined) {
      text += [...hex.matchAll(/.{4}/g)].map(([code]) => current.get(Number.parseInt(code, 16)) ?? '\ufffd').join('');
    } else if (token === 'ET') {
      text += ' ';
    }
  }
  return text.replace(/\s+/g, ' ').trim();
}

function unicodeMap(font: string, objects: Map<string, string>): Map<number, string> {
  const id = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font) ?? '')?.[1] ?? '';
  const cmap = inflated(objects.get(id) ?? '');
  const map = new Map<number, string>();
  for (const [block] of cmap.matchAll(/beginbfchar[\s\S]*?endbfchar/g)) {
    for (const [, code, to] of block.matchAll(/<(\w+)> <(\w+)>/g)) map.set(hexOf(code), lettersOf(to ?? ''));
  }
  for (const [, from, to, first] of cmap.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
    for (let code = hexOf(from); code <= hexOf(to); code++) {
      map.set(code, String.fromCodePoint(hexOf(first) + code - hexOf(from)));
    }
  }
  return map;
}

function hexOf(text: string | undefined): number {
  return Number.parseInt(text ?? '', 16);
}

function lettersOf(hex: string): string {
  return [...hex.matchAll(/.{4}/g)].map(([unit]) => String.fromCharCode(Number.parseInt(unit, 16))).join('');
}
