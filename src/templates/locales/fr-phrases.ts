import { intlTags } from '../../domain/locale.ts';
import type { Balance, OtherDueDates, Phrases, Settlement } from './locale-texts.ts';
import { namingIn, type Noun } from './naming.ts';
import { pluralIn } from './plural.ts';

const listFormat = new Intl.ListFormat(intlTags.fr, { type: 'conjunction' });
const list = (items: readonly string[]): string => listFormat.format(items);
const plural = pluralIn(intlTags.fr);

// A no-break space stands before a colon; an SMS makes a plain one of it.
const colon = '\u00A0:';

const noun = (one: string, many: string, of: string): Noun => ({
  one,
  forOne: `${of}${one}`,
  many,
  forMany: `des ${many}`,
});

const { named, instalments } = namingIn({
  nouns: new Map([
    ['invoice', noun('facture', 'factures', 'de la ')],
    ['creditNote', noun('avoir', 'avoirs', 'de l’')],
    ['debitNote', noun('note de débit', 'notes de débit', 'de la ')],
    ['fee', noun('note d’honoraires', 'notes d’honoraires', 'de la ')],
    ['receipt', noun('reçu', 'reçus', 'du ')],
    ['selfInvoice', noun('autofacture', 'autofactures', 'de l’')],
  ]),
  otherNoun: noun('document', 'documents', 'du '),
  forCount: 'de',
  number: (number, short) => `${short ? 'no' : 'n°'} ${number}`,
  date: (date) => `du ${date}`,
  instalments: (listed, several, count) => `${several ? 'échéances' : 'échéance'} ${listed} sur ${String(count)}`,
  list,
});

export const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'for', true),
  instalments,
  dueOn: (date) => `échéance du ${date}`,
  dueStatus: (date, daysLate, short) => {
    if (daysLate < 0) return `est attendu pour le ${date}`;
    if (daysLate === 0) return `est attendu aujourd’hui, le ${date}`;
    const ago = daysLate === 1 ? 'hier' : `il y a ${String(daysLate)} ${plural(daysLate, 'jour', 'jours')}`;
    return `était attendu pour le ${date}${short ? '' : ` (${ago})`}`;
  },
  openBalance,
  upcomingNote: (count) =>
    plural(
      count,
      'Pour information, un paiement non encore échu est également indiqué.',
      `Pour information, ${String(count)} paiements non encore échus sont également indiqués.`,
    ),
  furtherNote: (count) =>
    plural(
      count,
      'Pour information, un paiement à échéance ultérieure est également indiqué.',
      `Pour information, ${String(count)} paiements à échéance ultérieure sont également indiqués.`,
    ),
  smsUpcomingNote: (upcoming) => `${plural(upcoming.count, 'Non échu', 'Non échus')}${colon} ${others(upcoming)}`,
  smsFurtherNote: (further) => `Ensuite${colon} ${others(further)}`,
  receivedTitle: ({ received, credited, documents }) => {
    if (received) return `Paiement reçu${colon} ${named(received.documents, 'plain', false)}`;
    if (credited) return `Avoir enregistré${colon} ${named(credited.documents, 'plain', false)}`;
    return `État du paiement${colon} ${named(documents, 'plain', false)}`;
  },
  receivedNote,
  restNote: (rest, short) => {
    if (!rest) {
      return short
        ? 'Ce montant est entièrement soldé.'
        : 'Le montant est ainsi entièrement soldé et vous n’avez plus rien à faire.';
    }
    const { outstanding, documents, count, dueStatus, firstDueOn } = rest;
    const forDocument = documents === null ? '' : ` pour le paiement ${named(documents, 'for', false)}`;
    const due = plural(count, `ce paiement ${dueStatus}`, `la première échéance est celle du ${firstDueOn}`);
    const open = `Il reste à régler ${outstanding}${forDocument}${colon} ${due}.`;
    return short ? open : `${open} Si vous l’avez également réglé, vous n’avez plus rien à faire.`;
  },
  list,
  attachmentNote: (count) =>
    plural(
      count,
      'Vous trouverez en pièce jointe une copie du document.',
      'Vous trouverez en pièces jointes les copies des documents.',
    ),
  contactNote: 'Pour toute question, il vous suffit de répondre à cet e-mail.',
  smsContactNote: (address) => `Réponse à${colon} ${address}`,
  sentBy: (sender) => `Message envoyé par ${sender}`,
  replyTo: (address) => `Pour répondre${colon} ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Virement${colon} IBAN ${iban}, titulaire ${holder}${bic === null ? '' : `, BIC ${bic}`}, motif${colon} ${reference}`,
  referenceOf: (customer) => `Paiement ${customer}`,
  moreDueDates: (count) => plural(count, 'et une autre échéance', `et ${String(count)} autres échéances`),
  labels: {
    due: 'Échéance',
    amount: 'Montant',
    received: 'Déjà reçu',
    credited: 'Avoirs déduits',
    open: 'Reste à payer',
    total: 'Total à payer',
    originally: 'sur',
    bankHeading: 'Coordonnées bancaires pour le virement',
    holder: 'Titulaire du compte',
    reference: 'Motif du virement',
    payOnline: 'Payer en ligne',
    document: 'Document',
    colon,
  },
};

function openBalance({ outstanding, received, credited }: Balance, short: boolean): string {
  if (short) {
    const off = [
      ...(received === null ? [] : [`déjà réglé${colon} ${received}`]),
      ...(credited === null ? [] : [`avoir${colon} ${credited}`]),
    ];
    return off.length === 0 ? outstanding : `${outstanding} (${off.join(', ')})`;
  }
  const off = [
    ...(received === null ? [] : [`des ${received} déjà reçus`]),
    ...(credited === null ? [] : [`de l’avoir de ${credited}`]),
  ];
  return off.length === 0 ? outstanding : `${outstanding}, déduction faite ${list(off)}`;
}

// "Enregistré" in an SMS, because GSM-7 has no ç.
function receivedNote({ received, credited, documents }: Settlement, short: boolean): string {
  const forDocument = (some: Settlement['documents']): string => named(some, 'for', !short);
  if (received) {
    const thanks = short
      ? `nous avons enregistré ${received.amount} pour le paiement ${forDocument(received.documents)}. Merci.`
      : `Nous avons bien reçu ${received.amount} pour le paiement ${forDocument(received.documents)} et vous en remercions.`;
    if (!credited) return thanks;
    const off = documents.length === 1 ? '' : ` du montant ${forDocument(credited.documents)}`;
    return `${thanks} Un avoir de ${credited.amount} a également été déduit${off}.`;
  }
  if (credited) {
    return `${short ? 'un' : 'Un'} avoir de ${credited.amount} a été déduit du montant ${forDocument(credited.documents)}.`;
  }
  return short
    ? `aucun paiement ${forDocument(documents)} n’est encore enregistré.`
    : `À ce jour, aucun paiement ${forDocument(documents)} ne nous est encore parvenu.`;
}

function others({ count, documents, outstanding, firstDueOn }: OtherDueDates): string {
  return `${outstanding}, ${named(documents, 'plain', false)}, ${plural(count, 'échéance', 'première échéance')} ${firstDueOn}.`;
}
