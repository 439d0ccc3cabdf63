import { isValidBIC, isValidIBAN } from 'ibantools';
import type { Instalment, InvoiceWarning } from '../../domain/invoice.ts';
import { paymentTerms } from '../../domain/invoice-terms.ts';
import type { Money } from '../../domain/money.ts';
import { dateOf, InvoiceRefused, requiredAmount } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

type Document = { readonly date: string; readonly total: Money; readonly payable: Money };
type Payments = { instalments: Instalment[]; warnings: InvoiceWarning[] };

/** Every `DettaglioPagamento` of every `DatiPagamento`, in the order of the file. */
export function paymentsOf(body: XmlElement, document: Document): Payments {
  const warnings: InvoiceWarning[] = [];
  const instalments = body
    .children('DatiPagamento')
    .flatMap((block) => block.children('DettaglioPagamento'))
    .map((detail) => instalmentOf(detail, document, warnings));
  const terms = paymentTerms(instalments, document);
  return { instalments: terms.instalments, warnings: [...warnings, ...terms.warnings] };
}

function instalmentOf(detail: XmlElement, document: Document, warnings: InvoiceWarning[]): Instalment {
  return {
    dueOn: dueOnOf(detail, document.date, warnings),
    amount: requiredAmount(detail, 'ImportoPagamento', document.total.currency),
    method: detail.textOf('ModalitaPagamento')?.toUpperCase() ?? null,
    iban: ibanOf(detail, warnings),
    bic: bicOf(detail, warnings),
    holder: detail.textOf('Beneficiario'),
  };
}

// FatturaPA 2.4.2.3 to 2.4.2.5: the day itself, or a number of days from a reference day.
function dueOnOf(detail: XmlElement, invoiceDate: string, warnings: InvoiceWarning[]): string {
  const stated = dateOf(detail, 'DataScadenzaPagamento');
  const reference = dateOf(detail, 'DataRiferimentoTerminiPagamento');
  const days = daysOf(detail);
  if (stated !== null) return stated;
  if (days !== null)
    return Temporal.PlainDate.from(reference ?? invoiceDate)
      .add({ days })
      .toString();
  if (reference !== null) return reference;
  const message = `${detail.path} states no date: it is taken as due on the date of the invoice`;
  warnings.push({ code: 'no-due-date', message });
  return invoiceDate;
}

function daysOf(detail: XmlElement): number | null {
  const text = detail.textOf('GiorniTerminiPagamento');
  if (text === null) return null;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const path = detail.pathOf('GiorniTerminiPagamento');
  throw new InvoiceRefused('number-invalid', `"${text.slice(0, 40)}" is no number of days (0 to 999)`, path);
}

// Money sent to a mistyped account is gone, so a wrong one is left out rather than shown; the due date still stands.
function ibanOf(detail: XmlElement, warnings: InvoiceWarning[]): string | null {
  const iban = detail.textOf('IBAN')?.replaceAll(/\s/g, '').toUpperCase();
  if (iban === undefined) return null;
  if (isValidIBAN(iban)) return iban;
  warnings.push({ code: 'iban-invalid', message: `${detail.pathOf('IBAN')} is no valid IBAN and is left out` });
  return null;
}

function bicOf(detail: XmlElement, warnings: InvoiceWarning[]): string | null {
  const bic = detail.textOf('BIC')?.replaceAll(/\s/g, '').toUpperCase();
  if (bic === undefined) return null;
  if (isValidBIC(bic)) return bic;
  warnings.push({ code: 'bic-invalid', message: `${detail.pathOf('BIC')} is no valid BIC and is left out` });
  return null;
}
