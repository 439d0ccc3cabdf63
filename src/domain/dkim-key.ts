import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export type DkimAlgorithm = 'rsa' | 'ed25519';

/** A key to sign emails with (RFC 6376). `privateKey`: PKCS #8 PEM. `publicKey`: what the DNS record's `p=` holds. */
export type DkimKey = { readonly algorithm: DkimAlgorithm; readonly privateKey: string; readonly publicKey: string };

const bits = { least: 2_048, most: 4_096 } as const;

export async function newDkimKey(): Promise<DkimKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits.least });
  return keyOf(privateKey, 'rsa');
}

/**
 * Reads a private key as people have it: PEM, PKCS #1 or #8, without a passphrase.
 * @returns in a word why it cannot sign: no key, RSA under 2,048 or over 4,096 bits (RFC 8301 §3.2), another kind of key.
 */
export function readDkimKey(pem: string): DkimKey | 'unreadable' | 'wrong-size' | 'wrong-kind' {
  const key = parsed(pem);
  if (!key) return 'unreadable';
  if (key.asymmetricKeyType === 'ed25519') return keyOf(key, 'ed25519');
  if (key.asymmetricKeyType !== 'rsa') return 'wrong-kind';
  const size = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return size < bits.least || size > bits.most ? 'wrong-size' : keyOf(key, 'rsa');
}

/** The DNS record by which receivers find the public key (RFC 6376 §3.6.1, RFC 8463 §4). */
export function dkimRecord(key: {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly publicKey: string;
}): { name: string; type: 'TXT'; value: string } {
  return {
    name: `${key.selector}._domainkey.${key.domain}`,
    type: 'TXT',
    value: `v=DKIM1; k=${key.algorithm}; p=${key.publicKey}`,
  };
}

/** Whether mail from that address may be signed by that domain: its own, or one above it (strictly aligned or relaxed). */
export function signsFor(domain: string, address: string): boolean {
  const of = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return of === domain || of.endsWith(`.${domain}`);
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function keyOf(key: KeyObject, algorithm: DkimAlgorithm): DkimKey {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  // RFC 8463 §4.2: an Ed25519 record holds the 32 bytes of the key alone, which are the end of its SubjectPublicKeyInfo.
  const published = algorithm === 'ed25519' ? spki.subarray(-32) : spki;
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' });
  return { algorithm, privateKey, publicKey: published.toString('base64') };
}
