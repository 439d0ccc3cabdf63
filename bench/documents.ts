import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { documentPage } from '../src/invoices/document-page.ts';
import { PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import type { Stage } from './stage.ts';

export const pages = 2;
type PrintPage = ReturnType<typeof documentPage>;

/** The example invoices as pages to be printed: at least one. */
export function exampleDocuments(): [PrintPage, ...PrintPage[]] {
  const folder = path.join(import.meta.dirname, '..', 'examples', 'invoices');
  const [first, ...others] = readdirSync(folder).flatMap((file) => {
    const read = readInvoices(readFileSync(path.join(folder, file)));
    return 'invoices' in read ? read.invoices.map(pageOf) : [];
  });
  if (!first) throw new Error('there are no example invoices');
  return [first, ...others];
}

type Invoice = Extract<ReturnType<typeof readInvoices>, { invoices: unknown }>['invoices'][number];

function pageOf(invoice: Invoice): PrintPage {
  const [due] = invoice.instalments;
  if (!due) throw new Error('an example invoice has no instalments');
  const { name, vatId, taxCode, address } = invoice.buyer;
  return documentPage({
    tenant: { name: invoice.seller.name, email: 'conti@bench.example', colour: null, logo: null },
    customer: { name, vatId, taxCode, address },
    document: { number: invoice.number, date: invoice.date, type: invoice.type },
    dueDate: { dueOn: due.dueOn, amount: due.amount, outstanding: due.amount },
    bankAccount: null,
    invoice,
    locale: 'it',
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
