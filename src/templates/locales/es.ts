import { intlTags } from '../../domain/locale.ts';
// The tone: "usted". A "recordatorio" before the day, a plain notice on it, a firm request after it. The last text is a
// "último recordatorio": it sets a period and reserves what the law provides. It is not meant as a "requerimiento" (art.
// 1100 of the Código Civil), the formal demand that is sent with proof of its contents: it neither bears that name nor
// cites articles or proceedings.
import { phrases } from './es-phrases.ts';
import { letter, textMessage } from './letter.ts';
import type { EmailText, LocaleTexts } from './locale-texts.ts';

// The customer may be a firm or a person: the greeting stays the usual one, the name stands above it.
const greeting = `A la atención de {{ customer }}

Estimado cliente:`;

const friendly = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Si ya ha efectuado el pago, se lo agradecemos y le rogamos que no tenga en cuenta este mensaje. {{ contactNote }}

Un cordial saludo,
{{ sender }}`,
  ),
});

const firm = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `Si ya ha ordenado el pago, se lo agradecemos: indíquenos la fecha y los datos de la operación para que podamos registrarlo. {{ contactNote }}

Atentamente,
{{ sender }}`,
  ),
});

const lastPeriod = `en un plazo de 7 días desde la recepción de este mensaje. Si en ese tiempo no recibimos el pago ni una respuesta suya, nos reservamos las medidas que la ley prevé.

Si hay algún motivo que impida el pago, le rogamos que nos lo comunique en el mismo plazo: buscaremos una solución con usted.`;

const thanks: EmailText = {
  subject: '{{ receivedTitle }}',
  message: letter(
    greeting,
    '{{ receivedNote }} {{ restNote }}',
    `{{ contactNote }}

Un cordial saludo,
{{ sender }}`,
  ),
};

// In an SMS the words do without á, í, ó and ú where they can: GSM-7 lacks them.
const smsFriendlyClose = 'Si ya ha pagado, no tenga en cuenta este mensaje. Gracias.';
const smsFirmClose = 'Si ya ha pagado, le rogamos que nos lo indique. {{ contactNote }}';
const smsLastPeriod = 'Sin el pago ni una respuesta, nos reservamos las medidas que la ley prevé.';
const smsThanks = textMessage('{{ receivedNote }} {{ restNote }}');

export const es: LocaleTexts = {
  intl: intlTags.es,
  phrases,
  email: {
    courtesy: {
      one: friendly(
        'Recordatorio: {{ documentTitle }}, vencimiento {{ dueOn }}',
        'Le recordamos amablemente que el pago {{ forDocument }} {{ dueStatus }}. El importe pendiente es de {{ openBalance }}.',
      ),
      many: friendly(
        'Recordatorio: {{ documentTitle }}, próximos vencimientos',
        'Le recordamos amablemente los próximos vencimientos de pago {{ forDocument }}. El importe total pendiente es de {{ openBalance }}.',
      ),
    },
    'due-today': {
      one: friendly(
        'Vencimiento {{ dueOn }}: {{ documentTitle }}',
        'El pago {{ forDocument }} {{ dueStatus }}. El importe pendiente es de {{ openBalance }}.',
      ),
      many: friendly(
        'Vencimiento {{ dueOn }}: {{ firstTitle }}',
        'El pago {{ forFirst }} {{ dueStatus }}. El importe pendiente es de {{ firstBalance }}. {{ furtherNote }}',
      ),
    },
    overdue: {
      one: firm(
        'Pago pendiente: {{ documentTitle }}',
        `A fecha de {{ today }} no nos consta el pago completo {{ forDocument }}: el pago {{ dueStatus }} y quedan por pagar {{ openBalance }}.

Le rogamos que lo efectúe lo antes posible.`,
      ),
      many: firm(
        'Pago pendiente: {{ overdueTitle }}',
        `A fecha de {{ today }} no nos consta el pago completo {{ forOverdue }}. Quedan por pagar {{ overdueBalance }}. {{ upcomingNote }}

Le rogamos que pague los importes ya vencidos lo antes posible.`,
      ),
    },
    'final-notice': {
      one: firm(
        'Último recordatorio: {{ documentTitle }}',
        `A fecha de {{ today }} sigue sin constarnos el pago completo {{ forDocument }}: el pago {{ dueStatus }} y quedan por pagar {{ openBalance }}.

Le rogamos que lo efectúe ${lastPeriod}`,
      ),
      many: firm(
        'Último recordatorio: {{ overdueTitle }}',
        `A fecha de {{ today }} sigue sin constarnos el pago completo {{ forOverdue }}. Quedan por pagar {{ overdueBalance }}. {{ upcomingNote }}

Le rogamos que pague los importes ya vencidos ${lastPeriod}`,
      ),
    },
    'thank-you': { one: thanks, many: thanks },
  },
  sms: {
    courtesy: {
      one: textMessage(
        'le recordamos que el pago {{ forDocument }} {{ dueStatus }}. Pendiente: {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: textMessage(
        'le recordamos los pagos {{ forDocument }}, primer vencimiento {{ dueOn }}. Pendiente en total: {{ openBalance }}.',
        smsFriendlyClose,
      ),
    },
    'due-today': {
      one: textMessage('el pago {{ forDocument }} {{ dueStatus }}. Pendiente: {{ openBalance }}.', smsFriendlyClose),
      many: textMessage(
        'el pago {{ forFirst }} {{ dueStatus }}. Pendiente: {{ firstBalance }}. {{ furtherNote }}',
        smsFriendlyClose,
      ),
    },
    overdue: {
      one: textMessage(
        'no nos consta el pago completo {{ forDocument }}, con vencimiento {{ dueOn }}. Pendiente: {{ openBalance }}.',
        smsFirmClose,
      ),
      many: textMessage(
        'no nos consta el pago completo {{ forOverdue }}, primer vencimiento {{ dueOn }}. Pendiente: {{ overdueBalance }}. {{ upcomingNote }}',
        smsFirmClose,
      ),
    },
    'final-notice': {
      one: textMessage(
        `último recordatorio. No nos consta el pago completo {{ forDocument }}, con vencimiento {{ dueOn }}. Le rogamos que en 7 días pague {{ openBalance }}. ${smsLastPeriod}`,
        smsFirmClose,
      ),
      many: textMessage(
        `último recordatorio. No nos consta el pago completo {{ forOverdue }}, primer vencimiento {{ dueOn }}. Le rogamos que en 7 días pague {{ overdueBalance }}. ${smsLastPeriod} {{ upcomingNote }}`,
        smsFirmClose,
      ),
    },
    'thank-you': { one: smsThanks, many: smsThanks },
  },
};
