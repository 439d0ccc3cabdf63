import { createHash } from 'node:crypto';
import { invalidRequest } from './checked.ts';
import { Problem } from './problems.ts';

/**
 * Reads the header Idempotency-Key.
 * @throws Problem `idempotency-key-missing`, `idempotency-key-invalid`.
 */
export function readKeyHeader(header: string | undefined): string {
  if (header === undefined || header === '') {
    throw new Problem('idempotency-key-missing', 'Send a header Idempotency-Key: it makes a repeated request safe.');
  }
  return readKey(header);
}

/**
 * Reads a key, bare or as a quoted structured string (RFC 9651 §3.3.3): `abc` and `"abc"` are one key, in the header
 * and in a batch's item alike.
 * @throws Problem `idempotency-key-invalid`.
 */
export function readKey(text: string): string {
  const trimmed = text.trim();
  const key = trimmed.startsWith('"') ? unquoted(trimmed) : trimmed;
  if (key !== undefined && /^[\x20-\x7e]{1,255}$/.test(key) && key.trim() !== '') return key;
  throw new Problem(
    'idempotency-key-invalid',
    'The key must have 1 to 255 printable ASCII characters, bare or in quotes that close.',
  );
}

function unquoted(text: string): string | undefined {
  return /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1');
}

/**
 * What makes two requests the same: method, path and body, whatever the order of its fields. SHA-256, hex.
 * @throws Problem `invalid-request` when the body is nested too deep to be read.
 */
export function requestHash(method: string, path: string, body: unknown): string {
  return createHash('sha256')
    .update(`${method} ${path}\n${canonical(body, mostLevels)}`)
    .digest('hex');
}

// Far more than any request has; a body of a megabyte could be nested until the stack is full.
const mostLevels = 64;

// In the manner of RFC 8785: fields by name, no blanks.
function canonical(value: unknown, levels: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (levels === 0) {
    throw invalidRequest([{ path: '', code: 'too-deep', message: `is nested more than ${mostLevels} levels deep` }]);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, levels - 1)).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field, levels - 1)}`).join(',')}}`;
}
