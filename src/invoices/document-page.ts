import type { Invoice } from '../domain/invoice.ts';
import { type DocumentFacts, type Sheet, sheetOf } from './document/document-facts.ts';
import { linesTable, referenceList, sums } from './document/goods-tables.ts';
import { Html, html } from '../html.ts';
import { dueBlock, paymentBlock } from './document/payment-blocks.ts';
import { customerBlock, issuerBlock } from './document/people.ts';
import { accentOf, styleSheet } from './document/style.ts';
import { kindName } from './document/words.ts';

export type { DocumentFacts } from './document/document-facts.ts';

/**
 * The page that is printed for a due date: the invoice when its data is there, else a payment statement that says that
 * it is none. The HTML is complete (fonts, code square and logo inside it) and needs neither network nor script.
 * `title` is the PDF's title, `language` a BCP 47 tag.
 */
export function documentPage(facts: DocumentFacts): { html: string; title: string; language: string } {
  const sheet = sheetOf(facts);
  const { invoice, document, tenant, locale } = facts;
  const heading = invoice ? kindName(locale, invoice.type, invoice.typeCode) : sheet.words.statement;
  const title = `${heading} ${document.number} · ${invoice?.seller.name ?? tenant.name}`;
  const body = invoice ? invoiceBody(sheet, heading, invoice) : statementBody(sheet, heading);
  const style = styleSheet({
    accent: accentOf(tenant.colour),
    runningHead: shortened(title, 90),
    page: sheet.words.page,
    of: sheet.words.of,
    text: body.text,
  });
  const page = html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return { html: page.text, title, language: locale };
}

function invoiceBody(sheet: Sheet, heading: string, invoice: Invoice): Html {
  return html`${head(sheet, `${heading} ${invoice.number}`, invoice.date)}
    <section class="parties">${customerBlock(sheet)}${dueBlock(sheet)}</section>
    ${referenceList(sheet, invoice.references)}
    ${linesTable(sheet, invoice)}${sums(sheet, invoice)}${paymentBlock(sheet)}${notes(sheet, invoice)}`;
}

function statementBody(sheet: Sheet, heading: string): Html {
  const { words, figures, facts } = sheet;
  const { document, dueDate } = facts;
  const name = kindName(facts.locale, document.type);
  return html`${head(sheet, heading, null)}
    <section class="parties">${customerBlock(sheet)}${dueBlock(sheet)}</section>
    <table class="lines">
      <thead>
        <tr>
          <th scope="col">${words.document}</th>
          <th scope="col">${words.date}</th>
          <th scope="col">${words.dueOn}</th>
          <th scope="col" class="n">${words.originalAmount}</th>
          <th scope="col" class="n">${words.toPay}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>${name} ${document.number}</td>
          <td>${document.date && figures.day(document.date)}</td>
          <td>${figures.day(dueDate.dueOn)}</td>
          <td class="n">${figures.money(dueDate.amount)}</td>
          <td class="n"><strong>${figures.money(dueDate.outstanding)}</strong></td>
        </tr>
      </tbody>
    </table>
    ${paymentBlock(sheet)}
    <p class="legal">${words.notAnInvoice}</p>`;
}

function head(sheet: Sheet, heading: string, date: string | null): Html {
  const day = date !== null && html`<p class="muted">${sheet.words.on} ${sheet.figures.day(date)}</p>`;
  return html`<header class="head">
    ${issuerBlock(sheet)}
    <div class="name">
      <h1 class="${heading.length > 24 ? 'long' : ''}">${heading}</h1>
      ${day}
    </div>
  </header>`;
}

function notes({ words, figures }: Sheet, invoice: Invoice): Html {
  const texts = invoice.notes.filter((note) => note !== '');
  const stamp = invoice.stampDuty && `${words.stampDuty}: ${figures.money(invoice.stampDuty)}`;
  if (stamp !== null) texts.push(stamp);
  const legal = invoice.source === 'fatturapa' && html`<p class="legal">${words.courtesyCopy}</p>`;
  if (texts.length === 0) return html`${legal}`;
  return html`<section class="notes">
      <h2>${words.notes}</h2>
      ${texts.map((text) => html`<p>${text}</p>`)}
    </section>
    ${legal}`;
}

function shortened(text: string, length: number): string {
  const signs = Array.from(text);
  return signs.length <= length ? text : `${signs.slice(0, length - 1).join('')}…`;
}
