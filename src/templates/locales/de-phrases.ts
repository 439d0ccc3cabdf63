import { intlTags } from '../../domain/locale.ts';
import type { Balance, OtherDueDates, Phrases, Settlement } from './locale-texts.ts';
import { namingIn, type Noun } from './naming.ts';
import { pluralIn } from './plural.ts';

const listFormat = new Intl.ListFormat(intlTags.de, { type: 'conjunction' });
const list = (items: readonly string[]): string => listFormat.format(items);
const plural = pluralIn(intlTags.de);

// In the genitive: die Zahlung der Rechnung.
const feminine = (one: string): Noun => ({ one, forOne: `der ${one}`, many: `${one}en`, forMany: `der ${one}en` });

const { named, instalments } = namingIn({
  nouns: new Map([
    ['invoice', feminine('Rechnung')],
    ['creditNote', feminine('Gutschrift')],
    [
      'debitNote',
      {
        one: 'Belastungsanzeige',
        forOne: 'der Belastungsanzeige',
        many: 'Belastungsanzeigen',
        forMany: 'der Belastungsanzeigen',
      },
    ],
    ['fee', feminine('Honorarrechnung')],
    ['receipt', feminine('Quittung')],
    // § 14 (2) UStG calls it "Gutschrift", which everybody takes for a credit note.
    ['selfInvoice', feminine('Rechnung')],
  ]),
  otherNoun: { one: 'Beleg', forOne: 'des Belegs', many: 'Belege', forMany: 'der Belege' },
  forCount: 'von',
  number: (number) => `Nr. ${number}`,
  date: (date) => `vom ${date}`,
  instalments: (listed, several, count) => `${several ? 'Raten' : 'Rate'} ${listed} von ${String(count)}`,
  list,
});

export const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'for', true),
  instalments,
  dueOn: (date) => `fällig am ${date}`,
  dueStatus: (date, daysLate, short) => {
    if (daysLate < 0) return `ist am ${date} fällig`;
    if (daysLate === 0) return `ist heute, am ${date}, fällig`;
    const ago = daysLate === 1 ? 'gestern' : `vor ${String(daysLate)} ${plural(daysLate, 'Tag', 'Tagen')}`;
    return `war am ${date} fällig${short ? '' : ` (${ago})`}`;
  },
  openBalance,
  upcomingNote: (count) =>
    plural(
      count,
      'Der Vollständigkeit halber ist auch eine noch nicht überfällige Zahlung aufgeführt.',
      `Der Vollständigkeit halber sind auch ${String(count)} noch nicht überfällige Zahlungen aufgeführt.`,
    ),
  furtherNote: (count) =>
    plural(
      count,
      'Der Vollständigkeit halber ist auch eine später fällige Zahlung aufgeführt.',
      `Der Vollständigkeit halber sind auch ${String(count)} später fällige Zahlungen aufgeführt.`,
    ),
  smsUpcomingNote: (upcoming) => `Noch nicht überfällig: ${others(upcoming)}`,
  smsFurtherNote: (further) => `Später fällig: ${others(further)}`,
  receivedTitle: ({ received, credited, documents }) => {
    if (received) return `Zahlungseingang: ${named(received.documents, 'plain', false)}`;
    if (credited) return `Gutschrift verbucht: ${named(credited.documents, 'plain', false)}`;
    return `Zahlungsstand: ${named(documents, 'plain', false)}`;
  },
  receivedNote,
  restNote: (rest, short) => {
    if (!rest) {
      return short
        ? 'Damit ist der Betrag ausgeglichen.'
        : 'Damit ist der Betrag vollständig ausgeglichen; Sie brauchen nichts weiter zu tun.';
    }
    const { outstanding, documents, count, dueStatus, firstDueOn } = rest;
    const forDocument = documents === null ? '' : ` für die Zahlung ${named(documents, 'for', false)}`;
    const due = plural(count, `Diese Zahlung ${dueStatus}`, `Erste Fälligkeit ist der ${firstDueOn}`);
    const open = `Offen sind noch ${outstanding}${forDocument}. ${due}.`;
    return short ? open : `${open} Falls Sie auch dies bereits bezahlt haben, brauchen Sie nichts weiter zu tun.`;
  },
  list,
  attachmentNote: (count) =>
    plural(count, 'Eine Kopie des Belegs finden Sie im Anhang.', 'Kopien der Belege finden Sie im Anhang.'),
  contactNote: 'Bei Fragen antworten Sie bitte einfach auf diese E-Mail.',
  smsContactNote: (address) => `Antwort: ${address}`,
  sentBy: (sender) => `Gesendet von ${sender}`,
  replyTo: (address) => `Ihre Antwort an: ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Überweisung: IBAN ${iban}, Kontoinhaber ${holder}${bic === null ? '' : `, BIC ${bic}`}, Verwendungszweck: ${reference}`,
  referenceOf: (customer) => `Zahlung ${customer}`,
  moreDueDates: (count) => plural(count, 'und eine weitere Zahlung', `und ${String(count)} weitere Zahlungen`),
  labels: {
    due: 'Fällig am',
    amount: 'Betrag',
    received: 'Bereits eingegangen',
    credited: 'Gutgeschrieben',
    open: 'Offener Betrag',
    total: 'Offener Gesamtbetrag',
    originally: 'von',
    bankHeading: 'Bankverbindung für die Überweisung',
    holder: 'Kontoinhaber',
    reference: 'Verwendungszweck',
    payOnline: 'Online bezahlen',
    document: 'Beleg',
    colon: ':',
  },
};

function openBalance({ outstanding, received, credited }: Balance, short: boolean): string {
  if (short) {
    const off = [
      ...(received === null ? [] : [`${received} bereits eingegangen`]),
      ...(credited === null ? [] : [`${credited} gutgeschrieben`]),
    ];
    return off.length === 0 ? outstanding : `${outstanding} (${off.join(', ')})`;
  }
  const off = [
    ...(received === null ? [] : [`der bereits eingegangenen ${received}`]),
    ...(credited === null ? [] : [`der gutgeschriebenen ${credited}`]),
  ];
  return off.length === 0 ? outstanding : `${outstanding} nach Abzug ${list(off)}`;
}

function receivedNote({ received, credited, documents }: Settlement, short: boolean): string {
  const forDocument = (some: Settlement['documents']): string => named(some, 'for', !short);
  if (received) {
    const came = `zur Begleichung ${forDocument(received.documents)} haben wir ${received.amount} erhalten`;
    const thanks = `${short ? capital(came) : came}. ${short ? 'Danke.' : 'Vielen Dank.'}`;
    if (!credited) return thanks;
    const off = documents.length === 1 ? credited.amount : `${credited.amount} ${forDocument(credited.documents)}`;
    return `${thanks} Weitere ${off} wurden gutgeschrieben.`;
  }
  if (credited) {
    const off = `der Betrag ${forDocument(credited.documents)} wurde durch Gutschrift um ${credited.amount} gemindert.`;
    return short ? capital(off) : off;
  }
  const none = `bis heute ist die Zahlung ${forDocument(documents)} noch nicht bei uns eingegangen.`;
  return short ? capital(none) : none;
}

function others({ count, documents, outstanding, firstDueOn }: OtherDueDates): string {
  return `${outstanding}, ${named(documents, 'plain', false)}, ${plural(count, 'fällig am', 'erstmals fällig am')} ${firstDueOn}.`;
}

// After the sender's colon a whole sentence begins with a capital.
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
