import { encodeAttachment } from '../channels/email/mime.ts';
import type { StoredDocument } from '../store/documents.ts';

/** The base64 of the documents used last: one that goes to many is encoded once. */
export class EncodedAttachments {
  readonly #kept = new Map<string, string>();
  readonly #mostBytes: number;
  #bytes = 0;

  /** @param mostBytes of base64 kept; one document that alone is larger is never kept. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  of(document: Pick<StoredDocument, 'sha256' | 'bytes'>): string {
    const { sha256 } = document;
    const encoded = this.#kept.get(sha256) ?? encodeAttachment(document.bytes);
    this.#forget(sha256);
    // Base64 is ASCII: V8 keeps a byte for each letter.
    if (encoded.length > this.#mostBytes) return encoded;
    this.#kept.set(sha256, encoded);
    this.#bytes += encoded.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#forget(oldest);
    }
    return encoded;
  }

  /** Bytes of base64 that are kept now. */
  get size(): number {
    return this.#bytes;
  }

  #forget(sha256: string): void {
    this.#bytes -= this.#kept.get(sha256)?.length ?? 0;
    this.#kept.delete(sha256);
  }
}
