import { z } from 'zod';
import type { TenantId } from '../domain/ids.ts';
import type { Invoice } from '../domain/invoice.ts';
import { readInvoices, type UnreadableInvoice } from '../invoices/read-invoices.ts';
import type { Queryable } from '../store/database.ts';
import { importInvoices, type ImportReport } from '../store/invoices.ts';
import { tenantCountry } from '../store/tenants.ts';
import { invalidRequest } from './checked.ts';
import { readPhones } from './customer-form.ts';
import { changeOf } from './due-dates-find.ts';
import { invoiceInput } from './invoices-input.ts';
import { largeBody, operation } from './operation.ts';
import { Problem } from './problems.ts';

const refs = z.array(z.string());
const importReply = z.strictObject({
  unchanged: z.boolean().describe('Everything in the file was known to the letter'),
  customers: refs.describe("The customers' refs"),
  bankAccounts: refs,
  dueDates: refs.describe('One for each instalment'),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

const postInvoice = operation({
  method: 'post',
  path: '/v1/invoices',
  id: 'postInvoice',
  tag: 'Invoices',
  summary: 'Imports an invoice file',
  description:
    'Told by its content. Makes or completes the customer (known by VAT id, then tax code; by name where one has neither; contacts are never overwritten), the bank accounts and a due date for each instalment. The same file again changes nothing; a corrected one changes what nobody has changed or paid since, and voids the instalments that it no longer has.',
  scope: 'data:write',
  body: invoiceInput.optional(),
  takesBytes: ['application/xml', 'text/xml', 'application/octet-stream'],
  bodyLimit: largeBody,
  replies: {
    200: { description: 'Known already, or corrected', schema: importReply },
    201: { description: 'Imported', schema: importReply },
  },
  problems: ['unreadable-invoice'],
  async handle({ parts, caller, body, raw }) {
    const read = body === undefined ? readFile(raw) : undefined;
    const report = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      const invoices = read ?? (body ? [await withPhones(client, caller.tenant, body)] : []);
      return importInvoices(client, changeOf({ parts, caller }), invoices);
    });
    return { status: report.outcome === 'created' ? 201 : 200, json: reportJson(report) };
  },
});

export const invoiceOperations = [postInvoice];

function readFile(raw: Uint8Array): Invoice[] {
  if (raw.length === 0) throw invalidRequest([{ path: '', code: 'required', message: 'must be an invoice' }]);
  const read = readInvoices(raw);
  if ('error' in read) throw unreadable(read.error);
  return read.invoices;
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

function reportJson({ outcome, dueDates, warnings }: ImportReport): z.input<typeof importReply> {
  return {
    unchanged: outcome === 'unchanged',
    customers: [...new Set(dueDates.map((dueDate) => dueDate.customerRef))],
    bankAccounts: [...new Set(dueDates.flatMap((dueDate) => dueDate.bankAccountRef ?? []))],
    dueDates: dueDates.map((dueDate) => dueDate.ref),
    warnings: [...warnings],
  };
}
