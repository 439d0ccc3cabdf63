import { Problem } from './problems.ts';

/** `"v3"`: a strong validator, since every change counts the version up. */
export function etag(version: number): string {
  return `"v${version}"`;
}

/**
 * Holds a change to what its caller has seen (RFC 9110 §13.1.1). Call it under the row's lock.
 * @param version of what is there, or undefined when nothing is.
 * @throws Problem `precondition-failed`.
 */
export function requireMatch(ifMatch: string | undefined, version: number | undefined): void {
  if (ifMatch === undefined) return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  // A weak tag never matches: If-Match compares strongly.
  if (version !== undefined && (tags.includes('*') || tags.includes(etag(version)))) return;
  throw new Problem(
    'precondition-failed',
    version === undefined ? 'It does not exist.' : `It is at ${etag(version)} now; read it again before changing it.`,
  );
}

export const ifMatchHeader = {
  'if-match': { required: false, description: 'The ETag that was read: refused with 412 when it has changed since' },
} as const;
