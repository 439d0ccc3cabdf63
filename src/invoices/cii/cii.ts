import type { Invoice, InvoiceAttachment, InvoiceWarning } from '../../domain/invoice.ts';
import { type Currency, type Money, subtract, zero } from '../../domain/money.ts';
import { type AttachmentBudget, attachmentBudget, attachmentOf, mediaTypeOf } from '../attachment-bytes.ts';
import { amountIn, amountOf, currencyOf } from '../en16931/amount.ts';
import { documentTypeOf } from '../en16931/document-type.ts';
import { notesOf } from '../en16931/notes.ts';
import { buyerOf, sellerOf } from '../en16931/party.ts';
import { paymentsOf } from '../en16931/payment.ts';
import { totalsOf } from '../en16931/totals.ts';
import { InvoiceRefused, notLonger, requiredChild, requiredText } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { dateIn } from './date.ts';
import { chargesIn, linesOf, vatOf } from './goods.ts';
import { partyOf } from './party.ts';
import { meansOf, termsOf } from './payment.ts';
import { referencesOf } from './references.ts';

/**
 * Reads UN/CEFACT `CrossIndustryInvoice` (D16B and its later namesakes) as EN 16931-3-3 binds it, in every profile of
 * Factur-X and ZUGFeRD 2: MINIMUM and BASIC WL have no lines, EXTENDED has instalments. A file holds one document.
 */
export function readCii(root: XmlElement): Invoice[] {
  const warnings: InvoiceWarning[] = [];
  const head = requiredChild(root, 'ExchangedDocument');
  const trade = requiredChild(root, 'SupplyChainTradeTransaction');
  const agreement = requiredChild(trade, 'ApplicableHeaderTradeAgreement');
  const delivery = trade.child('ApplicableHeaderTradeDelivery');
  const settlement = requiredChild(trade, 'ApplicableHeaderTradeSettlement');
  const currency = currencyOf(
    requiredText(settlement, 'InvoiceCurrencyCode'),
    settlement.pathOf('InvoiceCurrencyCode'),
  );
  const date = issueDate(head);
  const vat = vatOf(settlement, currency);
  const totals = totalsOf(statedTotals(root, settlement, currency), { vat, withholding: [] }, warnings);
  const terms = termsOf(settlement, currency);
  const means = meansOf(settlement, warnings);
  const payments = paymentsOf({ dueOn: null, means, terms }, { date, ...totals });
  const notes = head.children('IncludedNote').map((note) => note.textOf('Content'));
  return [
    {
      source: 'cii',
      ...documentTypeOf({ code: head.textOf('TypeCode'), path: head.pathOf('TypeCode'), root: 'invoice' }, warnings),
      number: notLonger(requiredText(head, 'ID'), 100, head.pathOf('ID')),
      date,
      currency,
      seller: sellerOf(partyOf(agreement, 'SellerTradeParty'), warnings),
      buyer: buyerOf(partyOf(agreement, 'BuyerTradeParty'), agreement.textOf('BuyerReference'), warnings),
      lines: linesOf(trade, currency),
      vat,
      charges: chargesIn(settlement, currency),
      withholding: [],
      stampDuty: null,
      ...totals,
      notes: notesOf([...notes, ...terms.map(({ words }) => words)]),
      references: referencesOf(agreement, delivery, settlement),
      instalments: payments.instalments,
      attachments: attachmentsOf(agreement, attachmentBudget(), warnings),
      warnings: [...warnings, ...payments.warnings],
    },
  ];
}

function issueDate(head: XmlElement): string {
  const date = dateIn(head, 'IssueDateTime', 'first');
  if (date !== null) return date;
  throw new InvoiceRefused('missing-element', 'IssueDateTime is missing or empty', head.pathOf('IssueDateTime'));
}

const sumsName = 'SpecifiedTradeSettlementHeaderMonetarySummation';

function statedTotals(root: XmlElement, settlement: XmlElement, currency: Currency): Parameters<typeof totalsOf>[0] {
  const sums = requiredChild(settlement, sumsName);
  const payable = sumIn(sums, 'DuePayableAmount', currency);
  if (payable) {
    const total = sumIn(sums, 'GrandTotalAmount', currency);
    const prepaid = sumIn(sums, 'TotalPrepaidAmount', currency);
    const rounding = sumIn(sums, 'RoundingAmount', currency);
    const isSilent = prepaid === null && rounding === null && isMinimum(root);
    return {
      total,
      prepaid: isSilent && total !== null && isLess(payable, total) ? subtract(total, payable) : prepaid,
      rounding,
      payable,
      forOthers: zero(currency),
    };
  }
  const path = sums.pathOf('DuePayableAmount');
  throw new InvoiceRefused('missing-element', 'DuePayableAmount is missing or empty', path);
}

// The profile MINIMUM has no place for what was prepaid (BT-113): it shows in what is still due.
function isMinimum(root: XmlElement): boolean {
  const guideline = root.child('ExchangedDocumentContext')?.child('GuidelineSpecifiedDocumentContextParameter');
  return guideline?.textOf('ID')?.toLowerCase().endsWith(':minimum') ?? false;
}

function isLess(payable: Money, total: Money): boolean {
  return 0n <= payable.units && payable.units < total.units;
}

// D16B lets a sum be stated once more in another currency; the document's own counts, and it has to be there.
function sumIn(sums: XmlElement, name: string, currency: Currency): Money | null {
  const stated = sums.children(name);
  if (stated.length < 2) return amountIn(sums, name, currency);
  const own = stated.find((one) =>
    [currency, ''].includes(one.attributes.get('currencyID')?.trim().toUpperCase() ?? ''),
  );
  if (own) return amountOf(own, currency);
  const message = `${name} is in other currencies than the document, ${currency}`;
  throw new InvoiceRefused('currency-differs', message, sums.pathOf(name));
}

// BG-24. What stands elsewhere (BT-124, URIID) is not fetched.
function attachmentsOf(
  agreement: XmlElement,
  budget: AttachmentBudget,
  warnings: InvoiceWarning[],
): InvoiceAttachment[] {
  return agreement.children('AdditionalReferencedDocument').flatMap((reference, index) =>
    reference.children('AttachmentBinaryObject').flatMap(({ text: base64, path, attributes }) => {
      const name = attributes.get('filename')?.trim() || (reference.textOf('IssuerAssignedID') ?? `${index + 1}`);
      const mediaType = attributes.get('mimeCode')?.trim().toLowerCase() || mediaTypeOf(name);
      return attachmentOf({ base64, name, mediaType, path }, budget, warnings);
    }),
  );
}
