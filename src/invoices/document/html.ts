/** Text that is HTML already. Everything else that goes into a page is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | null | false | readonly Piece[];

/** HTML with values in it: strings are escaped (for text and quoted attributes), `null` and `false` leave nothing. */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Html {
  let text = parts[0] ?? '';
  for (const [index, piece] of pieces.entries()) text += rendered(piece) + (parts[index + 1] ?? '');
  return new Html(text);
}

/** A string for CSS `content`, quotes included: safe inside a `<style>` too. */
export function cssString(value: string): string {
  const escaped = value.replace(/[^A-Za-z0-9 .,-]/gu, (sign) => `\\${(sign.codePointAt(0) ?? 0x20).toString(16)} `);
  return `"${escaped}"`;
}

function rendered(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return piece.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
