import { intlTags } from '../../domain/locale.ts';
// The tone: "Lei" throughout. A "promemoria" before the day, a plain notice on it, a "sollecito" after it. The last text
// is an "ultimo sollecito": it sets a period and reserves what the law provides. It is not meant as a "messa in mora"
// (art. 1219 c.c.) nor as a "diffida ad adempiere" (art. 1454 c.c., which grants 15 days at least): it cites no article,
// dissolves no contract and announces no proceedings. Whoever wants those effects writes himself, by registered post or
// PEC.
import { phrases } from './it-phrases.ts';
import { letter, textMessage } from './letter.ts';
import type { EmailText, LocaleTexts } from './locale-texts.ts';

const greeting = 'Gentile {{ customer }},';

const friendly = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Se ha già provveduto al pagamento, La ringraziamo e La preghiamo di non tenere conto di questo messaggio. {{ contactNote }}

Cordiali saluti
{{ sender }}`,
  ),
});

const firm = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Se il pagamento è già stato disposto, La ringraziamo: ci comunichi la data e gli estremi, così potremo registrarlo. {{ contactNote }}

Distinti saluti
{{ sender }}`,
  ),
});

const lastPeriod = `entro 7 giorni dal ricevimento di questo messaggio. In mancanza del pagamento o di un Suo riscontro entro tale termine, ci riserviamo le iniziative previste dalla legge.

Se vi sono motivi che ostacolano il pagamento, ce li comunichi entro lo stesso termine: siamo disponibili a cercare una soluzione insieme a Lei.`;

const thanks: EmailText = {
  subject: '{{ receivedTitle }}',
  message: letter(
    greeting,
    '{{ receivedNote }} {{ restNote }}',
    `{{ contactNote }}

Cordiali saluti
{{ sender }}`,
  ),
};

const smsFriendlyClose = 'Se ha già pagato, non tenga conto di questo messaggio. Grazie.';
const smsFirmClose = 'Se ha già pagato, ci avvisi. {{ contactNote }}';
const smsLastPeriod = 'In mancanza di pagamento o riscontro ci riserviamo le iniziative previste dalla legge.';
const smsThanks = textMessage('{{ receivedNote }} {{ restNote }}');

export const it: LocaleTexts = {
  intl: intlTags.it,
  phrases,
  email: {
    courtesy: {
      one: friendly(
        'Promemoria: {{ documentTitle }}, scadenza {{ dueOn }}',
        'Le ricordiamo che il pagamento {{ forDocument }} {{ dueStatus }}. L’importo da saldare è di {{ openBalance }}.',
      ),
      many: friendly(
        'Promemoria: {{ documentTitle }}, prossime scadenze',
        'Le ricordiamo le prossime scadenze di pagamento {{ forDocument }}. L’importo complessivo da saldare è di {{ openBalance }}.',
      ),
    },
    'due-today': {
      one: friendly(
        'Scadenza {{ dueOn }}: {{ documentTitle }}',
        'il pagamento {{ forDocument }} {{ dueStatus }}. L’importo da saldare è di {{ openBalance }}.',
      ),
      many: friendly(
        'Scadenza {{ dueOn }}: {{ firstTitle }}',
        'il pagamento {{ forFirst }} {{ dueStatus }}. L’importo da saldare è di {{ firstBalance }}. {{ furtherNote }}',
      ),
    },
    overdue: {
      one: firm(
        'Pagamento non ancora pervenuto: {{ documentTitle }}',
        `ad oggi, {{ today }}, non ci risulta pervenuto il saldo {{ forDocument }}: il pagamento {{ dueStatus }} e restano da saldare {{ openBalance }}.

La invitiamo a provvedere quanto prima.`,
      ),
      many: firm(
        'Saldo non ancora pervenuto: {{ overdueTitle }}',
        `ad oggi, {{ today }}, non ci risulta pervenuto il saldo {{ forOverdue }}. Restano da saldare {{ overdueBalance }}. {{ upcomingNote }}

Per gli importi già scaduti La invitiamo a provvedere quanto prima.`,
      ),
    },
    'final-notice': {
      one: firm(
        'Ultimo sollecito: {{ documentTitle }}',
        `ad oggi, {{ today }}, non ci risulta ancora pervenuto il saldo {{ forDocument }}: il pagamento {{ dueStatus }} e restano da saldare {{ openBalance }}.

La preghiamo di provvedere ${lastPeriod}`,
      ),
      many: firm(
        'Ultimo sollecito: {{ overdueTitle }}',
        `ad oggi, {{ today }}, non ci risulta ancora pervenuto il saldo {{ forOverdue }}. Restano da saldare {{ overdueBalance }}. {{ upcomingNote }}

Per gli importi già scaduti La preghiamo di provvedere ${lastPeriod}`,
      ),
    },
    'thank-you': { one: thanks, many: thanks },
  },
  sms: {
    courtesy: {
      one: textMessage(
        'Le ricordiamo che il pagamento {{ forDocument }} {{ dueStatus }}. Da saldare: {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: textMessage(
        'Le ricordiamo i pagamenti {{ forDocument }}, prima scadenza {{ dueOn }}. Da saldare in tutto: {{ openBalance }}.',
        smsFriendlyClose,
      ),
    },
    'due-today': {
      one: textMessage(
        'il pagamento {{ forDocument }} {{ dueStatus }}. Da saldare: {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: textMessage(
        'il pagamento {{ forFirst }} {{ dueStatus }}. Da saldare: {{ firstBalance }}. {{ furtherNote }}',
        smsFriendlyClose,
      ),
    },
    overdue: {
      one: textMessage(
        'non ci risulta pervenuto il saldo {{ forDocument }}: il pagamento {{ dueStatus }}. Da saldare: {{ openBalance }}.',
        smsFirmClose,
      ),
      many: textMessage(
        'non ci risulta pervenuto il saldo {{ forOverdue }}, prima scadenza {{ dueOn }}. Da saldare: {{ overdueBalance }}. {{ upcomingNote }}',
        smsFirmClose,
      ),
    },
    'final-notice': {
      one: textMessage(
        `ultimo sollecito. Il pagamento {{ forDocument }} {{ dueStatus }}. Da saldare entro 7 giorni: {{ openBalance }}. ${smsLastPeriod}`,
        smsFirmClose,
      ),
      many: textMessage(
        `ultimo sollecito. Non ci risulta pervenuto il saldo {{ forOverdue }}, prima scadenza {{ dueOn }}. Da saldare entro 7 giorni: {{ overdueBalance }}. ${smsLastPeriod} {{ upcomingNote }}`,
        smsFirmClose,
      ),
    },
    'thank-you': { one: smsThanks, many: smsThanks },
  },
};
