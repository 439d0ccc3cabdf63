import { z } from 'zod';
import { attempt, checkedValue } from './checked.ts';
import { readKey } from './idempotency.ts';
import { largeBody, operation } from './operation.ts';
import { Problem, problemBody } from './problems.ts';
import { acceptAll, type Answer, type Asked } from './reminder-accept.ts';
import { acceptedReply } from './reminder-reply.ts';
import { reminderBody } from './reminder-request.ts';
import { acceptProblems } from './reminders.ts';
import { eachAlone } from './schemas.ts';

const keyedReminder = z.strictObject({ idempotencyKey: z.string(), ...reminderBody.shape });
const batchReply = z.strictObject({
  items: z.array(
    z.strictObject({
      status: z.int(),
      replayed: z.boolean(),
      reminder: acceptedReply.optional(),
      problem: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const postReminderBatch = operation({
  method: 'post',
  path: '/v1/reminders/batch',
  id: 'postReminderBatch',
  tag: 'Reminders',
  summary: 'Asks for up to 1,000 reminders',
  description: 'Each stands alone, in order: one that is refused does not hold up the others. Quota is taken in order.',
  scope: 'reminders:write',
  body: z.strictObject({ reminders: eachAlone(keyedReminder, 1_000) }),
  bodyLimit: largeBody,
  replies: { 200: { description: 'One answer an item, in their order', schema: batchReply } },
  problems: acceptProblems,
  async handle({ parts, caller, body, requestId }) {
    const answers = await acceptAll(
      parts,
      caller,
      body.reminders.map((item) => attempt(() => readItem(item))),
    );
    // The replies leave to the letter, so the list is put together as text.
    return { status: 200, text: `{"items":[${answers.map((answer) => itemText(answer, requestId)).join(',')}]}` };
  },
});

const withKey = z.looseObject({ idempotencyKey: z.string().optional() });

function readItem(item: unknown): Asked {
  const { idempotencyKey, ...json } = checkedValue(withKey, item);
  if (idempotencyKey === undefined) {
    throw new Problem('idempotency-key-missing', 'Each item needs its own idempotencyKey.');
  }
  return { key: readKey(idempotencyKey), json };
}

function itemText(answer: Answer, requestId: string): string {
  if (answer.kind === 'reply') {
    return `{"status":${answer.status},"replayed":${String(answer.replayed)},"reminder":${answer.body}}`;
  }
  const { problem } = answer;
  return JSON.stringify({ status: problem.status, replayed: false, problem: problemBody(problem, requestId) });
}

export const reminderBatchOperations = [postReminderBatch];
