import type { Direction } from './due-date.ts';
import type { Invoice, InvoiceBuyer, InvoiceWarning } from './invoice.ts';
import { type PartyNumbers, sameNumbers } from './same-party.ts';

/**
 * Whether an invoice asks for the tenant's money or brings it some. Who sells is owed to, whoever wrote the invoice
 * (UNTDID 1001, 389: self-billed). A tenant that has not said who it is is taken for the one who sent the file: the
 * seller, or the buyer of what a buyer writes (FatturaPA TD16 and on). A reminder cannot be sent for a payable, so what
 * a stranger's buyer wrote is one.
 * @param tenant how it is known to the tax office, as far as it has said so.
 */
export function directionOf(
  invoice: Pick<Invoice, 'number' | 'type' | 'seller' | 'buyer'>,
  tenant: PartyNumbers,
): { direction: Direction; warnings: InvoiceWarning[] } {
  const usual = invoice.type === 'selfInvoice' ? 'payable' : 'receivable';
  if (tenant.vatId === null && tenant.taxCode === null) return { direction: usual, warnings: [] };
  if (sameNumbers(invoice.seller, tenant) === true) return { direction: 'receivable', warnings: [] };
  if (sameNumbers(invoice.buyer, tenant) === true) return { direction: 'payable', warnings: [] };
  const message = `${invoice.number} is neither from nor to this tenant, by VAT id and tax code: it is taken as ${usual}`;
  return { direction: usual, warnings: [{ code: 'other-seller', message }] };
}

/** The other one of an invoice: who owes it, or whom it is owed to. */
export function counterpartyOf(
  { seller, buyer }: Pick<Invoice, 'seller' | 'buyer'>,
  direction: Direction,
): InvoiceBuyer {
  switch (direction) {
    case 'receivable':
      return buyer;
    case 'payable':
      return { ...seller, kind: 'business' };
  }
}
