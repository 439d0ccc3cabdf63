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

/** @param secretKeys the first signs. */
export function signDocumentLink(document: DocumentId, now: Temporal.Instant, secretKeys: readonly string[]): string {
  const body = Buffer.alloc(idBytes + dayBytes);
  Buffer.from(document.replaceAll('-', ''), 'hex').copy(body);
  body.writeUInt16BE(dayNumber(now) + validDays, idBytes);
  return Buffer.concat([body, mac(body, secretKeys[0] ?? '')]).toString('base64url');
}

/** The document that a token opens; undefined when it is not ours, or over. All keys verify. */
export function openDocumentLink(
  token: string,
  now: Temporal.Instant,
  secretKeys: readonly string[],
): DocumentId | undefined {
  if (token.length !== documentTokenLength || !/^[\w-]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const body = bytes.subarray(0, idBytes + dayBytes);
  const given = bytes.subarray(idBytes + dayBytes);
  if (!secretKeys.some((key) => timingSafeEqual(mac(body, key), given))) return undefined;
  if (body.readUInt16BE(idBytes) < dayNumber(now)) return undefined;
  const hex = body.subarray(0, idBytes).toString('hex');
  return asId('document', hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

function mac(body: Buffer, key: string): Buffer {
  return createHmac('sha256', `document-link:${key}`).update(body).digest().subarray(0, macBytes);
}

function dayNumber(now: Temporal.Instant): number {
  return Math.floor(now.epochMilliseconds / dayMs);
}
