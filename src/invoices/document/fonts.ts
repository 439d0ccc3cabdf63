import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let cached: string | undefined;

/**
 * `@font-face` rules with Inter inside (regular and semibold; Latin and extended Latin), so that a document looks the
 * same on a machine without fonts. Read from the npm package once.
 */
export function fontFaces(): string {
  cached ??= [400, 600].flatMap((weight) => subsets.map((subset) => fontFace(subset, weight))).join('\n');
  return cached;
}

// The ranges are the ones that @fontsource/inter gives for its files: the larger one is decoded only when it is needed.
const subsets = [
  {
    name: 'latin-ext',
    range:
      'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,' +
      'U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF',
  },
  {
    name: 'latin',
    range:
      'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,' +
      'U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
  },
] as const;

function fontFace(subset: (typeof subsets)[number], weight: number): string {
  const url = import.meta.resolve(`@fontsource/inter/files/inter-${subset.name}-${weight}-normal.woff2`);
  const data = readFileSync(fileURLToPath(url)).toString('base64');
  return (
    `@font-face{font-family:Inter;font-weight:${weight};font-display:block;` +
    `src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${subset.range}}`
  );
}
