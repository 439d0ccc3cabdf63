import type { LocaleTexts, NamedDocument, Phrases } from './locale-texts.ts';

const payBlocks = `{{ dueDates }}

{{ bankDetails }}

{{ paymentLink }}`;

const courtesyClose = `{{ attachmentNote }}

Se ha già provveduto al pagamento, La ringraziamo e La preghiamo di non tenere conto di questo messaggio. {{ contactNote }}

Cordiali saluti
{{ sender }}`;

const overdueClose = `{{ attachmentNote }}

Se il pagamento è già stato disposto, La ringraziamo: ci comunichi la data e gli estremi, così potremo registrarlo. {{ contactNote }}

Distinti saluti
{{ sender }}`;

const smsBlocks = `{{ bankDetails }}
{{ paymentLink }}
{{ documentLink }}`;

// Forms of a word: alone, with "di", and both in the plural.
type Noun = { one: string; ofOne: string; many: string; ofMany: string };
const genericNoun: Noun = { one: 'documento', ofOne: 'del documento', many: 'documenti', ofMany: 'dei documenti' };
const nouns: ReadonlyMap<string, Noun> = new Map([
  ['invoice', { one: 'fattura', ofOne: 'della fattura', many: 'fatture', ofMany: 'delle fatture' }],
  [
    'creditNote',
    {
      one: 'nota di credito',
      ofOne: 'della nota di credito',
      many: 'note di credito',
      ofMany: 'delle note di credito',
    },
  ],
  [
    'debitNote',
    { one: 'nota di debito', ofOne: 'della nota di debito', many: 'note di debito', ofMany: 'delle note di debito' },
  ],
  ['fee', { one: 'parcella', ofOne: 'della parcella', many: 'parcelle', ofMany: 'delle parcelle' }],
  ['receipt', { one: 'ricevuta', ofOne: 'della ricevuta', many: 'ricevute', ofMany: 'delle ricevute' }],
]);

const listFormat = new Intl.ListFormat('it', { type: 'conjunction' });

const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'of', true),
  dueStatus: (date, daysLate) => {
    if (daysLate < 0) return `scade il ${date}`;
    if (daysLate === 0) return `scade oggi, ${date}`;
    return `è scaduto il ${date} (${daysLate === 1 ? 'ieri' : `${String(daysLate)} giorni fa`})`;
  },
  openBalance: ({ outstanding, received }, short) => {
    if (received === null) return outstanding;
    return short ? `${outstanding} (già ricevuti ${received})` : `${outstanding}, al netto di ${received} già ricevuti`;
  },
  upcomingNote: (count) =>
    count === 1
      ? 'Per completezza è riportato anche un pagamento non ancora scaduto.'
      : `Per completezza sono riportati anche ${String(count)} pagamenti non ancora scaduti.`,
  smsUpcomingNote: ({ count, documents, outstanding, firstDueOn }) =>
    count === 1
      ? `Non ancora scaduto: ${outstanding}, ${named(documents, 'plain', false)}, scadenza ${firstDueOn}.`
      : `Non ancora scaduti: ${outstanding}, ${named(documents, 'plain', false)}, prima scadenza ${firstDueOn}.`,
  list: (items) => listFormat.format(items),
  attachmentNote: (count) => `In allegato trova copia ${count === 1 ? 'del documento' : 'dei documenti'}.`,
  contactNote: 'Per qualsiasi chiarimento può rispondere a questa email.',
  sentBy: (sender) => `Messaggio inviato da ${sender}`,
  replyTo: (address) => `Per rispondere: ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Bonifico: IBAN ${iban}, intestato a ${holder}${bic === null ? '' : `, BIC ${bic}`}, causale: ${reference}`,
  referenceOf: (customer) => `Pagamento ${customer}`,
  moreDueDates: (count) => `e altre ${String(count)} scadenze`,
  labels: {
    due: 'Scadenza',
    amount: 'Importo',
    received: 'Già ricevuti',
    open: 'Da saldare',
    total: 'Totale da saldare',
    originally: 'su',
    bankHeading: 'Coordinate per il bonifico',
    holder: 'Intestatario',
    reference: 'Causale',
    payOnline: 'Paga online',
    document: 'Documento',
  },
};

