import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Secrets of tenants (private keys) as they may stand in the database: AES-256-GCM under a key that is derived from the
 * service's own (HKDF-SHA-256). `sealed:1:` and base64url of nonce, tag and text.
 */
const prefix = 'sealed:1:';
const nonceBytes = 12;
const tagBytes = 16;

/** @param secretKeys the first seals. */
export function sealSecret(secret: string, secretKeys: readonly string[]): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secretKeys[0] ?? ''), nonce);
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return prefix + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
}

/** What was sealed; undefined when none of the keys opens it, or it was changed. All keys are tried. */
export function openSecret(sealed: string, secretKeys: readonly string[]): string | undefined {
  if (!sealed.startsWith(prefix)) return undefined;
  const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  for (const key of secretKeys) {
    const opened = openWith(bytes, keyOf(key));
    if (opened !== undefined) return opened;
  }
  return undefined;
}

/**
 * The same secret sealed by the first of the keys: as it stands where that one sealed it, so that the others may be taken
 * away once all is sealed anew. Undefined when none of the keys opens it.
 */
export function sealedByFirst(sealed: string, secretKeys: readonly string[]): string | undefined {
  if (openSecret(sealed, secretKeys.slice(0, 1)) !== undefined) return sealed;
  const secret = openSecret(sealed, secretKeys);
  return secret === undefined ? undefined : sealSecret(secret, secretKeys);
}

function openWith(bytes: Buffer, key: Buffer): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(secretKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', 'sollecito sealed secret', 32));
}
