import { formatIban } from '../domain/iban.ts';
import type { DueDateFacts, MessageFacts } from '../domain/message-facts.ts';
import { add, formatMoney, zero, type Money } from '../domain/money.ts';
import { dateInWords } from './dates-in-words.ts';
import type { LocaleTexts, NamedDocument } from './locales/locale-texts.ts';
import { hasNamesake } from './locales/naming.ts';
import { documentOf, documentsOf } from './named-documents.ts';
import { oneLine } from './one-line.ts';
import { transferReference } from './transfer-reference.ts';

/** The facts as a reader of that locale sees them; `short` is how an SMS writes dates. */
export type FactsInWords = {
  readonly sender: string;
  readonly rows: readonly DueDateRow[];
  readonly all: Share;
  /** Those that something is open of; null when nothing is left to ask for. */
  readonly open: Share | null;
  /** Those that are late; all that are open when none is. */
  readonly overdue: Share;
  /** Those beside the late ones that are not. */
  readonly upcoming: Share | null;
  /** The one that is due first of those that are open, */
  readonly first: DueDateRow;
  /** those that are due on that day, */
  readonly dueFirst: Share;
  /** and those that are due after it. */
  readonly further: Share | null;
  /** Those that money came for. */
  readonly paid: Share | null;
  /** Those that a credit note took something off. */
  readonly credited: Share | null;
  /** The document behind the link of an SMS, named so that no other one can be meant. */
  readonly linked: string;
  /** Where to pay what is open. */
  readonly bank: BankInWords | null;
  readonly reference: string;
  /** Only when all that is open shares it. */
  readonly paymentUrl: string | null;
  readonly today: string;
};

/** Some of the due dates together. */
export type Share = {
  readonly count: number;
  readonly documents: readonly NamedDocument[];
  /** One entry a currency, joined: `100,00 € e 20,00 USD`. */
  readonly amount: string;
  readonly outstanding: string;
  /** Null when nothing was paid yet. */
  readonly received: string | null;
  /** Null when no credit note took anything off. */
  readonly credited: string | null;
  readonly firstDueOn: string;
};

type DueDateRow = {
  readonly title: string;
  readonly dueOn: string;
  /** Negative before the due date. */
  readonly daysLate: number;
  readonly amount: string;
  readonly outstanding: string;
  readonly received: string | null;
  readonly credited: string | null;
  readonly paymentUrl: string | null;
};

type BankInWords = { readonly holder: string; readonly iban: string; readonly bic: string | null };

export function factsInWords(facts: MessageFacts, texts: LocaleTexts, short: boolean): FactsInWords {
  const { dueDates, today, bankAccount } = facts;
  const all = shareOf(dueDates, texts, short);
  const share = (some: readonly DueDateFacts[]): Share =>
    some.length === dueDates.length ? all : shareOf(some, texts, short);
  const shareOrNull = (some: readonly DueDateFacts[]): Share | null => (some.length === 0 ? null : share(some));
  const open = dueDates.filter(isOpen);
  const asked = open.length === 0 ? dueDates : open;
  const late = asked.filter((dueDate) => dueDate.dueOn < today);
  const first = earliestOf(asked);
  const rows = dueDates.map((dueDate) => rowOf(dueDate, facts, texts, short));
  const urls = new Set(open.map((dueDate) => webAddress(dueDate.paymentUrl)));
  const [url] = urls;
  return {
    sender: oneLine(facts.tenant.senderName ?? facts.tenant.name),
    rows,
    all,
    open: shareOrNull(open),
    overdue: share(late.length === 0 ? asked : late),
    upcoming: late.length === 0 ? null : shareOrNull(asked.filter((dueDate) => dueDate.dueOn >= today)),
    first: rows[dueDates.indexOf(first)] ?? rowOf(first, facts, texts, short),
    dueFirst: share(asked.filter((dueDate) => dueDate.dueOn === first.dueOn)),
    further: shareOrNull(asked.filter((dueDate) => dueDate.dueOn !== first.dueOn)),
    paid: shareOrNull(dueDates.filter((dueDate) => dueDate.paid.units > 0n)),
    credited: shareOrNull(dueDates.filter((dueDate) => dueDate.credited.units > 0n)),
    linked: dueDates
      .slice(0, 1)
      .map((dueDate) => linkedTitle(dueDate, all.documents, texts, short))
      .join(''),
    bank: open.length === 0 || bankAccount === null ? null : bankInWords(bankAccount, short),
    reference: transferReference(facts, asked, texts),
    paymentUrl: urls.size === 1 ? (url ?? null) : null,
    today: dateInWords(today, texts.intl, short),
  };
}

