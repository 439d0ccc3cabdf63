import type { InvoiceWarning } from '../../domain/invoice.ts';
import type { Currency } from '../../domain/money.ts';
import { statedBic, statedIban } from '../bank-account.ts';
import { amountIn, numberIn } from '../en16931/amount.ts';
import { oneLine } from '../en16931/party.ts';
import type { StatedMeans } from '../en16931/payment.ts';
import type { StatedTerms } from '../en16931/portions.ts';
import type { XmlElement } from '../xml-tree.ts';
import { dateIn } from './date.ts';

/** Every `SpecifiedTradeSettlementPaymentMeans`. The payer's account (`PayerPartyDebtorFinancialAccount`) is left alone. */
export function meansOf(settlement: XmlElement, warnings: InvoiceWarning[]): StatedMeans[] {
  // BG-10: who is to be paid where it is not the seller.
  const payeeName = settlement.children('PayeeTradeParty')[0]?.textOf('Name');
  return settlement.children('SpecifiedTradeSettlementPaymentMeans').map((means) => {
    const account = means.child('PayeePartyCreditorFinancialAccount');
    const bank = means.child('PayeeSpecifiedCreditorFinancialInstitution');
    const idName = account?.textOf('IBANID') === null ? 'ProprietaryID' : 'IBANID';
    return {
      id: null,
      method: means.textOf('TypeCode'),
      iban: account ? statedIban(account.textOf(idName), account.pathOf(idName), warnings) : null,
      bic: bank ? statedBic(bank.textOf('BICID'), bank.pathOf('BICID'), warnings) : null,
      holder: account ? oneLine(account.textOf('AccountName') ?? payeeName) : null,
      dueOn: null,
    };
  });
}

/** Every `SpecifiedTradePaymentTerms`; BT-9 is the day of the only one. */
export function termsOf(settlement: XmlElement, currency: Currency): StatedTerms[] {
  return settlement.children('SpecifiedTradePaymentTerms').map((terms) => {
    const descriptions = terms.children('Description').map(({ text }) => text);
    return {
      path: terms.path,
      dueOn: dateIn(terms, 'DueDateDateTime', 'last'),
      amount: amountIn(terms, 'PartialPaymentAmount', currency),
      percent: numberIn(terms, 'PartialPaymentPercent'),
      words: descriptions.join('\n') || null,
      isDiscount: terms.children('ApplicableTradePaymentDiscountTerms').some(isDiscount),
      meansIds: [],
    };
  });
}

function isDiscount(terms: XmlElement): boolean {
  const given = terms.textOf('CalculationPercent') ?? terms.textOf('ActualDiscountAmount');
  return given === null || /[1-9]/.test(given);
}
