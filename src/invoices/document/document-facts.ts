import type { Invoice, InvoiceAddress } from '../../domain/invoice.ts';
import type { Money } from '../../domain/money.ts';
import { type Figures, figuresIn } from './figures.ts';
import { type DocumentLocale, type Words, wordsIn } from './words/words.ts';

/** Everything that a document is made from. Dates are `YYYY-MM-DD`. */
export type DocumentFacts = {
  /** `colour` as `#rrggbb`; `logo` as a `data:image/…;base64,` address. Anything else of them is left out. */
  tenant: { name: string; email: string | null; colour: string | null; logo: string | null };
  customer: { name: string; vatId: string | null; taxCode: string | null; address: InvoiceAddress | null };
  document: { number: string; date: string | null; type: string };
  dueDate: {
    dueOn: string;
    amount: Money;
    /** What came in for it. */
    paid: Money;
    /** What credit notes took off it. */
    credited: Money;
    /** What is still owed: nothing once it is settled or void. */
    outstanding: Money;
    /** How it is to be paid, as the due date codes it (see paymentKind); null: as the invoice says. */
    method: string | null;
  };
  /** The due dates of the same invoice as they stand now, this one among them, no other void one; empty: not known. */
  instalments: readonly DocumentInstalment[];
  /**
   * `iban` without spaces. `chosen`: somebody asked that this very document be paid there, so it is shown whatever the
   * method is. When null, the one of the invoice's own instalment is shown.
   */
  bankAccount: { holder: string; iban: string; bic: string | null; chosen: boolean } | null;
  invoice: Invoice | null;
  locale: DocumentLocale;
};

type DocumentInstalment = {
  /** Its place among the invoice's instalments, from 1. */
  number: number;
  dueOn: string;
  amount: Money;
  outstanding: Money;
  credited: Money;
  /** The one that the document is about. */
  isThis: boolean;
};

/** The facts with their language at hand: what every section of a document takes. */
export type Sheet = { facts: DocumentFacts; words: Words; figures: Figures };

export function sheetOf(facts: DocumentFacts): Sheet {
  return { facts, words: wordsIn(facts.locale), figures: figuresIn(facts.locale) };
}

/** `credit`: money goes the other way. `nothingDue`: credited in full, or called off. */
export type Standing = 'credit' | 'open' | 'paid' | 'nothingDue';

export function standingOf({ invoice, document, dueDate }: DocumentFacts): Standing {
  if ((invoice?.type ?? document.type) === 'creditNote') return 'credit';
  if (dueDate.outstanding.units > 0n) return 'open';
  return dueDate.paid.units > 0n ? 'paid' : 'nothingDue';
}

/** The invoice's own instalment that the document is about: by its number, else by its day and amount. */
export function ownInstalment({ invoice, instalments, dueDate }: DocumentFacts): Invoice['instalments'][number] | null {
  if (!invoice) return null;
  const number = instalments.find(({ isThis }) => isThis)?.number;
  const numbered = number === undefined ? undefined : invoice.instalments[number - 1];
  return (
    numbered ??
    invoice.instalments.find(({ dueOn, amount }) => dueOn === dueDate.dueOn && amount.units === dueDate.amount.units) ??
    null
  );
}
