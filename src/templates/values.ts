import type { MessageFacts } from '../domain/message-facts.ts';
import { oneLine, webAddress, type FactsInWords, type Share } from './facts-in-words.ts';
import type { LocaleTexts, NamedDocument } from './locales/locale-texts.ts';
import type { PlaceholderValues } from './placeholders.ts';

/** What the placeholders stand for in an email. */
export function emailValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts): PlaceholderValues {
  const { phrases } = texts;
  return {
    ...commonValues(facts, words, texts),
    openBalance: phrases.openBalance(words.all, false),
    overdueBalance: phrases.openBalance(words.overdue, false),
    upcomingNote: words.upcoming === null ? '' : phrases.upcomingNote(words.upcoming.count),
    dueDates: dueDatesText(words, texts),
    bankDetails: bankText(words, texts),
    paymentLink: words.paymentUrl === null ? '' : `${phrases.labels.payOnline}: ${words.paymentUrl}`,
    documentLink: '',
    documentUrl: '',
    attachmentNote: facts.attachesDocument ? phrases.attachmentNote(words.rows.length) : '',
    contactNote: replyAddress(facts) === null ? '' : phrases.contactNote,
  };
}

/** What the placeholders stand for in an SMS: the same, in fewer letters. */
export function smsValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts): PlaceholderValues {
  const { phrases } = texts;
  const { bank, reference } = words;
  const documentUrl = webAddress(facts.documentUrl) ?? '';
  return {
    ...commonValues(facts, words, texts),
    document: phrases.documentTitle(words.all.documents),
    forDocument: phrases.forDocument(undated(words.all)),
    forOverdue: phrases.forDocument(undated(words.overdue)),
    openBalance: phrases.openBalance(words.all, true),
    overdueBalance: phrases.openBalance(words.overdue, true),
    upcomingNote: words.upcoming === null ? '' : phrases.smsUpcomingNote(words.upcoming),
    dueDates: words.rows.map((row) => `${row.title}: ${row.outstanding}, ${row.dueOn}`).join('\n'),
    bankDetails: bank ? phrases.smsBankDetails({ ...bank, reference }) : '',
    paymentLink: words.paymentUrl === null ? '' : `${phrases.labels.payOnline}: ${words.paymentUrl}`,
    documentLink:
      documentUrl === '' ? '' : `${words.rows.length > 1 ? words.linked : phrases.labels.document}: ${documentUrl}`,
    documentUrl,
    attachmentNote: '',
    contactNote: '',
  };
}

// The number names a document well enough where letters are few.
function undated({ documents }: Share): NamedDocument[] {
  return documents.map((each) => (each.number === null ? each : { ...each, date: null }));
}

/** Where an answer goes, or null when nobody reads it. */
export function replyAddress(facts: MessageFacts): string | null {
  return facts.tenant.replyTo ?? facts.tenant.email;
}

type Common = Omit<
  PlaceholderValues,
  | 'openBalance'
  | 'overdueBalance'
  | 'upcomingNote'
  | 'dueDates'
  | 'bankDetails'
  | 'paymentLink'
  | 'documentLink'
  | 'documentUrl'
  | 'attachmentNote'
  | 'contactNote'
>;

function commonValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts): Common {
  const { phrases } = texts;
  const { all, overdue, bank, first } = words;
  const { documents } = all;
  const written = (values: readonly (string | null)[]): string =>
    phrases.list(values.filter((value) => value !== null));
  return {
    customer: oneLine(facts.customer.name),
    sender: words.sender,
    documentTitle: phrases.documentTitle(documents),
    document: phrases.document(documents),
    forDocument: phrases.forDocument(documents),
    documentNumber: written(documents.map((document) => document.number)),
    documentDate: written(documents.map((document) => document.date)),
    overdueTitle: phrases.documentTitle(overdue.documents),
    forOverdue: phrases.forDocument(overdue.documents),
    amount: all.amount,
    outstanding: all.outstanding,
    dueOn: first.dueOn,
    dueStatus: phrases.dueStatus(first.dueOn, first.daysLate),
    daysLate: String(Math.max(0, first.daysLate)),
    today: words.today,
    accountHolder: bank?.holder ?? '',
    iban: bank?.iban ?? '',
    bic: bank?.bic ?? '',
    reference: bank ? words.reference : '',
    paymentUrl: words.paymentUrl ?? '',
  };
}

function dueDatesText(words: FactsInWords, { phrases }: LocaleTexts): string {
  const { labels } = phrases;
  const rows = words.rows.map((row) =>
    [
      row.title,
      `  ${labels.due}: ${row.dueOn}`,
      ...(row.received === null ? [] : [`  ${labels.amount}: ${row.amount}`, `  ${labels.received}: ${row.received}`]),
      `  ${labels.open}: ${row.outstanding}`,
      ...(row.paymentUrl === null || words.paymentUrl !== null ? [] : [`  ${labels.payOnline}: ${row.paymentUrl}`]),
    ].join('\n'),
  );
  return [...rows, ...(rows.length > 1 ? [`${labels.total}: ${words.all.outstanding}`] : [])].join('\n');
}

function bankText({ bank, reference }: FactsInWords, { phrases: { labels } }: LocaleTexts): string {
  if (!bank) return '';
  return [
    labels.bankHeading,
    `  ${labels.holder}: ${bank.holder}`,
    `  IBAN: ${bank.iban}`,
    ...(bank.bic === null ? [] : [`  BIC: ${bank.bic}`]),
    `  ${labels.reference}: ${reference}`,
  ].join('\n');
}
