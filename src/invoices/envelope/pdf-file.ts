import { latinText } from '../latin-text.ts';
import { decodePdfStream, type InflateBudget } from './pdf-filters.ts';
import {
  type PdfDictionary,
  PdfRefused,
  type PdfValue,
  readPdfValue,
  skipPdfSpace,
  type ReadBudget,
} from './pdf-values.ts';

export type PdfStream = { dictionary: PdfDictionary; raw: Uint8Array };

/**
 * The objects of a PDF, found by walking through the file rather than by its table: a broken table is common, a hostile
 * one can lie, and of two objects with one number the later one counts either way (ISO 32000-1 §7.5.6).
 */
export class PdfFile {
  readonly #bytes: Uint8Array;
  /** One letter a byte, so that a place in it is a place in the file. */
  readonly #text: string;
  readonly #places = new Map<number, Place>();
  readonly #known = new Map<number, PdfValue>();
  readonly #budget: ReadBudget = { values: 200_000, bytes: 64 * 1024 * 1024 };
  readonly #inflate: InflateBudget = { left: 64 * 1024 * 1024 };
  #root: PdfValue = null;

  /** Throws PdfRefused: also of a file that is encrypted. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = latinText(bytes);
    this.#walk();
  }

  /** The document's catalog (§7.7.2). */
  catalog(): PdfDictionary {
    const root = dictionaryOf(this.resolve(this.#root));
    if (root) return root;
    for (const number of this.#places.keys()) {
      const object = dictionaryOf(this.resolve({ reference: number }));
      if (object && nameOf(object.get('Type')) === 'Catalog') return object;
    }
    throw new PdfRefused('pdf-broken', 'The PDF has no catalog');
  }

  /** What a reference stands for; everything else stands for itself. What is missing or goes round in circles is null. */
  resolve(value: PdfValue): PdfValue {
    let resolved = value;
    for (let hops = 0; hops < 16; hops++) {
      if (resolved === null || typeof resolved !== 'object' || !('reference' in resolved)) return resolved;
      resolved = this.#object(resolved.reference);
    }
    return null;
  }

  #object(number: number): PdfValue {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const place = this.#places.get(number);
    const value = place ? this.#tried(place.at, place.text) : null;
    this.#known.set(number, value);
    return value;
  }

  /** The stream that a reference stands for (§7.3.8), as it is in the file. */
  stream(value: PdfValue): PdfStream | undefined {
    if (value === null || typeof value !== 'object' || !('reference' in value)) return undefined;
    const place = this.#places.get(value.reference);
    return place?.text === this.#text ? this.#streamAt(place.at) : undefined;
  }

  /** @param most in bytes. Throws PdfRefused when there is more, or a filter that is not known. */
  decoded(stream: PdfStream, most: number): Uint8Array {
    const resolve = (value: PdfValue): PdfValue => this.resolve(value);
    return decodePdfStream(stream, { most, budget: this.#inflate, resolve });
  }

  #walk(): void {
    const marks = /(?<!\d)(\d{1,10})\s{1,20}\d{1,5}\s{1,20}obj(?![a-z])|\bstream\r?\n|\btrailer\b/g;
    let object: { number: number; at: number } | undefined;
    for (let mark = marks.exec(this.#text); mark; mark = marks.exec(this.#text)) {
      if (mark[1] !== undefined) {
        object = { number: Number(mark[1]), at: marks.lastIndex };
        this.#place(object.number, { text: this.#text, at: object.at });
      } else if (mark[0] === 'trailer') {
        this.#trailer(dictionaryOf(this.#tried(marks.lastIndex)));
      } else if (object) {
        this.#streamObject(object.at, mark.index);
        const declared = declaredLength(this.#text.slice(object.at, mark.index));
        marks.lastIndex = this.#streamEnd(marks.lastIndex, declared);
        object = undefined;
      }
    }
  }

  // Streams that hold objects (§7.5.7), and tables that are streams: their dictionary is the trailer (§7.5.8).
  #streamObject(at: number, end: number): void {
    const kind = /\/Type\s{0,20}\/(ObjStm|XRef)/.exec(this.#text.slice(at, end))?.[1];
    if (kind === 'XRef') this.#trailer(dictionaryOf(this.#tried(at)));
    if (kind !== 'ObjStm') return;
    const stream = this.#streamAt(at);
    const first = stream?.dictionary.get('First');
    if (!stream || typeof first !== 'number') return;
    const text = latinText(this.decoded(stream, mostObjectBytes));
    for (const [, number, offset] of text.slice(0, first).matchAll(/(\d{1,10})\s{1,20}(\d{1,10})/g)) {
      this.#place(Number(number), { text, at: first + Number(offset) });
    }
  }

  #place(number: number, place: Place): void {
    this.#places.set(number, place);
    if (this.#places.size > mostObjects)
      throw new PdfRefused('pdf-too-large', `The PDF has more than ${mostObjects} objects`);
    // What was read of it before, the length of a stream, say, may have changed.
    this.#known.delete(number);
  }

  #trailer(trailer: PdfDictionary | undefined): void {
    if (!trailer) return;
    const encrypted = trailer.get('Encrypt') ?? null;
    if (encrypted !== null) {
      throw new PdfRefused('pdf-encrypted', 'The PDF is encrypted; save it without a password');
    }
    this.#root = trailer.get('Root') ?? this.#root;
  }

  // One broken trailer or object is no reason to give up: what is needed may be whole.
  #tried(at: number, text = this.#text): PdfValue {
    try {
      return readPdfValue(text, at, this.#budget).value;
    } catch (error) {
      if (error instanceof PdfRefused && error.code === 'pdf-broken') return null;
      throw error;
    }
  }

  #streamAt(at: number): PdfStream | undefined {
    const { value, end } = readPdfValue(this.#text, at, this.#budget);
    const dictionary = dictionaryOf(value);
    streamStart.lastIndex = skipPdfSpace(this.#text, end);
    if (!dictionary || !streamStart.test(this.#text)) return undefined;
    const start = streamStart.lastIndex;
    const length = this.resolve(dictionary.get('Length') ?? null);
    const stop = this.#streamEnd(start, typeof length === 'number' ? length : undefined);
    return { dictionary, raw: this.#bytes.subarray(start, stop) };
  }

  // The length that is stated counts only where the stream does end: too many writers are wrong about it.
  #streamEnd(start: number, stated: number | undefined): number {
    if (stated !== undefined && stated >= 0 && Number.isSafeInteger(start + stated)) {
      streamStop.lastIndex = start + stated;
      if (streamStop.test(this.#text)) return start + stated;
    }
    const end = this.#text.indexOf('endstream', start);
    return end < 0 ? this.#text.length : end;
  }
}

/** In the file itself, or in what a stream of objects holds. */
type Place = { text: string; at: number };

const mostObjects = 500_000;
const mostObjectBytes = 16 * 1024 * 1024;
const streamStart = /stream\r?\n/y;
const streamStop = /[\r\n ]{0,4}endstream/y;

function declaredLength(dictionary: string): number | undefined {
  const digits = /\/Length\s{1,20}(\d{1,8})(?!\d|\s{1,20}\d{1,5}\s{1,20}R)/.exec(dictionary)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function dictionaryOf(value: PdfValue): PdfDictionary | undefined {
  return value instanceof Map ? value : undefined;
}

export function nameOf(value: PdfValue | undefined): string | undefined {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
}
