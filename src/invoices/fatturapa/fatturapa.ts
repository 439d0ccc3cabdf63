import type { Invoice } from '../../domain/invoice.ts';
import { sameNumbers } from '../../domain/same-party.ts';
import { attachmentBudget } from '../attachment-bytes.ts';
import { InvoiceRefused, requiredChild } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { ordinaryDocument } from './ordinary.ts';
import { partiesOf } from './party.ts';
import { simplifiedDocument } from './simplified.ts';
import { transmissionOf } from './transmission.ts';

/**
 * Reads `FatturaElettronica` (FPR12, FPA12, and SDI10 and SDI11 of before) and `FatturaElettronicaSemplificata` (FSM10):
 * one invoice for each body. Order and white space do not matter, optional blocks may be absent; dates and amounts are
 * taken to the letter.
 */
export function readFatturaPa(root: XmlElement): Invoice[] {
  const header = requiredChild(root, 'FatturaElettronicaHeader');
  const transmission = transmissionOf(root, header);
  const bodies = root.children('FatturaElettronicaBody');
  if (bodies.length === 0) {
    throw new InvoiceRefused('missing-element', 'FatturaElettronicaBody is missing', 'FatturaElettronicaBody');
  }
  const { seller, buyer, warnings } = partiesOf(header, transmission);
  const writer = { byBuyer: transmission.byBuyer, toOneself: sameNumbers(seller, buyer) === true };
  const budget = attachmentBudget();
  const read = transmission.simplified ? simplifiedDocument : ordinaryDocument;
  return bodies.map((body) => {
    const document = read(body, { writer, budget });
    const told = [...transmission.warnings, ...warnings, ...document.warnings];
    return { source: 'fatturapa', seller, buyer, ...document, warnings: told };
  });
}
