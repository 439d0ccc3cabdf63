import { epcQrPayload } from '../../domain/epc-qr.ts';
import { formatIban } from '../../domain/iban.ts';
import { payableTo } from '../../domain/invoice-account.ts';
import { type PaymentKind, paymentKind } from '../../domain/payment-method.ts';
import { type Html, html } from '../../html.ts';
import { type DocumentFacts, ownInstalment, type Sheet, standingOf } from './document-facts.ts';
import { kindName } from './kind-names.ts';
import { methodName } from './method-names.ts';
import { qrSvg } from './qr-svg.ts';
import { termsTable } from './terms-table.ts';

/** When to pay what, beside how: the account to pay to, or that nothing has to be transferred. */
export function paymentSection(sheet: Sheet): Html | null {
  const terms = termsTable(sheet);
  const way = wayToPay(sheet);
  if (!terms) return way && html`<section class="pay alone">${way}</section>`;
  if (terms.wide) {
    return html`<section class="pay long">${terms.table}</section>
      ${way && html`<section class="pay alone">${way}</section>`}`;
  }
  return html`<section class="pay">
    <div>${terms.table}</div>
    ${way}
  </section>`;
}

/** Null once nothing is owed: who has paid, or gets money, must not be asked to pay. */
function wayToPay(sheet: Sheet): Html | null {
  const { facts, words } = sheet;
  if (standingOf(facts) !== 'open') return null;
  const method = facts.dueDate.method ?? ownInstalment(facts)?.method ?? null;
  const kind = method === null ? undefined : paymentKind(method);
  if (facts.bankAccount?.chosen !== true && method !== null && isPaidOtherwise(kind)) {
    const collected = kind === 'directDebit' || kind === 'bankReceipt';
    return html`<div>
      <h2>${words.payment}</h2>
      <p><strong>${methodName(facts.locale, method)}</strong></p>
      ${collected && html`<p class="small muted">${words.collected}</p>`}
    </div>`;
  }
  const account = facts.bankAccount ?? statedAccount(facts);
  return account && bankBlock(sheet, account);
}

/** Who pays in these ways makes no transfer, and one made all the same would be the second payment. */
function isPaidOtherwise(kind: PaymentKind | undefined): boolean {
  switch (kind) {
    case 'directDebit':
    case 'bankReceipt':
    case 'cash':
    case 'card':
    case 'setOff':
      return true;
    case 'transfer':
    case 'cheque':
    case 'slip':
    case 'other':
    case undefined:
      return false;
  }
}

type Account = { holder: string; iban: string; bic: string | null };

function statedAccount(facts: DocumentFacts): Account | null {
  const { invoice } = facts;
  if (!invoice) return null;
  const own = ownInstalment(facts);
  const first = (own && payableTo(own)) ?? invoice.instalments.map(payableTo).find((account) => account !== null);
  return first ? { ...first, holder: first.holder ?? invoice.seller.name } : null;
}

function bankBlock({ facts, words, figures }: Sheet, account: Account): Html {
  const { number, date, type } = facts.document;
  const name = kindName(facts.locale, facts.invoice?.type ?? type, facts.invoice?.typeCode);
  const remittance = [name, number, date && `${words.on} ${figures.day(date)}`].filter(Boolean).join(' ');
  const payload = epcQrPayload({ ...account, amount: facts.dueDate.outstanding, text: remittance });
  const square = payload === undefined ? undefined : qrSvg(payload, words.qrLabel);
  return html`<div>
    <h2>${words.bank}</h2>
    <div class="bank">
      <dl>
        <dt>${words.holder}</dt>
        <dd>${account.holder}</dd>
        <dt>IBAN</dt>
        <dd class="iban">${formatIban(account.iban)}</dd>
        ${
          account.bic !== null &&
          html`<dt>BIC</dt>
            <dd>${account.bic}</dd>`
        }
        <dt>${words.remittance}</dt>
        <dd>${remittance}</dd>
      </dl>
      ${
        square !== undefined &&
        html`<div class="qr">
          ${square}
          <p>${words.scan}</p>
        </div>`
      }
    </div>
  </div>`;
}
