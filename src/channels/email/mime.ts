import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { DrawnImage } from './inline-images.ts';

export type MimeEmail = {
  /** With its angle brackets, as it stands in the header. */
  readonly messageId: string;
  readonly date: Date;
  readonly from: { readonly name: string | null; readonly address: string };
  readonly to: readonly string[];
  /** A header for people to see: each of these gets its own delivery, with its own envelope. */
  readonly cc: readonly string[];
  readonly replyTo: string | null;
  /** Message-IDs with their angle brackets, the oldest first; see thread.ts. */
  readonly references: readonly string[];
  readonly inReplyTo: string | null;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further headers; those that stand above win over them. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the HTML shows as `cid:`. */
  readonly inlineImages: readonly DrawnImage[];
  readonly attachments: readonly MimeAttachment[];
};

export type MimeAttachment = {
  readonly name: string;
  readonly mediaType: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
};

// Text and HTML are quoted-printable, where a `=` only ever begins `=3D` or ends a line (RFC 2045 §6.7), and no header
// begins with one: nothing that a message holds can pass for a marker.
const markerForm = /\r\n(==attachment sha256:([0-9a-f]{64})==)(?=\r\n)/g;

/**
 * Builds the whole message but for the bodies of what is kept elsewhere (attachments, logos), in whose places marker lines
 * carry their SHA-256: what is kept of each message is small, and every retry, recipient and page shows the same bytes.
 * An image that is kept nowhere else (a QR code, about a kilobyte) stands in it whole.
 * Equal input gives equal bytes: the boundaries come from the Message-ID, date and id are given.
 * Throws when an attachment's SHA-256 is not that of its bytes.
 */
export async function buildMime(email: MimeEmail): Promise<{ skeleton: Buffer }> {
  const parts = [...email.inlineImages.map(inlinePart), ...email.attachments.map(attachedPart)];
  for (const { keptAs, bytes } of parts) {
    if (keptAs !== null && sha256(bytes) !== keptAs) throw new Error('attachment differs from its SHA-256');
  }
  const composer = new MailComposer({
    ...headOf(email),
    text: email.text,
    html: email.html,
    // Quoted-printable keeps the text readable in a stored message, and every line below SMTP's limit of 998.
    encoding: 'quoted-printable',
    attachments: parts.map(({ head, keptAs, bytes }, n) => ({
      ...head,
      content: keptAs === null ? Buffer.from(bytes) : standIn(keptAs, n),
    })),
    baseBoundary: sha256(email.messageId).slice(0, 24),
    boundaryPrefix: '--=_s',
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const built = await composer.compile().build();
  return { skeleton: parts.reduce((message, { keptAs }, n) => putMarker(message, keptAs, n), built) };
}

function headOf(email: MimeEmail) {
  return {
    messageId: email.messageId,
    date: email.date,
    from: { name: oneLine(email.from.name ?? ''), address: email.from.address },
    to: [...email.to],
    cc: [...email.cc],
    ...(email.replyTo === null ? {} : { replyTo: email.replyTo }),
    ...(email.references.length === 0 ? {} : { references: [...email.references] }),
    ...(email.inReplyTo === null ? {} : { inReplyTo: email.inReplyTo }),
    subject: oneLine(email.subject),
    // RFC 3834 §5: a machine wrote it, so out-of-office programs stay silent. No List-Unsubscribe (RFC 2369): nobody
    // subscribed to a debt, and a customer who must not be reminded is the tenant's to exclude.
    headers: { ...email.headers, 'Auto-Submitted': 'auto-generated' },
  };
}

/** `keptAs`: the SHA-256 under which the bytes are found ever after; null: they stand in the message. */
type BodyPart = {
  readonly head: {
    readonly filename: string;
    readonly contentType: string;
    readonly contentDisposition: 'inline' | 'attachment';
    readonly cid?: string;
  };
  readonly keptAs: string | null;
  readonly bytes: Uint8Array;
};

function inlinePart({ cid, name, mediaType, bytes, keptAs }: DrawnImage): BodyPart {
  return { head: { filename: name, contentType: mediaType, contentDisposition: 'inline', cid }, keptAs, bytes };
}

function attachedPart({ name, mediaType, sha256: keptAs, bytes }: MimeAttachment): BodyPart {
  return {
    head: { filename: oneLine(name), contentType: mediaType, contentDisposition: 'attachment' },
    keptAs,
    bytes,
  };
}

/** The SHA-256 (hex) of the attachments and images that a skeleton waits for, in their order. */
export function attachmentsOf(skeleton: Buffer): string[] {
  return [...skeleton.toString('latin1').matchAll(markerForm)].map((match) => match[2] ?? '');
}

/**
 * Puts the attachments' bodies (SHA-256 to what {@link encodeAttachment} gives) back in their places.
 * Throws when one that the skeleton waits for is not given.
 */
export function assembleMime(skeleton: Buffer, attachments: ReadonlyMap<string, string>): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const match of skeleton.toString('latin1').matchAll(markerForm)) {
    const body = attachments.get(match[2] ?? '');
    if (body === undefined) throw new Error('skeleton and attachments do not belong together');
    const start = match.index + '\r\n'.length;
    pieces.push(skeleton.subarray(done, start), Buffer.from(body, 'latin1'));
    done = start + (match[1] ?? '').length;
  }
  return done === 0 ? skeleton : Buffer.concat([...pieces, skeleton.subarray(done)]);
}

/** Base64 in lines of 76 letters, CRLF between them and none at the end (RFC 2045 §6.8). */
export function encodeAttachment(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += 76) lines.push(base64.slice(at, at + 76));
  return lines.join('\r\n');
}

// The composer base64s whatever it is given, so it gets a stand-in of exactly one line (57 bytes, 76 letters).
function standIn(keptAs: string, n: number): Buffer {
  return Buffer.from(sha256(`${n} ${keptAs}`).slice(0, 57));
}

function putMarker(built: Buffer, keptAs: string | null, n: number): Buffer {
  if (keptAs === null) return built;
  const line = `\r\n${standIn(keptAs, n).toString('base64')}\r\n`;
  const start = built.lastIndexOf(line);
  if (start < 0) throw new Error('the composed message does not hold its attachment');
  return Buffer.concat([
    built.subarray(0, start),
    Buffer.from(`\r\n==attachment sha256:${keptAs}==\r\n`),
    built.subarray(start + line.length),
  ]);
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

// What merely looks like an encoded word (RFC 2047) would be read as what it encodes, line breaks too: a space keeps it a text.
function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return line.replaceAll(/=\?(?=[^\s?]*\?[bq]\?)/gi, '= ?');
}
