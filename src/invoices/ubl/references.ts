import type { InvoiceReference } from '../../domain/invoice.ts';
import { isPlaceholder } from '../en16931/party.ts';
import { dateOf } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** Orders, contracts, deliveries and the invoices before this one (BG-3), which a credit note takes back. */
export function referencesOf(root: XmlElement): InvoiceReference[] {
  const preceding = root
    .children('BillingReference')
    .flatMap((billing) => [
      ...billing.children('InvoiceDocumentReference'),
      ...billing.children('SelfBilledInvoiceDocumentReference'),
    ]);
  return [
    ...blocks.flatMap(({ block, kind }) => root.children(block).flatMap((element) => referenceOf(element, kind))),
    ...preceding.flatMap((element) => referenceOf(element, 'invoice')),
  ];
}

const blocks = [
  { block: 'OrderReference', kind: 'order' },
  { block: 'ContractDocumentReference', kind: 'contract' },
  { block: 'ReceiptDocumentReference', kind: 'receipt' },
  { block: 'DespatchDocumentReference', kind: 'deliveryNote' },
] as const;

function referenceOf(element: XmlElement, kind: InvoiceReference['kind']): InvoiceReference[] {
  const number = element.textOf('ID');
  // Peppol writes NA for an order that has no number of the buyer's.
  if (number === null || isPlaceholder(number)) return [];
  return [{ kind, number, date: dateOf(element, 'IssueDate'), cup: null, cig: null }];
}
