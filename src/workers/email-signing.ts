import { createPrivateKey, type KeyObject } from 'node:crypto';
import { signDkim } from '../channels/email/dkim.ts';
import type { DeliveryFacts } from '../domain/delivery-facts.ts';
import { signsFor } from '../domain/dkim-key.ts';
import { NotReady } from './delivery-worker.ts';

const mostKeys = 500;

/** Signs emails with their tenants' own keys. A key is opened and read once, by what it is sealed as. */
export class EmailSigning {
  readonly #openSecret: (sealed: string) => string | undefined;
  readonly #keys = new Map<string, KeyObject>();

  /** @param openSecret undefined when none of the service's keys opens it. */
  constructor(openSecret: (sealed: string) => string | undefined) {
    this.#openSecret = openSecret;
  }

  /**
   * The header field to put before a message, or nothing where the tenant has no key or its domain is not the sender's:
   * a domain never answers for another's mail. Throws NotReady for a key that cannot be opened, as its owner counts on
   * the signature (DMARC may have unsigned mail refused).
   */
  async headerFor(
    message: Buffer,
    from: string,
    dkim: DeliveryFacts['tenant']['dkim'],
    at: Temporal.Instant,
  ): Promise<string> {
    if (dkim === null || !signsFor(dkim.domain, from)) return '';
    return signDkim(message, { ...dkim, privateKey: this.#keyOf(dkim.sealedKey) }, at);
  }

  #keyOf(sealedKey: string): KeyObject {
    const known = this.#keys.get(sealedKey);
    if (known) return known;
    const pem = this.#openSecret(sealedKey);
    if (pem === undefined) throw new NotReady('signing-key-unreadable');
    const key = createPrivateKey(pem);
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    this.#keys.set(sealedKey, key);
    return key;
  }
}
