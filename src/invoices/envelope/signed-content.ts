import { type AsnType, Constructed, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { latinText } from '../latin-text.ts';
import { maxFileBytes, type UnreadableInvoice, unreadable } from '../unreadable-invoice.ts';

/**
 * What is inside a CMS SignedData (RFC 5652 §5), as CAdES and `.p7m` files are: DER, or BER with lengths left open and
 * the content in pieces. The signature itself is not judged.
 */
export function signedContent(bytes: Uint8Array): { bytes: Uint8Array } | { error: UnreadableInvoice } {
  const parsed = parsedBer(bytes);
  if (typeof parsed === 'string') return broken(parsed);
  const [type, wrapped] = partsOf(parsed, Sequence);
  if (!(type instanceof ObjectIdentifier)) return broken('no content type');
  const contentType = type.valueBlock.toString();
  if (contentType === envelopedData) {
    return unreadable('content-encrypted', 'The file is encrypted for its receiver; decrypt it and give what is in it');
  }
  if (contentType !== signedData) return broken(`content of the type ${contentType}`);
  const encapsulated = partsOf(partsOf(wrapped, Constructed)[0], Sequence)[2];
  const [, explicit] = partsOf(encapsulated, Sequence);
  const [content] = partsOf(explicit, Constructed);
  if (!(content instanceof OctetString)) {
    if (!(encapsulated instanceof Sequence)) return broken('no encapsulated content');
    const message = 'The file is a signature without its content (detached); give the file that was signed';
    return unreadable('signed-content-missing', message);
  }
  const found = Buffer.concat(piecesOf(content));
  if (found.length === 0) return unreadable('signed-content-missing', 'The signed content is empty');
  return { bytes: found };
}

/** The bytes of a signature that came as base64, between PEM's lines or without them (RFC 7468 §2). */
export function signatureOfText(text: Uint8Array): Uint8Array {
  const latin = latinText(text);
  const begun = /-----BEGIN [A-Z0-9# ]+-----/.exec(latin);
  const start = begun ? begun.index + begun[0].length : 0;
  const end = latin.indexOf('-----END', start);
  return Buffer.from(latin.slice(start, end < 0 ? undefined : end), 'base64');
}

const signedData = '1.2.840.113549.1.7.2';
const envelopedData = '1.2.840.113549.1.7.3';

// Real ones nest some fifteen deep; one piece of the content is a node, and writers make them of 1,000 bytes upwards.
// What is in a string of bytes is no element of the envelope, whatever it looks like.
const limits = { maxDepth: 64, maxNodes: 50_000, maxContentLength: maxFileBytes, parseEmbedded: false };

/** A string of bytes as a whole, or its pieces, which may be in pieces again (X.690 §8.7.3). */
function piecesOf(content: OctetString): Uint8Array[] {
  if (!content.idBlock.isConstructed) return [content.valueBlock.valueHexView];
  return content.valueBlock.value.flatMap((piece) => (piece instanceof OctetString ? piecesOf(piece) : []));
}

// Most of what is wrong it says, and some of it, such as a date that is none, it throws.
function parsedBer(bytes: Uint8Array): AsnType | string {
  try {
    const { offset, result } = fromBER(bytes, limits);
    return offset < 0 ? result.error : result;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function partsOf(element: AsnType | undefined, kind: typeof Sequence | typeof Constructed): (AsnType | undefined)[] {
  return element instanceof kind ? element.valueBlock.value : [];
}

function broken(what: string): { error: UnreadableInvoice } {
  return unreadable('signature-broken', `The file begins as a signed envelope and is none that can be read (${what})`);
}
