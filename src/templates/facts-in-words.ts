import { formatIban } from '../domain/iban.ts';
import type { DueDateFacts, MessageFacts } from '../domain/message-facts.ts';
import { add, formatMoney, subtract, zero, type Money } from '../domain/money.ts';
import type { LocaleTexts, NamedDocument } from './locales/locale-texts.ts';

/** The facts as a reader of that locale sees them; `short` is how an SMS writes dates. */
export type FactsInWords = {
  readonly sender: string;
  readonly rows: readonly DueDateRow[];
  readonly all: Share;
  /** Those that are late; all of them when none is. */
  readonly overdue: Share;
  /** Those beside the late ones that are not. */
  readonly upcoming: Share | null;
  readonly first: DueDateRow;
  /** The document behind the link of an SMS, named so that no other one can be meant. */
  readonly linked: string;
  readonly bank: BankInWords | null;
  readonly reference: string;
  /** Only when all due dates share it. */
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
  readonly paymentUrl: string | null;
};

type BankInWords = { readonly holder: string; readonly iban: string; readonly bic: string | null };

// A transfer's reference holds 140 characters (SEPA rulebook, AT-05).
const longestReference = 140;

export function factsInWords(facts: MessageFacts, texts: LocaleTexts, short: boolean): FactsInWords {
  const rows = facts.dueDates.map((dueDate) => rowOf(dueDate, facts, texts, short));
  const late = facts.dueDates.filter((dueDate) => dueDate.dueOn < facts.today);
  const upcoming = facts.dueDates.filter((dueDate) => dueDate.dueOn >= facts.today);
  const all = shareOf(facts.dueDates, texts, short);
  const urls = new Set(rows.map((row) => row.paymentUrl));
  const [url] = urls;
  return {
    sender: oneLine(facts.tenant.senderName ?? facts.tenant.name),
    rows,
    all,
    overdue: late.length === 0 ? all : shareOf(late, texts, short),
    upcoming: late.length === 0 || upcoming.length === 0 ? null : shareOf(upcoming, texts, short),
    first: rowOf(earliestOf(facts.dueDates), facts, texts, short),
    linked: facts.dueDates
      .slice(0, 1)
      .map((dueDate) => linkedTitle(dueDate, texts, short))
      .join(''),
    bank: facts.bankAccount && {
      holder: oneLine(facts.bankAccount.holder),
      // On paper in groups of four; a phone copies it better in one piece.
      iban: short ? facts.bankAccount.iban : formatIban(facts.bankAccount.iban),
      bic: facts.bankAccount.bic,
    },
    reference: referenceOf(facts, texts),
    paymentUrl: urls.size === 1 ? (url ?? null) : null,
    today: dateInWords(facts.today, texts, short),
  };
}

/** An address to pay at, or null for what is no web address. */
export function webAddress(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed.href : null;
}

