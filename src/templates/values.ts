import type { MessageFacts } from '../domain/message-facts.ts';
import { webAddress, type FactsInWords, type Share } from './facts-in-words.ts';
import type { AmountFor, LocaleTexts, NamedDocument, Rest, Settlement } from './locales/locale-texts.ts';
import { hasNamesake } from './locales/naming.ts';
import { oneLine } from './one-line.ts';
import type { PlaceholderValues } from './placeholders.ts';

/**
 * What the placeholders stand for in an email. When nothing is open, the blocks that ask for money stand for nothing,
 * whatever the template.
 */
export function emailValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts): PlaceholderValues {
  const { phrases } = texts;
  return {
    ...commonValues(facts, words, texts, false),
    documentTitle: phrases.documentTitle(words.all.documents),
    document: phrases.document(words.all.documents),
    forDocument: phrases.forDocument(words.all.documents),
    forOverdue: phrases.forDocument(words.overdue.documents),
    forFirst: phrases.forDocument(words.dueFirst.documents),
    upcomingNote: words.upcoming === null ? '' : phrases.upcomingNote(words.upcoming.count),
    furtherNote: words.further === null ? '' : phrases.furtherNote(words.further.count),
    dueDates: words.open === null ? '' : dueDatesText(words, texts),
    bankDetails: bankText(words, texts),
    documentLink: '',
    documentUrl: '',
    attachmentNote: facts.attachesDocument ? phrases.attachmentNote(words.rows.length) : '',
    contactNote: replyAddress(facts) === null ? '' : phrases.contactNote,
  };
}

/** What the placeholders stand for in an SMS: the same, in fewer letters. */
export function smsValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts): PlaceholderValues {
  const { phrases } = texts;
  const { labels } = phrases;
  const { bank, reference, rows, all, overdue, dueFirst } = words;
  const documentUrl = webAddress(facts.documentUrl) ?? '';
  const linked = rows.length > 1 ? words.linked : labels.document;
  const reply = replyAddress(facts);
  return {
    ...commonValues(facts, words, texts, true),
    documentTitle: phrases.documentTitle(all.documents),
    document: phrases.documentTitle(all.documents),
    forDocument: phrases.forDocument(undated(all)),
    forOverdue: phrases.forDocument(undated(overdue)),
    forFirst: phrases.forDocument(undated(dueFirst)),
    upcomingNote: words.upcoming === null ? '' : phrases.smsUpcomingNote(words.upcoming),
    furtherNote: words.further === null ? '' : phrases.smsFurtherNote(words.further),
    dueDates:
      words.open === null
        ? ''
        : rows.map((row) => `${row.title}${labels.colon} ${row.outstanding}, ${row.dueOn}`).join('\n'),
    bankDetails: bank ? phrases.smsBankDetails({ ...bank, reference }) : '',
    documentLink: documentUrl === '' ? '' : `${linked}${labels.colon} ${documentUrl}`,
    documentUrl,
    attachmentNote: '',
    contactNote: reply === null ? '' : phrases.smsContactNote(oneLine(reply)),
  };
}

// The number names a document well enough where letters are few.
function undated({ documents }: { readonly documents: readonly NamedDocument[] }): NamedDocument[] {
  return documents.map((each) =>
    each.number === null || hasNamesake(each, documents) ? each : { ...each, date: null },
  );
}

/** Where an answer goes, or null when nobody reads it. */
export function replyAddress(facts: MessageFacts): string | null {
  return facts.tenant.replyTo ?? facts.tenant.email;
}

type Common = Omit<
  PlaceholderValues,
  | 'documentTitle'
  | 'document'
  | 'forDocument'
  | 'forOverdue'
  | 'forFirst'
  | 'upcomingNote'
  | 'furtherNote'
  | 'dueDates'
  | 'bankDetails'
  | 'documentLink'
  | 'documentUrl'
  | 'attachmentNote'
  | 'contactNote'
>;

