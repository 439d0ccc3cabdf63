import type { InvoiceWarning } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { statedBic, statedIban } from '../bank-account.ts';
import { amountIn, numberIn } from '../en16931/amount.ts';
import { oneLine } from '../en16931/party.ts';
import type { StatedMeans } from '../en16931/payment.ts';
import type { StatedTerms } from '../en16931/portions.ts';
import { dateOf } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** Every `PaymentMeans`. The account in a `PaymentMandate` is the payer's and is left alone. */
export function meansOf(root: XmlElement, warnings: InvoiceWarning[]): StatedMeans[] {
  // BG-10: who is to be paid where it is not the seller.
  const payee = root.child('PayeeParty');
  const payeeName =
    payee?.child('PartyName')?.textOf('Name') ?? payee?.child('PartyLegalEntity')?.textOf('RegistrationName');
  return root.children('PaymentMeans').map((means) => {
    const account = means.child('PayeeFinancialAccount');
    const branch = account?.child('FinancialInstitutionBranch');
    const institution = branch?.child('FinancialInstitution');
    const bank = institution?.child('ID') ?? branch?.child('ID');
    const iban = account ? statedIban(account.textOf('ID'), account.pathOf('ID'), warnings) : null;
    return {
      id: means.textOf('ID'),
      method: means.textOf('PaymentMeansCode'),
      iban,
      bic: bank ? statedBic(bank.text || null, bank.path, warnings) : null,
      holder: account ? oneLine(account.textOf('Name') ?? payeeName) : null,
      // A credit note has its due date here (BT-9).
      dueOn: dateOf(means, 'PaymentDueDate'),
    };
  });
}

/** Every `PaymentTerms`. */
export function termsOf(root: XmlElement, invoiceDate: string, currency: Currency): StatedTerms[] {
  return root.children('PaymentTerms').map((terms) => {
    const percent = numberIn(terms, 'SettlementDiscountPercent');
    const discount = amountIn(terms, 'SettlementDiscountAmount', currency);
    const notes = terms.children('Note').map(({ text }) => text);
    return {
      path: terms.path,
      dueOn:
        dateOf(terms, 'InstallmentDueDate') ??
        dateOf(terms, 'PaymentDueDate') ??
        endOf(terms.child('SettlementPeriod'), invoiceDate),
      amount: amountIn(terms, 'Amount', currency),
      percent: numberIn(terms, 'PaymentPercent'),
      words: notes.join('\n') || null,
      isDiscount: (percent !== null && /[1-9]/.test(percent)) || (discount !== null && discount.units !== 0n),
      meansIds: terms.children('PaymentMeansID').map(({ text }) => text),
    };
  });
}

function endOf(period: XmlElement | undefined, invoiceDate: string): string | null {
  if (!period) return null;
  const end = dateOf(period, 'EndDate');
  const measure = period.child('DurationMeasure');
  if (end !== null || !measure) return end;
  if (measure.attributes.get('unitCode') !== 'DAY' || !/^\d{1,3}$/.test(measure.text)) return null;
  const from = dateOf(period, 'StartDate') ?? invoiceDate;
  return Temporal.PlainDate.from(from)
    .add({ days: Number(measure.text) })
    .toString();
}
