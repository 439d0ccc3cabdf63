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
