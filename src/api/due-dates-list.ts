import { z } from 'zod';
import { ages, dueDateStatuses } from '../domain/due-date.ts';
import { asId } from '../domain/ids.ts';
import { contacts, type DueDateFilter } from '../store/due-date-list-filter.ts';
import { summariseDueDates } from '../store/due-date-list-summary.ts';
import { dueDateSorts, listDueDates } from '../store/due-date-list.ts';
import { amountDetail } from '../store/due-dates-events.ts';
import { tenantToday } from '../store/due-dates.ts';
import { dueDateJson, dueDateReply } from './due-dates-reply.ts';
import {
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageReply,
  searchText,
  severalAs,
  severalOf,
  yesOrNo,
} from './lists.ts';
import { operation } from './operation.ts';
import { amountReply, date, instant, textAs } from './schemas.ts';

const filters = {
  direction: severalOf(['receivable', 'payable']),
  status: severalOf(dueDateStatuses),
  customer: severalAs((text) => (text.length >= 1 && text.length <= 128 && !/\p{Cc}/u.test(text) ? text : undefined), {
    code: 'invalid-ref',
    message: 'must be one or more refs of customers, comma-separated',
  }),
  dueFrom: date.optional(),
  dueTo: date.optional(),
  minAmount: textAs((text) => (/^\d{1,15}(\.\d{1,3})?$/.test(text) ? text : undefined), {
    code: 'invalid-amount',
    message: 'must be a decimal number, such as 100.00',
  }).optional(),
  q: searchText.describe("In the ref, the document's number or the customer's name"),
  reminded: yesOrNo,
  contact: severalOf(contacts).describe('By what the customer has: none, an email address, a phone number'),
  updatedSince: instant.optional(),
};

/** What narrows a list, a summary or a run. */
export const dueDateFilter = z.strictObject(filters).superRefine(refuseEmptySpan);

const listDueDatesOperation = operation({
  method: 'get',
  path: '/v1/due-dates',
  id: 'listDueDates',
  tag: 'Due dates',
  summary: 'Due dates with their status and what was sent for them',
  scope: 'data:read',
  query: listQuery(dueDateSorts, filters).superRefine(refuseEmptySpan),
  replies: { 200: { description: 'A page', schema: pageReply(dueDateReply) } },
  problems: [],
  async handle({ parts, caller, query }) {
    const { limit, cursor, sort, ...filter } = query;
    const after = decodeCursor(cursor, sort, cursorKeys(sort));
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      const today = await tenantToday(client, parts.clock.now());
      const from = after && { sortKey: after[0], id: asId('dueDate', after[1]) };
      const rows = await listDueDates(client, { filter: narrowed(filter), sort, after: from, limit, today });
      const json = page(rows, limit, {
        item: (row) => dueDateJson(row.dueDate, today, row.reminders),
        cursor: (row) => encodeCursor(sort, [row.sortKey, row.dueDate.id]),
      });
      return { status: 200, json };
    });
  },
});

const summaryReply = z.strictObject({
  count: z.int(),
  currencies: z.array(
    z.strictObject({
      currency: z.string(),
      count: z.int(),
      amount: amountReply,
      paid: amountReply,
      outstanding: amountReply,
      ages: z
        .array(z.strictObject({ age: z.enum(ages), count: z.int(), outstanding: amountReply }))
        .describe('Only what is still owed, by how long it has been due'),
    }),
  ),
});

const summariseDueDatesOperation = operation({
  method: 'get',
  path: '/v1/due-dates/summary',
  id: 'summariseDueDates',
  tag: 'Due dates',
  summary: 'Counts and sums by currency and by age, of the same filters',
  scope: 'data:read',
  query: dueDateFilter,
  replies: { 200: { description: 'The summary', schema: summaryReply } },
  problems: [],
  handle: async ({ parts, caller, query }) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => {
      const today = await tenantToday(client, parts.clock.now());
      const totals = await summariseDueDates(client, { filter: narrowed(query), today });
      const currencies = totals.map((one) => ({
        currency: one.currency,
        count: one.count,
        amount: amountDetail(one.amount),
        paid: amountDetail(one.paid),
        outstanding: amountDetail(one.outstanding),
        ages: one.ages.map((age) => ({ ...age, outstanding: amountDetail(age.outstanding) })),
      }));
      return { status: 200, json: { count: currencies.reduce((sum, one) => sum + one.count, 0), currencies } };
    }),
});

export const dueDateListOperations = [listDueDatesOperation, summariseDueDatesOperation];

type Span = { dueFrom?: string | undefined; dueTo?: string | undefined };

// Nothing can fall due in it: a slip, which an empty list would hide.
function refuseEmptySpan({ dueFrom, dueTo }: Span, context: z.RefinementCtx): void {
  if (dueFrom === undefined || dueTo === undefined || dueFrom <= dueTo) return;
  const message = `must not be before dueFrom, ${dueFrom}`;
  context.addIssue({ code: 'custom', path: ['dueTo'], message, params: { code: 'before-due-from' } });
}

function narrowed(query: z.output<typeof dueDateFilter>): DueDateFilter {
  return query;
}

// A cursor's first key goes into a cast of the sort's column: it must be such a value.
function cursorKeys(sort: (typeof dueDateSorts)[number]) {
  return z.tuple([sortKeys[sort], z.guid()]);
}

const decimal = z.string().regex(/^\d{1,15}(\.\d{1,3})?$/);
const moment = z.string().refine((text) => /^\d{4}-[-\d :.]+\+00$/.test(text) && isInstant(text));
const sortKeys = {
  dueOn: date,
  '-dueOn': date,
  amount: decimal,
  '-amount': decimal,
  updatedAt: moment,
  '-updatedAt': moment,
} satisfies Record<(typeof dueDateSorts)[number], z.ZodType<string>>;

function isInstant(text: string): boolean {
  try {
    Temporal.Instant.from(text);
    return true;
  } catch {
    return false;
  }
}
