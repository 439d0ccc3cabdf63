import { intlTags } from '../../domain/locale.ts';
// The tone: British, "you". A reminder before the day, a plain notice on it, a firm request after it. The last text is a
// "final reminder": it sets a period and reserves what the law provides. It is no letter before claim, which has contents
// and a period of its own (Pre-Action Protocol for Debt Claims: 30 days for the reply of an individual).
import { phrases } from './en-phrases.ts';
import { letter, textMessage } from './letter.ts';
import type { EmailText, LocaleTexts } from './locale-texts.ts';

const greeting = 'Dear {{ customer }},';

const friendly = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `If you have already paid, thank you, and please disregard this message. {{ contactNote }}

Kind regards,
{{ sender }}`,
  ),
});

const firm = (subject: string, said: string): EmailText => ({
  subject,
  message: letter(
    greeting,
    said,
    `If the payment is already on its way, thank you: please let us know its date and details so that we can record it. {{ contactNote }}

Yours sincerely,
{{ sender }}`,
  ),
});

const lastPeriod = `within 7 days of receiving this message. If we receive neither payment nor a reply within that period, we reserve the right to take the steps that the law provides.

If something stands in the way of payment, please tell us within the same period: we are willing to look for a solution with you.`;

const thanks: EmailText = {
  subject: '{{ receivedTitle }}',
  message: letter(
    greeting,
    '{{ receivedNote }} {{ restNote }}',
    `{{ contactNote }}

Kind regards,
{{ sender }}`,
  ),
};

const smsFriendlyClose = 'If you have already paid, please disregard this message. Thank you.';
const smsFirmClose = 'If you have already paid, please let us know. {{ contactNote }}';
const smsLastPeriod = 'Without payment or a reply we reserve the right to take the steps that the law provides.';
const smsThanks = textMessage('{{ receivedNote }} {{ restNote }}');

export const en: LocaleTexts = {
  intl: intlTags.en,
  phrases,
  email: {
    courtesy: {
      one: friendly(
        'Reminder: {{ documentTitle }}, due {{ dueOn }}',
        'This is a friendly reminder that payment {{ forDocument }} {{ dueStatus }}. The amount due is {{ openBalance }}.',
      ),
      many: friendly(
        'Reminder: {{ documentTitle }}, upcoming due dates',
        'This is a friendly reminder of the upcoming payments {{ forDocument }}. The total amount due is {{ openBalance }}.',
      ),
    },
    'due-today': {
      one: friendly(
        'Due {{ dueOn }}: {{ documentTitle }}',
        'Payment {{ forDocument }} {{ dueStatus }}. The amount due is {{ openBalance }}.',
      ),
      many: friendly(
        'Due {{ dueOn }}: {{ firstTitle }}',
        'Payment {{ forFirst }} {{ dueStatus }}. The amount due is {{ firstBalance }}. {{ furtherNote }}',
      ),
    },
    overdue: {
      one: firm(
        'Payment not yet received: {{ documentTitle }}',
        `As of {{ today }} we have not received full payment {{ forDocument }}, which {{ dueStatus }}. The outstanding amount is {{ openBalance }}.

Please arrange payment as soon as possible.`,
      ),
      many: firm(
        'Payment not yet received: {{ overdueTitle }}',
        `As of {{ today }} we have not received full payment {{ forOverdue }}. The amount outstanding is {{ overdueBalance }}. {{ upcomingNote }}

Please settle the amounts already overdue as soon as possible.`,
      ),
    },
    'final-notice': {
      one: firm(
        'Final reminder: {{ documentTitle }}',
        `As of {{ today }} we have still not received full payment {{ forDocument }}, which {{ dueStatus }}. The outstanding amount is {{ openBalance }}.

Please settle it ${lastPeriod}`,
      ),
      many: firm(
        'Final reminder: {{ overdueTitle }}',
        `As of {{ today }} we have still not received full payment {{ forOverdue }}. The amount outstanding is {{ overdueBalance }}. {{ upcomingNote }}

Please settle the amounts already overdue ${lastPeriod}`,
      ),
    },
    'thank-you': { one: thanks, many: thanks },
  },
  sms: {
    courtesy: {
      one: textMessage(
        'a reminder that payment {{ forDocument }} {{ dueStatus }}. Amount due: {{ openBalance }}.',
        smsFriendlyClose,
      ),
      many: textMessage(
        'a reminder of the payments {{ forDocument }}, first due date {{ dueOn }}. Total due: {{ openBalance }}.',
        smsFriendlyClose,
      ),
    },
    'due-today': {
      one: textMessage('payment {{ forDocument }} {{ dueStatus }}. Amount due: {{ openBalance }}.', smsFriendlyClose),
      many: textMessage(
        'payment {{ forFirst }} {{ dueStatus }}. Amount due: {{ firstBalance }}. {{ furtherNote }}',
        smsFriendlyClose,
      ),
    },
    overdue: {
      one: textMessage(
        'we have not received full payment {{ forDocument }}, which {{ dueStatus }}. Outstanding: {{ openBalance }}.',
        smsFirmClose,
      ),
      many: textMessage(
        'we have not received full payment {{ forOverdue }}, first due date {{ dueOn }}. Outstanding: {{ overdueBalance }}. {{ upcomingNote }}',
        smsFirmClose,
      ),
    },
    'final-notice': {
      one: textMessage(
        `final reminder. Payment {{ forDocument }} {{ dueStatus }}. Please settle within 7 days: {{ openBalance }}. ${smsLastPeriod}`,
        smsFirmClose,
      ),
      many: textMessage(
        `final reminder. We have not received full payment {{ forOverdue }}, first due date {{ dueOn }}. Please settle within 7 days: {{ overdueBalance }}. ${smsLastPeriod} {{ upcomingNote }}`,
        smsFirmClose,
      ),
    },
    'thank-you': { one: smsThanks, many: smsThanks },
  },
};
