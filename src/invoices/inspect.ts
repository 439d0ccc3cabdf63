import type { Instalment, Invoice, InvoiceBuyer, InvoiceParty, InvoiceType } from '../domain/invoice.ts';
import { formatUnits } from '../domain/money.ts';
import { readInvoices } from './read-invoices.ts';

/** One element of what `invoices inspect` prints. Amounts and dates are text; what the file does not say is `null`. */
export type InspectedFile =
  | { file: string; format: 'fatturapa'; invoices: InspectedInvoice[] }
  | { file: string; error: { code: string; message: string } };

type InspectedInvoice = {
  number: string;
  date: string;
  type: InvoiceType;
  currency: string;
  total: string;
  seller: Pick<InvoiceParty, 'name' | 'vatId' | 'taxCode'>;
  buyer: Pick<InvoiceBuyer, 'name' | 'vatId' | 'taxCode' | 'kind' | 'email' | 'phone' | 'pec'>;
  lines: number;
  dueDates: (Omit<Instalment, 'amount'> & { amount: string })[];
  /** `bytes` is a count. */
  attachments: { name: string; mediaType: string; bytes: number }[];
  warnings: { code: string; message: string }[];
};

/** Reads one file for `invoices inspect`. The message of an error ends with the path of its field, when it has one. */
export function inspectFile(file: string, bytes: Uint8Array): InspectedFile {
  const read = readInvoices(bytes);
  if ('invoices' in read) return { file, format: read.format, invoices: read.invoices.map(inspected) };
  const { code, message, path } = read.error;
  return { file, error: { code, message: path === undefined ? message : `${message} (${path})` } };
}

function inspected(invoice: Invoice): InspectedInvoice {
  const { seller, buyer } = invoice;
  return {
    number: invoice.number,
    date: invoice.date,
    type: invoice.type,
    currency: invoice.currency,
    total: formatUnits(invoice.total),
    seller: { name: seller.name, vatId: seller.vatId, taxCode: seller.taxCode },
    buyer: {
      name: buyer.name,
      vatId: buyer.vatId,
      taxCode: buyer.taxCode,
      kind: buyer.kind,
      email: buyer.email,
      phone: buyer.phone,
      pec: buyer.pec,
    },
    lines: invoice.lines.length,
    dueDates: invoice.instalments.map((instalment) => ({ ...instalment, amount: formatUnits(instalment.amount) })),
    attachments: invoice.attachments.map(({ name, mediaType, size }) => ({ name, mediaType, bytes: size })),
    warnings: invoice.warnings,
  };
}
