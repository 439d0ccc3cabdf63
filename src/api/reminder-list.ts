import { z } from 'zod';
import { deliveryStatuses } from '../domain/delivery-state.ts';
import { likeContaining } from '../store/like-pattern.ts';
import { listReminders, type Reminder } from '../store/reminders.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply, searchText, severalOf, severalRefs } from './lists.ts';
import { operation } from './operation.ts';
import { reminderJson, reminderReply } from './reminder-reply.ts';
import { instant } from './schemas.ts';

const query = listQuery(['-createdAt', 'createdAt'], {
  dueDate: severalRefs('due dates'),
  customer: severalRefs('customers'),
  status: severalOf(deliveryStatuses),
  channel: severalOf(['email', 'sms']),
  origin: severalOf(['api', 'operator', 'sequence']),
  createdFrom: instant.optional(),
  createdTo: instant.optional(),
  q: searchText,
});

const place = z.tuple([z.iso.datetime(), z.uuid()]);

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
    const after = decodeCursor(cursor, sort, place);
    const rows = await parts.database.tenantTransaction(caller.tenant, async (client) =>
      listReminders(
        client,
        caller.tenant,
        { ...filter, like: q && likeContaining(q) },
        { limit: limit + 1, newestFirst: sort === '-createdAt', after: after && { createdAt: after[0], id: after[1] } },
      ),
    );
    const json = page(rows, limit, {
      item: reminderJson,
      cursor: (row: Reminder) => encodeCursor(sort, [row.createdAt.toString(), row.id]),
    });
    return { status: 200, json };
  },
});

export const reminderListOperations = [getReminders];
