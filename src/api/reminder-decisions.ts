import { z } from 'zod';
import { exhaustedInWords } from '../domain/quota.ts';
import {
  cancelReminder,
  type Decided,
  type Decision,
  resolveReminder,
  retryReminder,
} from '../store/reminder-decisions.ts';
import type { Queryable } from '../store/database.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { Problem, type ProblemName } from './problems.ts';
import { reminderReply } from './reminder-reply.ts';
import { notFound, reminderId, reminderParams, reminderReplyOf } from './reminders.ts';

const replies = { 200: { description: 'The reminder as it is now', schema: reminderReply } } as const;

const postReminderCancel = operation({
  method: 'post',
  path: '/v1/reminders/{id}/cancel',
  id: 'postReminderCancel',
  tag: 'Reminders',
  summary: 'Calls off what has not left yet',
  scope: 'reminders:write',
  params: reminderParams,
  replies,
  problems: ['not-found', 'reminder-not-cancelable'],
  handle: async (call) => decide(call, 'reminder-not-cancelable', cancelReminder),
});

const postReminderRetry = operation({
  method: 'post',
  path: '/v1/reminders/{id}/retry',
  id: 'postReminderRetry',
  tag: 'Reminders',
  summary: 'Tries a failed, skipped or canceled reminder again',
  description: 'The same reminder; its unit of quota is reserved again.',
  scope: 'reminders:write',
  params: reminderParams,
  replies,
  problems: ['not-found', 'reminder-not-retryable', 'quota-exhausted', 'due-date-settled', 'due-date-void'],
  handle: async (call) => decide(call, 'reminder-not-retryable', retryReminder),
});

const postReminderResolve = operation({
  method: 'post',
  path: '/v1/reminders/{id}/resolve',
  id: 'postReminderResolve',
  tag: 'Reminders',
  summary: 'Says what became of a reminder whose fate is unknown',
  scope: 'reminders:write',
  params: reminderParams,
  body: z.strictObject({ outcome: z.enum(['sent', 'resend', 'failed']) }),
  replies,
  problems: ['not-found', 'reminder-not-resolvable'],
  handle: async (call) =>
    decide(call, 'reminder-not-resolvable', async (client, decision) =>
      resolveReminder(client, { ...decision, outcome: call.body.outcome }),
    ),
});

async function decide(
  call: Call<{ id: string }, unknown, unknown>,
  refused: ProblemName,
  work: (client: Queryable, decision: Decision) => Promise<Decided>,
): Promise<Reply> {
  const { parts, caller } = call;
  const reminder = reminderId(call.params.id);
  await parts.database.tenantTransaction(caller.tenant, async (client) => {
    const decision = { reminder, tenant: caller.tenant, actor: caller.actor, now: parts.clock.now() };
    const problem = problemOf(await work(client, decision), refused);
    if (problem) throw problem;
  });
  parts.wake();
  return reminderReplyOf(call, reminder);
}

function problemOf(decided: Decided, refused: ProblemName): Problem | undefined {
  if (typeof decided === 'object') return new Problem('quota-exhausted', exhaustedInWords(decided.exhausted));
  switch (decided) {
    case 'done':
      return undefined;
    case 'not-found':
      return notFound();
    case 'void':
      throw new Problem('due-date-void', 'Its due dates are void.');
    case 'settled':
      return new Problem('due-date-settled', 'Nothing is outstanding any more.');
    case 'refused':
      return new Problem(refused, 'Its status does not allow this.');
  }
}

export const reminderDecisionOperations = [postReminderCancel, postReminderRetry, postReminderResolve];
