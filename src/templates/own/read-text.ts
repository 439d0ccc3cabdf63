import { LiquidError } from 'liquidjs';
import {
  type ComposeProblem,
  type EditableField,
  faultOfText,
  parseEditable,
  type PlaceholderValues,
  type Token,
} from '../placeholders.ts';
import { liquidTokens, mistakesInText, needsLiquid } from './liquid-text.ts';

type ReadText = { readonly kind: 'parsed'; readonly tokens: readonly Token[] } | NoText;
type NoText = { readonly kind: 'problem'; readonly problem: ComposeProblem };

/**
 * Reads a subject or message, a caller's or a template's, into words and placeholders. Bare placeholders are looked up
 * and nothing is evaluated; only a text with tags, filters or lists is run through Liquid first.
 */
export function readText(
  field: EditableField,
  source: string,
  values: PlaceholderValues,
  lists: () => Readonly<Record<string, unknown>>,
): ReadText {
  if (!needsLiquid(source)) return parseEditable(field, source);
  const problem = faultOfEditable(field, source);
  if (problem) return { kind: 'problem', problem };
  const tokens = tokensWithin(() => liquidTokens(source, values, lists()));
  return tokens === null
    ? { kind: 'problem', problem: { kind: 'unsupported-syntax', field, text: 'it makes too much text' } }
    : { kind: 'parsed', tokens };
}

function tokensWithin(run: () => Token[] | null): Token[] | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof LiquidError) || !isPastItsBounds(error)) throw error;
    return null;
  }
}

/** Why a subject or message cannot be used, before there is anything to fill it with; null when it can. */
export function faultOfEditable(field: EditableField, source: string): ComposeProblem | null {
  if (!needsLiquid(source)) {
    const parsed = parseEditable(field, source);
    return parsed.kind === 'problem' ? parsed.problem : null;
  }
  const fault = faultOfText(field, source.replaceAll('\r\n', '\n'));
  if (fault) return fault;
  const [mistake] = mistakesInText(source);
  if (!mistake) return null;
  if (mistake.name !== undefined) return { kind: 'unknown-placeholder', field, name: mistake.name };
  return { kind: 'unsupported-syntax', field, text: mistake.message };
}

/** Whether it made too much, which it will do again; what merely took too long may be quick the next time. */
export function isPastItsBounds(error: LiquidError): boolean {
  // A RangeError: a text longer than JavaScript's can be.
  return error.message.includes('memory alloc limit') || error.originalError instanceof RangeError;
}
