import { z } from 'zod';

/** What `/sms.do` is asked for, whatever form it came in. */
export interface SmsRequest {
  readonly recipients: readonly SmsRecipient[];
  readonly text: string;
  readonly from: string | null;
  readonly checkIdx: boolean;
  readonly maxParts: number;
  readonly test: boolean;
}

export interface SmsRecipient {
  readonly submitted: string;
  /** Digits with the country's prefix; null for what is no number. */
  readonly number: string | null;
  readonly idx: string | null;
}

const field = z.union([z.string(), z.number(), z.boolean()]).nullish();
const fields = z.object({
  to: z.union([field, z.array(z.union([z.string(), z.number()]))]),
  message: field,
  from: field,
  idx: field,
  check_idx: field,
  max_parts: field,
  test: field,
});

/** Takes JSON (the official client's form), a form body or the query. @throws Error on a body that is none of these. */
export function readSmsRequest(contentType: string | undefined, body: string, query: URLSearchParams): SmsRequest {
  const given = fields.parse({ ...Object.fromEntries(query), ...parseBody(contentType, body) });
  const numbers = (Array.isArray(given.to) ? given.to.map(String) : text(given.to).split(/[,;]/))
    .map((number) => number.trim())
    .filter((number) => number !== '');
  // Several recipients take their idx from a list parted by bars.
  const idx = text(given.idx).split('|');
  return {
    recipients: numbers.map((submitted, index) => ({
      submitted,
      number: normalise(submitted),
      idx: idx[index] || null,
    })),
    text: text(given.message),
    from: text(given.from) || null,
    checkIdx: isOn(given.check_idx),
    maxParts: Number(text(given.max_parts)) || 10,
    test: isOn(given.test),
  };
}

function parseBody(contentType: string | undefined, body: string): Record<string, unknown> {
  if (body === '') return {};
  if (contentType?.includes('application/json') === true)
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  return Object.fromEntries(new URLSearchParams(body));
}

function text(value: string | number | boolean | null | undefined | (string | number)[]): string {
  return value === null || value === undefined ? '' : String(value);
}

function isOn(value: z.infer<typeof field>): boolean {
  return ['1', 'true'].includes(text(value));
}

// E.164: at most 15 digits. The real one also knows which prefixes exist.
function normalise(submitted: string): string | null {
  const digits = submitted.replace(/[\s().-]/g, '').replace(/^(\+|00)/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : null;
}
