import { z } from 'zod';
import { formatId } from '../domain/ids.ts';
import { findDueDateId } from '../store/due-dates.ts';
import { type HistoryEntry, type HistoryEvent, type HistoryReminder, listHistory } from '../store/history.ts';
import { instantText } from '../store/instants.ts';
import { noSuchDueDate } from './due-dates-find.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply } from './lists.ts';
import { operation } from './operation.ts';
import { refParams } from './schemas.ts';

const eventReply = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  type: z.string(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  delivery: z.string().nullable(),
});

const reminderReply = z.strictObject({
  id: z.string(),
  channel: z.string(),
  status: z.string(),
  origin: z.string(),
  actor: z.string(),
  template: z.string().nullable(),
  sendAt: z.iso.datetime(),
  takenAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  deliveries: z.array(
    z.strictObject({
      id: z.string(),
      to: z.string(),
      status: z.string(),
      reason: z.string().nullable(),
      takenAt: z.iso.datetime().nullable(),
    }),
  ),
  events: z.array(eventReply).describe('Oldest first'),
});

const entryReply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reminder'), at: z.iso.datetime(), reminder: reminderReply }),
  z.strictObject({ kind: z.literal('event'), at: z.iso.datetime(), event: eventReply }),
]);

const getHistory = operation({
  method: 'get',
  path: '/v1/due-dates/{ref}/history',
  id: 'getDueDateHistory',
  tag: 'Due dates',
  summary: 'Everything that was sent, skipped or decided for a due date',
  description:
    'Newest first: its reminders, each with its deliveries and its whole story, and what happened to itself.',
  scope: 'data:read',
  params: refParams,
  query: listQuery(['-at'], {}),
  replies: { 200: { description: 'A page', schema: pageReply(entryReply) } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params, query: { limit, cursor, sort } }) => {
    const after = decodeCursor(cursor, sort, z.tuple([z.iso.datetime({ offset: true }), z.guid()]));
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      const dueDateId = await findDueDateId(client, params.ref);
      if (!dueDateId) throw noSuchDueDate();
      const from = after && { at: after[0], id: after[1] };
      const entries = await listHistory(client, { dueDateId, after: from, limit });
      const json = page(entries, limit, {
        item: entryJson,
        // RFC 3339, to the microsecond that PostgreSQL keeps.
        cursor: ({ key }) => encodeCursor(sort, [Temporal.Instant.from(key.at).toString(), key.id]),
      });
      return { status: 200, json };
    });
  },
});

export const historyOperations = [getHistory];

function entryJson(entry: HistoryEntry) {
  return entry.kind === 'reminder'
    ? { kind: entry.kind, at: instantText(entry.reminder.createdAt), reminder: reminderJson(entry.reminder) }
    : { kind: entry.kind, at: instantText(entry.event.at), event: eventJson(entry.event) };
}

function reminderJson({ id, sendAt, takenAt, createdAt, deliveries, events, ...same }: HistoryReminder) {
  return {
    id: formatId('reminder', id),
    ...same,
    sendAt: instantText(sendAt),
    takenAt: takenAt && instantText(takenAt),
    createdAt: instantText(createdAt),
    deliveries: deliveries.map((delivery) => ({
      id: formatId('delivery', delivery.id),
      to: delivery.recipient,
      status: delivery.status,
      reason: delivery.reason,
      takenAt: delivery.takenAt && instantText(delivery.takenAt),
    })),
    events: events.map(eventJson),
  };
}

function eventJson({ id, at, deliveryId, ...same }: HistoryEvent) {
  const delivery = deliveryId && formatId('delivery', deliveryId);
  return { id: formatId('event', id), at: instantText(at), ...same, delivery };
}
