import type { Invoice, InvoiceType, InvoiceVat, InvoiceWarning } from '../../domain/invoice.ts';
import { payableOf } from '../../domain/invoice-terms.ts';
import { add, type Currency, formatUnits, type Money, parseCurrency, zero } from '../../domain/money.ts';
import {
  amountOf,
  dateOf,
  decimalOf,
  InvoiceRefused,
  notLonger,
  requiredAmount,
  requiredChild,
  requiredText,
} from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { attachmentsOf, maxAttachmentBytes } from './attachment.ts';
import { chargesOf, linesOf, referencesOf, vatOf } from './goods.ts';
import { buyerOf, sellerOf } from './party.ts';
import { paymentsOf } from './payment.ts';

/**
 * Reads `FatturaElettronica` 1.2.x, ordinary (FPR12 to private buyers, FPA12 to public bodies): one invoice for each
 * body. Order and white space do not matter, optional blocks may be absent; dates and amounts are taken to the letter.
 */
export function readFatturaPa(root: XmlElement): Invoice[] {
  const header = requiredChild(root, 'FatturaElettronicaHeader');
  const toPublicBody = transmissionFormat(root, header) === 'FPA12';
  const bodies = root.children('FatturaElettronicaBody');
  if (bodies.length === 0) {
    throw new InvoiceRefused('missing-element', 'FatturaElettronicaBody is missing', 'FatturaElettronicaBody');
  }
  const seller = sellerOf(header);
  const buyer = buyerOf(header, toPublicBody);
  const budget = { left: maxAttachmentBytes };
  return bodies.map((body) => ({ source: 'fatturapa', seller, buyer, ...documentOf(body, budget) }));
}

function transmissionFormat(root: XmlElement, header: XmlElement): 'FPA12' | 'FPR12' {
  const stated =
    header.child('DatiTrasmissione')?.textOf('FormatoTrasmissione') ?? root.attributes.get('versione') ?? '';
  const format = stated.toUpperCase();
  if (format === 'FPA12' || format === 'FPR12') return format;
  const name = format === 'FSM10' ? 'The simplified FatturaPA (FSM10)' : `FatturaPA of the version "${stated}"`;
  throw new InvoiceRefused(
    'format-not-supported',
    `${name} is not supported; FPR12 and FPA12 are`,
    'FatturaElettronicaHeader/DatiTrasmissione/FormatoTrasmissione',
  );
}

function documentOf(body: XmlElement, budget: { left: number }): Omit<Invoice, 'source' | 'seller' | 'buyer'> {
  const data = requiredChild(body, 'DatiGenerali');
  const general = requiredChild(data, 'DatiGeneraliDocumento');
  const goods = body.child('DatiBeniServizi');
  const currency = currencyOf(general);
  const warnings: InvoiceWarning[] = [];
  const typeCode = requiredText(general, 'TipoDocumento').toUpperCase();
  const type = typeOf(typeCode, warnings);
  const date = dateOf(general, 'Data') ?? requiredText(general, 'Data');
  const vat = vatOf(goods, currency);
  const withholding = withholdingOf(general, currency);
  const rounding = amountOf(general, 'Arrotondamento', currency);
  const total = totalOf(general, vat, rounding, currency, warnings);
  const payable = payableOf(total, { vat, withholding, prepaid: null });
  const payments = paymentsOf(body, { date, total, payable });
  const attachments = attachmentsOf(body, budget, warnings);
  return {
    type,
    typeCode,
    // The format's own limit is 20.
    number: notLonger(requiredText(general, 'Numero'), 100, general.pathOf('Numero')),
    date,
    currency,
    lines: linesOf(goods),
    vat,
    charges: chargesOf(general),
    withholding,
    stampDuty: stampDutyOf(general, currency),
    rounding,
    total,
    prepaid: null,
    payable,
    notes: general.children('Causale').map((note) => note.text),
    references: referencesOf(data),
    instalments: payments.instalments,
    attachments,
    warnings: [...warnings, ...payments.warnings],
  };
}

function currencyOf(general: XmlElement): Currency {
  const code = requiredText(general, 'Divisa');
  const currency = parseCurrency(code.toUpperCase());
  if (currency) return currency;
  const message = `"${code.slice(0, 40)}" is no currency of ISO 4217`;
  throw new InvoiceRefused('currency-invalid', message, general.pathOf('Divisa'));
}

// Agenzia delle Entrate, "Guida alla compilazione delle fatture elettroniche": TD16 to TD23 and TD27 to TD29 are
// written by the buyer (reverse charge, purchases abroad, VAT warehouses, own use, a seller who sent none).
const typesByCode: ReadonlyMap<string, InvoiceType> = new Map([
  ...list('invoice', 'TD01', 'TD02', 'TD03', 'TD06', 'TD24', 'TD25', 'TD26'),
  ...list('creditNote', 'TD04'),
  ...list('debitNote', 'TD05'),
  ...list('selfInvoice', 'TD16', 'TD17', 'TD18', 'TD19', 'TD20', 'TD21', 'TD22', 'TD23', 'TD27', 'TD28', 'TD29'),
]);

function typeOf(code: string, warnings: InvoiceWarning[]): InvoiceType {
  const type = typesByCode.get(code);
  if (type === undefined) {
    warnings.push({
      code: 'document-type-unknown',
      message: `The document type ${code} is not known: read as invoice`,
    });
  }
  if (type === 'selfInvoice') {
    warnings.push({
      code: 'self-invoice',
      message: `${code} is written by the buyer: nothing in it is owed to the seller`,
    });
  }
  return type ?? 'invoice';
}

function list(type: InvoiceType, ...codes: string[]): [string, InvoiceType][] {
  return codes.map((code) => [code, type]);
}

function withholdingOf(general: XmlElement, currency: Currency): Invoice['withholding'] {
  return general.children('DatiRitenuta').map((element) => ({
    type: element.textOf('TipoRitenuta') ?? '',
    rate: decimalOf(element, 'AliquotaRitenuta'),
    amount: requiredAmount(element, 'ImportoRitenuta', currency),
  }));
}

function stampDutyOf(general: XmlElement, currency: Currency): Money | null {
  const stamp = general.child('DatiBollo');
  return stamp ? amountOf(stamp, 'ImportoBollo', currency) : null;
}

function totalOf(
  general: XmlElement,
  vat: readonly InvoiceVat[],
  rounding: Money | null,
  currency: Currency,
  warnings: InvoiceWarning[],
): Money {
  const stated = amountOf(general, 'ImportoTotaleDocumento', currency);
  if (stated) return stated;
  if (vat.length === 0) {
    const message = 'Neither ImportoTotaleDocumento nor DatiRiepilogo says what the document comes to';
    throw new InvoiceRefused('missing-element', message, general.pathOf('ImportoTotaleDocumento'));
  }
  const sum = vat.reduce((so, { taxable, tax }) => add(add(so, taxable), tax), rounding ?? zero(currency));
  const message = `The invoice states no total: ${formatUnits(sum)} is the sum of its VAT summary`;
  warnings.push({ code: 'total-computed', message });
  return sum;
}
