import { intlTags } from '../../domain/locale.ts';
import type { Balance, OtherDueDates, Phrases, Settlement } from './locale-texts.ts';
import { namingIn, type Noun } from './naming.ts';
import { pluralIn } from './plural.ts';

const listFormat = new Intl.ListFormat(intlTags.it, { type: 'conjunction' });
const list = (items: readonly string[]): string => listFormat.format(items);
const plural = pluralIn(intlTags.it);

const feminine = (one: string, many: string): Noun => ({
  one,
  forOne: `della ${one}`,
  many,
  forMany: `delle ${many}`,
});

const { named, instalments } = namingIn({
  nouns: new Map([
    ['invoice', feminine('fattura', 'fatture')],
    ['creditNote', feminine('nota di credito', 'note di credito')],
    ['debitNote', feminine('nota di debito', 'note di debito')],
    ['fee', feminine('parcella', 'parcelle')],
    ['receipt', feminine('ricevuta', 'ricevute')],
    [
      'selfInvoice',
      { one: 'autofattura', forOne: 'dell’autofattura', many: 'autofatture', forMany: 'delle autofatture' },
    ],
  ]),
  otherNoun: { one: 'documento', forOne: 'del documento', many: 'documenti', forMany: 'dei documenti' },
  forCount: 'di',
  number: (number) => `n. ${number}`,
  date: (date) => `${startsWithVowel(date) ? 'dell’' : 'del '}${date}`,
  instalments: (listed, several, count) => `${several ? 'rate' : 'rata'} ${listed} di ${String(count)}`,
  list,
});

export const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'for', true),
  instalments,
  dueOn: (date) => `scadenza ${date}`,
  dueStatus: (date, daysLate, short) => {
    if (daysLate < 0) return `scade ${onDay(date)}`;
    if (daysLate === 0) return `scade oggi, ${date}`;
    const ago = daysLate === 1 ? 'ieri' : `${String(daysLate)} ${plural(daysLate, 'giorno', 'giorni')} fa`;
    return `è scaduto ${onDay(date)}${short ? '' : ` (${ago})`}`;
  },
  openBalance,
  upcomingNote: (count) =>
    plural(
      count,
      'Per completezza è riportato anche un pagamento non ancora scaduto.',
      `Per completezza sono riportati anche ${String(count)} pagamenti non ancora scaduti.`,
    ),
  furtherNote: (count) =>
    plural(
      count,
      'Per completezza è riportato anche un pagamento con scadenza successiva.',
      `Per completezza sono riportati anche ${String(count)} pagamenti con scadenza successiva.`,
    ),
  smsUpcomingNote: (upcoming) =>
    `${plural(upcoming.count, 'Non ancora scaduto', 'Non ancora scaduti')}: ${others(upcoming)}`,
  smsFurtherNote: (further) => `In seguito: ${others(further)}`,
  receivedTitle: ({ received, credited, documents }) => {
    if (received) return `Pagamento ricevuto: ${named(received.documents, 'plain', false)}`;
    if (credited) return `Nota di credito registrata: ${named(credited.documents, 'plain', false)}`;
    return `Situazione dei pagamenti: ${named(documents, 'plain', false)}`;
  },
  receivedNote,
  restNote: (rest, short) => {
    if (!rest) {
      return short
        ? 'L’importo risulta interamente saldato.'
        : 'L’importo risulta così interamente saldato e non occorre altro da parte Sua.';
    }
    const { outstanding, documents, count, dueStatus, firstDueOn } = rest;
    const forDocument = documents === null ? '' : ` ${named(documents, 'for', false)}`;
    const due = plural(count, `il pagamento ${dueStatus}`, `la prima scadenza è ${onDay(firstDueOn)}`);
    const open = `Restano da saldare ${outstanding}${forDocument}: ${due}.`;
    return short ? open : `${open} Se ha già provveduto anche a questo pagamento, non occorre altro da parte Sua.`;
  },
  list,
  attachmentNote: (count) => `In allegato trova copia ${plural(count, 'del documento', 'dei documenti')}.`,
  contactNote: 'Per qualsiasi chiarimento può rispondere a questa email.',
  smsContactNote: (address) => `Risposte: ${address}`,
  sentBy: (sender) => `Messaggio inviato da ${sender}`,
  replyTo: (address) => `Per rispondere: ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Bonifico: IBAN ${iban}, intestato a ${holder}${bic === null ? '' : `, BIC ${bic}`}, causale: ${reference}`,
  referenceOf: (customer) => `Pagamento ${customer}`,
  moreDueDates: (count) => plural(count, 'e un’altra scadenza', `e altre ${String(count)} scadenze`),
  labels: {
    due: 'Scadenza',
    amount: 'Importo',
    received: 'Già ricevuti',
    credited: 'Note di credito',
    open: 'Da saldare',
    total: 'Totale da saldare',
    originally: 'su',
    bankHeading: 'Coordinate per il bonifico',
    holder: 'Intestatario',
    reference: 'Causale',
    payOnline: 'Paga online',
    document: 'Documento',
    colon: ':',
  },
};

function openBalance({ outstanding, received, credited }: Balance, short: boolean): string {
  if (short) {
    const off = [
      ...(received === null ? [] : [`già ricevuti ${received}`]),
      ...(credited === null ? [] : [`stornati ${credited}`]),
    ];
    return off.length === 0 ? outstanding : `${outstanding} (${off.join(', ')})`;
  }
  const off = [
    ...(received === null ? [] : [`di ${received} già ricevuti`]),
    ...(credited === null ? [] : [`di ${credited} stornati con nota di credito`]),
  ];
  return off.length === 0 ? outstanding : `${outstanding}, al netto ${list(off)}`;
}

function receivedNote({ received, credited, documents }: Settlement, short: boolean): string {
  const forDocument = (some: Settlement['documents']): string => named(some, 'for', !short);
  if (received) {
    const came = `abbiamo ricevuto ${received.amount} per il pagamento ${forDocument(received.documents)}`;
    const thanks = `${came}. ${short ? 'Grazie.' : 'La ringraziamo.'}`;
    if (!credited) return thanks;
    const off = documents.length === 1 ? credited.amount : `${credited.amount} ${forDocument(credited.documents)}`;
    return `${thanks} Altri ${off} sono stati stornati con nota di credito.`;
  }
  if (credited) {
    return `l’importo ${forDocument(credited.documents)} è stato ridotto di ${credited.amount} con nota di credito.`;
  }
  return `ad oggi non ci risulta ancora alcun pagamento ${forDocument(documents)}.`;
}

function others({ count, documents, outstanding, firstDueOn }: OtherDueDates): string {
  const due = plural(count, 'scadenza', 'prima scadenza');
  return `${outstanding}, ${named(documents, 'plain', false)}, ${due} ${firstDueOn}.`;
}

function onDay(date: string): string {
  return `${startsWithVowel(date) ? 'l’' : 'il '}${date}`;
}

// Otto, undici: the article before them loses its vowel.
function startsWithVowel(date: string): boolean {
  return /^(?:0?8|11)\b/.test(date);
}
