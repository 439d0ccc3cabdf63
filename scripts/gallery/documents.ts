import { messageLocales } from '../../src/domain/locale.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Invoice } from '../../src/domain/invoice.ts';
import { type Money, zero } from '../../src/domain/money.ts';
import { type DocumentFacts, documentPage } from '../../src/invoices/document-page.ts';
import { readInvoices } from '../../src/invoices/read-invoices.ts';

type Shown = { name: string; title: string; document: ReturnType<typeof documentPage> };

/** The example invoice in every language; one of 400 lines; one that is paid; a statement without an invoice. */
export function galleryDocuments(): Shown[] {
  const invoice = exampleInvoice();
  const long = { ...invoice, lines: Array.from({ length: 400 }, (_, n) => lineOf(invoice, n)) };
  return [
    ...messageLocales.map((locale) => ({
      name: `invoice-${locale}`,
      title: `Invoice, ${locale}`,
      document: documentPage(factsOf(invoice, { locale })),
    })),
    { name: 'lines', title: 'An invoice of 400 lines', document: documentPage(factsOf(long, {})) },
    { name: 'paid', title: 'Paid', document: documentPage(factsOf(invoice, { isPaid: true })) },
    {
      name: 'statement',
      title: 'Without invoice data',
      document: documentPage({ ...factsOf(invoice, {}), invoice: null }),
    },
  ];
}

function exampleInvoice(): Invoice {
  const file = path.join(import.meta.dirname, '..', '..', 'examples', 'invoices', 'IT03999000106_00001.xml');
  const read = readInvoices(readFileSync(file));
  const [invoice] = 'invoices' in read ? read.invoices : [];
  if (!invoice) throw new Error('the example invoice cannot be read');
  return invoice;
}

function lineOf(invoice: Invoice, n: number): Invoice['lines'][number] {
  const line = invoice.lines[n % invoice.lines.length];
  if (!line) throw new Error('the example invoice has no line');
  return { ...line, number: String(n + 1) };
}

function factsOf(
  invoice: Invoice,
  { locale = 'it', isPaid = false }: { locale?: DocumentFacts['locale']; isPaid?: boolean },
): DocumentFacts {
  const [due] = invoice.instalments;
  if (!due) throw new Error('the example invoice has no instalment');
  const none = zero(invoice.currency);
  const open = (amount: Money): Money => (isPaid ? none : amount);
  const { name, vatId, taxCode, address } = invoice.buyer;
  return {
    tenant: { name: invoice.seller.name, email: null, colour: '#0b5d4e', logo: null },
    customer: { name, vatId, taxCode, address },
    document: { number: invoice.number, date: invoice.date, type: invoice.type },
    dueDate: {
      dueOn: due.dueOn,
      amount: due.amount,
      paid: isPaid ? due.amount : none,
      credited: none,
      outstanding: open(due.amount),
      method: due.method,
    },
    instalments: invoice.instalments.map((instalment, n) => ({
      number: n + 1,
      dueOn: instalment.dueOn,
      amount: instalment.amount,
      outstanding: open(instalment.amount),
      credited: none,
      isThis: n === 0,
    })),
    bankAccount: null,
    invoice,
    locale,
  };
}
