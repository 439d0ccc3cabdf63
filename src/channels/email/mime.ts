import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';

export type MimeEmail = {
  /** With its angle brackets, as it stands in the header. */
  readonly messageId: string;
  readonly date: Date;
  readonly from: { readonly name: string | null; readonly address: string };
  readonly to: readonly string[];
  /** A header for people to see: each of these gets its own delivery, with its own envelope. */
  readonly cc: readonly string[];
  readonly replyTo: string | null;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further headers; those that stand above win over them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly attachment: MimeAttachment | null;
};

export type MimeAttachment = {
  readonly name: string;
  readonly mediaType: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
};

// It ends the last part, so only the closing boundary follows: no text of a message can pass for it.
const markerForm = /\r\n(@@ attachment sha256:([0-9a-f]{64}) @@)\r\n--[^\r\n]+--\s*$/;

/**
 * Builds the whole message but for the attachment's body, in whose place a marker line carries its SHA-256: what is
 * kept of each message is small, and every retry, recipient and page shows the same bytes.
 * Equal input gives equal bytes: the boundaries come from the Message-ID, date and id are given.
 * Throws when the attachment's SHA-256 is not that of its bytes.
 */
export async function buildMime(email: MimeEmail): Promise<{ skeleton: Buffer }> {
  const { attachment } = email;
  if (attachment && sha256(attachment.bytes) !== attachment.sha256)
    throw new Error('attachment differs from its SHA-256');
  // The composer base64s whatever it is given, so it gets a stand-in of exactly one line (57 bytes, 76 letters).
  const standIn = attachment ? Buffer.from(attachment.sha256.slice(0, 57)) : null;
  const composer = new MailComposer({
    messageId: email.messageId,
    date: email.date,
    from: { name: oneLine(email.from.name ?? ''), address: email.from.address },
    to: [...email.to],
    cc: [...email.cc],
    ...(email.replyTo === null ? {} : { replyTo: email.replyTo }),
    subject: oneLine(email.subject),
    text: email.text,
    html: email.html,
    // Quoted-printable keeps the text readable in a stored message, and every line below SMTP's limit of 998.
    encoding: 'quoted-printable',
    // RFC 3834 §5: a machine wrote it, so out-of-office programs stay silent.
    headers: { ...email.headers, 'Auto-Submitted': 'auto-generated' },
    attachments:
      attachment && standIn
        ? [{ filename: oneLine(attachment.name), contentType: attachment.mediaType, content: standIn }]
        : [],
    baseBoundary: sha256(email.messageId).slice(0, 24),
    boundaryPrefix: '--=_s',
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const built = await composer.compile().build();
  return { skeleton: attachment && standIn ? putMarker(built, standIn, attachment.sha256) : built };
}

/** The SHA-256 (hex) of the attachment that a skeleton waits for, or null. */
export function attachmentOf(skeleton: Buffer): string | null {
  return findMarker(skeleton)?.sha256 ?? null;
}

/**
 * Puts the attachment's body (from {@link encodeAttachment}) back in its place.
 * Throws when the skeleton waits for one and none is given, or the other way round.
 */
export function assembleMime(skeleton: Buffer, attachmentBase64: string | null): Buffer {
  const marker = findMarker(skeleton);
  if ((marker === null) !== (attachmentBase64 === null))
    throw new Error('skeleton and attachment do not belong together');
  if (marker === null || attachmentBase64 === null) return skeleton;
  return Buffer.concat([
    skeleton.subarray(0, marker.start),
    Buffer.from(attachmentBase64, 'latin1'),
    skeleton.subarray(marker.end),
  ]);
}

/** Base64 in lines of 76 letters, CRLF between them and none at the end (RFC 2045 §6.8). */
export function encodeAttachment(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += 76) lines.push(base64.slice(at, at + 76));
  return lines.join('\r\n');
}

function putMarker(built: Buffer, standIn: Buffer, attachmentSha256: string): Buffer {
  const line = `\r\n${standIn.toString('base64')}\r\n`;
  // The last one: the attachment is the last part, so nothing that a message's text holds can be taken for it.
  const start = built.lastIndexOf(line);
  if (start < 0) throw new Error('the composed message does not hold its attachment');
  return Buffer.concat([
    built.subarray(0, start),
    Buffer.from(`\r\n@@ attachment sha256:${attachmentSha256} @@\r\n`),
    built.subarray(start + line.length),
  ]);
}

function findMarker(skeleton: Buffer): { start: number; end: number; sha256: string } | null {
  const tailStart = Math.max(0, skeleton.length - 400);
  const match = markerForm.exec(skeleton.toString('latin1', tailStart));
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const start = tailStart + match.index + '\r\n'.length;
  return { start, end: start + match[1].length, sha256: match[2] };
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
