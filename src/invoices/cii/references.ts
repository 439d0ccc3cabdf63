import type { InvoiceReference } from '../../domain/invoice.ts';
import { isPlaceholder } from '../en16931/party.ts';
import type { XmlElement } from '../xml-tree.ts';
import { dateIn } from './date.ts';

/** Orders, contracts, deliveries and the invoices before this one (BG-3), which a credit note takes back. */
export function referencesOf(
  agreement: XmlElement,
  delivery: XmlElement | undefined,
  settlement: XmlElement,
): InvoiceReference[] {
  return [
    ...referencesIn(agreement, 'BuyerOrderReferencedDocument', 'order'),
    ...referencesIn(agreement, 'ContractReferencedDocument', 'contract'),
    ...referencesIn(delivery, 'ReceivingAdviceReferencedDocument', 'receipt'),
    ...referencesIn(delivery, 'DespatchAdviceReferencedDocument', 'deliveryNote'),
    ...referencesIn(delivery, 'DeliveryNoteReferencedDocument', 'deliveryNote'),
    ...referencesIn(settlement, 'InvoiceReferencedDocument', 'invoice'),
  ];
}

function referencesIn(
  element: XmlElement | undefined,
  name: string,
  kind: InvoiceReference['kind'],
): InvoiceReference[] {
  return (element?.children(name) ?? []).flatMap((document) => {
    const number = document.textOf('IssuerAssignedID');
    if (number === null || isPlaceholder(number)) return [];
    return [{ kind, number, date: dateIn(document, 'FormattedIssueDateTime', 'first'), cup: null, cig: null }];
  });
}
