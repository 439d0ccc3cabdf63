import { type Html, html } from '../../html.ts';
import { type Sheet, type Standing, standingOf } from './document-facts.ts';
import type { Words } from './words/words.ts';

/** The box that is seen first: how much is open of the due date and by when, and what was settled of it. */
export function dueBlock(sheet: Sheet): Html {
  const { facts, words, figures } = sheet;
  const { amount, outstanding, dueOn } = facts.dueDate;
  const standing = standingOf(facts);
  const sum = figures.money(standing === 'open' ? outstanding : amount);
  const by = standing === 'open' && html`<p>${words.by} <strong>${figures.day(dueOn)}</strong></p>`;
  return html`<div class="due">
    <h2>${words[headings[standing]]}</h2>
    <p class="sum${sum.length > 18 ? ' long' : ''}">${sum}</p>
    ${by}${settledRows(sheet, standing)}
  </div>`;
}

const headings = {
  credit: 'inYourFavour',
  open: 'toPay',
  paid: 'paid',
  nothingDue: 'nothingDue',
} as const satisfies Record<Standing, keyof Words>;

function settledRows({ facts, words, figures }: Sheet, standing: Standing): Html | null {
  const { amount, paid, credited } = facts.dueDate;
  if (standing === 'credit' || (paid.units <= 0n && credited.units <= 0n)) return null;
  const row = (name: string, figure: string): Html =>
    html`<dt>${name}</dt>
      <dd>${figure}</dd>`;
  return html`<dl>
    ${standing === 'open' && row(words.dueAmount, figures.money(amount))}
    ${paid.units > 0n && row(words.alreadyPaid, `−${figures.money(paid)}`)}
    ${credited.units > 0n && row(words.creditNotes, `−${figures.money(credited)}`)}
  </dl>`;
}
