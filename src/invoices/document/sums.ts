import type { Invoice, InvoiceVat } from '../../domain/invoice.ts';
import { add, zero } from '../../domain/money.ts';
import { type Html, html } from '../../html.ts';
import { type Sheet, standingOf } from './document-facts.ts';
import { vatName } from './vat-names.ts';

/** The VAT summary on the left, what it all comes to on the right; a long summary above it, over several pages if need be. */
export function sums(sheet: Sheet, invoice: Invoice): Html {
  const summary = vatTable(sheet, invoice.vat);
  if (summary && invoice.vat.length > 8) {
    return html`<section class="vat">${summary}</section>
      <section class="sums">
        <div></div>
        ${totalsTable(sheet, invoice)}
      </section>`;
  }
  return html`<section class="sums">
    <div>${summary}</div>
    ${totalsTable(sheet, invoice)}
  </section>`;
}

function vatTable(sheet: Sheet, vat: readonly InvoiceVat[]): Html | null {
  if (vat.length === 0) return null;
  const { words } = sheet;
  return html`<h2>${words.vatSummary}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">${words.vatRate}</th>
          <th scope="col" class="n">${words.taxable}</th>
          <th scope="col" class="n">${words.tax}</th>
        </tr>
      </thead>
      <tbody>
        ${vat.map((one) => vatRow(sheet, one))}
      </tbody>
    </table>`;
}

function vatRow({ facts, figures }: Sheet, { rate, nature, taxable, tax, reason }: InvoiceVat): Html {
  const name = nature === null ? figures.percent(rate) : (vatName(facts.locale, nature) ?? nature);
  return html`<tr>
    <td>${name}${reason !== null && html`<span class="detail">${reason}</span>`}</td>
    <td class="n">${figures.money(taxable)}</td>
    <td class="n">${figures.money(tax)}</td>
  </tr>`;
}

function totalsTable(sheet: Sheet, invoice: Invoice): Html {
  const { words, figures, facts } = sheet;
  const { vat, rounding, total, prepaid, withholding, payable } = invoice;
  const none = zero(invoice.currency);
  const taxable = vat.reduce((sum, row) => add(sum, row.taxable), none);
  const tax = vat.reduce((sum, row) => add(sum, row.tax), none);
  const split = vat.reduce((sum, row) => (row.paidByBuyer ? add(sum, row.tax) : sum), none);
  const totalName = standingOf(facts) === 'credit' ? words.creditTotal : words.total;
  const changed = payable.units !== total.units;
  return html`<table class="totals">
    <tbody>
      ${vat.length > 0 && [row(words.taxable, figures.money(taxable)), row(words.tax, figures.money(tax))]}
      ${rounding !== null && rounding.units !== 0n && row(words.rounding, figures.money(rounding))}
      ${row(totalName, figures.money(total), changed ? 'total' : 'grand')}
      ${withholding.map(({ rate, amount }) => {
        const name = rate === null ? words.withholding : `${words.withholding} ${figures.percent(rate)}`;
        return row(name, `−${figures.money(amount)}`);
      })}
      ${split.units !== 0n && row(words.splitPayment, `−${figures.money(split)}`)}
      ${prepaid !== null && prepaid.units !== 0n && row(words.prepaid, `−${figures.money(prepaid)}`)}
      ${changed && row(words.payable, figures.money(payable), 'grand')}
    </tbody>
  </table>`;
}

function row(name: string, figure: string, rank = ''): Html {
  return html`<tr class="${rank}">
    <th scope="row">${name}</th>
    <td class="n">${figure}</td>
  </tr>`;
}
