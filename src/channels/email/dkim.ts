import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';

export type DkimSigner = {
  readonly domain: string;
  readonly selector: string;
  /** RSA or Ed25519; PEM, or read already. */
  readonly privateKey: KeyObject | string;
};

// RFC 6376 §5.4.1: what a reader sees, and what decides how the body is read.
const signedFields = [
  'From',
  'To',
  'Cc',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Auto-Submitted',
];
const lineWidth = 76;

/**
 * Signs a whole message (RFC 6376, relaxed/relaxed; Ed25519 by RFC 8463). Each field is named once more than it stands
 * there (§8.15), so that none can be added. Equal input gives equal bytes.
 * @param message with CRLF line ends. @param at `t=`, of which the seconds count.
 * @returns the header field `DKIM-Signature: …`, folded, with its CRLF: to be put before the message.
 */
export async function signDkim(message: Buffer, signer: DkimSigner, at: Temporal.Instant): Promise<string> {
  const key = typeof signer.privateKey === 'string' ? createPrivateKey(signer.privateKey) : signer.privateKey;
  const end = message.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('a message without a body cannot be signed');
  const fields = fieldsOf(message.toString('latin1', 0, end + 2));
  const body = relaxedBody(message.toString('latin1', end + 4));
  const tags = [
    'v=1',
    `a=${key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa'}-sha256`,
    'c=relaxed/relaxed',
    `d=${signer.domain}`,
    `s=${signer.selector}`,
    `t=${Math.floor(at.epochMilliseconds / 1_000)}`,
    `bh=${createHash('sha256').update(body, 'latin1').digest('base64')}`,
    `h=${namedFields(fields).join(':')}`,
  ];
  const unsigned = `DKIM-Signature: ${folded(tags)};\r\n b=`;
  const signed = `${signedLines(fields)}${relaxedField(unsigned)}`;
  return `${unsigned}${(await signature(signed, key)).match(/.{1,72}/g)?.join('\r\n ') ?? ''}\r\n`;
}

type Field = { readonly name: string; readonly text: string };

function fieldsOf(head: string): Field[] {
  return head
    .split(/\r\n(?![ \t])/)
    .filter((text) => text !== '')
    .map((text) => ({ name: text.slice(0, text.indexOf(':')).trim().toLowerCase(), text }));
}

function namedFields(fields: readonly Field[]): string[] {
  return signedFields.flatMap((name) => [...fieldsNamed(fields, name).map(() => name), name]);
}

// §5.4.2: of several, the lowest is taken first; the one that is not there counts as nothing.
function signedLines(fields: readonly Field[]): string {
  return signedFields
    .flatMap((name) => fieldsNamed(fields, name).toReversed())
    .map(({ text }) => `${relaxedField(text)}\r\n`)
    .join('');
}

function fieldsNamed(fields: readonly Field[], name: string): Field[] {
  return fields.filter((field) => field.name === name.toLowerCase());
}

/** §3.4.2: the name small, the value on one line, runs of blanks as one, none around it. */
function relaxedField(text: string): string {
  const colon = text.indexOf(':');
  const value = text
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ');
  return `${text.slice(0, colon).trim().toLowerCase()}:${value.trim()}`;
}

/** §3.4.4: runs of blanks as one, none at the end of a line, no empty lines at the end. */
function relaxedBody(body: string): string {
  const text = body.replaceAll(/[ \t]+/g, ' ').replaceAll(' \r\n', '\r\n');
  let end = text.length;
  while (text.startsWith('\r\n', end - 2) && end >= 2) end -= 2;
  return end === 0 ? '' : `${text.slice(0, end)}\r\n`;
}

/** Breaks lines between tags, and the long ones at their colons (§3.5 allows blanks there). */
function folded(tags: readonly string[]): string {
  const lines = [''];
  const room = (): number =>
    lineWidth - (lines.length === 1 ? 'DKIM-Signature: '.length : 1) - (lines.at(-1) ?? '').length;
  for (const piece of tags.join('; ').split(/(?<=; )|(?<=:)/)) {
    if (piece.trimEnd().length > room()) lines.push('');
    lines.push(`${lines.pop() ?? ''}${piece}`);
  }
  return lines.map((line) => line.trimEnd()).join('\r\n ');
}

const signAside = promisify(
  (algorithm: string | null, data: Buffer, key: KeyObject, done: (error: Error | null, made: Buffer) => void) =>
    sign(algorithm, data, key, done),
);

async function signature(text: string, key: KeyObject): Promise<string> {
  const data = Buffer.from(text, 'latin1');
  // RFC 8463 §3: what Ed25519 signs is the hash.
  const made =
    key.asymmetricKeyType === 'ed25519'
      ? await signAside(null, createHash('sha256').update(data).digest(), key)
      : await signAside('sha256', data, key);
  return made.toString('base64');
}
