import { luminance } from '../domain/colour.ts';

const defaultColour = '#1d3f5e';

/** The tenant's colour in small letters, or the house's own for what is no `#rrggbb`. */
export function validColour(colour: string | null): string {
  return colour !== null && /^#[0-9a-f]{6}$/i.test(colour) ? colour.toLowerCase() : defaultColour;
}

/**
 * White or black, whichever stands out more on that colour: 4.5 to 1 at least on any (WCAG 2.2 §1.4.3), which a softer
 * black would miss on the greys between.
 */
export function onColour(colour: string): string {
  return luminance(colour) > 0.179 ? '#000000' : '#ffffff';
}

/** The address of a logo that mail programs show: https only, since most refuse the rest. Otherwise empty. */
export function webLogo(logo: string | null): string {
  const url = logo === null ? null : URL.parse(logo);
  return url?.protocol === 'https:' ? url.href : '';
}
