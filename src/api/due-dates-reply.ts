import { z } from 'zod';
import {
  activeHold,
  daysLate,
  dueDateStatuses,
  outstandingOf,
  overpaidOf,
  stateOf,
  statusOf,
  timingOf,
} from '../domain/due-date.ts';
import { formatId, type ReminderId } from '../domain/ids.ts';
import { noReminders, type ReminderBadge } from '../store/due-date-list-badge.ts';
import { amountDetail } from '../store/due-dates-events.ts';
import type { DueDate } from '../store/due-dates.ts';
import { instantText } from '../store/instants.ts';
import { amountReply } from './schemas.ts';

const badgeReply = z.strictObject({
  count: z.int().describe('Taken by a provider; a retry counts once'),
  failed: z.int(),
  lastAt: z.iso.datetime().nullable(),
  lastStatus: z.string().nullable(),
});

export const holdReply = z.strictObject({
  reason: z.enum(['disputed', 'promised', 'paused']),
  until: z.iso.date().nullable().describe('The last day that it holds'),
  note: z.string().nullable(),
});

export const inFlightReply = z
  .array(z.string())
  .describe('Reminders that were being handed over when this was changed: too late to stop');

export const dueDateReply = z
  .strictObject({
    id: z.string(),
    ref: z.string(),
    customer: z.string().describe("The customer's ref"),
    customerName: z.string(),
    direction: z.enum(['receivable', 'payable']),
    document: z.strictObject({ number: z.string().nullable(), date: z.iso.date().nullable(), type: z.string() }),
    dueOn: z.iso.date(),
    amount: amountReply,
    paid: amountReply,
    credited: amountReply.describe('Taken off by credit notes'),
    outstanding: amountReply,
    overpaid: amountReply,
    state: z.enum(['open', 'partlyPaid', 'paid', 'void']),
    timing: z.enum(['future', 'today', 'overdue']),
    status: z.enum(dueDateStatuses),
    daysLate: z.int(),
    hold: holdReply.nullable().describe('The hold that counts today'),
    paymentMethod: z.string().nullable(),
    bankAccount: z.string().nullable().describe("The bank account's ref"),
    paymentUrl: z.string().nullable(),
    sequence: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    reminders: badgeReply,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    inFlight: inFlightReply.optional(),
  })
  .meta({ id: 'DueDate' });

/** A due date as it leaves. @param today the tenant's own day. */
export function dueDateJson(dueDate: DueDate, today: string, reminders: ReminderBadge | undefined) {
  return {
    id: formatId('dueDate', dueDate.id),
    ref: dueDate.ref,
    customer: dueDate.customerRef,
    customerName: dueDate.customerName,
    direction: dueDate.direction,
    document: { number: dueDate.documentNumber, date: dueDate.documentDate, type: dueDate.documentType },
    dueOn: dueDate.dueOn,
    amount: amountDetail(dueDate.amount),
    paid: amountDetail(dueDate.paid),
    credited: amountDetail(dueDate.credited),
    outstanding: amountDetail(outstandingOf(dueDate)),
    overpaid: amountDetail(overpaidOf(dueDate)),
    state: stateOf(dueDate),
    timing: timingOf(dueDate, today),
    status: statusOf(dueDate, today),
    daysLate: daysLate(dueDate, today),
    hold: activeHold(dueDate, today),
    paymentMethod: dueDate.paymentMethod,
    bankAccount: dueDate.bankAccountRef,
    paymentUrl: dueDate.paymentUrl,
    sequence: dueDate.sequence,
    metadata: dueDate.metadata,
    reminders: badgeJson(reminders ?? noReminders),
    createdAt: instantText(dueDate.createdAt),
    updatedAt: instantText(dueDate.updatedAt),
  };
}

export function inFlightJson(reminders: readonly ReminderId[] | undefined): string[] {
  return (reminders ?? []).map((id) => formatId('reminder', id));
}

function badgeJson(badge: ReminderBadge) {
  return { ...badge, lastAt: badge.lastAt && instantText(badge.lastAt) };
}
