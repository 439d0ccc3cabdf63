import { constants, inflateSync } from 'node:zlib';
import { latinText } from '../latin-text.ts';
import type { PdfStream } from './pdf-file.ts';
import { PdfRefused, type PdfValue } from './pdf-values.ts';

/** How many bytes the streams of one file may still unpack to, all together. */
export type InflateBudget = { left: number };

type Bounds = { most: number; budget: InflateBudget; resolve: (value: PdfValue) => PdfValue };

/** The content of a stream, its filters taken off in order (ISO 32000-1 §7.4). Throws PdfRefused. */
export function decodePdfStream({ dictionary, raw }: PdfStream, { most, budget, resolve }: Bounds): Uint8Array {
  const stated = resolve(dictionary.get('Filter') ?? null);
  const filters = (Array.isArray(stated) ? stated : stated === null ? [] : [stated]).map(resolve);
  // One is usual, and two where a writer keeps to seven bits: a tower of them is only made to unpack to much.
  if (filters.length > 2) throw new PdfRefused('pdf-broken', 'The PDF has a stream with more than two filters');
  if (usesPredictor(resolve(dictionary.get('DecodeParms') ?? null), resolve)) throw unknownFilter('Predictor');
  return filters.reduce<Uint8Array>((bytes, filter) => {
    const name = typeof filter === 'object' && filter !== null && 'name' in filter ? filter.name : '';
    switch (name) {
      case 'FlateDecode':
      case 'Fl':
        return inflated(bytes, most, budget);
      case 'ASCIIHexDecode':
      case 'AHx':
        return Buffer.from(latinText(bytes).replaceAll(/\s|>[^]*$/g, ''), 'hex');
      default:
        throw unknownFilter(name);
    }
  }, raw);
}

function inflated(bytes: Uint8Array, most: number, budget: InflateBudget): Uint8Array {
  const limit = Math.min(most, budget.left);
  if (limit <= 0) throw tooMuch();
  try {
    // What is cut off at the end is taken as far as it goes, as every reader of PDFs does.
    const unpacked = inflateSync(bytes, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH });
    budget.left -= Math.max(unpacked.length, leastCost);
    return unpacked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      budget.left -= limit;
      throw tooMuch();
    }
    throw new PdfRefused('pdf-broken', 'The PDF has a stream that cannot be unpacked');
  }
}

// Many streams of nothing take their time as well.
const leastCost = 4096;

function usesPredictor(parameters: PdfValue, resolve: Bounds['resolve']): boolean {
  const all = Array.isArray(parameters) ? parameters.map(resolve) : [parameters];
  return all.some((one) => {
    const predictor = one instanceof Map ? resolve(one.get('Predictor') ?? null) : null;
    return typeof predictor === 'number' && predictor > 1;
  });
}

function tooMuch(): PdfRefused {
  return new PdfRefused('pdf-too-large', 'The PDF has a stream that unpacks to more than any invoice');
}

function unknownFilter(name: string): PdfRefused {
  return new PdfRefused(
    'pdf-broken',
    `The PDF has a stream with the filter ${name.slice(0, 40)}, which is not read here`,
  );
}
