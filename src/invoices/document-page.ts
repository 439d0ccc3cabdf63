import type { Invoice } from '../domain/invoice.ts';
import { type DocumentFacts, type Sheet, sheetOf } from './document/document-facts.ts';
import { dueBlock } from './document/due-block.ts';
import { kindName } from './document/kind-names.ts';
import { linesTable } from './document/lines-table.ts';
import { paymentSection } from './document/payment-section.ts';
import { customerBlock, issuerBlock } from './document/people.ts';
import { referenceList } from './document/references.ts';
import { accentOf, styleSheet } from './document/style.ts';
import { sums } from './document/sums.ts';
import { Html, html } from '../html.ts';

export type { DocumentFacts } from './document/document-facts.ts';

/**
 * The page that is printed for a due date: the invoice when its data is there, else a payment statement that says that
 * it is none. The HTML is complete (fonts, QR code and logo inside it) and needs neither network nor script.
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
  const references = referenceList(sheet, invoice.references);
  const few = invoice.references.length <= 3;
  return html`${head(sheet, `${heading} ${invoice.number}`, invoice.date)}
    <section class="parties">
      <div>${customerBlock(sheet)}${few && references}</div>
      ${dueBlock(sheet)}
    </section>
    ${!few && references}
    ${linesTable(sheet, invoice)}${sums(sheet, invoice)}${paymentSection(sheet)}${notes(sheet, invoice)}`;
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
          <th scope="col" class="n">${words.amount}</th>
          <th scope="col" class="n">${words.open}</th>
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
    ${paymentSection(sheet)}
    <p class="legal">${words.notAnInvoice}</p>`;
}

function head(sheet: Sheet, heading: string, date: string | null): Html {
  const day = date !== null && html`<p class="muted">${sheet.words.on} ${sheet.figures.day(date)}</p>`;
  return html`<header class="head">
    ${issuerBlock(sheet)}
    <div class="name">
      <h1 class="${headingSize(heading.length)}">${heading}</h1>
      ${day}
    </div>
  </header>`;
}

function headingSize(letters: number): string {
  return letters > 60 ? 'longest' : letters > 24 ? 'long' : '';
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
