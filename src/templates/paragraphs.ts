import { blockNames, type BlockName, type PlaceholderValues, type Token } from './placeholders.ts';

/** A message is paragraphs of text, and blocks that the layout draws. */
export type Part =
  | { readonly kind: 'text'; readonly lines: readonly string[] }
  | { readonly kind: 'block'; readonly name: BlockName };

/**
 * Fills a message in. Paragraphs and lines are those of the template, never of a value. What holds only empty values
 * disappears. A block that the message does not mention stands at its end, so that the amounts and the bank details are
 * always in the mail, once.
 */
export function toParts(tokens: readonly Token[], values: PlaceholderValues): Part[] {
  const parts = paragraphsOf(tokens).flatMap((paragraph): Part[] => {
    const block = onlyBlock(paragraph);
    if (block) return values[block] === '' ? [] : [{ kind: 'block', name: block }];
    const lines = fillLines(paragraph, values);
    return lines.length === 0 ? [] : [{ kind: 'text', lines }];
  });
  const mentioned = new Set(tokens.flatMap((token) => ('placeholder' in token ? [token.placeholder] : [])));
  const missing = blockNames.filter((name) => !mentioned.has(name) && values[name] !== '');
  return [...parts, ...missing.map((name): Part => ({ kind: 'block', name }))];
}

/** Parts as plain text, a blank line between them. */
export function partsToText(parts: readonly Part[], values: PlaceholderValues): string {
  return parts.map((part) => (part.kind === 'text' ? part.lines.join('\n') : values[part.name])).join('\n\n');
}

/** Fills a text in as lines: each trimmed, those that held only empty values left out. */
export function fillLines(tokens: readonly Token[], values: PlaceholderValues): string[] {
  return splitAt(tokens, '\n').flatMap((line) => {
    const filled = line.map((token) => ('text' in token ? token.text : values[token.placeholder])).join('');
    const hasEmpty = line.some((token) => 'placeholder' in token && values[token.placeholder] === '');
    // The space on either side of an empty value would show as two.
    const tidy = (hasEmpty ? filled.replaceAll(/ {2,}/g, ' ') : filled).trim();
    return tidy === '' ? [] : tidy.split('\n').map((each) => each.trimEnd());
  });
}

function paragraphsOf(tokens: readonly Token[]): Token[][] {
  const spaced = tokens.map((token) =>
    'text' in token ? { text: token.text.replaceAll(/\n[ \t]*(?=\n)/g, '\n') } : token,
  );
  return splitAt(spaced, '\n\n').filter((paragraph) => paragraph.length > 0);
}

function splitAt(tokens: readonly Token[], separator: string): Token[][] {
  let current: Token[] = [];
  const pieces = [current];
  for (const token of tokens) {
    if (!('text' in token)) {
      current.push(token);
      continue;
    }
    for (const [i, text] of token.text.split(separator).entries()) {
      if (i > 0) {
        current = [];
        pieces.push(current);
      }
      if (text !== '') current.push({ text });
    }
  }
  return pieces;
}

function onlyBlock(paragraph: readonly Token[]): BlockName | undefined {
  const [only, ...others] = paragraph.filter((token) => !('text' in token) || token.text.trim() !== '');
  if (others.length > 0 || !only || !('placeholder' in only)) return undefined;
  return blockNames.find((name) => name === only.placeholder);
}
