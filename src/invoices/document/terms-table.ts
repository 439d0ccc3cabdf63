import { type Html, html } from '../../html.ts';
import type { Money } from '../../domain/money.ts';
import { type Sheet, standingOf } from './document-facts.ts';
import { methodName } from './method-names.ts';

/** `wide`: it needs the whole width of the page, and may go on on the next one. */
type TermsTable = { table: Html; wide: boolean };

/**
 * The instalments, this document's own marked: as they stand now (what is open of each) when that is known, else as the
 * invoice states them. Null for a credit note, of which nothing is to be paid, and without any.
 */
export function termsTable(sheet: Sheet): TermsTable | null {
  const { facts, words } = sheet;
  const standing = facts.instalments.length > 0;
  const rows = standing ? standingRows(sheet) : statedRows(sheet);
  if (rows.length === 0 || standingOf(facts) === 'credit') return null;
  const figureLength = Math.max(...rows.map(({ amount, open }) => Math.max(amount.length, open?.text.length ?? 0)));
  const methods = new Set(rows.map(({ method }) => method));
  const [only] = methods;
  // One way for all is said once.
  const way = methods.size === 1 && typeof only === 'string' ? ` · ${methodName(facts.locale, only)}` : '';
  const withMethod = methods.size > 1;
  const table = html`<h2>${words.terms}${way}</h2>
    <table>
      <thead>
        <tr>
          ${rows.length > 1 && html`<th scope="col" class="quiet">${words.position}</th>`}
          <th scope="col">${words.dueOn}</th>
          ${withMethod && html`<th scope="col">${words.method}</th>`}
          <th scope="col" class="n">${words.amount}</th>
          ${standing && html`<th scope="col" class="n">${words.open}</th>`}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => termsRow(sheet, row, { many: rows.length > 1, withMethod }))}
      </tbody>
    </table>`;
  return { table, wide: rows.length > 6 || figureLength > 16 || (standing && withMethod) };
}

type Row = {
  number: number;
  dueOn: string;
  method: string | null;
  amount: string;
  /** Null where it is not known. */
  open: { text: string; detail: string | null } | null;
  isThis: boolean;
};

function standingRows({ facts, words, figures }: Sheet): Row[] {
  return facts.instalments.map(({ number, dueOn, amount, outstanding, credited, isThis }) => ({
    number,
    dueOn,
    method: isThis ? (facts.dueDate.method ?? statedMethod(number)) : statedMethod(number),
    amount: figures.money(amount),
    open: {
      text: outstanding.units > 0n ? figures.money(outstanding) : wasPaid(amount, credited, isThis) ? words.paid : '–',
      detail: credited.units > 0n ? `${words.creditNotes} −${figures.money(credited)}` : null,
    },
    isThis,
  }));

  function statedMethod(number: number): string | null {
    return facts.invoice?.instalments[number - 1]?.method ?? null;
  }

  function wasPaid(amount: Money, credited: Money, isThis: boolean): boolean {
    return credited.units < amount.units && !(isThis && standingOf(facts) === 'nothingDue');
  }
}

function statedRows({ facts, figures }: Sheet): Row[] {
  const { dueDate } = facts;
  return (facts.invoice?.instalments ?? []).map(({ dueOn, amount, method }, index) => ({
    number: index + 1,
    dueOn,
    method,
    amount: figures.money(amount),
    open: null,
    isThis: dueOn === dueDate.dueOn && amount.units === dueDate.amount.units,
  }));
}

function termsRow({ facts, words, figures }: Sheet, row: Row, { many, withMethod }: Record<string, boolean>): Html {
  const marked = Boolean(many) && row.isThis;
  return html`<tr class="${marked ? 'this' : ''}">
    ${many && html`<td class="quiet">${row.number}</td>`}
    <td>
      <span class="day">${figures.day(row.dueOn)}</span>${marked && html`<span class="detail">${words.thisOne}</span>`}
    </td>
    ${withMethod && html`<td class="way">${row.method !== null && methodName(facts.locale, row.method)}</td>`}
    <td class="n">${row.amount}</td>
    ${row.open && html`<td class="n">${row.open.text}${row.open.detail !== null && html`<span class="detail">${row.open.detail}</span>`}</td>`}
  </tr>`;
}
