import { z } from 'zod';
import { postalAddress, several, taxNumber } from './customer-form.ts';
import { bic, currency, date, email, iban, line, paragraphs, signedAmount, textAs } from './schemas.ts';

/** What may be missing: left out or null, it comes out as null. */
function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}

function listOf<T extends z.ZodType>(item: T, most: number) {
  return z
    .array(item)
    .max(most)
    .optional()
    .transform((items) => items ?? []);
}

const decimal = textAs(
  (text) => (/^-?\d{1,15}(\.\d{1,8})?$/.test(text) ? text : undefined),
  { code: 'invalid-number', message: 'must be a decimal number of at most 15 digits and 8 decimals, such as "1.5"' },
  { examples: ['22.00'] },
);

const address = postalAddress.transform((given) => ({
  street: given.street ?? '',
  postalCode: given.postalCode ?? null,
  city: given.city ?? '',
  province: given.province ?? null,
  country: given.country ?? null,
}));

const party = {
  name: line(200),
  vatId: maybe(taxNumber).describe('With its country'),
  taxCode: maybe(taxNumber),
  address: maybe(address),
  email: several(email)
    .optional()
    .transform((addresses) => [...new Set(addresses)]),
  phone: several(line(40))
    .optional()
    .transform((numbers) => numbers ?? []),
  pec: maybe(email).describe('Certified mail: reminders never go there by themselves'),
};

const buyer = z.strictObject({
  ...party,
  kind: z
    .enum(['business', 'public', 'consumer'])
    .optional()
    .transform((kind) => kind ?? 'business'),
});

const instalment = z.strictObject({
  dueOn: date,
  amount: signedAmount,
  method: maybe(line(100)).describe("FatturaPA's code (MP05: bank transfer), or words"),
  iban: maybe(iban),
  bic: maybe(bic),
  holder: maybe(line(140)).describe('Whose account it is; without: the seller'),
});

const adjustment = z.strictObject({
  kind: z.enum(['discount', 'surcharge']),
  percent: maybe(decimal),
  amount: maybe(decimal),
});

const invoiceLine = z.strictObject({
  number: maybe(line(20)),
  description: paragraphs(2_000),
  quantity: maybe(decimal),
  unit: maybe(line(20)),
  unitPrice: maybe(decimal),
  adjustments: listOf(adjustment, 20).describe('Of one unit'),
  period: maybe(z.strictObject({ from: maybe(date), to: maybe(date) })),
  vatRate: maybe(decimal),
  vatNature: maybe(line(10)).describe('Why no VAT is due, as FatturaPA codes it'),
  total: maybe(decimal),
});

const vat = z.strictObject({
  rate: decimal,
  nature: maybe(line(10)),
  taxable: signedAmount,
  tax: signedAmount,
  reason: maybe(paragraphs(2_000)),
  paidByBuyer: z
    .boolean()
    .optional()
    .transform((paid) => paid ?? false)
    .describe('Split payment: the buyer pays this VAT to the treasury'),
});

const charge = z.strictObject({
  kind: z.enum(['discount', 'surcharge', 'welfareFund']),
  rate: maybe(decimal),
  amount: maybe(decimal),
});

const withholding = z.strictObject({ type: line(20), rate: maybe(decimal), amount: signedAmount });

const reference = z.strictObject({
  kind: z.enum(['order', 'contract', 'agreement', 'receipt', 'invoice', 'deliveryNote']),
  number: line(100),
  date: maybe(date),
  cup: maybe(line(40)),
  cig: maybe(line(40)),
});

const example = {
  number: '2026/12',
  date: '2026-02-01',
  seller: { name: 'Officine Rossi S.r.l.', vatId: 'IT01234567897' },
  buyer: { name: 'Bianchi S.p.A.', vatId: 'IT09876543217', email: ['accounts@example.com'] },
  total: { value: '122.00', currency: 'EUR' },
  instalments: [
    { dueOn: '2026-03-31', amount: { value: '61.00', currency: 'EUR' }, method: 'MP05' },
    { dueOn: '2026-04-30', amount: { value: '61.00', currency: 'EUR' }, iban: 'IT60X0542811101000000123456' },
  ],
};

/** An invoice as JSON. Each field comes out as the domain keeps it; what binds them together is not judged yet. */
export const invoiceForm = z
  .strictObject({
    number: line(100),
    date,
    type: z
      .enum(['invoice', 'creditNote', 'debitNote', 'selfInvoice'])
      .optional()
      .transform((type) => type ?? 'invoice'),
    typeCode: line(10).optional().describe("The document's code in its own format: TD01"),
    currency: currency.optional().describe("Without: the amounts'"),
    seller: z.strictObject(party),
    buyer,
    total: signedAmount.optional().describe('What the document is worth; without: the sum of its instalments'),
    payable: signedAmount
      .optional()
      .describe('Without: the total less what was prepaid, withheld, or is VAT that the buyer pays himself'),
    instalments: z.array(instalment).max(1_000).optional().describe('Without: all is due on the date of the invoice'),
    lines: listOf(invoiceLine, 10_000),
    vat: listOf(vat, 1_000),
    charges: listOf(charge, 1_000),
    withholding: listOf(withholding, 100),
    prepaid: maybe(signedAmount).describe('Paid before it was written'),
    stampDuty: maybe(signedAmount),
    rounding: maybe(signedAmount),
    notes: listOf(paragraphs(2_000), 200),
    references: listOf(reference, 1_000),
  })
  .meta({ examples: [example] });

export type InvoiceForm = z.output<typeof invoiceForm>;
