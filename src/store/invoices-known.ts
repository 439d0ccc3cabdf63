import { isDeepStrictEqual } from 'node:util';
import type { CustomerId, Id } from '../domain/ids.ts';
import { type Invoice, invoiceToJson } from '../domain/invoice.ts';

/** An invoice with the row that keeps it. `before` is what an earlier import kept; undefined on the first. */
export type KnownInvoice = { id: Id<'invoice'>; invoice: Invoice; before: Invoice | undefined };

/** Whether the file says something that was not known of this invoice. */
export function isNews({ invoice, before }: KnownInvoice): boolean {
  return before === undefined || !isDeepStrictEqual(invoiceToJson(invoice), invoiceToJson(before));
}

/** Whose an invoice is, and whose it was when it was last imported: equal unless its buyer has changed. */
export type Buyers = { customer: CustomerId; before: CustomerId };

/** An invoice that was refused on its way may come again under its number, with its buyer put right. */
export function hasNewBuyer(known: KnownInvoice): known is KnownInvoice & { before: Invoice } {
  const { invoice, before } = known;
  if (!before) return false;
  return (['vatId', 'taxCode', 'name'] as const).some((name) => invoice.buyer[name] !== before.buyer[name]);
}
