import { findDueDateId } from '../store/due-dates.ts';
import { isProblem } from './checked.ts';
import { changeOf, noSuchDueDate, replyWithDueDate } from './due-dates-find.ts';
import { changedDueDate, dueDateChanges, dueDateFields, dueDateInput } from './due-dates-form.ts';
import { type Put, putDueDates } from './due-dates-put.ts';
import { dueDateReply } from './due-dates-reply.ts';
import { ifMatchHeader, requireMatch } from './etag.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { refParams } from './schemas.ts';

const tag = 'Due dates';

const putDueDate = operation({
  method: 'put',
  path: '/v1/due-dates/{ref}',
  id: 'putDueDate',
  tag,
  summary: 'Makes or replaces a due date',
  description:
    'Equal to what is there, it changes nothing. An amount lowered to what is paid, or below, settles it. The customer and the bank account may come whole: they are made, or changed in what was sent.',
  scope: 'data:write',
  params: refParams,
  body: dueDateInput,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: {
    200: { description: 'Replaced, or as it was', schema: dueDateReply },
    201: { description: 'Made', schema: dueDateReply },
  },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  handle: async (call) =>
    put(call, {
      ref: call.params.ref,
      naming: call.body,
      fields: (current, references) => {
        requireMatch(call.header('if-match'), current?.version);
        return dueDateFields(call.body, references);
      },
    }),
});

const patchDueDate = operation({
  method: 'patch',
  path: '/v1/due-dates/{ref}',
  id: 'patchDueDate',
  tag,
  summary: 'Changes a due date',
  description: 'What is not sent stays as it is; null takes a value away.',
  scope: 'data:write',
  params: refParams,
  body: dueDateChanges,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The due date as it is now', schema: dueDateReply } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  handle: async (call) =>
    put(call, {
      ref: call.params.ref,
      naming: call.body,
      fields: (current, references) => {
        if (!current) throw noSuchDueDate();
        requireMatch(call.header('if-match'), current.version);
        return changedDueDate(current, call.body, references);
      },
    }),
});

const getDueDate = operation({
  method: 'get',
  path: '/v1/due-dates/{ref}',
  id: 'getDueDate',
  tag,
  summary: 'One due date, by its ref or its id',
  scope: 'data:read',
  params: refParams,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The due date', schema: dueDateReply } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params }) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => {
      const id = await findDueDateId(client, params.ref);
      if (!id) throw noSuchDueDate();
      return replyWithDueDate(client, parts, { id });
    }),
});

export const dueDateOperations = [putDueDate, patchDueDate, getDueDate];

// A problem leaves the transaction as an error: what came with the due date is not saved either.
async function put(
  { parts, caller }: Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>,
  one: Put,
): Promise<Reply> {
  return parts.database.tenantTransaction(caller.tenant, async (client) => {
    const [result] = await putDueDates(client, changeOf({ parts, caller }), [one]);
    if (!result) throw new Error('one item has one result');
    if (isProblem(result)) throw result;
    const status = result.outcome === 'created' ? 201 : 200;
    return replyWithDueDate(client, parts, { id: result.id, status, inFlight: result.inFlight });
  });
}
