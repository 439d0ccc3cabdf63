/** Bytes as text, one letter a byte: what every encoding that a file may be in has in common is its ASCII. */
export function latinText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
