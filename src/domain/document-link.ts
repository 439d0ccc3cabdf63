import { createHmac, timingSafeEqual } from 'node:crypto';
import { asId, type DocumentId } from './ids.ts';

/**
 * The link to a document in an SMS: 38 letters that hold the document's id, the day the link ends and a MAC over both
 * (HMAC-SHA-256, cut to 80 bits: short enough for a segment, far too long to guess). Nothing personal is in it.
 */
const idBytes = 16;
const dayBytes = 2;
const macBytes = 10;
const validDays = 60;
const dayMs = 86_400_000;

/** How many letters a token has: a preview shows as many. */
export const documentTokenLength = Math.ceil(((idBytes + dayBytes + macBytes) * 4) / 3);

/** A document to be linked to. `linkEpoch` is raised to make the links that were sent before worthless. */
export type Linkable = { readonly id: DocumentId; readonly linkEpoch: number };

/** @param secretKeys the first signs. */
export function signDocumentLink(document: Linkable, now: Temporal.Instant, secretKeys: readonly string[]): string {
  const body = Buffer.alloc(idBytes + dayBytes);
  Buffer.from(document.id.replaceAll('-', ''), 'hex').copy(body);
  body.writeUInt16BE(dayNumber(now) + validDays, idBytes);
  return Buffer.concat([body, mac(body, document.linkEpoch, secretKeys[0] ?? '')]).toString('base64url');
}

/** Which document a token is about, before anything is proved; undefined for what has not the form of one. */
export function documentOfLink(token: string): DocumentId | undefined {
  if (token.length !== documentTokenLength || !/^[\w-]+$/.test(token)) return undefined;
  const hex = Buffer.from(token, 'base64url').subarray(0, idBytes).toString('hex');
  return asId('document', hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

/** Whether a token opens that document now: signed by one of the keys, not over, not revoked. */
export function opensDocument(
  token: string,
  document: Linkable,
  now: Temporal.Instant,
  secretKeys: readonly string[],
): boolean {
  if (documentOfLink(token) !== document.id) return false;
  const bytes = Buffer.from(token, 'base64url');
  const body = bytes.subarray(0, idBytes + dayBytes);
  const given = bytes.subarray(idBytes + dayBytes);
  if (!secretKeys.some((key) => timingSafeEqual(mac(body, document.linkEpoch, key), given))) return false;
  return body.readUInt16BE(idBytes) >= dayNumber(now);
}

function mac(body: Buffer, linkEpoch: number, key: string): Buffer {
  const hmac = createHmac('sha256', `document-link:${key}`).update(body);
  if (linkEpoch > 0) hmac.update(`epoch ${linkEpoch}`);
  return hmac.digest().subarray(0, macBytes);
}

function dayNumber(now: Temporal.Instant): number {
  return Math.floor(now.epochMilliseconds / dayMs);
}
