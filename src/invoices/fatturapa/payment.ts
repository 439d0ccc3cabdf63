import { type Instalment, type InvoiceWarning, isIsoDate } from '../../domain/invoice.ts';
import { paymentTerms, sumOf } from '../../domain/invoice-terms.ts';
import type { Money } from '../../domain/money.ts';
import { statedBic, statedIban } from '../bank-account.ts';
import { InvoiceRefused, requiredAmount } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import type { DocumentType } from './document-type.ts';
import { codeOf, dayOf, lineOf } from './loose-field.ts';

type Document = { readonly date: string; readonly total: Money; readonly payable: Money };
type Payments = { instalments: Instalment[]; warnings: InvoiceWarning[] };

/**
 * Every `DettaglioPagamento` of every `DatiPagamento`, in the order of the file. A document by which nobody is owed
 * anything has none.
 */
export function paymentsOf(body: XmlElement, document: Document, { owed }: DocumentType): Payments {
  if (owed === 'nothing') return { instalments: [], warnings: [] };
  const warnings: InvoiceWarning[] = [];
  const instalments = body.children('DatiPagamento').flatMap((block) => {
    const details = block.children('DettaglioPagamento');
    if (details.length > 0) warnings.push(...advanceOf(block));
    return details.map((detail) => instalmentOf(detail, document, warnings));
  });
  const terms = paymentTerms(signedAs(document.payable, instalments), document);
  return { instalments: terms.instalments, warnings: [...warnings, ...terms.warnings] };
}

// Of a document of less than nothing some programs write the payments without their sign: they would ask for what is given
// back.
function signedAs(payable: Money, instalments: readonly Instalment[]): Instalment[] {
  const sum = sumOf(instalments, payable.currency);
  const isOpposite = payable.units < 0n && sum.units === -payable.units;
  return instalments.map((one) => (isOpposite ? { ...one, amount: negated(one.amount) } : one));
}

function negated({ units, currency }: Money): Money {
  return { units: -units, currency };
}

// 2.4.1 CondizioniPagamento. The format does not say whether the advance has been paid; a person knows.
function advanceOf(block: XmlElement): InvoiceWarning[] {
  if (codeOf(block, 'CondizioniPagamento') !== 'TP03') return [];
  return [{ code: 'advance-payment', message: `${block.path} is an advance (TP03): it may be paid already` }];
}

function instalmentOf(detail: XmlElement, document: Document, warnings: InvoiceWarning[]): Instalment {
  warnings.push(...discountOf(detail));
  return {
    dueOn: dueOnOf(detail, document.date, warnings),
    amount: requiredAmount(detail, 'ImportoPagamento', document.total.currency),
    method: codeOf(detail, 'ModalitaPagamento'),
    iban: statedIban(detail.textOf('IBAN'), detail.pathOf('IBAN'), warnings),
    bic: statedBic(detail.textOf('BIC'), detail.pathOf('BIC'), warnings),
    holder: lineOf(detail, 'Beneficiario'),
  };
}

// 2.4.2.17 and 2.4.2.18: a choice of the buyer's, made by paying early; until then the whole amount is owed.
function discountOf(detail: XmlElement): InvoiceWarning[] {
  const discount = detail.textOf('ScontoPagamentoAnticipato');
  if (discount === null || /^[0.]+$/.test(discount)) return [];
  const until = dayOf(detail, 'DataLimitePagamentoAnticipato');
  const message = `${detail.path} grants a discount of ${discount.slice(0, 40)} for paying ${until === null ? 'early' : `until ${until}`}: it is not taken off`;
  return [{ code: 'early-payment-discount', message }];
}

// FatturaPA 2.4.2.3 to 2.4.2.5: the day itself, or a number of days from a reference day.
function dueOnOf(detail: XmlElement, invoiceDate: string, warnings: InvoiceWarning[]): string {
  const stated = dayOf(detail, 'DataScadenzaPagamento');
  const reference = dayOf(detail, 'DataRiferimentoTerminiPagamento');
  const days = daysOf(detail);
  if (stated !== null) return stated;
  if (days !== null) return daysAfter(reference ?? invoiceDate, days, detail);
  if (reference !== null) return reference;
  const message = `${detail.path} states no date: it is taken as due on the date of the invoice`;
  warnings.push({ code: 'no-due-date', message });
  return invoiceDate;
}

function daysAfter(day: string, days: number, detail: XmlElement): string {
  const dueOn = Temporal.PlainDate.from(day).add({ days }).toString();
  if (isIsoDate(dueOn)) return dueOn;
  const message = `${days} days after ${day} is no date of the calendar`;
  throw new InvoiceRefused('date-invalid', message, detail.pathOf('GiorniTerminiPagamento'));
}

function daysOf(detail: XmlElement): number | null {
  const text = detail.textOf('GiorniTerminiPagamento');
  if (text === null) return null;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const path = detail.pathOf('GiorniTerminiPagamento');
  throw new InvoiceRefused('number-invalid', `"${text.slice(0, 40)}" is no number of days (0 to 999)`, path);
}
