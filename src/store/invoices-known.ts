import { isDeepStrictEqual } from 'node:util';
import type { Id } from '../domain/ids.ts';
import { type Invoice, invoiceToJson } from '../domain/invoice.ts';

/** An invoice with the row that keeps it. `before` is what an earlier import kept; undefined on the first. */
export type KnownInvoice = { id: Id<'invoice'>; invoice: Invoice; before: Invoice | undefined };

/** Whether the file says something that was not known of this invoice. */
export function isNews({ invoice, before }: KnownInvoice): boolean {
  return before === undefined || !isDeepStrictEqual(invoiceToJson(invoice), invoiceToJson(before));
}
