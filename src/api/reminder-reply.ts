import { z } from 'zod';
import { type DeliveryId, formatId, type ReminderId } from '../domain/ids.ts';
import { type DeliveryStatus, deliveryStatuses, pendingStatuses, sourcesOf } from '../domain/delivery-state.ts';
import { instantText } from '../store/instants.ts';
import type { Reminder, ReminderEvent } from '../store/reminders.ts';

const nullableText = z.string().nullable();
const status = z.enum(deliveryStatuses);
const decisions = ['cancel', 'retry', 'resolve'] as const;

const deliveryReply = z.strictObject({
  id: z.string(),
  to: z.string(),
  status,
  reason: nullableText,
  nextAttemptAt: nullableText.optional(),
  attempts: z.int().optional().describe('Tries that failed since it was last asked for'),
  code: nullableText
    .optional()
    .describe('What was answered last, or what broke: of one that failed, is to be tried again or is unknown'),
  since: nullableText.optional().describe('When it became unknown'),
});

/** The reply to an accepted reminder. */
export const acceptedReply = z.strictObject({
  id: z.string().meta({ example: 'rem_01kc5v0x9qf0nrt8kq3v6y2h4d' }),
  status,
  dueDate: z.string(),
  dueDates: z.array(z.string()),
  channel: z.enum(['email', 'sms']),
  origin: z.enum(['api', 'operator', 'sequence']),
  deliveries: z.array(deliveryReply),
  sendAt: z.string(),
  createdAt: z.string(),
});

/** A reminder as it stands. */
export const reminderReply = z.strictObject({
  ...acceptedReply.shape,
  customer: z.string(),
  cc: z.array(z.string()),
  replyTo: nullableText,
  subject: nullableText,
  message: nullableText,
  template: nullableText,
  locale: nullableText,
  bankAccount: nullableText,
  attachDocument: z.boolean(),
  priority: z.int(),
  override: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  decisions: z.array(z.enum(decisions)).describe('What a person may decide now, as far as its status goes'),
  takenAt: nullableText.describe('When a provider first took one of its deliveries'),
  updatedAt: z.string(),
});

export const eventReply = z.strictObject({
  at: z.string(),
  type: z.string(),
  reason: nullableText,
  delivery: nullableText,
  detail: z.record(z.string(), z.unknown()),
});

/** The body of a 202, in the order a person reads it. */
export function acceptedBody(reminder: {
  id: ReminderId;
  dueDates: { ref: string }[];
  channel: string;
  origin: string;
  deliveries: { id: DeliveryId; recipient: string }[];
  sendAt: Temporal.Instant;
  createdAt: Temporal.Instant;
}) {
  return {
    id: formatId('reminder', reminder.id),
    status: 'accepted',
    dueDate: reminder.dueDates[0]?.ref ?? '',
    dueDates: reminder.dueDates.map((due) => due.ref),
    channel: reminder.channel,
    origin: reminder.origin,
    deliveries: reminder.deliveries.map((delivery) => ({
      id: formatId('delivery', delivery.id),
      to: delivery.recipient,
      status: 'accepted',
      reason: null,
    })),
    sendAt: instantText(reminder.sendAt),
    createdAt: instantText(reminder.createdAt),
  };
}

export function reminderJson(reminder: Reminder) {
  return {
    id: formatId('reminder', reminder.id),
    status: reminder.status,
    dueDate: reminder.dueDates[0]?.ref ?? '',
    dueDates: reminder.dueDates.map((due) => due.ref),
    customer: reminder.customerRef,
    channel: reminder.channel,
    origin: reminder.origin,
    deliveries: reminder.deliveries.map((delivery) => ({
      ...delivery,
      id: formatId('delivery', delivery.id),
      nextAttemptAt: delivery.nextAttemptAt && instantText(delivery.nextAttemptAt),
      since: delivery.since && instantText(delivery.since),
    })),
    cc: reminder.cc,
    replyTo: reminder.replyTo,
    subject: reminder.subject,
    message: reminder.message,
    template: reminder.template,
    locale: reminder.locale,
    bankAccount: reminder.bankAccountRef,
    attachDocument: reminder.attachDocument,
    sendAt: instantText(reminder.sendAt),
    priority: reminder.priority,
    override: reminder.override,
    metadata: reminder.metadata,
    decisions: decisionsOn(reminder),
    takenAt: reminder.takenAt && instantText(reminder.takenAt),
    createdAt: instantText(reminder.createdAt),
    updatedAt: instantText(reminder.updatedAt),
  };
}

/** The next steps, by the operations' names. */
function decisionsOn(reminder: Reminder): (typeof decisions)[number][] {
  const from: Record<(typeof decisions)[number], readonly DeliveryStatus[]> = {
    cancel: pendingStatuses,
    retry: sourcesOf('accepted', 'retry'),
    resolve: ['unknown'],
  };
  const doubtful = reminder.deliveries.some((delivery) => delivery.status === 'unknown');
  return decisions.filter(
    (decision) => from[decision].includes(reminder.status) || (decision === 'resolve' && doubtful),
  );
}

export function eventJson(event: ReminderEvent) {
  return {
    at: instantText(event.at),
    type: event.type,
    reason: event.reason,
    delivery: event.delivery && formatId('delivery', event.delivery),
    detail: event.detail,
  };
}
