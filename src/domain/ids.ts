import { randomUUIDv7 } from 'node:crypto';

/**
 * Identifiers are UUIDv7 in PostgreSQL and read `prefix_` + 26 letters of Crockford's base 32 at the edge
 * (the TypeID form), so that a person sees what a string is and a database sorts it by time.
 */
export const idPrefixes = {
  tenant: 'ten',
  apiKey: 'key',
  customer: 'cus',
  bankAccount: 'bac',
  dueDate: 'due',
  payment: 'pay',
  invoice: 'inv',
  document: 'doc',
  reminder: 'rem',
  delivery: 'dlv',
  event: 'evt',
  operator: 'opr',
  pause: 'pau',
  suppression: 'sup',
} as const;

export type IdKind = keyof typeof idPrefixes;
declare const kind: unique symbol;

/** A UUID in its 36-character form, as PostgreSQL gives it, that names one kind of thing. */
export type Id<K extends IdKind> = string & { readonly [kind]: K };

export type TenantId = Id<'tenant'>;
export type CustomerId = Id<'customer'>;
export type BankAccountId = Id<'bankAccount'>;
export type DueDateId = Id<'dueDate'>;
export type DocumentId = Id<'document'>;
export type ReminderId = Id<'reminder'>;
export type DeliveryId = Id<'delivery'>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7. */
export function newId<K extends IdKind>(_kind: K): Id<K> {
  return brand(randomUUIDv7());
}

/** Takes a UUID that is known to be one of this kind: from a row of its table, or from job data. */
export function asId<K extends IdKind>(_kind: K, uuid: string): Id<K> {
  if (!uuidForm.test(uuid)) throw new Error('not a UUID');
  return brand(uuid);
}

/** `rem_01j…`: the form that leaves the house. */
export function formatId<K extends IdKind>(idKind: K, id: Id<K>): string {
  // 35 hexadecimal digits (140 bits) are 28 letters in seven equal parts; the first two hold nothing.
  const digits = `000${id.replaceAll('-', '')}`;
  let text = '';
  for (let i = 0; i < digits.length; i += 5) {
    const part = Number.parseInt(digits.slice(i, i + 5), 16);
    for (let shift = 15; shift >= 0; shift -= 5) text += alphabet.charAt((part >> shift) & 31);
  }
  return `${idPrefixes[idKind]}_${text.slice(2)}`;
}

/** The id behind `rem_01j…`, or undefined for any other text (which may then be a caller's own ref). */
export function parseId<K extends IdKind>(idKind: K, text: string): Id<K> | undefined {
  const prefix = `${idPrefixes[idKind]}_`;
  if (!text.startsWith(prefix) || text.length !== prefix.length + 26) return undefined;
  let value = 0n;
  for (const letter of text.slice(prefix.length)) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0) return undefined;
    value = (value << 5n) | BigInt(digit);
  }
  if (value >> 128n) return undefined;
  const hex = value.toString(16).padStart(32, '0');
  return brand(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

// The one place where a plain string takes the brand of an id.
function brand<K extends IdKind>(uuid: string): Id<K> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return uuid as Id<K>;
}
