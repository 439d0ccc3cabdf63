import { intlTags } from '../../domain/locale.ts';
// The tone: "Sie". A friendly reminder before the day, a plain notice on it, a "Zahlungserinnerung" after it.
// A "Mahnung" in the sense of § 286 (1) BGB is any clear request to pay what is due, whatever it is called and however
// kind. The texts after the due date are meant to be one: they ask plainly for payment ("bitte begleichen Sie …") and
// leave no choice of reading. Those before and on the day are not: they state the day and the amount and ask for
// nothing. The word itself, its numbering ("1. Mahnung"), fees and interest are left out. The last text sets a period
// and reserves what the law provides, and announces neither a "Mahnbescheid" nor proceedings.
import { phrases } from './de-phrases.ts';
import { letter, textMessage } from './letter.ts';
import type { EmailText, LocaleTexts } from './locale-texts.ts';

const greeting = 'Guten Tag {{ customer }},';

const friendly = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Falls Sie bereits bezahlt haben, danken wir Ihnen; betrachten Sie diese Nachricht dann bitte als gegenstandslos. {{ contactNote }}

Freundliche Grüße
{{ sender }}`,
  ),
});

const firm = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Falls Sie die Zahlung bereits veranlasst haben, danken wir Ihnen: Nennen Sie uns dann bitte Datum und Betrag der Überweisung, damit wir sie zuordnen können. {{ contactNote }}

Mit freundlichen Grüßen
{{ sender }}`,
  ),
});

const lastPeriod = `innerhalb von 7 Tagen nach Erhalt dieser Nachricht. Sollten wir in dieser Zeit weder die Zahlung noch eine Antwort von Ihnen erhalten, behalten wir uns die gesetzlich vorgesehenen Schritte vor.

Sollte der Zahlung etwas entgegenstehen, teilen Sie uns dies bitte in derselben Frist mit: Wir suchen gern mit Ihnen nach einer Lösung.`;

const thanks: EmailText = {
  subject: '{{ receivedTitle }}',
  message: letter(
    greeting,
    '{{ receivedNote }} {{ restNote }}',
    `{{ contactNote }}

Freundliche Grüße
{{ sender }}`,
  ),
};

const smsFriendlyClose = 'Bereits bezahlt? Dann ist diese Nachricht gegenstandslos. Danke.';
const smsFirmClose = 'Bereits bezahlt? Dann geben Sie bitte Bescheid. {{ contactNote }}';
const smsLastPeriod = 'Ohne Zahlung oder Antwort behalten wir uns die gesetzlich vorgesehenen Schritte vor.';
const smsThanks = textMessage('{{ receivedNote }} {{ restNote }}');

export const de: LocaleTexts = {
  intl: intlTags.de,
  phrases,
  email: {
    courtesy: {
      one: friendly(
        'Zur Erinnerung: {{ documentTitle }}, fällig am {{ dueOn }}',
        'wir möchten Sie freundlich an eine Zahlung erinnern: Die Zahlung {{ forDocument }} {{ dueStatus }}. Der offene Betrag beläuft sich auf {{ openBalance }}.',
      ),
      many: friendly(
        'Zur Erinnerung: {{ documentTitle }}, nächste Fälligkeiten',
        'wir möchten Sie freundlich an die nächsten Zahlungen {{ forDocument }} erinnern. Der offene Gesamtbetrag beläuft sich auf {{ openBalance }}.',
      ),
    },
    'due-today': {
      one: friendly(
        'Fällig am {{ dueOn }}: {{ documentTitle }}',
        'die Zahlung {{ forDocument }} {{ dueStatus }}. Der offene Betrag beläuft sich auf {{ openBalance }}.',
      ),
      many: friendly(
        'Fällig am {{ dueOn }}: {{ firstTitle }}',
        'die Zahlung {{ forFirst }} {{ dueStatus }}. Der offene Betrag beläuft sich auf {{ firstBalance }}. {{ furtherNote }}',
      ),
    },
    overdue: {
      one: firm(
        'Zahlungserinnerung: {{ documentTitle }}',
        `bis zum {{ today }} ist die Zahlung {{ forDocument }} nicht vollständig bei uns eingegangen. Diese Zahlung {{ dueStatus }}; offen sind {{ openBalance }}.

Bitte begleichen Sie den offenen Betrag so bald wie möglich.`,
      ),
      many: firm(
        'Zahlungserinnerung: {{ overdueTitle }}',
        `bis zum {{ today }} ist die Zahlung {{ forOverdue }} nicht vollständig bei uns eingegangen. Offen sind {{ overdueBalance }}. {{ upcomingNote }}

Bitte begleichen Sie die bereits fälligen Beträge so bald wie möglich.`,
      ),
    },
    'final-notice': {
      one: firm(
        'Letzte Zahlungserinnerung: {{ documentTitle }}',
        `bis zum {{ today }} ist die Zahlung {{ forDocument }} noch immer nicht vollständig bei uns eingegangen. Diese Zahlung {{ dueStatus }}; offen sind {{ openBalance }}.

Bitte begleichen Sie den offenen Betrag ${lastPeriod}`,
      ),
      many: firm(
        'Letzte Zahlungserinnerung: {{ overdueTitle }}',
        `bis zum {{ today }} ist die Zahlung {{ forOverdue }} noch immer nicht vollständig bei uns eingegangen. Offen sind {{ overdueBalance }}. {{ upcomingNote }}

Bitte begleichen Sie die bereits fälligen Beträge ${lastPeriod}`,
      ),
    },
    'thank-you': { one: thanks, many: thanks },
  },
  sms: {
    courtesy: {
      one: textMessage(
        'Zur Erinnerung: Die Zahlung {{ forDocument }} {{ dueStatus }}. Offen: {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: textMessage(
        'Wir erinnern an die Zahlungen {{ forDocument }}, erste Fälligkeit {{ dueOn }}. Insgesamt offen: {{ openBalance }}.',
        smsFriendlyClose,
      ),
    },
    'due-today': {
      one: textMessage('Die Zahlung {{ forDocument }} {{ dueStatus }}. Offen: {{ openBalance }}.', smsFriendlyClose),
      many: textMessage(
        'Die Zahlung {{ forFirst }} {{ dueStatus }}. Offen: {{ firstBalance }}. {{ furtherNote }}',
        smsFriendlyClose,
      ),
    },
    overdue: {
      one: textMessage(
        'Die Zahlung {{ forDocument }} {{ dueStatus }} und ist nicht vollständig eingegangen. Bitte zahlen Sie {{ openBalance }}.',
        smsFirmClose,
      ),
      many: textMessage(
        'Die Zahlung {{ forOverdue }} ist nicht vollständig eingegangen, erste Fälligkeit {{ dueOn }}. Bitte zahlen Sie {{ overdueBalance }}. {{ upcomingNote }}',
        smsFirmClose,
      ),
    },
    'final-notice': {
      one: textMessage(
        `Letzte Zahlungserinnerung. Die Zahlung {{ forDocument }} {{ dueStatus }}. Bitte zahlen Sie innerhalb von 7 Tagen {{ openBalance }}. ${smsLastPeriod}`,
        smsFirmClose,
      ),
      many: textMessage(
        `Letzte Zahlungserinnerung. Die Zahlung {{ forOverdue }} ist nicht vollständig eingegangen, erste Fälligkeit {{ dueOn }}. Bitte zahlen Sie innerhalb von 7 Tagen {{ overdueBalance }}. ${smsLastPeriod} {{ upcomingNote }}`,
        smsFirmClose,
      ),
    },
    'thank-you': { one: smsThanks, many: smsThanks },
  },
};
