import type { InvoiceCharge, InvoiceLine, InvoiceVat } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { decimalIn, numberIn, requiredAmountIn } from '../en16931/amount.ts';
import { chargesOf, lineOf, natureOf, type StatedAllowance } from '../en16931/goods.ts';
import type { XmlElement } from '../xml-tree.ts';
import { dateIn } from './date.ts';

/** `IncludedSupplyChainTradeLineItem`. */
export function linesOf(trade: XmlElement, currency: Currency): InvoiceLine[] {
  return trade.children('IncludedSupplyChainTradeLineItem').map((line) => {
    const document = line.child('AssociatedDocumentLineDocument');
    const product = line.child('SpecifiedTradeProduct');
    const price = line.child('SpecifiedLineTradeAgreement')?.child('NetPriceProductTradePrice');
    const billed = line.child('SpecifiedLineTradeDelivery')?.child('BilledQuantity');
    const settlement = line.child('SpecifiedLineTradeSettlement');
    const tax = settlement?.child('ApplicableTradeTax');
    const period = settlement?.child('BillingSpecifiedPeriod');
    const [from, to] = [dateIn(period, 'StartDateTime', 'first'), dateIn(period, 'EndDateTime', 'last')];
    const sums = settlement?.child('SpecifiedTradeSettlementLineMonetarySummation');
    return lineOf({
      number: document?.textOf('LineID') ?? null,
      texts: [product?.textOf('Name') ?? null, product?.textOf('Description') ?? null],
      quantity: billed ? numberIn(line.child('SpecifiedLineTradeDelivery'), 'BilledQuantity') : null,
      unit: billed?.attributes.get('unitCode') || null,
      netPrice: decimalIn(price, 'ChargeAmount', currency),
      baseQuantity: numberIn(price, 'BasisQuantity'),
      allowances: allowancesOf(settlement, currency),
      period: from === null && to === null ? null : { from, to },
      vatRate: numberIn(tax, 'RateApplicablePercent') ?? numberIn(tax, 'ApplicablePercent'),
      category: tax?.textOf('CategoryCode') ?? null,
      total: isPartOfTotal(document) ? decimalIn(sums, 'LineTotalAmount', currency) : null,
    });
  });
}

/** `SpecifiedTradeAllowanceCharge` of the document, and EXTENDED's charges for services of transport. */
export function chargesIn(settlement: XmlElement, currency: Currency): InvoiceCharge[] {
  const services = settlement.children('SpecifiedLogisticsServiceCharge').map((service): StatedAllowance => {
    return { kind: 'surcharge', percent: null, base: null, amount: decimalIn(service, 'AppliedAmount', currency) };
  });
  return chargesOf([...allowancesOf(settlement, currency), ...services]);
}

/** `ApplicableTradeTax` of the document. */
export function vatOf(settlement: XmlElement, currency: Currency): InvoiceVat[] {
  return settlement.children('ApplicableTradeTax').map((tax) => {
    const code = tax.textOf('CategoryCode');
    return {
      rate: numberIn(tax, 'RateApplicablePercent') ?? numberIn(tax, 'ApplicablePercent') ?? '0',
      nature: natureOf(code),
      taxable: requiredAmountIn(tax, 'BasisAmount', currency),
      tax: requiredAmountIn(tax, 'CalculatedAmount', currency),
      reason: tax.textOf('ExemptionReason') ?? tax.textOf('ExemptionReasonCode'),
      // Italy's split payment (UNTDID 5305 B, "transferred").
      paidByBuyer: code?.toUpperCase() === 'B',
    };
  });
}

// EXTENDED: a GROUP's sum is that of its details once more, an INFORMATION's is in no sum.
function isPartOfTotal(document: XmlElement | undefined): boolean {
  const reason = document?.textOf('LineStatusReasonCode')?.toUpperCase();
  return reason !== 'GROUP' && reason !== 'INFORMATION';
}

function allowancesOf(element: XmlElement | undefined, currency: Currency): StatedAllowance[] {
  return (element?.children('SpecifiedTradeAllowanceCharge') ?? []).map((allowance) => {
    const indicator = allowance.child('ChargeIndicator');
    const isCharge = indicator?.textOf('Indicator') ?? indicator?.textOf('IndicatorString') ?? indicator?.text;
    return {
      kind: ['true', '1'].includes(isCharge?.toLowerCase() ?? '') ? 'surcharge' : 'discount',
      percent: numberIn(allowance, 'CalculationPercent'),
      base: decimalIn(allowance, 'BasisAmount', currency),
      amount: decimalIn(allowance, 'ActualAmount', currency),
    };
  });
}
