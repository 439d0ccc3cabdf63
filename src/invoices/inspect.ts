import type {
  Instalment,
  Invoice,
  InvoiceBuyer,
  InvoiceParty,
  InvoiceType,
  InvoiceWarning,
} from '../domain/invoice.ts';
import { formatUnits } from '../domain/money.ts';
import type { InvoiceFormat } from './invoice-root.ts';
import type { ReadInvoices } from './read-invoices.ts';

/** One element of what `invoices inspect` prints. Amounts and dates are text; what the file does not say is `null`. */
export type InspectedFile =
  | { file: string; format: InvoiceFormat | 'json'; invoices: InspectedInvoice[]; warnings: InvoiceWarning[] }
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
  dueDates: (Pick<Instalment, 'dueOn' | 'method' | 'iban' | 'bic' | 'holder'> & { amount: string })[];
  /** `bytes` is a count. */
  attachments: { name: string; mediaType: string; bytes: number }[];
  warnings: InvoiceWarning[];
};

/** What was read, as it is printed. The message of an error ends with the path of its field, when it has one. */
export function inspection(
  file: string,
  read: ReadInvoices | { format: 'json'; invoices: Invoice[]; warnings: InvoiceWarning[] },
): InspectedFile {
  if ('error' in read) {
    const { code, message, path } = read.error;
    return { file, error: { code, message: path === undefined ? message : `${message} (${path})` } };
  }
  return { file, format: read.format, invoices: read.invoices.map(inspected), warnings: read.warnings };
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
    dueDates: invoice.instalments.map(dueDate),
    attachments: invoice.attachments.map(({ name, mediaType, size }) => ({ name, mediaType, bytes: size })),
    warnings: invoice.warnings,
  };
}

function dueDate({ dueOn, amount, method, iban, bic, holder }: Instalment): InspectedInvoice['dueDates'][number] {
  return { dueOn, amount: formatUnits(amount), method, iban, bic, holder };
}
