import { intlTags } from '../../domain/locale.ts';
import type { Balance, OtherDueDates, Phrases, Settlement } from './locale-texts.ts';
import { namingIn, type Noun } from './naming.ts';
import { pluralIn } from './plural.ts';

const listFormat = new Intl.ListFormat(intlTags.es, { type: 'conjunction' });
const list = (items: readonly string[]): string => listFormat.format(items);
const plural = pluralIn(intlTags.es);

const feminine = (one: string, many: string): Noun => ({
  one,
  forOne: `de la ${one}`,
  many,
  forMany: `de las ${many}`,
});
const masculine = (one: string, many: string): Noun => ({ one, forOne: `del ${one}`, many, forMany: `de los ${many}` });

const { named, instalments } = namingIn({
  nouns: new Map([
    ['invoice', feminine('factura', 'facturas')],
    ['creditNote', feminine('factura rectificativa', 'facturas rectificativas')],
    ['debitNote', feminine('nota de cargo', 'notas de cargo')],
    ['fee', feminine('minuta de honorarios', 'minutas de honorarios')],
    ['receipt', masculine('recibo', 'recibos')],
    ['selfInvoice', feminine('autofactura', 'autofacturas')],
  ]),
  otherNoun: masculine('documento', 'documentos'),
  forCount: 'de',
  number: (number, short) => `${short ? 'num.' : 'n.º'} ${number}`,
  date: (date) => `del ${date}`,
  instalments: (listed, several, count) => `${several ? 'plazos' : 'plazo'} ${listed} de ${String(count)}`,
  list,
});

export const phrases: Phrases = {
  documentTitle: (documents) => named(documents, 'plain', false),
  document: (documents) => named(documents, 'plain', true),
  forDocument: (documents) => named(documents, 'for', true),
  instalments,
  dueOn: (date) => `vencimiento ${date}`,
  dueStatus: (date, daysLate, short) => {
    if (daysLate < 0) return `vence el ${date}`;
    if (daysLate === 0) return `vence hoy, ${date}`;
    // An SMS would lose the accent of "venció", and with it the past.
    if (short) return `tiene vencimiento ${date}`;
    const ago = daysLate === 1 ? 'ayer' : `hace ${String(daysLate)} ${plural(daysLate, 'día', 'días')}`;
    return `venció el ${date} (${ago})`;
  },
  openBalance,
  upcomingNote: (count) =>
    plural(
      count,
      'A título informativo se indica también un pago aún no vencido.',
      `A título informativo se indican también ${String(count)} pagos aún no vencidos.`,
    ),
  furtherNote: (count) =>
    plural(
      count,
      'A título informativo se indica también un pago con vencimiento posterior.',
      `A título informativo se indican también ${String(count)} pagos con vencimiento posterior.`,
    ),
  smsUpcomingNote: (upcoming) => `${plural(upcoming.count, 'No vencido', 'No vencidos')}: ${others(upcoming)}`,
  smsFurtherNote: (further) => `Después: ${others(further)}`,
  receivedTitle: ({ received, credited, documents }) => {
    if (received) return `Pago recibido: ${named(received.documents, 'plain', false)}`;
    if (credited) return `Factura rectificativa registrada: ${named(credited.documents, 'plain', false)}`;
    return `Estado del pago: ${named(documents, 'plain', false)}`;
  },
  receivedNote,
  restNote: (rest, short) => {
    if (!rest) {
      return short
        ? 'El importe queda totalmente saldado.'
        : 'El importe queda así totalmente saldado y no es necesario que haga nada más.';
    }
    const { outstanding, documents, count, dueStatus, firstDueOn } = rest;
    const forDocument = documents === null ? '' : ` ${named(documents, 'for', false)}`;
    const due = plural(count, `este pago ${dueStatus}`, `el primer vencimiento es el ${firstDueOn}`);
    const open = `Quedan por pagar ${outstanding}${forDocument}: ${due}.`;
    return short ? open : `${open} Si ya ha efectuado también este pago, no es necesario que haga nada más.`;
  },
  list,
  attachmentNote: (count) => `Se adjunta copia ${plural(count, 'del documento', 'de los documentos')}.`,
  contactNote: 'Para cualquier aclaración, puede responder a este correo.',
  smsContactNote: (address) => `Respuestas: ${address}`,
  sentBy: (sender) => `Mensaje enviado por ${sender}`,
  replyTo: (address) => `Para responder: ${address}`,
  smsBankDetails: ({ holder, iban, bic, reference }) =>
    `Transferencia: IBAN ${iban}, titular ${holder}${bic === null ? '' : `, BIC ${bic}`}, concepto: ${reference}`,
  referenceOf: (customer) => `Pago ${customer}`,
  moreDueDates: (count) => plural(count, 'y un vencimiento más', `y ${String(count)} vencimientos más`),
  labels: {
    due: 'Vencimiento',
    amount: 'Importe',
    received: 'Ya recibido',
    credited: 'Facturas rectificativas',
    open: 'Pendiente de pago',
    total: 'Total pendiente',
    originally: 'de',
    bankHeading: 'Datos para la transferencia',
    holder: 'Titular',
    reference: 'Concepto',
    payOnline: 'Pagar en línea',
    document: 'Documento',
    colon: ':',
  },
};

function openBalance({ outstanding, received, credited }: Balance, short: boolean): string {
  if (short) {
    const off = [
      ...(received === null ? [] : [`ya recibido: ${received}`]),
      ...(credited === null ? [] : [`rectificado: ${credited}`]),
    ];
    return off.length === 0 ? outstanding : `${outstanding} (${off.join(', ')})`;
  }
  const off = [
    ...(received === null ? [] : [`los ${received} ya recibidos`]),
    ...(credited === null ? [] : [`los ${credited} de la factura rectificativa`]),
  ];
  return off.length === 0 ? outstanding : `${outstanding}, una vez descontados ${list(off)}`;
}

function receivedNote({ received, credited, documents }: Settlement, short: boolean): string {
  const forDocument = (some: Settlement['documents']): string => named(some, 'for', !short);
  if (received) {
    const came = `hemos recibido ${received.amount} en pago ${forDocument(received.documents)}`;
    const thanks = `${short ? came : capital(came)}. ${short ? 'Gracias.' : 'Muchas gracias.'}`;
    if (!credited) return thanks;
    const off = documents.length === 1 ? credited.amount : `${credited.amount} ${forDocument(credited.documents)}`;
    return `${thanks} Otros ${off} se han descontado con factura rectificativa.`;
  }
  if (credited) {
    return `${short ? 'del' : 'Del'} importe ${forDocument(credited.documents)} se han descontado ${credited.amount} con factura rectificativa.`;
  }
  return `${short ? 'no' : 'No'} nos consta hasta hoy ningún pago ${forDocument(documents)}.`;
}

function others({ count, documents, outstanding, firstDueOn }: OtherDueDates): string {
  return `${outstanding}, ${named(documents, 'plain', false)}, ${plural(count, 'vencimiento', 'primer vencimiento')} ${firstDueOn}.`;
}

// After the greeting's colon a sentence begins, after an SMS's sender it does not.
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
