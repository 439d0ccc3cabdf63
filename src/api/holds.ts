import { z } from 'zod';
import { tenantToday } from '../store/due-dates.ts';
import { holdDueDate, releaseDueDate, type StandingChange, voidDueDate } from '../store/holds.ts';
import type { DueDate } from '../store/due-dates.ts';
import type { Queryable } from '../store/database.ts';
import { invalidRequest } from './checked.ts';
import { changeOf, noSuchDueDate, replyWithDueDate } from './due-dates-find.ts';
import { dueDateReply } from './due-dates-reply.ts';
import { ifMatchHeader, requireMatch } from './etag.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { date, paragraphs, refParams } from './schemas.ts';

const tag = 'Due dates';
const replies = { 200: { description: 'The due date as it is now', schema: dueDateReply } };
const problems = ['not-found', 'precondition-failed'] as const;

const holdInput = z.strictObject({
  reason: z.enum(['disputed', 'promised', 'paused']),
  until: date.nullable().optional().describe('The last day that it holds; without: until it is lifted'),
  note: paragraphs(2_000).nullable().optional(),
});

const putHold = operation({
  method: 'put',
  path: '/v1/due-dates/{ref}/hold',
  id: 'putHold',
  tag,
  summary: 'Holds reminders of a due date',
  description: 'A reminder that was posted is skipped while it holds; one of a sequence waits for its end.',
  scope: 'data:write',
  params: refParams,
  body: holdInput,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies,
  problems,
  handle: async (call) =>
    change(call, async (client, of) => {
      const { reason, until = null, note = null } = call.body;
      const today = await tenantToday(client, call.parts.clock.now());
      if (until !== null && until < today) {
        throw invalidRequest([{ path: '/until', code: 'in-the-past', message: `must not be before today, ${today}` }]);
      }
      return holdDueDate(client, changeOf(call), { ...of, hold: { reason, until, note } });
    }),
});

const deleteHold = operation({
  method: 'delete',
  path: '/v1/due-dates/{ref}/hold',
  id: 'deleteHold',
  tag,
  summary: 'Lifts the hold of a due date',
  scope: 'data:write',
  params: refParams,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies,
  problems,
  handle: async (call) => change(call, async (client, of) => releaseDueDate(client, changeOf(call), of)),
});

const postVoid = operation({
  method: 'post',
  path: '/v1/due-dates/{ref}/void',
  id: 'voidDueDate',
  tag,
  summary: 'Calls a due date off',
  description: 'For good. Reminders that have not left and would ask for nothing else are canceled.',
  scope: 'data:write',
  params: refParams,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies,
  problems,
  handle: async (call) => change(call, async (client, of) => voidDueDate(client, changeOf(call), of)),
});

export const holdOperations = [putHold, deleteHold, postVoid];

type Of = { dueDate: string; check: (current: DueDate | undefined) => void };

async function change(
  { parts, caller, params, header }: Call<{ ref: string }, unknown, unknown>,
  make: (client: Queryable, of: Of) => Promise<StandingChange | undefined>,
): Promise<Reply> {
  return parts.database.tenantTransaction(caller.tenant, async (client) => {
    const check = (current: DueDate | undefined): void => {
      if (current) requireMatch(header('if-match'), current.version);
    };
    const done = await make(client, { dueDate: params.ref, check });
    if (!done) throw noSuchDueDate();
    return replyWithDueDate(client, parts, { id: done.dueDate.id, inFlight: done.inFlight });
  });
}
