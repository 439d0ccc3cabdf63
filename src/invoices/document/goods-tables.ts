import type { Invoice, InvoiceCharge, InvoiceLine, InvoiceReference } from '../../domain/invoice.ts';
import { add, zero } from '../../domain/money.ts';
import type { Sheet } from './document-facts.ts';
import { type Html, html } from '../../html.ts';

/** Order, contract and delivery note numbers, with the codes of public procurement. */
export function referenceList({ words, figures }: Sheet, references: readonly InvoiceReference[]): Html | null {
  if (references.length === 0) return null;
  const names = { ...words, invoice: words.relatedInvoice };
  return html`<dl class="facts">
    ${references.slice(0, 12).map(({ kind, number, date, cup, cig }) => {
      const parts = [number, date && `${words.on} ${figures.day(date)}`, cig && `· CIG ${cig}`, cup && `· CUP ${cup}`];
      return html`<dt>${names[kind]}</dt>
        <dd>${parts.filter((part) => part !== null).join(' ')}</dd>`;
    })}
  </dl>`;
}

/** The lines, with their heads repeated on every page. */
export function linesTable(sheet: Sheet, invoice: Invoice): Html | null {
  const { words } = sheet;
  if (invoice.lines.length === 0 && invoice.charges.length === 0) return null;
  return html`<table class="lines">
    <thead>
      <tr>
        <th scope="col" style="width:48%">${words.description}</th>
        <th scope="col" class="n">${words.quantity}</th>
        <th scope="col" class="n">${words.unitPrice}</th>
        <th scope="col" class="n">${words.vat}</th>
        <th scope="col" class="n">${words.amount} (${invoice.currency})</th>
      </tr>
    </thead>
    <tbody>
      ${invoice.lines.map((line) => lineRow(sheet, line))} ${invoice.charges.map((charge) => chargeRow(sheet, charge))}
    </tbody>
  </table>`;
}

function lineRow(sheet: Sheet, line: InvoiceLine): Html {
  const { figures } = sheet;
  const quantity = line.quantity === null ? '' : figures.number(line.quantity);
  const vat = line.vatNature ?? (line.vatRate === null ? '' : figures.percent(line.vatRate));
  return html`<tr>
    <td>${line.description}${lineDetail(sheet, line)}</td>
    <td class="n">${[quantity, line.unit].filter(Boolean).join(' ')}</td>
    <td class="n">${line.unitPrice !== null && figures.number(line.unitPrice, 2)}</td>
    <td class="n">${vat}</td>
    <td class="n">${line.total !== null && figures.number(line.total, 2)}</td>
  </tr>`;
}

function lineDetail({ words, figures }: Sheet, { adjustments, period }: InvoiceLine): Html | null {
  const parts = adjustments.map(({ kind, percent, amount }) => {
    const much = percent === null ? amount && figures.number(amount, 2) : figures.percent(percent);
    return `${words[kind]} ${much ?? ''}`.trim();
  });
  const days = [period?.from, period?.to].flatMap((date) => (typeof date === 'string' ? [figures.day(date)] : []));
  if (days.length > 0) parts.unshift(`${words.period} ${days.join(' – ')}`);
  return parts.length === 0 ? null : html`<span class="detail">${parts.join(' · ')}</span>`;
}

function chargeRow({ words, figures }: Sheet, { kind, rate, amount }: InvoiceCharge): Html {
  const name = rate === null ? words[kind] : `${words[kind]} ${figures.percent(rate)}`;
  const sign = kind === 'discount' && amount !== null && !amount.startsWith('-') ? '−' : '';
  const figure = amount === null ? '' : sign + figures.number(amount, 2);
  return html`<tr>
    <td colspan="4">${name}</td>
    <td class="n">${figure}</td>
  </tr>`;
}

/** The VAT summary on the left, what it all comes to on the right. */
export function sums(sheet: Sheet, invoice: Invoice): Html {
  return html`<section class="sums">
    <div>${vatTable(sheet, invoice)}</div>
    ${totalsTable(sheet, invoice)}
  </section>`;
}

function vatTable({ words, figures }: Sheet, { vat }: Invoice): Html | null {
  if (vat.length === 0) return null;
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
        ${vat.map(
          ({ rate, nature, taxable, tax, reason }) =>
            html`<tr>
              <td>
                ${nature ?? figures.percent(rate)}${reason !== null && html`<span class="detail">${reason}</span>`}
              </td>
              <td class="n">${figures.money(taxable)}</td>
              <td class="n">${figures.money(tax)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function totalsTable({ words, figures }: Sheet, invoice: Invoice): Html {
  const none = zero(invoice.currency);
  const taxable = invoice.vat.reduce((sum, row) => add(sum, row.taxable), none);
  const tax = invoice.vat.reduce((sum, row) => add(sum, row.tax), none);
  const split = invoice.vat.reduce((sum, row) => (row.paidByBuyer ? add(sum, row.tax) : sum), none);
  const row = (name: string, figure: string, grand = false): Html =>
    html`<tr class="${grand ? 'grand' : ''}">
      <td>${name}</td>
      <td class="n">${figure}</td>
    </tr>`;
  const changed = invoice.payable.units !== invoice.total.units;
  return html`<table class="totals">
    <tbody>
      ${invoice.vat.length > 0 && [row(words.taxable, figures.money(taxable)), row(words.tax, figures.money(tax))]}
      ${invoice.rounding !== null && invoice.rounding.units !== 0n && row(words.rounding, figures.money(invoice.rounding))}
      ${row(words.total, figures.money(invoice.total), !changed)}
      ${invoice.withholding.map(({ rate, amount }) => {
        const name = rate === null ? words.withholding : `${words.withholding} ${figures.percent(rate)}`;
        return row(name, `−${figures.money(amount)}`);
      })}
      ${split.units !== 0n && row(words.splitPayment, `−${figures.money(split)}`)}
      ${changed && row(words.payable, figures.money(invoice.payable), true)}
    </tbody>
  </table>`;
}
