import type { InvoiceLine, InvoiceVat, InvoiceWarning } from '../../domain/invoice.ts';
import { add, type Currency, formatUnits, zero } from '../../domain/money.ts';
import { InvoiceRefused, requiredChild } from '../field.ts';
import { reckoned } from '../reckoned-amount.ts';
import type { XmlElement } from '../xml-tree.ts';
import { attachmentsOf } from './attachment.ts';
import { headOf } from './document-head.ts';
import { documentTypeOf, payableBy } from './document-type.ts';
import { referencesOf } from './goods.ts';
import type { Around, Document } from './ordinary.ts';
import { paymentsOf } from './payment.ts';
import { type Sale, saleOf } from './sale.ts';

/**
 * One `FatturaElettronicaBody` of the simplified form (art. 21-bis D.P.R. 633/1972): its amounts hold their VAT, the
 * total is their sum, and no terms are stated.
 */
export function simplifiedDocument(body: XmlElement, { writer, budget }: Around): Document {
  const data = requiredChild(body, 'DatiGenerali');
  const warnings: InvoiceWarning[] = [];
  const head = headOf(requiredChild(data, 'DatiGeneraliDocumento'));
  const documentType = documentTypeOf(head.typeCode, writer, warnings);
  const sales = salesOf(body, head.currency, warnings);
  const vat = vatOf(sales, body.pathOf('DatiBeniServizi'));
  const sum = sales.reduce((so, { gross }) => add(so, gross), zero(head.currency));
  const total = reckoned(sum, body.pathOf('DatiBeniServizi'));
  const nothingElse = { withholding: [], prepaid: null };
  const payable = payableBy(documentType, total, { ...nothingElse, vat });
  const payments = paymentsOf(body, { date: head.date, total, payable }, documentType);
  const attachments = attachmentsOf(body, budget, warnings);
  return {
    ...head,
    ...nothingElse,
    type: documentType.type,
    lines: sales.map(lineOfSale),
    vat,
    charges: [],
    rounding: null,
    total,
    payable,
    notes: data
      .children('DatiFatturaRettificata')
      .flatMap((corrected) => corrected.textOf('ElementiRettificati') ?? []),
    references: referencesOf(data),
    instalments: payments.instalments,
    attachments,
    warnings: [...warnings, ...payments.warnings],
  };
}

function salesOf(body: XmlElement, currency: Currency, warnings: InvoiceWarning[]): Sale[] {
  const sales = body.children('DatiBeniServizi').map((element) => saleOf(element, currency, warnings));
  if (sales.length > 0) return sales;
  throw new InvoiceRefused('missing-element', 'DatiBeniServizi is missing', body.pathOf('DatiBeniServizi'));
}

function lineOfSale({ description, net, rate, nature }: Sale, index: number): InvoiceLine {
  return {
    number: `${index + 1}`,
    description,
    quantity: null,
    unit: null,
    unitPrice: null,
    adjustments: [],
    period: null,
    vatRate: rate,
    vatNature: nature,
    total: formatUnits(net),
  };
}

function vatOf(sales: readonly Sale[], path: string): InvoiceVat[] {
  const rows = new Map<string, InvoiceVat>();
  for (const { rate, nature, reason, net, tax } of sales) {
    // 22 and 22.00 are one rate.
    const key = `${rate.replace(/\.0*$|(?<=\.\d*)0+$/, '')} ${nature ?? ''}`;
    const row = rows.get(key);
    rows.set(key, {
      rate: row?.rate ?? rate,
      nature,
      taxable: row ? reckoned(add(row.taxable, net), path) : net,
      tax: row ? reckoned(add(row.tax, tax), path) : tax,
      reason: row?.reason ?? reason,
      paidByBuyer: false,
    });
  }
  return [...rows.values()];
}
