import { plainLiquid } from './liquid.ts';
import { checkLiquid } from './check-liquid.ts';
import type { Mistake } from './mistake.ts';
import {
  blockNames,
  isPlaceholder,
  type PlaceholderName,
  type PlaceholderValues,
  placeholders,
  type Token,
} from '../placeholders.ts';
import { textShapes } from './variables.ts';

/** Whether a text needs Liquid: it has a tag, a filter or a part of something. Bare placeholders are filled in without. */
export function needsLiquid(source: string): boolean {
  return /\{%/.test(source) || [...source.matchAll(/\{\{(.*?)\}\}/gs)].some(([, inside = '']) => !isBare(inside));
}

/** What is wrong with the Liquid of a text; empty when nothing is. */
export function mistakesInText(source: string): readonly Mistake[] {
  return checkLiquid(source, textShapes, plainLiquid).mistakes;
}

/**
 * Runs the Liquid of a text. Placeholders that stand alone, and the blocks, come out as such, so that they are filled in
 * as everywhere else (what is empty takes its line with it); all other values are text.
 * @returns null when it makes more than any message can be. Throws liquidjs's error past its limits.
 */
export function liquidTokens(
  source: string,
  values: PlaceholderValues,
  more: Readonly<Record<string, unknown>>,
): Token[] | null {
  const marked = source
    .replaceAll('\r\n', '\n')
    .replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (all, name: string) => (isPlaceholder(name) ? markOf(name) : all));
  const blocks = Object.fromEntries(blockNames.map((name) => [name, values[name] === '' ? '' : markOf(name)]));
  const scope = { ...values, daysLate: Number(values.daysLate), ...more, ...blocks };
  const rendered: unknown = plainLiquid.parseAndRenderSync(marked, scope);
  if (typeof rendered !== 'string') return [];
  // Before it is looked at: joining costs nothing, so this may be hundreds of megabytes of one text, repeated.
  return rendered.length > longestMade ? null : tokensOf(rendered);
}

// As much as an email may hold; an SMS holds far less.
const longestMade = 100_000;

const names: readonly PlaceholderName[] = Object.keys(placeholders).filter(isPlaceholder);

// Control characters: neither texts nor values hold any. A number, since letters might be changed by a filter.
const markStart = '\u0001';
const markEnd = '\u0002';
function markOf(name: PlaceholderName): string {
  return `${markStart}${String(names.indexOf(name))}${markEnd}`;
}

function tokensOf(rendered: string): Token[] {
  const [before = '', ...marked] = rendered.split(markStart);
  const tokens = marked.flatMap((piece): Token[] => {
    const [number = '', ...after] = piece.split(markEnd);
    const name = names[Number(number)];
    const text = after.join('');
    // What a filter left of a mark says nothing.
    return name === undefined || after.length === 0 ? textToken(text) : [{ placeholder: name }, ...textToken(text)];
  });
  return [...textToken(before.replaceAll(markEnd, '')), ...tokens];
}

function textToken(text: string): Token[] {
  return text === '' ? [] : [{ text }];
}

function isBare(inside: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(inside.trim()) && !inside.includes('.');
}
