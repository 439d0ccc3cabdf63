import { z } from 'zod';
import { deliveryStatuses } from '../domain/delivery-state.ts';
import { parseId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import { listReminders, type Reminder } from '../store/reminders.ts';
import {
  decodeCursor,
  encodeCursor,
  likeContaining,
  listQuery,
  page,
  pageReply,
  searchText,
  severalOf,
} from './lists.ts';
import { operation } from './operation.ts';
import { reminderJson, reminderReply } from './reminder-reply.ts';
import { instant, ref } from './schemas.ts';

const query = listQuery(['-createdAt', 'createdAt'], {
  dueDate: ref.optional(),
  customer: ref.optional(),
  status: severalOf(deliveryStatuses),
  channel: severalOf(['email', 'sms']),
  origin: severalOf(['api', 'operator', 'sequence']),
  createdFrom: instant.optional(),
  createdTo: instant.optional(),
  q: searchText,
});

const nowhere = '00000000-0000-0000-0000-000000000000';
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
  async handle({ parts, caller, query: { limit, sort, cursor, q, dueDate, customer, ...filter } }) {
    const after = decodeCursor(cursor, sort, place);
    const rows = await parts.database.tenantTransaction(caller.tenant, async (client) =>
      listReminders(
        client,
        {
          ...filter,
          dueDate: dueDate && (await idOf(client, 'dueDate', caller.tenant, dueDate)),
          customer: customer && (await idOf(client, 'customer', caller.tenant, customer)),
          like: q && likeContaining(q),
        },
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

// A filter by something that is not there finds nothing.
async function idOf(client: Queryable, kind: 'dueDate' | 'customer', tenant: TenantId, name: string): Promise<string> {
  const table = kind === 'dueDate' ? 'due_date' : 'customer';
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM sollecito.${table} WHERE tenant_id = $1 AND (ref = $2 OR id = $3) LIMIT 1`,
    [tenant, name, parseId(kind, name) ?? null],
  );
  return rows[0]?.id ?? nowhere;
}

export const reminderListOperations = [getReminders];