/** An address to pay at, or null for what is no web address. */
export function webAddress(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed.href : null;
}

function shareOf(dueDates: readonly DueDateFacts[], texts: LocaleTexts, short: boolean): Share {
  const sum = (of: (dueDate: DueDateFacts) => Money): string => sumInWords(dueDates.map(of), texts);
  // What came of one makes up for nothing that is odd about another.
  const some = (of: (dueDate: DueDateFacts) => Money): string | null => {
    const amounts = dueDates.map(of).filter((money) => money.units > 0n);
    return amounts.length === 0 ? null : sumInWords(amounts, texts);
  };
  return {
    count: dueDates.length,
    documents: documentsOf(dueDates, texts, short),
    amount: sum((dueDate) => dueDate.amount),
    outstanding: sum((dueDate) => dueDate.outstanding),
    received: some((dueDate) => dueDate.paid),
    credited: some((dueDate) => dueDate.credited),
    firstDueOn: dateInWords(earliestOf(dueDates).dueOn, texts.intl, short),
  };
}

function isOpen(dueDate: DueDateFacts): boolean {
  return dueDate.outstanding.units > 0n;
}

function earliestOf(dueDates: readonly DueDateFacts[]): DueDateFacts {
  return dueDates.reduce((a, b) => (b.dueOn < a.dueOn ? b : a));
}

function linkedTitle(
  dueDate: DueDateFacts,
  documents: readonly NamedDocument[],
  texts: LocaleTexts,
  short: boolean,
): string {
  const document = documentOf(dueDate, texts, short);
  const { phrases } = texts;
  const named = hasNamesake(document, documents) ? phrases.document([document]) : phrases.documentTitle([document]);
  const title = capital(named);
  if (document.number !== null || document.date !== null) return title;
  return `${title}, ${texts.phrases.dueOn(dateInWords(dueDate.dueOn, texts.intl, short))}`;
}

function rowOf(dueDate: DueDateFacts, facts: MessageFacts, texts: LocaleTexts, short: boolean): DueDateRow {
  const inWords = (money: Money): string => formatMoney(money, texts.intl);
  const received = dueDate.paid;
  return {
    title: capital(texts.phrases.document([documentOf(dueDate, texts, short)])),
    dueOn: dateInWords(dueDate.dueOn, texts.intl, short),
    daysLate: Temporal.PlainDate.from(dueDate.dueOn).until(facts.today, { largestUnit: 'day' }).days,
    amount: inWords(dueDate.amount),
    outstanding: inWords(dueDate.outstanding),
    received: received.units > 0n ? inWords(received) : null,
    credited: dueDate.credited.units > 0n ? inWords(dueDate.credited) : null,
    paymentUrl: isOpen(dueDate) ? webAddress(dueDate.paymentUrl) : null,
  };
}

function bankInWords(account: NonNullable<MessageFacts['bankAccount']>, short: boolean): BankInWords {
  return {
    holder: oneLine(account.holder),
    // On paper in groups of four; a phone copies it better in one piece.
    iban: short ? account.iban : formatIban(account.iban),
    bic: account.bic,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sumInWords(amounts: readonly Money[], texts: LocaleTexts): string {
  const byCurrency = new Map<string, Money>();
  for (const money of amounts) {
    byCurrency.set(money.currency, add(byCurrency.get(money.currency) ?? zero(money.currency), money));
  }
  const sums = [...byCurrency.values()];
  const some = sums.filter((money) => money.units !== 0n);
  return texts.phrases.list((some.length === 0 ? sums : some).map((money) => formatMoney(money, texts.intl)));
}
