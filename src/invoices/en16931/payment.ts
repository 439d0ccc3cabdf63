import type { Instalment, InvoiceWarning } from '../../domain/invoice.ts';
import { paymentTerms } from '../../domain/invoice-terms.ts';
import type { Money } from '../../domain/money.ts';
import { paymentKind } from '../../domain/payment-method.ts';
import { dueDateInWords, grantOnlyDiscount } from '../../domain/payment-terms-text.ts';
import { type Portion, portionsOf, type StatedTerms } from './portions.ts';

/** A way to pay (BG-16) and its account (BG-17). */
export type StatedMeans = {
  /** By which terms name it. */
  readonly id: string | null;
  readonly method: string | null;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly holder: string | null;
  readonly dueOn: string | null;
};
type Stated = {
  /** BT-9, where it stands apart from the terms. */
  readonly dueOn: string | null;
  readonly means: readonly StatedMeans[];
  readonly terms: readonly StatedTerms[];
};
type Document = { readonly date: string; readonly total: Money; readonly payable: Money };
type Payments = { instalments: Instalment[]; warnings: InvoiceWarning[] };

/**
 * What is owed and when. Terms with amounts are instalments; otherwise all is due on one day: the due date, else that of
 * the terms, of the way to pay, or what the terms say in words. Several ways to pay are alternatives, not several debts.
 */
export function paymentsOf({ dueOn, means, terms }: Stated, document: Document): Payments {
  const warnings: InvoiceWarning[] = [];
  const portions = portionsOf(terms, document);
  if (portions.length > 0) {
    const instalments = portions.map((portion): Instalment => {
      const own = means.filter(({ id }) => id !== null && portion.meansIds.includes(id));
      const account = accountOf(own.length > 0 ? own : means);
      const linked = own.length > 0 ? own[0]?.dueOn : null;
      const day = portion.dueOn ?? linked ?? dayOfPortion(portion, { dueOn, document }, warnings);
      return { dueOn: day, amount: portion.amount, ...account };
    });
    const checked = paymentTerms(instalments, document);
    return { instalments: checked.instalments, warnings: [...warnings, ...checked.warnings] };
  }
  const day = dueOn ?? dayOfTerms(terms, warnings) ?? latest(means, warnings) ?? dayInWords(terms, document, warnings);
  const account = accountOf(means);
  if (day !== null) return { instalments: [{ dueOn: day, amount: document.payable, ...account }], warnings };
  const bare = paymentTerms([], document);
  const words = wordsOf(terms);
  const told = words === '' ? bare.warnings : [unread(words, document.date)];
  return {
    instalments: bare.instalments.map((instalment) => ({ ...instalment, ...account })),
    // Nobody has to be told when nothing is due.
    warnings: document.payable.units === 0n ? warnings : [...warnings, ...told],
  };
}

// The first transfer with an account, else the first account, else the first way to pay. What is collected from the
// payer's account is paid to none.
function accountOf(means: readonly StatedMeans[]): Pick<Instalment, 'method' | 'iban' | 'bic' | 'holder'> {
  const named = means.filter(({ iban, method }) => iban !== null && !isCollected(method));
  const best =
    named.find(({ method }) => method === null || paymentKind(method) === 'transfer') ?? named[0] ?? means[0];
  if (!best) return { method: null, iban: null, bic: null, holder: null };
  const { method, iban, bic, holder } = best;
  return isCollected(method) ? { method, iban: null, bic: null, holder: null } : { method, iban, bic, holder };
}

function isCollected(method: string | null): boolean {
  return method !== null && paymentKind(method) === 'directDebit';
}

function dayOfPortion(
  { words, path }: Portion,
  { dueOn, document }: { dueOn: string | null; document: Document },
  warnings: InvoiceWarning[],
): string {
  const read = words === null ? undefined : dueDateInWords(words, document.date);
  if (read && 'dueOn' in read) {
    if (read.kind === 'assumed') warnings.push(assumed(words ?? '', read.dueOn));
    return read.dueOn;
  }
  if (dueOn !== null) return dueOn;
  const message = `${path} states no date: it is taken as due on the date of the invoice`;
  warnings.push({ code: 'no-due-date', message });
  return document.date;
}

// A discount's own terms end before the money is due, so they count only where no others are.
function dayOfTerms(terms: readonly StatedTerms[], warnings: InvoiceWarning[]): string | null {
  const net = terms.filter(({ isDiscount, dueOn, words }) => {
    return dueOn !== null && !isDiscount && (words === null || !grantOnlyDiscount(words));
  });
  return latest(net.length > 0 ? net : terms, warnings);
}

// Of several days none of which has an amount, the last: nobody is asked too early.
function latest(stated: readonly { readonly dueOn: string | null }[], warnings: InvoiceWarning[]): string | null {
  const days = [...new Set(stated.flatMap(({ dueOn }) => (dueOn === null ? [] : [dueOn])))].sort();
  const last = days.at(-1) ?? null;
  if (days.length > 1) {
    const message = `Several due dates stand without amounts (${days.slice(0, 5).join(', ')}): the last is taken`;
    warnings.push({ code: 'payment-terms-unclear', message });
  }
  return last;
}

function dayInWords(terms: readonly StatedTerms[], { date }: Document, warnings: InvoiceWarning[]): string | null {
  const words = wordsOf(terms);
  if (words === '') return null;
  const read = dueDateInWords(words, date);
  if (read.kind === 'unclear') return null;
  if (read.kind === 'assumed') warnings.push(assumed(words, read.dueOn));
  return read.dueOn;
}

function wordsOf(terms: readonly StatedTerms[]): string {
  return terms.flatMap(({ words }) => words ?? []).join('\n');
}

function assumed(words: string, dueOn: string): InvoiceWarning {
  return { code: 'payment-terms-assumed', message: `"${shown(words)}" is taken as due on ${dueOn} at the latest` };
}

function unread(words: string, date: string): InvoiceWarning {
  const message = `"${shown(words)}" names no one day: all is taken as due on the date of the invoice, ${date}`;
  return { code: 'payment-terms-unread', message };
}

function shown(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
