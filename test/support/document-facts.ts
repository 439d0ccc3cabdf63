import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Invoice } from '../../src/domain/invoice.ts';
import { zero } from '../../src/domain/money.ts';
import type { DocumentFacts } from '../../src/invoices/document-page.ts';
import { readInvoices } from '../../src/invoices/read-invoices.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples', 'invoices');

/** One of the example invoices: 1 stamp duty, 2 instalments, 3 public body, 4 withholding. */
export function exampleInvoice(number: 1 | 2 | 3 | 4): Invoice {
  const read = readInvoices(readFileSync(join(examples, `IT03999000106_0000${number}.xml`)));
  const [invoice] = 'invoices' in read ? read.invoices : [];
  if (!invoice) throw new Error('the example is no invoice');
  return invoice;
}

/** The document of an instalment (from 0) of an invoice, of a tenant with no looks of its own. */
export function documentFacts(invoice: Invoice, instalment = 0): DocumentFacts {
  const due = invoice.instalments[instalment];
  if (!due) throw new Error('no such instalment');
  const { name, vatId, taxCode, address } = invoice.buyer;
  return {
    tenant: { name: invoice.seller.name, email: 'conti@lanterna.example', colour: null, logo: null },
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
    locale: 'it',
  };
}
