import { z } from 'zod';
import { parseEmailAddress } from '../domain/email-address.ts';
import { messageLocales } from '../domain/locale.ts';
import { parseBic, parseIban } from '../domain/iban.ts';
import { decimalsOf, type Money, parseCurrency, parseMoney } from '../domain/money.ts';

/**
 * The forms that several resources share. Each reads text into a value of the domain and has an input schema for the
 * OpenAPI page; those named `…Reply` describe what leaves.
 */
type Wrong = { code: string; message: string };

/** Text that `parse` turns into a value of the domain. @param json more for the OpenAPI page. */
export function textAs<T>(parse: (text: string) => T | undefined, wrong: Wrong, json: Record<string, unknown> = {}) {
  return z
    .string()
    .meta(json)
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: wrong.message, params: { code: wrong.code } });
      return z.NEVER;
    });
}

/** One line of text: trimmed, not empty, no control characters. */
export function line(longest: number) {
  return textAs(
    (text) => clean(text, 1, longest, /\p{Cc}/u),
    {
      code: 'invalid-text',
      message: `must be one line of 1 to ${longest} characters without control characters`,
    },
    { minLength: 1, maxLength: longest },
  );
}

/** Text of several lines: line breaks and tabs are the only control characters. */
export function paragraphs(longest: number) {
  return textAs(
    (text) => clean(text, 1, longest, /[^\P{Cc}\n\r\t]/u),
    {
      code: 'invalid-text',
      message: `must have 1 to ${longest} characters and no control characters but line breaks and tabs`,
    },
    { minLength: 1, maxLength: longest },
  );
}

function clean(text: string, least: number, longest: number, refused: RegExp): string | undefined {
  const trimmed = text.trim();
  const characters = lengthOf(trimmed);
  return characters >= least && characters <= longest && trimmed.isWellFormed() && !refused.test(trimmed)
    ? trimmed
    : undefined;
}

// Code points, as PostgreSQL counts them.
function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** The caller's own identifier, or the id that we gave (`cus_…`): a path and a reference take either. */
export const ref = textAs(
  (text) => {
    const characters = lengthOf(text);
    // `.` and `..` can stand in no URL path: clients resolve them away, even percent-encoded.
    const addressable = text !== '.' && text !== '..' && text.isWellFormed() && !/\p{Cc}/u.test(text);
    return characters >= 1 && characters <= 128 && addressable ? text : undefined;
  },
  { code: 'invalid-ref', message: 'must have 1 to 128 characters and no control characters' },
  { minLength: 1, maxLength: 128, examples: ['2026/12'] },
);

/** `{ ref }` of a path. */
export const refParams = z.strictObject({ ref });

/** An ISO 4217 code. */
export const currency = textAs(
  parseCurrency,
  { code: 'unknown-currency', message: 'must be an ISO 4217 code' },
  {
    minLength: 3,
    maxLength: 3,
    examples: ['EUR'],
  },
);

/** An exact amount, more than zero. */
export const positiveAmount = amountOf(String.raw`^\d{1,15}(\.\d+)?$`, (money) => money.units > 0n);
/** An exact amount of either sign, or nothing. */
export const signedAmount = amountOf(String.raw`^-?\d{1,15}(\.\d+)?$`, () => true);

function amountOf(pattern: string, takes: (money: Money) => boolean) {
  const value = z.string().meta({ pattern, examples: ['122.00'] });
  return z.strictObject({ value, currency }).transform((input, context): Money => {
    const refuse = (code: string, message: string): never => {
      context.addIssue({ code: 'custom', path: ['value'], message, params: { code } });
      return z.NEVER;
    };
    const money = parseMoney(input.value, input.currency);
    if (!money) {
      return /^-?\d{1,15}\.\d+$/.test(input.value)
        ? refuse('too-many-decimals', `must have at most ${decimalsOf(input.currency)} decimals in ${input.currency}`)
        : refuse('invalid-amount', 'must be a decimal number of at most 15 digits, such as "122.00"');
    }
    return takes(money) ? money : refuse('too-small', 'must be more than zero');
  });
}

