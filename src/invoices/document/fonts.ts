import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `@font-face` rules with Inter inside (regular and semibold), so that a document looks the same on a machine without
 * fonts. Extended Latin is there only when `text` needs it: it is more than half of what the browser would have to read
 * for every document. Read from the npm package once.
 */
export function fontFaces(text: string): string {
  const wanted = beyondLatin.test(text) ? [latin, extended] : [latin];
  return wanted.map(facesOf).join('\n');
}

type Subset = { readonly name: string; readonly range: string };

// The ranges are the ones that @fontsource/inter gives for its files.
const latin: Subset = {
  name: 'latin',
  range:
    'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,' +
    'U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
};
const extended: Subset = {
  name: 'latin-ext',
  range:
    'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,' +
    'U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
};
const beyondLatin = /[^\s\u0020-\u00ff\u2000-\u206f\u20ac\u2122\u2212]/u;

const cached = new Map<string, string>();

function facesOf(subset: Subset): string {
  const faces = cached.get(subset.name) ?? [400, 600].map((weight) => fontFace(subset, weight)).join('\n');
  cached.set(subset.name, faces);
  return faces;
}

function fontFace(subset: Subset, weight: number): string {
  const url = import.meta.resolve(`@fontsource/inter/files/inter-${subset.name}-${weight}-normal.woff2`);
  const data = readFileSync(fileURLToPath(url)).toString('base64');
  return (
    `@font-face{font-family:Inter;font-weight:${weight};font-display:block;` +
    `src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${subset.range}}`
  );
}
