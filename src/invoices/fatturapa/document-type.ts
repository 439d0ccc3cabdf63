import type { Invoice, InvoiceType, InvoiceWarning } from '../../domain/invoice.ts';
import { payableOf } from '../../domain/invoice-terms.ts';
import { add, type Money, zero } from '../../domain/money.ts';

/** What the buyer owes the seller by the document: all of it, all but the VAT, or nothing. */
type Owed = 'total' | 'taxable' | 'nothing';
export type DocumentType = { readonly type: InvoiceType; readonly owed: Owed };

type Writer = { readonly byBuyer: boolean; readonly toOneself: boolean };

/**
 * What `TipoDocumento` means. One that is not known is read as an invoice, with a warning.
 * @param writer `byBuyer`: the header says so; `toOneself`: seller and buyer are the same.
 */
export function documentTypeOf(code: string, writer: Writer, warnings: InvoiceWarning[]): DocumentType {
  const known = documentTypes.get(code);
  if (!known) {
    const message = `The document type ${code.slice(0, 40)} is not known: read as invoice`;
    warnings.push({ code: 'document-type-unknown', message });
  }
  const found = written(code, known ?? { type: 'invoice', owed: 'total' }, writer);
  if (found.type === 'selfInvoice') warnings.push({ code: 'self-invoice', message: selfInvoiceWords(code, found) });
  return found;
}

/** What is left to pay of `total`; VAT that the buyer of a self-invoice pays to the treasury is no part of it. */
export function payableBy(
  { owed }: DocumentType,
  total: Money,
  document: Pick<Invoice, 'vat' | 'withholding' | 'prepaid'>,
): Money {
  switch (owed) {
    case 'total':
      return payableOf(total, document);
    case 'taxable':
      return payableOf(taxableOf(total, document), { ...document, vat: [] });
    case 'nothing':
      return zero(total.currency);
  }
}

function taxableOf(total: Money, { vat }: Pick<Invoice, 'vat'>): Money {
  if (vat.length === 0) return total;
  return vat.reduce((sum, { taxable }) => add(sum, taxable), zero(total.currency));
}

// Agenzia delle Entrate, "Guida alla compilazione delle fatture elettroniche e dell'esterometro" 1.10 and "Specifiche
// tecniche" 1.9, 2.1.1.1 TipoDocumento. The buyer writes:
// - TD16 to TD20, TD22, TD23: to add the VAT that the law makes the buyer's own debt (reverse charge: art. 17 D.P.R.
//   633/1972, art. 46 D.L. 331/1993, VAT warehouses: art. 50-bis D.L. 331/1993). The seller charged none, and is owed
//   the taxable sum;
// - TD28, to report a paper invoice from San Marino that charges VAT, and TD29, to report a seller who sent none: both
//   only report, and the seller is owed all of it.
// TD21 (VAT on purchases beyond the ceiling of an exporter) and TD27 (own use, gifts) name one firm as seller and buyer
// (check 00472 of the exchange system).
const documentTypes: ReadonlyMap<string, DocumentType> = new Map([
  ...all({ type: 'invoice', owed: 'total' }, 'TD01', 'TD02', 'TD03', 'TD06', 'TD07', 'TD24', 'TD25', 'TD26'),
  ...all({ type: 'creditNote', owed: 'total' }, 'TD04', 'TD08'),
  ...all({ type: 'debitNote', owed: 'total' }, 'TD05', 'TD09'),
  ...all({ type: 'selfInvoice', owed: 'taxable' }, 'TD16', 'TD17', 'TD18', 'TD19', 'TD20', 'TD22', 'TD23'),
  ...all({ type: 'selfInvoice', owed: 'total' }, 'TD28', 'TD29'),
  ...all({ type: 'selfInvoice', owed: 'nothing' }, 'TD21', 'TD27'),
]);

// Goods of one's own: taken out of a VAT warehouse, or passed from one of one's businesses to another (art. 36 D.P.R.
// 633/1972). Of most other types the exchange system refuses what names one firm twice (check 00471).
const perhapsToOneself: ReadonlySet<string> = new Set(['TD22', 'TD23', 'TD26']);

function written(code: string, document: DocumentType, { byBuyer, toOneself }: Writer): DocumentType {
  if (toOneself && perhapsToOneself.has(code)) return { type: 'selfInvoice', owed: 'nothing' };
  // Art. 21 (1) D.P.R. 633/1972: the buyer may write the invoice for the seller, and owes all of it.
  return byBuyer && document.type === 'invoice' ? { ...document, type: 'selfInvoice' } : document;
}

function selfInvoiceWords(code: string, { owed }: DocumentType): string {
  switch (owed) {
    case 'total':
      return `${code} was written by the buyer, who owes it to the seller`;
    case 'taxable':
      return `${code} was written by the buyer, who pays its VAT to the treasury and owes the seller the taxable sum`;
    case 'nothing':
      return `${code} was written by a firm to itself: nobody is owed anything by it`;
  }
}

function all(document: DocumentType, ...codes: string[]): [string, DocumentType][] {
  return codes.map((code) => [code, document]);
}
