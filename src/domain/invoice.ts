import { z } from 'zod';
import { type Currency, formatUnits, type Money, parseCurrency, parseMoney } from './money.ts';

/** An invoice as its file states it. Dates are `YYYY-MM-DD`; what the file does not say is `null`. */
export type Invoice = z.output<typeof invoiceJson>;
export type InvoiceParty = z.output<typeof party>;
export type InvoiceBuyer = z.output<typeof buyer>;
export type InvoiceAddress = z.output<typeof address>;
export type InvoiceLine = z.output<typeof line>;
export type InvoiceVat = z.output<typeof vat>;
export type InvoiceCharge = z.output<typeof charge>;
export type InvoiceReference = z.output<typeof reference>;
export type Instalment = z.output<typeof instalment>;
export type InvoiceAttachment = z.output<typeof attachment>;
export type InvoiceWarning = z.output<typeof warning>;
export type InvoiceType = Invoice['type'];

/** What the `jsonb` column holds: amounts as `{ value, currency }`, attachments by name and size, never their bytes. */
export type InvoiceJson = z.input<typeof invoiceJson>;

/** For the `jsonb` column. The bytes of attachments are left out. */
export function invoiceToJson(invoice: Invoice): InvoiceJson {
  return z.encode(invoiceJson, invoice);
}

/** Back from the `jsonb` column; the attachments' `bytes` are `null`. Throws when the value is no invoice. */
export function invoiceFromJson(json: unknown): Invoice {
  return invoiceJson.parse(json);
}

/** A calendar day that exists, as `YYYY-MM-DD`. */
export function isIsoDate(text: string): boolean {
  // Year 0000 is no year in PostgreSQL.
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

const isoDate = z.string().refine(isIsoDate, 'no date of the calendar');

// Quantities, unit prices and rates have up to eight decimals and are never added up here: they stay decimal text.
const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,8})?$/);

const currency = z.codec(z.string(), z.custom<Currency>(), {
  decode: (code, context) => {
    const known = parseCurrency(code);
    if (known) return known;
    context.issues.push({ code: 'custom', message: 'no ISO 4217 currency', input: code });
    return z.NEVER;
  },
  encode: (code) => code,
});

const money = z.codec(z.object({ value: z.string(), currency: z.string() }), z.custom<Money>(), {
  decode: ({ value, currency: code }, context) => {
    const known = parseCurrency(code);
    const amount = known && parseMoney(value, known);
    if (amount) return amount;
    context.issues.push({ code: 'custom', message: 'no amount', input: value });
    return z.NEVER;
  },
  encode: (amount) => ({ value: formatUnits(amount), currency: amount.currency }),
});

const address = z.object({
  street: z.string(),
  postalCode: z.string().nullable(),
  city: z.string(),
  province: z.string().nullable(),
  /** ISO 3166-1, two letters. */
  country: z.string().nullable(),
});

const party = z.object({
  name: z.string(),
  /** With its country: `IT01234567890`. */
  vatId: z.string().nullable(),
  taxCode: z.string().nullable(),
  address: address.nullable(),
  email: z.array(z.string()),
  phone: z.array(z.string()),
  /** Certified mail: kept apart, a reminder never goes there by itself. */
  pec: z.string().nullable(),
});

const buyer = party.extend({ kind: z.enum(['business', 'public', 'consumer']) });

const line = z.object({
  number: z.string().nullable(),
  description: z.string(),
  quantity: decimal.nullable(),
  unit: z.string().nullable(),
  unitPrice: decimal.nullable(),
  /** `percent` or `amount` of one unit, whichever the file states; both when it states both. */
  adjustments: z.array(
    z.object({ kind: z.enum(['discount', 'surcharge']), percent: decimal.nullable(), amount: decimal.nullable() }),
  ),
  period: z.object({ from: isoDate.nullable(), to: isoDate.nullable() }).nullable(),
  vatRate: decimal.nullable(),
  /** The code of the reason why no VAT is due (FatturaPA `Natura`): `N2.2`. */
  vatNature: z.string().nullable(),
  total: decimal.nullable(),
});

const vat = z.object({
  rate: decimal,
  nature: z.string().nullable(),
  taxable: money,
  tax: money,
  /** The law's clause, as the seller wrote it. */
  reason: z.string().nullable(),
  /** The public buyer pays this VAT to the treasury, not to the seller (split payment). */
  paidByBuyer: z.boolean(),
});

/** An amount on the whole document. `rate` is a percentage. */
const charge = z.object({
  kind: z.enum(['discount', 'surcharge', 'welfareFund']),
  rate: decimal.nullable(),
  amount: decimal.nullable(),
});

const reference = z.object({
  kind: z.enum(['order', 'contract', 'agreement', 'receipt', 'invoice', 'deliveryNote']),
  number: z.string(),
  date: isoDate.nullable(),
  /** Codes of Italian public procurement. */
  cup: z.string().nullable(),
  cig: z.string().nullable(),
});

const instalment = z.object({
  dueOn: isoDate,
  amount: money,
  /** As the file codes it: FatturaPA `MP01` to `MP23`, UNTDID 4461 in UBL and CII; words in JSON. See paymentKind. */
  method: z.string().nullable(),
  iban: z.string().nullable(),
  bic: z.string().nullable(),
  holder: z.string().nullable(),
});

const attachmentJson = z.object({ name: z.string(), mediaType: z.string(), size: z.number() });
const attachment = z.codec(attachmentJson, attachmentJson.extend({ bytes: z.custom<Uint8Array>().nullable() }), {
  decode: (stored) => ({ ...stored, bytes: null }),
  encode: ({ name, mediaType, size }) => ({ name, mediaType, size }),
});

const warning = z.object({ code: z.string(), message: z.string() });

const invoiceJson = z.object({
  source: z.enum(['fatturapa', 'ubl', 'cii', 'json']),
  /** A `selfInvoice` is written by the buyer, who owes it all the same: whose money it speaks of is directionOf's to say. */
  type: z.enum(['invoice', 'creditNote', 'debitNote', 'selfInvoice']),
  /** The format's own code of the document: `TD01`. */
  typeCode: z.string(),
  number: z.string(),
  date: isoDate,
  currency,
  seller: party,
  buyer,
  lines: z.array(line),
  vat: z.array(vat),
  charges: z.array(charge),
  withholding: z.array(z.object({ type: z.string(), rate: decimal.nullable(), amount: money })),
  stampDuty: money.nullable(),
  rounding: money.nullable(),
  /** What the document is worth, VAT included. */
  total: money,
  /** What was paid before the document was written (EN 16931 BT-113). */
  prepaid: money.nullable().default(null),
  /** What the buyer owes the seller: the total less what was prepaid, withheld, or is VAT that the buyer pays to the treasury. */
  payable: money,
  notes: z.array(z.string()),
  references: z.array(reference),
  instalments: z.array(instalment),
  attachments: z.array(attachment),
  warnings: z.array(warning),
});
