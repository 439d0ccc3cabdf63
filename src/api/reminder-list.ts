import { z } from 'zod';
import { deliveryStatuses } from '../domain/delivery-state.ts';
import { parseId } from '../domain/ids.ts';
import { likeContaining } from '../store/like-pattern.ts';
import { listReminders, type Reminder } from '../store/reminders.ts';
import {
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageReply,
  searchText,
  severalAs,
  severalOf,
  severalRefs,
} from './lists.ts';
import { operation } from './operation.ts';
import { reminderJson, reminderReply } from './reminder-reply.ts';
import { instant } from './schemas.ts';

const query = listQuery(['-createdAt', 'createdAt', 'since'], {
  id: severalAs((text) => parseId('reminder', text), {
    code: 'invalid-id',
    message: 'must be one or more ids of reminders, comma-separated',
  }),
  dueDate: severalRefs('due dates'),
  customer: severalRefs('customers'),
  status: severalOf(deliveryStatuses),
  channel: severalOf(['email', 'sms']),
  origin: severalOf(['api', 'operator', 'sequence']),
  reason: severalAs((text) => (isReason(text) ? text : undefined), {
    code: 'invalid-reason',
    message: 'must be one or more reasons of deliveries, such as exhausted, comma-separated',
  }),
  createdFrom: instant.optional(),
  createdTo: instant.optional(),
  q: searchText,
}).superRefine(({ sort, status }, context) => {
  if (sort !== 'since' || (status?.length === 1 && status[0] === 'unknown')) return;
  context.addIssue({
    code: 'custom',
    path: ['sort'],
    message: 'since sorts those alone that are unknown: ask for status=unknown',
    params: { code: 'not-unknown' },
  });
});

/** A reason as events and deliveries carry it: a word of small letters, digits and hyphens. */
export function isReason(text: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(text);
}

/** The last row of a page. */
export const reminderPlace = z.tuple([z.iso.datetime(), z.uuid()]);

const getReminders = operation({
  method: 'get',
  path: '/v1/reminders',
  id: 'getReminders',
  tag: 'Reminders',
  summary: 'The log of all reminders',
  scope: 'reminders:read',
  query,
  replies: { 200: { description: 'A page of them', schema: pageReply(reminderReply) } },
  problems: [],
  async handle({ parts, caller, query: { limit, sort, cursor, q, ...filter } }) {
    const after = decodeCursor(cursor, sort, reminderPlace);
    const rows = await parts.database.tenantTransaction(caller.tenant, async (client) =>
      listReminders(
        client,
        caller.tenant,
        { ...filter, like: q && likeContaining(q) },
        {
          limit: limit + 1,
          newestFirst: sort === '-createdAt',
          by: sort === 'since' ? 'since' : 'createdAt',
          after: after && { at: after[0], id: after[1] },
        },
      ),
    );
    const json = page(rows, limit, {
      item: reminderJson,
      cursor: (row: Reminder) =>
        encodeCursor(sort, [(sort === 'since' ? unknownSince(row) : row.createdAt).toString(), row.id]),
    });
    return { status: 200, json };
  },
});

/** Of a reminder whose status is unknown: at least one of its deliveries is. */
function unknownSince({ deliveries, createdAt }: Reminder): Temporal.Instant {
  const [first] = deliveries.flatMap(({ since }) => since ?? []).toSorted((a, b) => Temporal.Instant.compare(a, b));
  return first ?? createdAt;
}

export const reminderListOperations = [getReminders];
