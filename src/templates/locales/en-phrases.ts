import { intlTags } from '../../domain/locale.ts';
import type { Balance, OtherDueDates, Phrases, Settlement } from './locale-texts.ts';
import { namingIn, type Noun } from './naming.ts';
import { pluralIn } from './plural.ts';

const listFormat = new Intl.ListFormat(intlTags.en, { type: 'conjunction' });
const list = (items: readonly string[]): string => listFormat.format(items);
const plural = pluralIn(intlTags.en);

const noun = (one: string, many: string): Noun => ({
  one,
  forOne: `for ${one}`,
  forUnnumbered: `for the ${one}`,
  many,
  forMany: `for ${many}`,
});

const { named, instalments } = namingIn({
  nouns: new Map([
    ['invoice', noun('invoice', 'invoices')],
    ['creditNote', noun('credit note', 'credit notes')],
    ['debitNote', noun('debit note', 'debit notes')],
    ['fee', noun('fee note', 'fee notes')],
    ['receipt', noun('receipt', 'receipts')],
    ['selfInvoice', noun('self-billed invoice', 'self-billed invoices')],
  ]),
  otherNoun: noun('document', 'documents'),
  forCount: 'for',
  number: (number) => `no. ${number}`,
  date: (date) => `of ${date}`,
  instalments: (listed, several, count) => `${several ? 'instalments' : 'instalment'} ${listed} of ${String(count)}`,
  list,
});

export const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'for', true),
  instalments,
  dueOn: (date) => `due ${date}`,
  dueStatus: (date, daysLate, short) => {
    if (daysLate < 0) return `is due on ${date}`;
    if (daysLate === 0) return `is due today, ${date}`;
    const ago = daysLate === 1 ? 'yesterday' : `${String(daysLate)} ${plural(daysLate, 'day', 'days')} ago`;
    return `was due on ${date}${short ? '' : ` (${ago})`}`;
  },
  openBalance,
  upcomingNote: (count) =>
    plural(
      count,
      'For completeness, one payment that is not yet overdue is listed as well.',
      `For completeness, ${String(count)} payments that are not yet overdue are listed as well.`,
    ),
  furtherNote: (count) =>
    plural(
      count,
      'For completeness, one payment that is due later is listed as well.',
      `For completeness, ${String(count)} payments that are due later are listed as well.`,
    ),
  smsUpcomingNote: (upcoming) => `Not yet overdue: ${others(upcoming)}`,
  smsFurtherNote: (further) => `Due later: ${others(further)}`,
  receivedTitle: ({ received, credited, documents }) => {
    if (received) return `Payment received: ${named(received.documents, 'plain', false)}`;
    if (credited) return `Credit note recorded: ${named(credited.documents, 'plain', false)}`;
    return `Payment status: ${named(documents, 'plain', false)}`;
  },
  receivedNote,
  restNote: (rest, short) => {
    if (!rest) {
      return short
        ? 'The amount is now settled in full.'
        : 'The amount is now settled in full, and there is nothing more for you to do.';
    }
    const { outstanding, documents, count, dueStatus, firstDueOn } = rest;
    const forDocument = documents === null ? '' : ` ${named(documents, 'for', false)}`;
    const due = plural(count, `this payment ${dueStatus}`, `the first due date is ${firstDueOn}`);
    const open = `The amount left to pay is ${outstanding}${forDocument}; ${due}.`;
    return short ? open : `${open} If you have already paid this as well, there is nothing more for you to do.`;
  },
  list,
  attachmentNote: (count) =>
    plural(count, 'A copy of the document is attached.', 'Copies of the documents are attached.'),
  contactNote: 'If you have any questions, please reply to this email.',
  smsContactNote: (address) => `Replies: ${address}`,
  sentBy: (sender) => `Sent by ${sender}`,
  replyTo: (address) => `To reply: ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Bank transfer: IBAN ${iban}, holder ${holder}${bic === null ? '' : `, BIC ${bic}`}, reference: ${reference}`,
  referenceOf: (customer) => `Payment ${customer}`,
  moreDueDates: (count) => `and ${String(count)} more`,
  labels: {
    due: 'Due date',
    amount: 'Amount',
    received: 'Already received',
    credited: 'Credit notes',
    open: 'Amount due',
    total: 'Total due',
    originally: 'of',
    bankHeading: 'Bank transfer details',
    holder: 'Account holder',
    reference: 'Reference',
    payOnline: 'Pay online',
    document: 'Document',
    colon: ':',
  },
};

function openBalance({ outstanding, received, credited }: Balance, short: boolean): string {
  if (short) {
    const off = [
      ...(received === null ? [] : [`${received} already received`]),
      ...(credited === null ? [] : [`${credited} credited`]),
    ];
    return off.length === 0 ? outstanding : `${outstanding} (${off.join(', ')})`;
  }
  const off = [
    ...(received === null ? [] : [`net of the ${received} already received`]),
    ...(credited === null ? [] : [`after the credit of ${credited}`]),
  ];
  return off.length === 0 ? outstanding : `${outstanding}, ${list(off)}`;
}

function receivedNote({ received, credited, documents }: Settlement, short: boolean): string {
  const forDocument = (some: Settlement['documents']): string => named(some, 'for', !short);
  const we = short ? 'we' : 'We';
  if (received) {
    const thanks = `${we} have received ${received.amount} ${forDocument(received.documents)}. Thank you.`;
    if (!credited) return thanks;
    const off = documents.length === 1 ? '' : ` ${forDocument(credited.documents)}`;
    return `${thanks} A further ${credited.amount} has been credited${off}.`;
  }
  if (credited) return `${we} have credited ${credited.amount} ${forDocument(credited.documents)}.`;
  return `${we} have not received any payment ${forDocument(documents)} so far.`;
}

function others({ count, documents, outstanding, firstDueOn }: OtherDueDates): string {
  return `${outstanding}, ${named(documents, 'plain', false)}, ${plural(count, 'due', 'first due')} ${firstDueOn}.`;
}
