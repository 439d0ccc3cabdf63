import type { InvoiceCharge, InvoiceLine, InvoiceVat } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { decimalIn, numberIn, requiredAmountIn } from '../en16931/amount.ts';
import { chargesOf, lineOf, natureOf, type StatedAllowance } from '../en16931/goods.ts';
import { dateOf } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** `InvoiceLine` or `CreditNoteLine`. Lines within a line are its details; it holds their sum. */
export function linesOf(root: XmlElement, currency: Currency): InvoiceLine[] {
  const isCreditNote = root.name === 'CreditNote';
  const quantityName = isCreditNote ? 'CreditedQuantity' : 'InvoicedQuantity';
  return root.children(isCreditNote ? 'CreditNoteLine' : 'InvoiceLine').map((line) => {
    const item = line.child('Item');
    const price = line.child('Price');
    const category = item?.child('ClassifiedTaxCategory') ?? olderCategory(line);
    return lineOf({
      number: line.textOf('ID'),
      texts: [item?.textOf('Name') ?? null, item?.textOf('Description') ?? null],
      quantity: numberIn(line, quantityName),
      unit: line.child(quantityName)?.attributes.get('unitCode') || null,
      netPrice: decimalIn(price, 'PriceAmount', currency),
      baseQuantity: numberIn(price, 'BaseQuantity'),
      allowances: allowancesOf(line, currency),
      period: periodOf(line.child('InvoicePeriod')),
      vatRate: numberIn(category, 'Percent'),
      category: category?.textOf('ID') ?? null,
      total: decimalIn(line, 'LineExtensionAmount', currency),
    });
  });
}

/** `AllowanceCharge` of the document. */
export function chargesIn(root: XmlElement, currency: Currency): InvoiceCharge[] {
  return chargesOf(allowancesOf(root, currency));
}

/** The breakdown in one `TaxTotal`. */
export function vatOf(sum: XmlElement, currency: Currency): InvoiceVat[] {
  return sum.children('TaxSubtotal').map((part) => {
    const category = part.child('TaxCategory');
    const code = category?.textOf('ID') ?? null;
    return {
      rate: numberIn(category, 'Percent') ?? numberIn(part, 'Percent') ?? '0',
      nature: natureOf(code),
      taxable: requiredAmountIn(part, 'TaxableAmount', currency),
      tax: requiredAmountIn(part, 'TaxAmount', currency),
      reason: category?.textOf('TaxExemptionReason') ?? category?.textOf('TaxExemptionReasonCode') ?? null,
      // Italy's split payment (UNTDID 5305 B, "transferred").
      paidByBuyer: code?.toUpperCase() === 'B',
    };
  });
}

// Before EN 16931 a line had a tax total of its own.
function olderCategory(line: XmlElement): XmlElement | undefined {
  return line.child('TaxTotal')?.child('TaxSubtotal')?.child('TaxCategory');
}

function allowancesOf(element: XmlElement, currency: Currency): StatedAllowance[] {
  return element.children('AllowanceCharge').map((allowance) => ({
    kind: ['true', '1'].includes(allowance.textOf('ChargeIndicator')?.toLowerCase() ?? '') ? 'surcharge' : 'discount',
    percent: numberIn(allowance, 'MultiplierFactorNumeric'),
    base: decimalIn(allowance, 'BaseAmount', currency),
    amount: decimalIn(allowance, 'Amount', currency),
  }));
}

function periodOf(period: XmlElement | undefined): InvoiceLine['period'] {
  if (!period) return null;
  const [from, to] = [dateOf(period, 'StartDate'), dateOf(period, 'EndDate')];
  return from === null && to === null ? null : { from, to };
}
