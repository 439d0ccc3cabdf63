import { intlTags } from '../../domain/locale.ts';
// The tone: "vous". A "rappel" before the day, a plain notice on it, a "relance" after it. The last text is a "dernière
// relance": it sets a period and reserves what the law provides. It is not meant as a "mise en demeure" (art. 1344 of the
// Code civil: an "interpellation suffisante", from which consequences run): it neither bears that name nor cites articles
// or proceedings. Whoever wants those effects writes himself, by registered letter.
import { phrases } from './fr-phrases.ts';
import { frenchTextMessage as sms, letter } from './letter.ts';
import type { EmailText, LocaleTexts } from './locale-texts.ts';

// The customer may be a firm or a person: the greeting stays the usual one, the name stands above it.
const greeting = `À l’attention de {{ customer }}

Madame, Monsieur,`;

const friendly = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Si vous avez déjà procédé au règlement, nous vous en remercions et vous prions de ne pas tenir compte de ce message. {{ contactNote }}

Bien cordialement,
{{ sender }}`,
  ),
});

const firm = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Si votre paiement est déjà en cours, nous vous en remercions\u00A0: veuillez nous en indiquer la date et les références, afin que nous puissions l’enregistrer. {{ contactNote }}

Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées.
{{ sender }}`,
  ),
});

const lastPeriod = `dans un délai de 7 jours à compter de la réception de ce message. À défaut de paiement ou de réponse de votre part dans ce délai, nous nous réservons la possibilité de recourir aux démarches prévues par la loi.

Si une difficulté ou un désaccord fait obstacle au paiement, veuillez nous en faire part dans le même délai\u00A0: nous chercherons volontiers une solution avec vous.`;

const thanks: EmailText = {
  subject: '{{ receivedTitle }}',
  message: letter(
    greeting,
    '{{ receivedNote }} {{ restNote }}',
    `{{ contactNote }}

Bien cordialement,
{{ sender }}`,
  ),
};

// In an SMS the words avoid ç, ê and capital À, which GSM-7 lacks.
const smsFriendlyClose = 'Si vous avez déjà payé, ne tenez pas compte de ce message. Merci.';
const smsFirmClose = 'Si vous avez déjà payé, merci de nous prévenir. {{ contactNote }}';
const smsLastPeriod = 'Sans paiement ni réponse, nous nous réservons de recourir aux démarches prévues par la loi.';
const smsThanks = sms('{{ receivedNote }} {{ restNote }}');

export const fr: LocaleTexts = {
  intl: intlTags.fr,
  phrases,
  email: {
    courtesy: {
      one: friendly(
        'Rappel\u00A0: {{ documentTitle }}, paiement attendu pour le {{ dueOn }}',
        'Nous nous permettons de vous rappeler que le paiement {{ forDocument }} {{ dueStatus }}. Le montant à régler s’élève à {{ openBalance }}.',
      ),
      many: friendly(
        'Rappel\u00A0: {{ documentTitle }}, prochaines échéances',
        'Nous nous permettons de vous rappeler les prochaines échéances de paiement {{ forDocument }}. Le montant total à régler s’élève à {{ openBalance }}.',
      ),
    },
    'due-today': {
      one: friendly(
        'Paiement attendu pour le {{ dueOn }}\u00A0: {{ documentTitle }}',
        'Le paiement {{ forDocument }} {{ dueStatus }}. Le montant à régler s’élève à {{ openBalance }}.',
      ),
      many: friendly(
        'Paiement attendu pour le {{ dueOn }}\u00A0: {{ firstTitle }}',
        'Le paiement {{ forFirst }} {{ dueStatus }}. Le montant à régler s’élève à {{ firstBalance }}. {{ furtherNote }}',
      ),
    },
    overdue: {
      one: firm(
        'Paiement non encore reçu\u00A0: {{ documentTitle }}',
        `Au {{ today }}, nous n’avons pas reçu l’intégralité du paiement {{ forDocument }}\u00A0: ce paiement {{ dueStatus }} et il reste à régler {{ openBalance }}.

Nous vous remercions de bien vouloir procéder au règlement dans les meilleurs délais.`,
      ),
      many: firm(
        'Paiement non encore reçu\u00A0: {{ overdueTitle }}',
        `Au {{ today }}, nous n’avons pas reçu l’intégralité du paiement {{ forOverdue }}. Il reste à régler {{ overdueBalance }}. {{ upcomingNote }}

Nous vous remercions de bien vouloir régler les montants déjà échus dans les meilleurs délais.`,
      ),
    },
    'final-notice': {
      one: firm(
        'Dernière relance\u00A0: {{ documentTitle }}',
        `Au {{ today }}, nous n’avons toujours pas reçu l’intégralité du paiement {{ forDocument }}\u00A0: ce paiement {{ dueStatus }} et il reste à régler {{ openBalance }}.

Nous vous prions de procéder au règlement ${lastPeriod}`,
      ),
      many: firm(
        'Dernière relance\u00A0: {{ overdueTitle }}',
        `Au {{ today }}, nous n’avons toujours pas reçu l’intégralité du paiement {{ forOverdue }}. Il reste à régler {{ overdueBalance }}. {{ upcomingNote }}

Nous vous prions de régler les montants déjà échus ${lastPeriod}`,
      ),
    },
    'thank-you': { one: thanks, many: thanks },
  },
  sms: {
    courtesy: {
      one: sms(
        'nous vous rappelons que le paiement {{ forDocument }} {{ dueStatus }}. Reste à régler : {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: sms(
        'nous vous rappelons les paiements {{ forDocument }}, première échéance {{ dueOn }}. Total à régler : {{ openBalance }}.',
        smsFriendlyClose,
      ),
    },
    'due-today': {
      one: sms('le paiement {{ forDocument }} {{ dueStatus }}. Reste à régler : {{ openBalance }}.', smsFriendlyClose),
      many: sms(
        'le paiement {{ forFirst }} {{ dueStatus }}. Reste à régler : {{ firstBalance }}. {{ furtherNote }}',
        smsFriendlyClose,
      ),
    },
    overdue: {
      one: sms(
        'le paiement {{ forDocument }} {{ dueStatus }} et n’est pas soldé. Reste à régler : {{ openBalance }}.',
        smsFirmClose,
      ),
      many: sms(
        'le paiement {{ forOverdue }} n’est pas soldé, première échéance {{ dueOn }}. Reste à régler : {{ overdueBalance }}. {{ upcomingNote }}',
        smsFirmClose,
      ),
    },
    'final-notice': {
      one: sms(
        `dernière relance. Le paiement {{ forDocument }} {{ dueStatus }}. Reste à régler sous 7 jours : {{ openBalance }}. ${smsLastPeriod}`,
        smsFirmClose,
      ),
      many: sms(
        `dernière relance. Le paiement {{ forOverdue }} n’est pas soldé, première échéance {{ dueOn }}. Reste à régler sous 7 jours : {{ overdueBalance }}. ${smsLastPeriod} {{ upcomingNote }}`,
        smsFirmClose,
      ),
    },
    'thank-you': { one: smsThanks, many: smsThanks },
  },
};