export const it: LocaleTexts = {
  intl: 'it-IT',
  phrases,
  email: {
    courtesy: {
      one: {
        subject: 'Promemoria: {{ documentTitle }}, scadenza {{ dueOn }}',
        message: `Gentile {{ customer }},

Le ricordiamo che il pagamento {{ forDocument }} {{ dueStatus }}. L’importo da saldare è di {{ openBalance }}.

${payBlocks}

${courtesyClose}`,
      },
      many: {
        subject: 'Promemoria: {{ documentTitle }}, prossime scadenze',
        message: `Gentile {{ customer }},

Le ricordiamo le prossime scadenze di pagamento {{ forDocument }}. L’importo complessivo da saldare è di {{ openBalance }}.

${payBlocks}

${courtesyClose}`,
      },
    },
    overdue: {
      one: {
        subject: 'Pagamento non ancora pervenuto: {{ documentTitle }}',
        message: `Gentile {{ customer }},

alla data del {{ today }} non ci risulta pervenuto il saldo {{ forDocument }}: il pagamento {{ dueStatus }} e restano da saldare {{ openBalance }}.

La invitiamo a provvedere quanto prima.

${payBlocks}

${overdueClose}`,
      },
      many: {
        subject: 'Saldo non ancora pervenuto: {{ overdueTitle }}',
        message: `Gentile {{ customer }},

alla data del {{ today }} non ci risulta pervenuto il saldo {{ forOverdue }}. Restano da saldare {{ overdueBalance }}. {{ upcomingNote }}

Per gli importi già scaduti La invitiamo a provvedere quanto prima.

${payBlocks}

${overdueClose}`,
      },
    },
  },
  sms: {
    courtesy: {
      one: `{{ sender }}: Le ricordiamo che il pagamento {{ forDocument }} {{ dueStatus }}. Da saldare: {{ openBalance }}.
${smsBlocks}
Se ha già pagato, non tenga conto di questo messaggio. Grazie.`,
      many: `{{ sender }}: Le ricordiamo i pagamenti {{ forDocument }} (prima scadenza: {{ dueOn }}). Da saldare in tutto: {{ openBalance }}.
${smsBlocks}
Se ha già pagato, non tenga conto di questo messaggio. Grazie.`,
    },
    overdue: {
      one: `{{ sender }}: non ci risulta pervenuto il saldo {{ forDocument }}: il pagamento {{ dueStatus }}. Da saldare: {{ openBalance }}.
${smsBlocks}
Se ha già pagato, ci comunichi gli estremi. Grazie.`,
      many: `{{ sender }}: non ci risulta pervenuto il saldo {{ forOverdue }} (prima scadenza: {{ dueOn }}). Da saldare: {{ overdueBalance }}. {{ upcomingNote }}
${smsBlocks}
Se ha già pagato, ci comunichi gli estremi. Grazie.`,
    },
  },
};

function named(documents: readonly NamedDocument[], form: 'plain' | 'of', dated: boolean): string {
  const noun = nounOf(documents);
  const [first] = documents;
  if (documents.length === 1 && first) {
    const number = first.number === null ? '' : ` n. ${first.number}`;
    const date = first.date !== null && (dated || first.number === null) ? ` del ${first.date}` : '';
    return `${form === 'of' ? noun.ofOne : noun.one}${number}${date}`;
  }
  const numbers = documents.flatMap(({ number }) => (number === null ? [] : [`n. ${number}`]));
  if (numbers.length !== documents.length || numbers.length > 3) {
    return `${form === 'of' ? 'di ' : ''}${String(documents.length)} ${noun.many}`;
  }
  return `${form === 'of' ? noun.ofMany : noun.many} ${listFormat.format(numbers)}`;
}

function nounOf(documents: readonly NamedDocument[]): Noun {
  const [type, ...others] = new Set(documents.map((document) => document.type));
  return (others.length === 0 && type !== undefined ? nouns.get(type) : undefined) ?? genericNoun;
}
