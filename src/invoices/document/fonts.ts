import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `@font-face` rules with Inter inside (regular and semibold), so that a document looks the same on a machine without
 * fonts. Beyond plain Latin only the alphabets that `text` has letters of: each is more for the browser to read, for
 * every document. Read from the npm package once.
 */
export function fontFaces(text: string): string {
  const wanted = new Set([latin]);
  for (const [sign] of text.matchAll(beyondLatin)) {
    const alphabet = alphabets.find(({ letters }) => letters.test(sign));
    if (alphabet) wanted.add(alphabet);
    if (wanted.size > alphabets.length) break;
  }
  return Array.from(wanted, facesOf).join('\n');
}

type Alphabet = { readonly name: string; readonly range: string; readonly letters: RegExp };

// The ranges are the ones that @fontsource/inter gives for its files; of two that have a letter the first is taken.
const latin = alphabet(
  'latin',
  'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,' +
    'U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
);
const alphabets = [
  alphabet(
    'latin-ext',
    'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,' +
      'U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
  ),
  alphabet('greek', 'U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF'),
  alphabet('cyrillic', 'U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116'),
  alphabet(
    'vietnamese',
    'U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,' +
      'U+0323,U+0329,U+1EA0-1EF9,U+20AB',
  ),
  alphabet('greek-ext', 'U+1F00-1FFF'),
  alphabet('cyrillic-ext', 'U+0460-052F,U+1C80-1C8A,U+20B4,U+2DE0-2DFF,U+A640-A69F,U+FE2E-FE2F'),
];
const beyondLatin = /[^\p{ASCII}\u0080-\u00ff\u2000-\u206f\u20ac\u2122\u2212]/gu;

function alphabet(name: string, range: string): Alphabet {
  const letters = range.split(',').map((part) => {
    const [from, to = from] = part.slice('U+'.length).split('-');
    return `\\u{${from}}-\\u{${to}}`;
  });
  return { name, range, letters: new RegExp(`[${letters.join('')}]`, 'u') };
}

const cached = new Map<Alphabet, string>();

function facesOf(wanted: Alphabet): string {
  const faces = cached.get(wanted) ?? [400, 600].map((weight) => fontFace(wanted, weight)).join('\n');
  cached.set(wanted, faces);
  return faces;
}

function fontFace({ name, range }: Alphabet, weight: number): string {
  // The browser draws a letter that no font has as the empty box of the first font that might have had it. Open Sans as
  // packaged has a box of no ink, so that one is Inter: plain Latin is declared without a range.
  const only = name === latin.name ? '' : `;unicode-range:${range}`;
  const url = import.meta.resolve(`@fontsource/inter/files/inter-${name}-${weight}-normal.woff2`);
  const data = readFileSync(fileURLToPath(url)).toString('base64');
  return (
    `@font-face{font-family:Inter;font-weight:${weight};font-display:block;` +
    `src:url(data:font/woff2;base64,${data}) format("woff2")${only}}`
  );
}
