import { commonAccount, type DeliveryFacts, type DueDateFacts } from '../domain/delivery-facts.ts';
import { localeOf } from '../domain/locale.ts';
import type { MessageFacts } from '../domain/message-facts.ts';

/**
 * What a message says, out of what is known of its delivery. The preview and the real run both come through here.
 * @param dueDates those that the verdict lets the message speak of. @param documentUrl for an SMS.
 */
export function messageFacts(
  facts: DeliveryFacts,
  dueDates: readonly DueDateFacts[],
  now: Temporal.Instant,
  documentUrl: string | null,
): MessageFacts {
  const { tenant, reminder, customer } = facts;
  return {
    tenant: {
      name: tenant.name,
      senderName: tenant.senderName,
      colour: tenant.colour,
      logo: tenant.logo,
      logoImage: tenant.logoImage,
      replyTo: reminder.replyTo ?? tenant.replyTo,
      email: tenant.senderEmail,
    },
    customer: { name: customer.name },
    dueDates,
    // An SMS has little room: the account stands in it when somebody chose one.
    bankAccount:
      reminder.channel === 'email' || dueDates.every((due) => due.bankAccountChosen) ? commonAccount(dueDates) : null,
    today: now.toZonedDateTimeISO(tenant.timeZone).toPlainDate().toString(),
    locale: localeOf(reminder.locale ?? customer.locale ?? tenant.locale),
    documentUrl,
    attachesDocument: reminder.channel === 'email' && reminder.attachDocument,
  };
}

/** What the reminder itself says of its text; undefined where the template's own is taken. */
export function wishOf({ subject, message, template }: DeliveryFacts['reminder']) {
  return { subject: subject ?? undefined, message: message ?? undefined, template: template ?? undefined };
}
