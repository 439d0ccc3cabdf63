import { z } from 'zod';
import { loadDueDates } from '../store/due-dates.ts';
import { type PaymentOutcome, recordPayments } from '../store/payments.ts';
import { attempt, checkedValue, isProblem } from './checked.ts';
import { changeOf } from './due-dates-find.ts';
import { largeBody, operation } from './operation.ts';
import { paymentProblem, paymentResultJson, paymentResultReply } from './payments-reply.ts';
import { paymentInput } from './payments.ts';
import { type Problem, problemBody } from './problems.ts';
import { batchReply, eachAlone, ref } from './schemas.ts';

const paymentWithDueDate = z.strictObject({ dueDate: ref, ...paymentInput.shape });

const postPaymentBatch = operation({
  method: 'post',
  path: '/v1/payments/batch',
  id: 'postPayments',
  tag: 'Payments',
  summary: 'Records up to 1,000 payments',
  description: "In their order; each stands alone. An item's problem points into that item.",
  scope: 'data:write',
  body: z.strictObject({ payments: eachAlone(paymentWithDueDate, 1_000) }),
  bodyLimit: largeBody,
  replies: {
    200: { description: 'One result for each, in order', schema: batchReply('payment', paymentResultReply) },
  },
  problems: [],
  handle: async ({ parts, caller, body, requestId }) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => {
      const read = body.payments.map((item) => attempt(() => checkedValue(paymentWithDueDate, item)));
      const writes = read.flatMap((item) => (isProblem(item) ? [] : [item]));
      const outcomes = await recordPayments(client, changeOf({ parts, caller }), writes);
      const ids = outcomes.flatMap((outcome) => ('dueDateId' in outcome ? [outcome.dueDateId] : []));
      const dueDates = await loadDueDates(client, [...new Set(ids)]);
      const answer = (outcome: PaymentOutcome) => {
        if (!('payment' in outcome)) return problemItem(paymentProblem(outcome, '/dueDate'), requestId);
        const dueDate = dueDates.get(outcome.dueDateId);
        if (!dueDate) throw new Error('a due date that was just paid is gone');
        const payment = paymentResultJson(outcome.payment, dueDate, outcome.inFlight);
        return { status: outcome.kind === 'recorded' ? 201 : 200, payment };
      };
      const answers = outcomes.map(answer);
      const items = read.map((item) => (isProblem(item) ? problemItem(item, requestId) : answers.shift()));
      return { status: 200, json: { items } };
    }),
});

export const paymentBatchOperations = [postPaymentBatch];

function problemItem(problem: Problem, requestId: string) {
  return { status: problem.status, problem: problemBody(problem, requestId) };
}
