import type { z } from 'zod';

type Bound = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

/** How a type is called that was expected: `an object`, `a whole number`. */
export function typeInWords(expected: string): string {
  const name = typeNames[expected] ?? expected;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}

// zod's names for what JSON calls otherwise.
const typeNames: Readonly<Record<string, string>> = {
  int: 'whole number',
  record: 'object',
  tuple: 'array',
};

/** `must have at least 1 item`, `must be at most 9`. */
export function boundInWords(issue: Bound): string {
  const [bound, side] =
    issue.code === 'too_small' ? ([issue.minimum, 'at least'] as const) : ([issue.maximum, 'at most'] as const);
  const unit = units[issue.origin];
  if (unit !== undefined) {
    return `must have ${issue.exact ? 'exactly' : side} ${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`;
  }
  if (issue.inclusive === false) return `must be ${issue.code === 'too_small' ? 'more' : 'less'} than ${bound}`;
  return `must be ${side} ${bound}`;
}

// What is counted; of all else the value itself is bound.
const units: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' };