/** A value is data: whatever it holds, it stays on its line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

function shareOf(dueDates: readonly DueDateFacts[], texts: LocaleTexts, short: boolean): Share {
  const sum = (of: (dueDate: DueDateFacts) => Money): string => sumInWords(dueDates.map(of), texts);
  const paid = dueDates.map(receivedOf);
  return {
    count: dueDates.length,
    documents: documentsOf(dueDates, texts, short),
    amount: sum((dueDate) => dueDate.amount),
    outstanding: sum((dueDate) => dueDate.outstanding),
    received: paid.some((money) => money.units > 0n) ? sum(receivedOf) : null,
    firstDueOn: dateInWords(earliestOf(dueDates).dueOn, texts, short),
  };
}

function earliestOf(dueDates: readonly DueDateFacts[]): DueDateFacts {
  return dueDates.reduce((a, b) => (b.dueOn < a.dueOn ? b : a));
}

function linkedTitle(dueDate: DueDateFacts, texts: LocaleTexts, short: boolean): string {
  const document = documentOf(dueDate, texts, short);
  const title = capital(texts.phrases.documentTitle([document]));
  if (document.number !== null || document.date !== null) return title;
  return `${title}, ${texts.phrases.labels.due.toLowerCase()} ${dateInWords(dueDate.dueOn, texts, short)}`;
}

function rowOf(dueDate: DueDateFacts, facts: MessageFacts, texts: LocaleTexts, short: boolean): DueDateRow {
  const received = receivedOf(dueDate);
  const title = texts.phrases.document([documentOf(dueDate, texts, short)]);
  return {
    title: capital(title),
    dueOn: dateInWords(dueDate.dueOn, texts, short),
    daysLate: Temporal.PlainDate.from(dueDate.dueOn).until(facts.today, { largestUnit: 'day' }).days,
    amount: formatMoney(dueDate.amount, texts.intl),
    outstanding: formatMoney(dueDate.outstanding, texts.intl),
    received: received.units > 0n ? formatMoney(received, texts.intl) : null,
    paymentUrl: webAddress(dueDate.paymentUrl),
  };
}

// Several due dates may be instalments of one document, which is then named once.
function documentsOf(dueDates: readonly DueDateFacts[], texts: LocaleTexts, short: boolean): NamedDocument[] {
  const documents = new Map<string, NamedDocument>();
  for (const dueDate of dueDates) {
    const document = documentOf(dueDate, texts, short);
    documents.set(JSON.stringify(document), document);
  }
  return [...documents.values()];
}

function documentOf(dueDate: DueDateFacts, texts: LocaleTexts, short: boolean): NamedDocument {
  const number = oneLine(dueDate.documentNumber ?? '');
  return {
    type: dueDate.documentType,
    number: number === '' ? null : number,
    date: dueDate.documentDate === null ? null : dateInWords(dueDate.documentDate, texts, short),
  };
}

function referenceOf(facts: MessageFacts, texts: LocaleTexts): string {
  const documents = documentsOf(facts.dueDates, texts, true);
  const [first, ...others] = documents;
  if (!first || documents.some((document) => document.number === null)) {
    return texts.phrases.referenceOf(oneLine(facts.customer.name)).slice(0, longestReference);
  }
  const { document, documentTitle } = texts.phrases;
  let text = others.length === 0 ? document([first]) : documentTitle([first]);
  for (const other of others) {
    const longer = `${text}, ${documentTitle([other])}`;
    // A number that is cut off would name another document.
    if (longer.length > longestReference - 2) return `${capital(text)} …`;
    text = longer;
  }
  return capital(text).slice(0, longestReference);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function receivedOf(dueDate: DueDateFacts): Money {
  return subtract(dueDate.amount, dueDate.outstanding);
}

function sumInWords(amounts: readonly Money[], texts: LocaleTexts): string {
  const sums = new Map<string, Money>();
  for (const money of amounts) {
    sums.set(money.currency, add(sums.get(money.currency) ?? zero(money.currency), money));
  }
  return texts.phrases.list([...sums.values()].map((money) => formatMoney(money, texts.intl)));
}

function dateInWords(isoDate: string, texts: LocaleTexts, short: boolean): string {
  const key = `${texts.intl} ${String(short)}`;
  const format = dateFormats.get(key) ?? dateFormat(texts.intl, short);
  dateFormats.set(key, format);
  // V8 makes a formatter anew for each Temporal value, so the day goes in as its midnight in UTC.
  return format.format(Date.parse(isoDate));
}

// Making a format costs a hundred times its use.
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: string, short: boolean): Intl.DateTimeFormat {
  const common = { year: 'numeric', timeZone: 'UTC' } as const;
  if (!short) return new Intl.DateTimeFormat(locale, { ...common, day: 'numeric', month: 'long' });
  // Italian reads 03/04 one way; English does not, so the month is spelled.
  const month = locale.startsWith('it') ? '2-digit' : 'short';
  return new Intl.DateTimeFormat(locale, { ...common, day: '2-digit', month });
}
