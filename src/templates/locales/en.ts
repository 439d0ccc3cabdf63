import type { LocaleTexts, NamedDocument, Phrases } from './locale-texts.ts';

const payBlocks = `{{ dueDates }}

{{ bankDetails }}

{{ paymentLink }}`;

const courtesyClose = `{{ attachmentNote }}

If you have already paid, thank you, and please disregard this message. {{ contactNote }}

Kind regards,
{{ sender }}`;

const overdueClose = `{{ attachmentNote }}

If the payment is already on its way, thank you: please let us know its date and details so that we can record it. {{ contactNote }}

Yours sincerely,
{{ sender }}`;

const smsBlocks = `{{ bankDetails }}
{{ paymentLink }}
{{ documentLink }}`;

const genericNoun = ['document', 'documents'] as const;
const nouns: ReadonlyMap<string, readonly [one: string, many: string]> = new Map([
  ['invoice', ['invoice', 'invoices']],
  ['creditNote', ['credit note', 'credit notes']],
  ['debitNote', ['debit note', 'debit notes']],
  ['fee', ['fee note', 'fee notes']],
  ['receipt', ['receipt', 'receipts']],
]);

const listFormat = new Intl.ListFormat('en-GB', { type: 'conjunction' });

const phrases: Phrases = {
  documentTitle: (documents) => named(documents, false),
  document: (documents) => named(documents, true),
  forDocument: (documents) => `for ${named(documents, true)}`,
  dueStatus: (date, daysLate) => {
    if (daysLate < 0) return `is due on ${date}`;
    if (daysLate === 0) return `is due today, ${date}`;
    return `was due on ${date} (${daysLate === 1 ? 'yesterday' : `${String(daysLate)} days ago`})`;
  },
  openBalance: ({ outstanding, received }, short) => {
    if (received === null) return outstanding;
    return short
      ? `${outstanding} (${received} already received)`
      : `${outstanding}, net of the ${received} already received`;
  },
  upcomingNote: (count) =>
    count === 1
      ? 'For completeness, one payment that is not yet overdue is listed as well.'
      : `For completeness, ${String(count)} payments that are not yet overdue are listed as well.`,
  smsUpcomingNote: ({ count, documents, outstanding, firstDueOn }) =>
    `Not yet overdue: ${outstanding}, ${named(documents, false)}, ${count === 1 ? 'due' : 'first due'} ${firstDueOn}.`,
  list: (items) => listFormat.format(items),
  attachmentNote: (count) =>
    count === 1 ? 'A copy of the document is attached.' : 'Copies of the documents are attached.',
  contactNote: 'If you have any questions, please reply to this email.',
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
    open: 'Amount due',
    total: 'Total due',
    originally: 'of',
    bankHeading: 'Bank transfer details',
    holder: 'Account holder',
    reference: 'Reference',
    payOnline: 'Pay online',
    document: 'Document',
  },
};

export const en: LocaleTexts = {
  intl: 'en-GB',
  phrases,
  email: {
    courtesy: {
      one: {
        subject: 'Reminder: {{ documentTitle }}, due {{ dueOn }}',
        message: `Dear {{ customer }},

This is a friendly reminder that payment {{ forDocument }} {{ dueStatus }}. The amount due is {{ openBalance }}.

${payBlocks}

${courtesyClose}`,
      },
      many: {
        subject: 'Reminder: {{ documentTitle }}, upcoming due dates',
        message: `Dear {{ customer }},

This is a friendly reminder of the upcoming payments {{ forDocument }}. The total amount due is {{ openBalance }}.

${payBlocks}

${courtesyClose}`,
      },
    },
    overdue: {
      one: {
        subject: 'Payment not yet received: {{ documentTitle }}',
        message: `Dear {{ customer }},

As of {{ today }} we have not received full payment {{ forDocument }}, which {{ dueStatus }}. The outstanding amount is {{ openBalance }}.

Please arrange payment as soon as possible.

${payBlocks}

${overdueClose}`,
      },
      many: {
        subject: 'Payment not yet received: {{ overdueTitle }}',
        message: `Dear {{ customer }},

As of {{ today }} we have not received full payment {{ forOverdue }}. The amount outstanding is {{ overdueBalance }}. {{ upcomingNote }}

Please settle the amounts already overdue as soon as possible.

${payBlocks}

${overdueClose}`,
      },
    },
  },
  sms: {
    courtesy: {
      one: `{{ sender }}: a reminder that payment {{ forDocument }} {{ dueStatus }}. Amount due: {{ openBalance }}.
${smsBlocks}
If you have already paid, please disregard this message. Thank you.`,
      many: `{{ sender }}: a reminder of the payments {{ forDocument }} (first due date: {{ dueOn }}). Total due: {{ openBalance }}.
${smsBlocks}
If you have already paid, please disregard this message. Thank you.`,
    },
    overdue: {
      one: `{{ sender }}: we have not received full payment {{ forDocument }}, which {{ dueStatus }}. Outstanding: {{ openBalance }}.
${smsBlocks}
If you have already paid, please send us the details. Thank you.`,
      many: `{{ sender }}: we have not received full payment {{ forOverdue }} (first due date: {{ dueOn }}). Outstanding: {{ overdueBalance }}. {{ upcomingNote }}
${smsBlocks}
If you have already paid, please send us the details. Thank you.`,
    },
  },
};

function named(documents: readonly NamedDocument[], dated: boolean): string {
  const [one, many] = nounOf(documents);
  const [first] = documents;
  if (documents.length === 1 && first) {
    const number = first.number === null ? '' : ` no. ${first.number}`;
    const date = first.date !== null && (dated || first.number === null) ? ` of ${first.date}` : '';
    return `${one}${number}${date}`;
  }
  const numbers = documents.flatMap(({ number }) => (number === null ? [] : [`no. ${number}`]));
  if (numbers.length !== documents.length || numbers.length > 3) return `${String(documents.length)} ${many}`;
  return `${many} ${listFormat.format(numbers)}`;
}

function nounOf(documents: readonly NamedDocument[]): readonly [string, string] {
  const [type, ...others] = new Set(documents.map((document) => document.type));
  return (others.length === 0 && type !== undefined ? nouns.get(type) : undefined) ?? genericNoun;
}
