import { z } from 'zod';
import type { TenantId } from '../domain/ids.ts';
import type { Invoice } from '../domain/invoice.ts';
import { readInvoicesApart } from '../invoices/read-apart.ts';
import { TooManyReadings } from '../invoices/reading-processes.ts';
import type { UnreadableInvoice } from '../invoices/unreadable-invoice.ts';
import type { Queryable } from '../store/database.ts';
import { importInvoices, type ImportReport, type InvoiceFile } from '../store/invoices.ts';
import { tenantCountry } from '../store/tenants.ts';
import { invalidRequest } from './checked.ts';
import { readPhones } from './customer-form.ts';
import { changeOf } from './due-dates-find.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { invoiceInput } from './invoices-input.ts';
import { largeBody, operation } from './operation.ts';
import { Problem } from './problems.ts';
import { amountReply } from './schemas.ts';

const refs = z.array(z.string());
const value = z.union([z.string(), amountReply, z.null()]);
const change = z.strictObject({
  dueDate: z.string(),
  field: z
    .string()
    .describe(
      'As a due date has it: `dueOn`, `amount`, `document.number`, `credited`, `state` …; `pdf`: the id of a document that is not ours',
    ),
  from: value.describe('null: there was none. A due date that was made comes from no `state`'),
  to: value,
});
const importReply = z.strictObject({
  unchanged: z.boolean().describe('Everything in the file was known to the letter'),
  customers: refs.describe("The customers' refs"),
  bankAccounts: refs,
  dueDates: refs.describe('One for each instalment'),
  changes: z.array(change).describe('To these due dates, and to those that a credit note in the file lowers'),
  inFlight: inFlightReply,
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

const postInvoice = operation({
  method: 'post',
  path: '/v1/invoices',
  id: 'postInvoice',
  tag: 'Invoices',
  summary: 'Imports an invoice file',
  description:
    'Told by its content. Makes or completes the customer (known by VAT id, then tax code; by name where one has neither; contacts are never overwritten), the bank accounts and a due date for each instalment: payable when the invoice was written to the tenant, whose VAT id and tax code tell. A PDF that comes with it goes with its reminders. A credit note makes none, and lowers those of the invoices that it names, also when they come after it. The same file again changes nothing; a corrected one changes what nobody has changed or paid since, voids the instalments that it no longer has, and says what it left as it was.',
  scope: 'data:write',
  body: invoiceInput.optional(),
  takesBytes: ['application/xml', 'text/xml', 'application/octet-stream', 'application/pdf', 'application/pkcs7-mime'],
  bodyLimit: largeBody,
  replies: {
    200: { description: 'Known already, or corrected', schema: importReply },
    201: { description: 'Imported', schema: importReply },
  },
  problems: ['unreadable-invoice', 'unavailable'],
  async handle({ parts, caller, body, raw }) {
    const read = body === undefined ? await readFile(raw) : undefined;
    const report = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      const invoices = body ? [await withPhones(client, caller.tenant, body)] : [];
      return importInvoices(client, changeOf({ parts, caller }), read ?? { invoices, warnings: [], pdf: null });
    });
    return { status: report.outcome === 'created' ? 201 : 200, json: reportJson(report) };
  },
});

export const invoiceOperations = [postInvoice];

async function readFile(raw: Uint8Array): Promise<InvoiceFile> {
  if (raw.length === 0) throw invalidRequest([{ path: '', code: 'required', message: 'must be an invoice' }]);
  const read = await readInvoicesApart(raw).catch((error: unknown) => {
    if (!(error instanceof TooManyReadings)) throw error;
    throw new Problem('unavailable', 'Many invoices are being read. Try again.', { retryAfterSeconds: 5 });
  });
  if ('error' in read) throw unreadable(read.error);
  return read;
}

function unreadable({ code, message, path }: UnreadableInvoice): Problem {
  const errors = [{ path: path === undefined ? '' : `/${path}`, code, message }];
  return new Problem('unreadable-invoice', `The invoice cannot be read. ${message}`, { errors });
}

// What a file holds is taken as it is; a caller can put it right. Which numbers exist depends on the country.
async function withPhones(client: Queryable, tenant: TenantId, invoice: Invoice): Promise<Invoice> {
  const { buyer } = invoice;
  const country = buyer.address?.country ?? (await tenantCountry(client, tenant));
  return { ...invoice, buyer: { ...buyer, phone: readPhones(buyer.phone, country, '/buyer/phone') } };
}

function reportJson({ outcome, dueDates, changes, inFlight, warnings }: ImportReport): z.input<typeof importReply> {
  return {
    unchanged: outcome === 'unchanged',
    customers: [...new Set(dueDates.map((dueDate) => dueDate.customerRef))],
    bankAccounts: [...new Set(dueDates.flatMap((dueDate) => dueDate.bankAccountRef ?? []))],
    dueDates: dueDates.map((dueDate) => dueDate.ref),
    changes: [...changes],
    inFlight: inFlightJson(inFlight),
    warnings: [...warnings],
  };
}
