import type { Invoice, InvoiceWarning } from '../../domain/invoice.ts';
import { add, type Currency, formatUnits, type Money, subtract, zero } from '../../domain/money.ts';
import type { AttachmentBudget } from '../attachment-bytes.ts';
import { amountOf, decimalOf, InvoiceRefused, requiredAmount, requiredChild } from '../field.ts';
import { reckoned } from '../reckoned-amount.ts';
import type { XmlElement } from '../xml-tree.ts';
import { attachmentsOf } from './attachment.ts';
import { headOf } from './document-head.ts';
import { documentTypeOf, payableBy } from './document-type.ts';
import { chargesOf, isSurcharge, linesOf, referencesOf, vatOf } from './goods.ts';
import { codeOf } from './loose-field.ts';
import { paymentsOf } from './payment.ts';

/** What holds for all documents of the file. */
export type Around = {
  readonly writer: { readonly byBuyer: boolean; readonly toOneself: boolean };
  readonly budget: AttachmentBudget;
};
export type Document = Omit<Invoice, 'source' | 'seller' | 'buyer'>;

/** One `FatturaElettronicaBody` of the ordinary form. */
export function ordinaryDocument(body: XmlElement, { writer, budget }: Around): Document {
  const data = requiredChild(body, 'DatiGenerali');
  const general = requiredChild(data, 'DatiGeneraliDocumento');
  const goods = body.child('DatiBeniServizi');
  const warnings: InvoiceWarning[] = [];
  const head = headOf(general);
  const documentType = documentTypeOf(head.typeCode, writer, warnings);
  const vat = vatOf(goods, head.currency);
  const withholding = withholdingOf(general, head.currency);
  const rounding = amountOf(general, 'Arrotondamento', head.currency);
  const total = totalOf(general, { vat, withholding, rounding, currency: head.currency }, warnings);
  const owed = payableBy(documentType, total, { vat, withholding, prepaid: null });
  const payable = reckoned(owed, general.pathOf('ImportoTotaleDocumento'));
  const payments = paymentsOf(body, { date: head.date, total, payable }, documentType);
  const attachments = attachmentsOf(body, budget, warnings);
  return {
    ...head,
    type: documentType.type,
    lines: linesOf(goods),
    vat,
    charges: chargesOf(general),
    withholding,
    rounding,
    total,
    prepaid: null,
    payable,
    notes: general.children('Causale').flatMap((note) => (note.text === '' ? [] : [note.text])),
    references: referencesOf(data),
    instalments: payments.instalments,
    attachments,
    warnings: [...warnings, ...payments.warnings],
  };
}

function withholdingOf(general: XmlElement, currency: Currency): Invoice['withholding'] {
  return general.children('DatiRitenuta').map((element) => ({
    type: codeOf(element, 'TipoRitenuta') ?? '',
    rate: decimalOf(element, 'AliquotaRitenuta'),
    amount: requiredAmount(element, 'ImportoRitenuta', currency),
  }));
}

function totalOf(
  general: XmlElement,
  { vat, withholding, rounding, currency }: Pick<Invoice, 'vat' | 'withholding' | 'rounding' | 'currency'>,
  warnings: InvoiceWarning[],
): Money {
  const stated = amountOf(general, 'ImportoTotaleDocumento', currency);
  const withheld = withholding.reduce((so, { amount }) => add(so, amount), zero(currency));
  if (stated && (withheld.units === 0n || vat.length === 0)) return stated;
  if (vat.length === 0) {
    const message = 'Neither ImportoTotaleDocumento nor DatiRiepilogo says what the document comes to';
    throw new InvoiceRefused('missing-element', message, general.pathOf('ImportoTotaleDocumento'));
  }
  const sum = vat.reduce((so, { taxable, tax }) => add(add(so, taxable), tax), rounding ?? zero(currency));
  const total = reckoned(adjusted(general, sum), general.pathOf('ImportoTotaleDocumento'));
  // Some state the total less what is withheld: it must not be taken off once more.
  if (stated && stated.units !== subtract(total, withheld).units) return stated;
  const left = unquantified(general) ? ', without the discount or surcharge that states no amount' : '';
  const what = stated ? `a total of ${formatUnits(stated)}, from which the withholding is taken` : 'no total';
  const message = `The invoice states ${what}: ${formatUnits(total)} is the sum of its VAT summary${left}`;
  warnings.push({ code: 'total-computed', message });
  return total;
}

// 2.1.1.8 ScontoMaggiorazione is on the whole document, so it is in none of the sums for each rate.
function adjusted(general: XmlElement, sum: Money): Money {
  return general.children('ScontoMaggiorazione').reduce((so, element) => {
    const amount = amountOf(element, 'Importo', sum.currency) ?? zero(sum.currency);
    return isSurcharge(element) || amount.units < 0n ? add(so, amount) : subtract(so, amount);
  }, sum);
}

// A percentage alone does not say of what it is taken.
function unquantified(general: XmlElement): boolean {
  return general.children('ScontoMaggiorazione').some((element) => element.textOf('Importo') === null);
}
