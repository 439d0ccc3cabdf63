import type { Invoice, InvoiceAttachment, InvoiceVat, InvoiceWarning } from '../../domain/invoice.ts';
import { add, type Currency, zero } from '../../domain/money.ts';
import { type AttachmentBudget, attachmentBudget, attachmentOf, mediaTypeOf } from '../attachment-bytes.ts';
import { amountIn, currencyOf, numberIn, requiredAmountIn } from '../en16931/amount.ts';
import { documentTypeOf } from '../en16931/document-type.ts';
import { notesOf } from '../en16931/notes.ts';
import { buyerOf, sellerOf } from '../en16931/party.ts';
import { paymentsOf } from '../en16931/payment.ts';
import { totalsOf } from '../en16931/totals.ts';
import { dateOf, InvoiceRefused, notLonger, requiredChild, requiredText } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { chargesIn, linesOf, vatOf } from './goods.ts';
import { partyOf } from './party.ts';
import { meansOf, termsOf } from './payment.ts';
import { referencesOf } from './references.ts';

/**
 * Reads UBL 2.1 `Invoice` and `CreditNote` as EN 16931-3-2 binds them (Peppol BIS, XRechnung, NLCIUS), and what is left
 * of older profiles as far as it means the same. A file holds one document.
 */
export function readUbl(root: XmlElement): Invoice[] {
  const warnings: InvoiceWarning[] = [];
  const date = dateOf(root, 'IssueDate') ?? requiredText(root, 'IssueDate');
  const number = notLonger(requiredText(root, 'ID'), 100, 'ID');
  const sums = requiredChild(root, 'LegalMonetaryTotal');
  const currency = currencyIn(root, sums);
  const seller = sellerOf(partyOf(root, 'AccountingSupplierParty'), warnings);
  const buyer = buyerOf(partyOf(root, 'AccountingCustomerParty'), root.textOf('BuyerReference'), warnings);
  const vat = vatTotals(root, currency);
  const withholding = withholdingOf(root, currency);
  const totals = totalsOf(statedTotals(root, sums, currency), { vat, withholding }, warnings);
  const terms = termsOf(root, date, currency);
  const means = meansOf(root, warnings);
  const payments = paymentsOf({ dueOn: dateOf(root, 'DueDate'), means, terms }, { date, ...totals });
  const attachments = attachmentsOf(root, attachmentBudget(), warnings);
  const words = [...root.children('Note').map(({ text }) => text), ...terms.map((one) => one.words)];
  const type = typeOf(root, warnings);
  return [
    {
      source: 'ubl',
      ...type,
      number,
      date,
      currency,
      seller,
      buyer,
      lines: linesOf(root, currency),
      vat,
      charges: chargesIn(root, currency),
      withholding,
      stampDuty: null,
      ...totals,
      notes: notesOf(words),
      references: referencesOf(root),
      instalments: payments.instalments,
      attachments,
      warnings: [...warnings, ...payments.warnings],
    },
  ];
}

function typeOf(root: XmlElement, warnings: InvoiceWarning[]): Pick<Invoice, 'type' | 'typeCode'> {
  const isCreditNote = root.name === 'CreditNote';
  const path = isCreditNote ? 'CreditNoteTypeCode' : 'InvoiceTypeCode';
  return documentTypeOf({ code: root.textOf(path), path, root: isCreditNote ? 'creditNote' : 'invoice' }, warnings);
}

// UBL itself lets the document's currency be left to its amounts, which must have one.
function currencyIn(root: XmlElement, sums: XmlElement): Currency {
  const stated = root.textOf('DocumentCurrencyCode');
  const code = stated ?? sums.child('PayableAmount')?.attributes.get('currencyID')?.trim() ?? '';
  if (code !== '') return currencyOf(code, 'DocumentCurrencyCode');
  throw new InvoiceRefused('missing-element', 'DocumentCurrencyCode is missing or empty', 'DocumentCurrencyCode');
}

function statedTotals(root: XmlElement, sums: XmlElement, currency: Currency): Parameters<typeof totalsOf>[0] {
  return {
    total: amountIn(sums, 'TaxInclusiveAmount', currency),
    prepaid: amountIn(sums, 'PrepaidAmount', currency),
    rounding: amountIn(sums, 'PayableRoundingAmount', currency),
    payable: requiredAmountIn(sums, 'PayableAmount', currency),
    // In other profiles these are the parts of what was prepaid: only the sums tell.
    forOthers: root
      .children('PrepaidPayment')
      .reduce((sum, part) => add(sum, amountIn(part, 'PaidAmount', currency) ?? zero(currency)), zero(currency)),
  };
}

// A further TaxTotal (BT-111) states the VAT once more in the currency of the accounts (BT-6), which some files do not name.
function vatTotals(root: XmlElement, currency: Currency): InvoiceVat[] {
  const accounts = root.textOf('TaxCurrencyCode')?.toUpperCase();
  const currencyOfSum = (sum: XmlElement): string =>
    sum.child('TaxAmount')?.attributes.get('currencyID')?.trim().toUpperCase() || currency;
  const all = root.children('TaxTotal');
  const own = all.filter((sum) => currencyOfSum(sum) === currency);
  const stated = own.length > 0 ? own : all.filter((sum) => currencyOfSum(sum) !== accounts);
  return stated.flatMap((sum) => vatOf(sum, currency));
}

function withholdingOf(root: XmlElement, currency: Currency): Invoice['withholding'] {
  return root.children('WithholdingTaxTotal').map((sum) => {
    const [part] = sum.children('TaxSubtotal');
    const category = part?.child('TaxCategory');
    return {
      type: category?.child('TaxScheme')?.textOf('ID') ?? category?.textOf('ID') ?? '',
      rate: numberIn(category, 'Percent') ?? numberIn(part, 'Percent'),
      amount: requiredAmountIn(sum, 'TaxAmount', currency),
    };
  });
}

// BG-24. What stands elsewhere (BT-124) is not fetched.
function attachmentsOf(root: XmlElement, budget: AttachmentBudget, warnings: InvoiceWarning[]): InvoiceAttachment[] {
  return root.children('AdditionalDocumentReference').flatMap((reference, index) => {
    const object = reference.child('Attachment')?.child('EmbeddedDocumentBinaryObject');
    if (!object) return [];
    const { text: base64, path, attributes } = object;
    const name = attributes.get('filename')?.trim() || (reference.textOf('ID') ?? `${index + 1}`);
    const mediaType = attributes.get('mimeCode')?.trim().toLowerCase() || mediaTypeOf(name);
    return attachmentOf({ base64, name, mediaType, path }, budget, warnings);
  });
}
