import { messageLocales } from '../src/domain/locale.ts';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Invoice } from '../src/domain/invoice.ts';
import { zero } from '../src/domain/money.ts';
import { type DocumentFacts, documentPage } from '../src/invoices/document-page.ts';
import { PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import type { Stage } from './stage.ts';

export const pages = 2;
type PrintPage = ReturnType<typeof documentPage>;
type Locale = DocumentFacts['locale'];

/** The example invoices as pages to be printed: at least one. */
export function exampleDocuments(): [PrintPage, ...PrintPage[]] {
  return pagesOf(exampleInvoices());
}

/** The same in every language, and one of several pages. */
export function mixedDocuments(): [PrintPage, ...PrintPage[]] {
  const invoices = exampleInvoices();
  const long = invoices.slice(0, 1).map((invoice) => ({
    ...invoice,
    lines: Array.from({ length: 120 }, () => invoice.lines)
      .flat()
      .slice(0, 120),
  }));
  const [first, ...others] = messageLocales.map((locale) => pagesOf(invoices, locale));
  if (!first) throw new Error('there are no languages');
  return [...first, ...others.flat(), ...pagesOf(long)];
}

function pagesOf(invoices: readonly Invoice[], locale: Locale = 'it'): [PrintPage, ...PrintPage[]] {
  const [first, ...others] = invoices.map((invoice) => pageOf(invoice, locale));
  if (!first) throw new Error('there are no example invoices');
  return [first, ...others];
}

function exampleInvoices(): Invoice[] {
  const folder = path.join(import.meta.dirname, '..', 'examples', 'invoices');
  return readdirSync(folder).flatMap((file) => {
    const read = readInvoices(readFileSync(path.join(folder, file)));
    return 'invoices' in read ? read.invoices : [];
  });
}

function pageOf(invoice: Invoice, locale: Locale): PrintPage {
  const [due] = invoice.instalments;
  if (!due) throw new Error('an example invoice has no instalments');
  const { name, vatId, taxCode, address } = invoice.buyer;
  return documentPage({
    tenant: { name: invoice.seller.name, email: 'conti@bench.example', colour: null, logo: null },
    customer: { name, vatId, taxCode, address },
    document: { number: invoice.number, date: invoice.date, type: invoice.type },
    dueDate: {
      dueOn: due.dueOn,
      amount: due.amount,
      paid: zero(due.amount.currency),
      credited: zero(due.amount.currency),
      outstanding: due.amount,
      method: due.method,
    },
    instalments: [],
    bankAccount: null,
    invoice,
    locale,
  });
}

/** Lends the service's renderer for as long as the work takes. Throws ChromiumMissing. */
export async function withRenderer<T>(
  stage: Stage,
  work: (render: (page: PrintPage, tenant?: string) => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const renderer = new PdfRenderer({ chromiumPath: null, dataDir: stage.folder, pages, timeoutMs: 20_000 });
  renderer.start();
  try {
    return await work(async (page, tenant = 'bench') => renderer.render(page, tenant));
  } finally {
    await renderer.stop();
  }
}
