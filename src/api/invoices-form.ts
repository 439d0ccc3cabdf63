import { z } from 'zod';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../domain/invoice.ts';

/**
 * An invoice as JSON, in the form that the domain keeps. What may be missing in a file may be left out here; what is
 * not known is refused, as everywhere.
 */
export const invoiceInput = z
  .unknown()
  .transform((json, context): Invoice => {
    const refuse = (path: PropertyKey[], code: string, message: string): void =>
      context.addIssue({ code: 'custom', path, message, params: { code } });
    const faults = faultsOf(json);
    if (faults.length > 0) {
      for (const { path, code, message } of faults) refuse(path, code, message);
      return z.NEVER;
    }
    const complete = withDefaults(json);
    const read = parsed(complete);
    if ('issues' in read) {
      for (const { path, code, message } of read.issues) {
        if (valueAt(complete, path) === undefined) refuse([...path], 'required', 'is required');
        else refuse([...path], code === 'invalid_type' ? 'wrong-type' : 'invalid-value', message);
      }
      return z.NEVER;
    }
    for (const path of unknownKeys(json, invoiceToJson(read.invoice))) {
      refuse(path, 'unknown-field', 'is not known here');
    }
    return read.invoice;
  })
  .describe('An invoice: number, date, currency, seller, buyer, total, payable, instalments, and what else is known');

function parsed(json: unknown): { invoice: Invoice } | { issues: readonly z.core.$ZodIssue[] } {
  try {
    return { invoice: invoiceFromJson(json) };
  } catch (error) {
    if (error instanceof z.ZodError) return { issues: error.issues };
    throw error;
  }
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Only parts that a file may lack too: never who owes what to whom, or when.
function withDefaults(json: unknown): unknown {
  if (!isObject(json)) return json;
  const party = { vatId: null, taxCode: null, address: null, email: [], phone: [], pec: null };
  return {
    source: 'json',
    type: 'invoice',
    typeCode: '380',
    lines: [],
    vat: [],
    charges: [],
    withholding: [],
    stampDuty: null,
    rounding: null,
    notes: [],
    references: [],
    attachments: [],
    warnings: [],
    ...(json['payable'] === undefined ? { payable: json['total'] } : {}),
    ...json,
    seller: filled(json['seller'], party),
    buyer: filled(json['buyer'], { kind: 'business', ...party }),
    instalments: filledList(json['instalments'], { method: null, iban: null, bic: null, holder: null }),
    ...(json['lines'] === undefined ? {} : { lines: filledList(json['lines'], lineDefaults) }),
    ...(json['vat'] === undefined
      ? {}
      : { vat: filledList(json['vat'], { nature: null, reason: null, paidByBuyer: false }) }),
  };
}

const lineDefaults = {
  number: null,
  quantity: null,
  unit: null,
  unitPrice: null,
  adjustments: [],
  period: null,
  vatRate: null,
  vatNature: null,
  total: null,
};

function filled(value: unknown, defaults: Json): unknown {
  if (!isObject(value)) return value;
  const address = value['address'];
  const whole = isObject(address) ? { address: { postalCode: null, province: null, country: null, ...address } } : {};
  return { ...defaults, ...value, ...whole };
}

function filledList(value: unknown, defaults: Json): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => filled(item, defaults)) : value;
}

type Fault = { path: PropertyKey[]; code: string; message: string };

const deepest = 12;

// PostgreSQL's text holds neither NUL nor half a surrogate pair; other control characters belong in no letter.
function faultsOf(json: unknown, path: PropertyKey[] = []): Fault[] {
  if (typeof json === 'string') {
    if (json.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(json)) return [];
    return [{ path, code: 'invalid-text', message: 'must hold no control characters but line breaks and tabs' }];
  }
  if (typeof json !== 'object' || json === null) return [];
  if (path.length >= deepest) return [{ path, code: 'too-deep', message: `must be at most ${deepest} levels deep` }];
  if (Array.isArray(json)) return json.flatMap((item: unknown, index) => faultsOf(item, [...path, index]));
  return Object.entries(json).flatMap(([key, value]) => faultsOf(value, [...path, key]));
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/** Where something was sent that did not come out again. */
function unknownKeys(sent: unknown, kept: unknown, path: PropertyKey[] = []): PropertyKey[][] {
  if (Array.isArray(sent) && Array.isArray(kept)) {
    return sent.flatMap((item: unknown, index) => unknownKeys(item, kept[index], [...path, index]));
  }
  if (!isObject(sent) || !isObject(kept)) return [];
  return Object.keys(sent).flatMap((key) =>
    Object.hasOwn(kept, key) ? unknownKeys(sent[key], kept[key], [...path, key]) : [[...path, key]],
  );
}
