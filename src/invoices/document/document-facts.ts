import type { Invoice, InvoiceAddress } from '../../domain/invoice.ts';
import type { Money } from '../../domain/money.ts';
import { type Figures, figuresIn } from './figures.ts';
import { type DocumentLocale, type Words, wordsIn } from './words.ts';

/** Everything that a document is made from. Dates are `YYYY-MM-DD`. */
export type DocumentFacts = {
  /** `colour` as `#rrggbb`; `logo` as a `data:image/…;base64,` address. Anything else of them is left out. */
  tenant: { name: string; email: string | null; colour: string | null; logo: string | null };
  customer: { name: string; vatId: string | null; taxCode: string | null; address: InvoiceAddress | null };
  document: { number: string; date: string | null; type: string };
  dueDate: { dueOn: string; amount: Money; outstanding: Money };
  /** `iban` without spaces. When null, the one of the invoice's own instalment is shown. */
  bankAccount: { holder: string; iban: string; bic: string | null } | null;
  invoice: Invoice | null;
  locale: DocumentLocale;
};

/** The facts with their language at hand: what every section of a document takes. */
export type Sheet = { facts: DocumentFacts; words: Words; figures: Figures };

export function sheetOf(facts: DocumentFacts): Sheet {
  return { facts, words: wordsIn(facts.locale), figures: figuresIn(facts.locale) };
}
