import type { InvoiceReference } from '../../domain/invoice.ts';
import { type Html, html } from '../../html.ts';
import type { Sheet } from './document-facts.ts';

/** Order, contract and delivery note numbers, with the codes of public procurement: all of one kind in one paragraph. */
export function referenceList(sheet: Sheet, references: readonly InvoiceReference[]): Html | null {
  if (references.length === 0) return null;
  const { words } = sheet;
  const names = { ...words, invoice: words.relatedInvoice };
  const kinds = Array.from(Map.groupBy(references, ({ kind }) => kind));
  return html`<dl class="facts">
    ${kinds.map(
      ([kind, ofKind]) =>
        html`<dt>${names[kind]}</dt>
          <dd>${ofKind.map((reference) => referenceText(sheet, reference)).join('; ')}</dd>`,
    )}
  </dl>`;
}

function referenceText({ words, figures }: Sheet, { number, date, cup, cig }: InvoiceReference): string {
  const parts = [number, date && `${words.on} ${figures.day(date)}`, cig && `· CIG ${cig}`, cup && `· CUP ${cup}`];
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
