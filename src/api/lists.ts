import { z } from 'zod';
import { invalidRequest } from './checked.ts';
import { textAs } from './schemas.ts';

const mostItems = 200;
const usualItems = 50;

/** A page's size. */
const limit = textAs(
  (text) => (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= mostItems ? Number(text) : undefined),
  { code: 'invalid-limit', message: `must be 1 to ${mostItems}` },
  { type: 'integer', minimum: 1, maximum: mostItems, default: usualItems },
)
  .optional()
  .transform((given) => given ?? usualItems);

const cursor = z.string().max(2_000).optional().describe('nextCursor of the page before');

/**
 * `?limit=&cursor=&sort=` and the list's own filters.
 * @param sorts the first is the usual one; `-` before a name turns its order.
 */
export function listQuery<F extends z.core.$ZodLooseShape, S extends string>(sorts: readonly [S, ...S[]], filters: F) {
  return z.strictObject({ ...filters, limit, cursor, sort: z.enum(sorts).default(sorts[0]) });
}

/** A filter that takes several values: `?status=overdue,today`. */
export function severalOf<T extends string>(values: readonly T[]) {
  return textAs(
    (text) => {
      const wanted = text.split(',').map((part) => values.find((value) => value === part));
      const known = wanted.filter((value) => value !== undefined);
      return known.length === wanted.length ? [...new Set(known)] : undefined;
    },
    { code: 'invalid-value', message: `must be one or more, comma-separated, of: ${values.join(', ')}` },
    { examples: [values.slice(0, 2).join(',')] },
  ).optional();
}

/** A filter of yes and no. */
export const yesOrNo = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

/** Several free values, comma-separated, each read by `parse`. */
export function severalAs<T>(parse: (text: string) => T | undefined, wrong: { code: string; message: string }) {
  return textAs((text) => {
    const values = text.split(',').map(parse);
    const known = values.filter((value) => value !== undefined);
    return known.length === values.length ? known : undefined;
  }, wrong).optional();
}

/** A filter by refs or ids, comma-separated: a ref that holds a comma is named by its id. @param what they name. */
export function severalRefs(what: string) {
  return severalAs((text) => (text.length >= 1 && text.length <= 128 && !/\p{Cc}/u.test(text) ? text : undefined), {
    code: 'invalid-ref',
    message: `must be one or more refs of ${what}, comma-separated`,
  });
}

/** Words to look for: no control characters. */
export const searchText = textAs(
  (text) => {
    const trimmed = text.trim();
    return trimmed.length >= 1 && trimmed.length <= 128 && trimmed.isWellFormed() && !/\p{Cc}/u.test(trimmed)
      ? trimmed
      : undefined;
  },
  { code: 'invalid-text', message: 'must have 1 to 128 characters' },
).optional();

/**
 * The place after a page's last row, opaque to the caller. Bound to the sort that it was made under.
 * @param keys the sort columns of that row, the last one unique.
 */
export function encodeCursor(sort: string, keys: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([sort, ...keys])).toString('base64url');
}

/**
 * The keys of a cursor, or undefined on the first page.
 * @param keys what they must be, so that no text of the caller's reaches a cast.
 * @throws Problem `invalid-request` at `/query/cursor`.
 */
export function decodeCursor<T>(text: string | undefined, sort: string, keys: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined;
  const found = z.array(z.unknown()).safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  const [boundTo, ...rest] = found.data ?? [];
  const parsed = keys.safeParse(rest);
  if (boundTo !== sort || !parsed.success) {
    throw invalidRequest([
      {
        path: '/query/cursor',
        code: 'invalid-cursor',
        message: 'must be the nextCursor of a page of this list, in its sort',
      },
    ]);
  }
  return parsed.data;
}

/** The reply of a list. */
export function pageReply(item: z.ZodType) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Makes a page of rows.
 * @param rows one more than `limit` when there is a next page.
 */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  make: { item(row: Row): Item; cursor(row: Row): string },
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => make.item(row)),
    nextCursor: rows.length > limit && last !== undefined ? make.cursor(last) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
