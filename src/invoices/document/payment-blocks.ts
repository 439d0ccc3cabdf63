import { epcQrPayload } from '../../domain/epc-qr.ts';
import { formatIban } from '../../domain/iban.ts';
import { payableTo } from '../../domain/invoice-account.ts';
import { subtract } from '../../domain/money.ts';
import type { DocumentFacts, Sheet } from './document-facts.ts';
import { type Html, html } from '../../html.ts';
import { qrSvg } from './qr-svg.ts';
import { kindName, methodName } from './words.ts';

/** The box that is seen first: how much, by when. */
export function dueBlock({ facts, words, figures }: Sheet): Html {
  const { amount, outstanding, dueOn } = facts.dueDate;
  if (isCredit(facts)) return box(words.credited, figures.money(amount), null);
  if (outstanding.units <= 0n) return box(words.paid, figures.money(amount), null);
  const settled = subtract(amount, outstanding);
  const note = settled.units > 0n ? `${figures.money(settled)} ${words.alreadyPaid}` : null;
  return html`<div class="due">
    <h2>${words.toPay}</h2>
    <p class="sum">${figures.money(outstanding)}</p>
    <p>${words.by} <strong>${figures.day(dueOn)}</strong></p>
    ${note !== null && html`<p class="small muted">${note}</p>`}
  </div>`;
}

function box(name: string, figure: string, note: string | null): Html {
  return html`<div class="due">
    <h2>${name}</h2>
    <p class="sum">${figure}</p>
    ${note}
  </div>`;
}

/** All instalments, this document's own in bold, beside the account to pay to. */
export function paymentBlock(sheet: Sheet): Html | null {
  const terms = termsTable(sheet);
  const bank = bankBlock(sheet);
  if (!terms) return bank && html`<section class="pay alone">${bank}</section>`;
  return html`<section class="pay${bank ? '' : ' alone'}">${terms}${bank}</section>`;
}

function termsTable({ facts, words, figures }: Sheet): Html | null {
  const instalments = facts.invoice?.instalments ?? [];
  if (instalments.length === 0) return null;
  return html`<div>
    <h2>${words.terms}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">${words.dueOn}</th>
          <th scope="col">${words.method}</th>
          <th scope="col" class="n">${words.amount}</th>
        </tr>
      </thead>
      <tbody>
        ${instalments.map(
          (instalment) =>
            html`<tr class="${instalments.length > 1 && isThis(facts, instalment) ? 'this' : ''}">
              <td>${figures.day(instalment.dueOn)}</td>
              <td>${instalment.method !== null && methodName(facts.locale, instalment.method)}</td>
              <td class="n">${figures.money(instalment.amount)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function bankBlock({ facts, words, figures }: Sheet): Html | null {
  const account = facts.bankAccount ?? ownAccount(facts);
  if (!account || isCredit(facts) || facts.dueDate.outstanding.units <= 0n) return null;
  const { number, date, type } = facts.document;
  const name = kindName(facts.locale, facts.invoice?.type ?? type, facts.invoice?.typeCode);
  const remittance = [name, number, date && `${words.on} ${figures.day(date)}`].filter(Boolean).join(' ');
  const payload = epcQrPayload({ ...account, amount: facts.dueDate.outstanding, text: remittance });
  const square = payload === undefined ? undefined : qrSvg(payload, words.qrLabel);
  return html`<div>
    <h2>${words.bank}</h2>
    <div class="bank">
      <dl class="small">
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
      ${square !== undefined && html`<div class="qr">${square}${words.scan}</div>`}
    </div>
  </div>`;
}

function ownAccount({ invoice, dueDate }: DocumentFacts): DocumentFacts['bankAccount'] {
  const stated = (invoice?.instalments ?? []).flatMap((instalment) => {
    const account = payableTo(instalment);
    return account ? [{ dueOn: instalment.dueOn, account }] : [];
  });
  const chosen = (stated.find(({ dueOn }) => dueOn === dueDate.dueOn) ?? stated[0])?.account;
  if (!invoice || !chosen) return null;
  return { ...chosen, holder: chosen.holder ?? invoice.seller.name };
}

function isThis({ dueDate }: DocumentFacts, instalment: { dueOn: string; amount: { units: bigint } }): boolean {
  return instalment.dueOn === dueDate.dueOn && instalment.amount.units === dueDate.amount.units;
}

function isCredit({ invoice, document }: DocumentFacts): boolean {
  return (invoice?.type ?? document.type) === 'creditNote';
}
