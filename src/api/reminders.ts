import { z } from 'zod';
import { parseId, type ReminderId } from '../domain/ids.ts';
import { loadReminder, loadReminderEvents } from '../store/reminders.ts';
import { readKeyHeader } from './idempotency.ts';
import { operation, type Reply } from './operation.ts';
import type { Call } from './operation.ts';
import { Problem } from './problems.ts';
import type { Answer } from './reminder-accept.ts';
import { acceptTogether } from './reminder-gather.ts';
import { acceptedReply, eventJson, eventReply, reminderJson, reminderReply } from './reminder-reply.ts';
import { reminderBody } from './reminder-request.ts';

/** `{ id }` of a path: only our own id names a reminder. */
export const reminderParams = z.strictObject({ id: z.string().meta({ example: 'rem_01kc5v0x9qf0nrt8kq3v6y2h4d' }) });

export const acceptProblems = [
  'idempotency-key-missing',
  'idempotency-key-invalid',
  'quota-exhausted',
  'not-found',
  'due-date-settled',
  'due-date-void',
  'not-receivable',
  'nothing-received',
  'recently-reminded',
  'idempotency-key-in-flight',
  'no-recipient',
  'channel-not-configured',
  'idempotency-key-reused',
] as const;

const postReminder = operation({
  method: 'post',
  path: '/v1/reminders',
  id: 'postReminder',
  tag: 'Reminders',
  summary: 'Asks for a reminder',
  description:
    'Accepted means stored: from the 202 on it is sent once, or its status says why not. Only `dueDate` and `channel` are required; without `to` the customer’s contacts are read again when it is sent.',
  scope: 'reminders:write',
  // The key is looked up before the body is judged, so that a repeated request gets its first reply.
  body: z.unknown().meta({ 'x-stands-for': reminderBody }),
  requestHeaders: { 'idempotency-key': { required: true, description: 'Makes a repeated request safe for 30 days' } },
  replyHeaders: ['Location', 'Idempotent-Replayed'],
  replies: { 202: { description: 'Accepted', schema: acceptedReply } },
  problems: acceptProblems,
  async handle({ parts, caller, body, header }) {
    const answer = await acceptTogether(parts, caller, { key: readKeyHeader(header('idempotency-key')), json: body });
    return asReply(answer);
  },
});

function asReply(answer: Answer): Reply {
  if (answer.kind === 'problem') throw answer.problem;
  return {
    status: answer.status,
    headers: {
      ...(answer.location === null ? {} : { Location: answer.location }),
      ...(answer.replayed ? { 'Idempotent-Replayed': 'true' } : {}),
    },
    text: answer.body,
  };
}

const getReminder = operation({
  method: 'get',
  path: '/v1/reminders/{id}',
  id: 'getReminder',
  tag: 'Reminders',
  summary: 'A reminder as it stands',
  scope: 'reminders:read',
  params: reminderParams,
  replies: { 200: { description: 'The reminder', schema: reminderReply } },
  problems: ['not-found'],
  handle: async (call) => reminderReplyOf(call, reminderId(call.params.id)),
});

const getReminderEvents = operation({
  method: 'get',
  path: '/v1/reminders/{id}/events',
  id: 'getReminderEvents',
  tag: 'Reminders',
  summary: 'The whole story of a reminder, oldest first',
  scope: 'reminders:read',
  params: reminderParams,
  replies: {
    200: { description: 'Its events', schema: z.strictObject({ items: z.array(eventReply), nextCursor: z.null() }) },
  },
  problems: ['not-found'],
  async handle({ parts, caller, params }) {
    const id = reminderId(params.id);
    const events = await parts.database.tenantTransaction(caller.tenant, async (client) =>
      (await loadReminder(client, caller.tenant, id)) ? loadReminderEvents(client, caller.tenant, id) : undefined,
    );
    if (!events) throw notFound();
    return { status: 200, json: { items: events.map(eventJson), nextCursor: null } };
  },
});

/** @throws Problem `not-found` for what is no reminder's id. */
export function reminderId(text: string): ReminderId {
  const id = parseId('reminder', text);
  if (!id) throw notFound();
  return id;
}

export function notFound(): Problem {
  return new Problem('not-found', 'There is no such reminder.');
}

/** Reads a reminder again and replies with it. */
export async function reminderReplyOf(
  { parts, caller }: Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>,
  id: ReminderId,
): Promise<Reply> {
  const reminder = await parts.database.tenantTransaction(caller.tenant, async (client) =>
    loadReminder(client, caller.tenant, id),
  );
  if (!reminder) throw notFound();
  return { status: 200, json: reminderJson(reminder) };
}

export const reminderOperations = [postReminder, getReminder, getReminderEvents];