export const amountReply = z.strictObject({
  value: z.string().meta({ examples: ['122.00'] }),
  currency: z.string().meta({ examples: ['EUR'] }),
});

/** A day that exists, as `YYYY-MM-DD`. */
export const date = textAs(
  (text) => {
    // Year 0000 is no year in PostgreSQL.
    if (!/^(?!0000)\d{4}-\d\d-\d\d$/.test(text)) return undefined;
    const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
    return attempt(() => Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toString());
  },
  { code: 'invalid-date', message: 'must be a day that exists, as YYYY-MM-DD' },
  { format: 'date', examples: ['2026-12-31'] },
);

/** An RFC 3339 instant with its offset. */
export const instant = textAs(
  (text) => {
    if (!/^(?!0000)\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(text)) return undefined;
    return attempt(() => Temporal.Instant.from(text.toUpperCase()));
  },
  { code: 'invalid-instant', message: 'must be an RFC 3339 instant, such as 2026-12-31T09:00:00Z' },
  { format: 'date-time', examples: ['2026-12-31T09:00:00Z'] },
);

/** Exactly one bare address. */
export const email = textAs(
  parseEmailAddress,
  {
    code: 'invalid-email',
    message: 'must be one email address, such as name@example.com, with no letters but a to z before the @',
  },
  { format: 'email', examples: ['accounts@example.com'] },
);

export const iban = textAs(
  parseIban,
  { code: 'invalid-iban', message: 'must be an IBAN with right check digits' },
  {
    examples: ['IT60X0542811101000000123456'],
  },
);
export const bic = textAs(parseBic, { code: 'invalid-bic', message: 'must be a BIC of 8 or 11 characters' });

export const locale = z.enum(messageLocales);

export const timeZone = textAs(
  (text) =>
    /^[A-Za-z]/.test(text)
      ? attempt(() => new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone)
      : undefined,
  { code: 'unknown-time-zone', message: 'must be an IANA time zone, such as Europe/Rome' },
  { examples: ['Europe/Rome'] },
);

/** ISO 3166, two capital letters. */
export const country = textAs(
  (text) =>
    /^[A-Z]{2}$/.test(text) && new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(text) !== undefined
      ? text
      : undefined,
  { code: 'unknown-country', message: 'must be an ISO 3166 code of two capital letters' },
  { minLength: 2, maxLength: 2, examples: ['IT'] },
);

/** An https address of at most 2,000 characters. */
export const webAddress = textAs(
  (text) => (isWebAddress(text) ? text : undefined),
  { code: 'invalid-url', message: 'must be an https address of at most 2,000 characters' },
  { format: 'uri' },
);

export function isWebAddress(text: string): boolean {
  const url = text.length <= 2_000 && !/[\s\p{Cc}]/u.test(text) ? URL.parse(text) : null;
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}

/** The caller's own data, kept as it is: at most 16 kB of JSON, 8 levels deep. */
export const metadata = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  if (isSmallJson(value)) return;
  context.addIssue({
    code: 'custom',
    message: 'must be at most 16 kB of JSON, 8 levels deep, without NUL',
    params: { code: 'invalid-metadata' },
  });
});

const deepest = 8;

function isSmallJson(value: unknown): boolean {
  if (!isShallow(value, deepest)) return false;
  const text = JSON.stringify(value);
  // PostgreSQL's jsonb has no NUL and no lone surrogates.
  return text.length <= 16_384 && !/(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F])/.test(text);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

/** A list of a batch whose items are judged one by one: a wrong item is that item's problem, not the request's. */
export function eachAlone(item: z.ZodType, most: number) {
  return z
    .array(z.unknown().meta({ [standsFor]: item }))
    .min(1)
    .max(most);
}

/** The reply to a batch: for each item its status and what came of it (in a field named `result`), or its problem. */
export function batchReply(result: string, schema: z.ZodType) {
  const problem = z.record(z.string(), z.unknown()).optional();
  return z.strictObject({ items: z.array(z.strictObject({ status: z.int(), [result]: schema.optional(), problem })) });
}

/** The key under which `eachAlone` keeps the schema that the OpenAPI page shows. */
export const standsFor = 'x-stands-for';

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
