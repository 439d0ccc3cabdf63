import type { FactsInWords } from './facts-in-words.ts';

/**
 * Whether a message says how much is asked for: all that is open, or the part that is late or due first (of the rest it
 * may speak by the way). When nothing is open there is nothing to say. @param written how a text is written there.
 */
export function showsAmount(message: string, words: FactsInWords, written = (text: string): string => text): boolean {
  if (words.open === null) return true;
  const amounts = [words.open, words.overdue, words.dueFirst].map(({ outstanding }) => outstanding);
  return amounts.some((amount) => message.includes(written(amount)));
}
