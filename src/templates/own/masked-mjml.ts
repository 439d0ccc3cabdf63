import { type Token, Tokenizer, TypeGuards } from 'liquidjs';
import { htmlLiquid } from './liquid.ts';

/**
 * MJML whose Liquid is masked, so that MJML reads words where Liquid stands (and `<` or quotes inside it cannot
 * mislead it), and each piece is found again in what MJML makes of it.
 */
export type MaskedMjml = {
  readonly text: string;
  readonly pieces: readonly Piece[];
};

type Piece = { readonly mask: string; readonly source: string; readonly line: number };

/** HTML with its Liquid back in place. `lineAt`: of a piece of Liquid that begins there, its line in the MJML. */
export type UnmaskedHtml = {
  readonly html: string;
  readonly lost: readonly Piece[];
  readonly lineAt: (offset: number) => number | null;
};

/** Comments of both kinds as blanks: lines keep their numbers, and what is in them is not looked at. */
export function withoutComments(mjml: string): string {
  const plain = blanked(mjml, /<!--(?!\[if|<!\[|-?>)/gi, /-->/g);
  const bare = blanked(plain, /\{%-?\s*comment\b/g, /\{%-?\s*endcomment\s*-?%\}/g);
  return blanked(bare, /\{%-?\s*#/g, /%\}/g);
}

function blanked(text: string, begin: RegExp, end: RegExp): string {
  let out = '';
  let from = 0;
  for (;;) {
    begin.lastIndex = from;
    const first = begin.exec(text);
    end.lastIndex = first ? begin.lastIndex : text.length;
    const last = first && end.exec(text);
    // One that does not end is left to those who read what stands there.
    if (!first || !last) return out + text.slice(from);
    const to = last.index + last[0].length;
    out += text.slice(from, first.index) + text.slice(first.index, to).replaceAll(/[^\n]/g, ' ');
    from = to;
  }
}

/** Throws liquidjs's error for Liquid that does not close. */
export function maskMjml(mjml: string): MaskedMjml {
  const name = wordThatIsNotIn(mjml);
  const [colour, onColour] = coloursThatAreNotIn(mjml);
  const pieces: Piece[] = [];
  const masks = new Map<string, string>();
  const maskOf = (source: string, line: number): string => {
    const code = /^\{\{-?\s*(colour|onColour)\s*-?\}\}$/.exec(source)?.[1];
    // MJML checks colours, so colours hold their places.
    if (code !== undefined) return code === 'colour' ? colour : onColour;
    const mask = `${name}${String(pieces.length)}z`;
    pieces.push({ mask, source, line });
    return mask;
  };
  const tokens: readonly Token[] = new Tokenizer(mjml).readTopLevelTokens(htmlLiquid.options);
  const text = tokens
    .map((token) => {
      const source = mjml.slice(token.begin, token.end);
      if (TypeGuards.isHTMLToken(token)) return source;
      return maskOf(source, token.getPosition()[0] ?? 1) + '\n'.repeat(source.split('\n').length - 1);
    })
    .join('');
  masks.set(colour, '{{ colour }}').set(onColour, '{{ onColour }}');
  return { text, pieces: [...pieces, ...colourPieces(masks)] };
}

const colourLine = 0;

function colourPieces(masks: ReadonlyMap<string, string>): Piece[] {
  return [...masks].map(([mask, source]) => ({ mask, source, line: colourLine }));
}

export function unmaskHtml(html: string, { pieces }: MaskedMjml): UnmaskedHtml {
  const byMask = new Map(pieces.map((piece) => [piece.mask, piece]));
  const lines = new Map<number, number>();
  const found = new Set<string>();
  let out = '';
  let from = 0;
  for (const match of html.matchAll(anyOf(pieces))) {
    const piece = byMask.get(match[0].toLowerCase());
    if (!piece) continue;
    out += html.slice(from, match.index);
    if (piece.line !== colourLine) lines.set(out.length, piece.line);
    out += piece.source;
    found.add(piece.mask);
    from = match.index + match[0].length;
  }
  return {
    html: out + html.slice(from),
    lost: pieces.filter(({ mask, line }) => line !== colourLine && !found.has(mask)),
    lineAt: (offset) => lines.get(offset) ?? null,
  };
}

/** A message of MJML's, with the Liquid that it speaks of. */
export function unmaskText(text: string, { pieces }: MaskedMjml): string {
  const byMask = new Map(pieces.map(({ mask, source }) => [mask, source]));
  return text.replaceAll(anyOf(pieces), (mask) => byMask.get(mask.toLowerCase()) ?? mask);
}

function anyOf(pieces: readonly Piece[]): RegExp {
  const [word] = pieces.flatMap(({ mask, line }) => (line === colourLine ? [] : [mask.replace(/\d+z$/, '')]));
  const colours = pieces.flatMap(({ mask, line }) => (line === colourLine ? [mask] : []));
  return new RegExp([...(word === undefined ? [] : [`${word}\\d+z`]), ...colours].join('|'), 'gi');
}

function wordThatIsNotIn(text: string): string {
  const lower = text.toLowerCase();
  let word = 'liquid';
  while (lower.includes(word)) word += 'q';
  return word;
}

function coloursThatAreNotIn(text: string): [string, string] {
  const lower = text.toLowerCase();
  const free: string[] = [];
  for (let value = 0xa1b2c3; free.length < 2; value += 0x10305) {
    const colour = `#${value.toString(16)}`;
    if (!lower.includes(colour)) free.push(colour);
  }
  return [free[0] ?? '', free[1] ?? ''];
}
