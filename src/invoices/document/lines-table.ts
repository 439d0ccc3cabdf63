import type { Invoice, InvoiceCharge, InvoiceLine } from '../../domain/invoice.ts';
import { type Html, html } from '../../html.ts';
import type { Sheet } from './document-facts.ts';
import { unitName } from './unit-names.ts';

/** The lines, with their heads repeated on every page; several are numbered. */
export function linesTable(sheet: Sheet, invoice: Invoice): Html | null {
  const { words } = sheet;
  const { lines, charges, currency } = invoice;
  if (lines.length === 0 && charges.length === 0) return null;
  const numbered = lines.length > 1;
  // In FatturaPA a unit is the seller's own word, in the other forms a code or a word.
  const coded = invoice.source !== 'fatturapa';
  return html`<table class="lines">
    <thead>
      <tr>
        ${numbered && html`<th scope="col" class="quiet">${words.position}</th>`}
        <th scope="col" class="what">${words.description}</th>
        <th scope="col" class="n">${words.quantity}</th>
        <th scope="col" class="n">${words.unitPrice}</th>
        <th scope="col" class="n">${words.vat}</th>
        <th scope="col" class="n">${words.lineTotal} (${currency})</th>
      </tr>
    </thead>
    <tbody>
      ${lines.map((line, index) => lineRow(sheet, line, { position: numbered ? index + 1 : null, coded }))}
      ${charges.map((charge) => chargeRow(sheet, charge, numbered))}
    </tbody>
  </table>`;
}

function lineRow(sheet: Sheet, line: InvoiceLine, form: { position: number | null; coded: boolean }): Html {
  const { figures } = sheet;
  // Some fifty letters a line: longer than a page, it may as well begin where it stands.
  const tall = line.description.length > 3_000;
  const vat = line.vatNature ?? (line.vatRate === null ? '' : figures.percent(line.vatRate));
  return html`<tr class="${tall ? 'tall' : ''}">
    ${form.position !== null && html`<td class="quiet">${line.number ?? form.position}</td>`}
    <td>${line.description}${lineDetail(sheet, line)}</td>
    <td class="n">${quantityText(sheet, line, form.coded)}</td>
    <td class="n">${line.unitPrice !== null && figures.number(line.unitPrice, 2)}</td>
    <td class="n">${vat}</td>
    <td class="n">${line.total !== null && figures.number(line.total, 2)}</td>
  </tr>`;
}

function quantityText({ facts, figures }: Sheet, { quantity, unit }: InvoiceLine, coded: boolean): Html {
  const name = unit !== null && coded ? unitName(facts.locale, unit, quantity ?? '1') : unit;
  return html`${quantity !== null && figures.number(quantity)}${name && html`<span class="unit"> ${name}</span>`}`;
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

function chargeRow({ words, figures }: Sheet, { kind, rate, amount }: InvoiceCharge, numbered: boolean): Html {
  const name = rate === null ? words[kind] : `${words[kind]} ${figures.percent(rate)}`;
  const sign = kind === 'discount' && amount !== null && !amount.startsWith('-') ? '−' : '';
  const figure = amount === null ? '' : sign + figures.number(amount, 2);
  return html`<tr>
    ${numbered && html`<td></td>`}
    <td colspan="4">${name}</td>
    <td class="n">${figure}</td>
  </tr>`;
}