function commonValues(facts: MessageFacts, words: FactsInWords, texts: LocaleTexts, short: boolean): Common {
  const { phrases } = texts;
  const { all, overdue, dueFirst, bank, first, paymentUrl } = words;
  const { documents } = all;
  const [only, ...others] = documents;
  const written = (values: readonly (string | null)[]): string =>
    phrases.list(values.filter((value) => value !== null));
  const settlement = settlementOf(words);
  return {
    customer: oneLine(facts.customer.name),
    sender: words.sender,
    documentNumber: written(documents.map((document) => document.number)),
    documentDate: written(documents.map((document) => document.date)),
    instalment: only?.instalments && others.length === 0 ? phrases.instalments(only.instalments) : '',
    overdueTitle: phrases.documentTitle(overdue.documents),
    firstTitle: phrases.documentTitle(dueFirst.documents),
    amount: all.amount,
    received: all.received ?? '',
    credited: all.credited ?? '',
    outstanding: all.outstanding,
    openBalance: phrases.openBalance(all, short),
    overdueBalance: phrases.openBalance(overdue, short),
    firstBalance: phrases.openBalance(dueFirst, short),
    dueOn: first.dueOn,
    dueStatus: phrases.dueStatus(first.dueOn, first.daysLate, short),
    daysLate: String(Math.max(0, first.daysLate)),
    today: words.today,
    receivedTitle: phrases.receivedTitle(settlement),
    receivedNote: phrases.receivedNote(settlement, short),
    restNote: phrases.restNote(restOf(words, texts, short), short),
    accountHolder: bank?.holder ?? '',
    iban: bank?.iban ?? '',
    bic: bank?.bic ?? '',
    reference: bank ? words.reference : '',
    paymentLink: paymentUrl === null ? '' : `${phrases.labels.payOnline}${phrases.labels.colon} ${paymentUrl}`,
    paymentUrl: paymentUrl ?? '',
  };
}

function settlementOf({ all, paid, credited }: FactsInWords): Settlement {
  const amountFor = (share: Share | null, amount: string | null | undefined): AmountFor | null =>
    share && amount ? { amount, documents: share.documents } : null;
  return {
    received: amountFor(paid, paid?.received),
    credited: amountFor(credited, credited?.credited),
    documents: all.documents,
  };
}

function restOf({ all, open, first }: FactsInWords, { phrases }: LocaleTexts, short: boolean): Rest | null {
  if (open === null) return null;
  return {
    count: open.count,
    outstanding: open.outstanding,
    documents: all.count === 1 ? null : open.documents,
    firstDueOn: open.firstDueOn,
    dueStatus: phrases.dueStatus(first.dueOn, first.daysLate, short),
  };
}

function dueDatesText(words: FactsInWords, { phrases }: LocaleTexts): string {
  const { labels } = phrases;
  const line = (label: string, value: string): string => `  ${label}${labels.colon} ${value}`;
  const rows = words.rows.map((row) =>
    [
      row.title,
      line(labels.due, row.dueOn),
      ...(row.received === null && row.credited === null ? [] : [line(labels.amount, row.amount)]),
      ...(row.received === null ? [] : [line(labels.received, row.received)]),
      ...(row.credited === null ? [] : [line(labels.credited, row.credited)]),
      line(labels.open, row.outstanding),
      ...(row.paymentUrl === null || words.paymentUrl !== null ? [] : [line(labels.payOnline, row.paymentUrl)]),
    ].join('\n'),
  );
  const total = `${labels.total}${labels.colon} ${words.all.outstanding}`;
  return [...rows, ...(rows.length > 1 ? [total] : [])].join('\n');
}

function bankText({ bank, reference }: FactsInWords, { phrases: { labels } }: LocaleTexts): string {
  if (!bank) return '';
  return [
    labels.bankHeading,
    `  ${labels.holder}${labels.colon} ${bank.holder}`,
    `  IBAN${labels.colon} ${bank.iban}`,
    ...(bank.bic === null ? [] : [`  BIC${labels.colon} ${bank.bic}`]),
    `  ${labels.reference}${labels.colon} ${reference}`,
  ].join('\n');
}
