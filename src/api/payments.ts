import { z } from 'zod';
import { asId } from '../domain/ids.ts';
import { findDueDate, loadDueDates } from '../store/due-dates.ts';
import { listPayments, recordPayments, reversePayment } from '../store/payments.ts';
import { changeOf, noSuchDueDate } from './due-dates-find.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply } from './lists.ts';
import { operation } from './operation.ts';
import { paymentJson, paymentProblem, paymentReply, paymentResultJson, paymentResultReply } from './payments-reply.ts';
import { Problem } from './problems.ts';
import { date, positiveAmount, ref, refParams } from './schemas.ts';

const tag = 'Payments';

/** A payment as it is sent; its ref makes it safe to send again. */
export const paymentInput = z.strictObject({ ref, amount: positiveAmount, paidOn: date });

const postPayment = operation({
  method: 'post',
  path: '/v1/due-dates/{ref}/payments',
  id: 'postPayment',
  tag,
  summary: 'Records a payment',
  description:
    'Settles the due date, or a part of it; paying too much is recorded as it is. Once nothing is outstanding, reminders that have not left are canceled. The same payment again changes nothing.',
  scope: 'data:write',
  params: refParams,
  body: paymentInput,
  replies: {
    200: { description: 'It was recorded before', schema: paymentResultReply },
    201: { description: 'Recorded', schema: paymentResultReply },
  },
  problems: ['not-found', 'due-date-void', 'payment-reused'],
  handle: async ({ parts, caller, params, body }) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => {
      const write = { ...body, dueDate: params.ref };
      const [outcome] = await recordPayments(client, changeOf({ parts, caller }), [write]);
      if (!outcome) throw new Error('one payment has one outcome');
      if (!('payment' in outcome)) throw paymentProblem(outcome);
      const dueDate = (await loadDueDates(client, [outcome.dueDateId])).get(outcome.dueDateId);
      if (!dueDate) throw new Error('a due date that was just paid is gone');
      const status = outcome.kind === 'recorded' ? 201 : 200;
      return { status, json: paymentResultJson(outcome.payment, dueDate, outcome.inFlight) };
    }),
});

const getPayments = operation({
  method: 'get',
  path: '/v1/due-dates/{ref}/payments',
  id: 'listPayments',
  tag,
  summary: 'What was paid on a due date',
  scope: 'data:read',
  params: refParams,
  query: listQuery(['paidOn'], {}),
  replies: { 200: { description: 'A page, oldest day first', schema: pageReply(paymentReply) } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params, query: { limit, cursor, sort } }) => {
    const after = decodeCursor(cursor, sort, z.tuple([date, z.guid()]));
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      const dueDate = await findDueDate(client, params.ref);
      if (!dueDate) throw noSuchDueDate();
      const from = after && { paidOn: after[0], id: asId('payment', after[1]) };
      const rows = await listPayments(client, { dueDateId: dueDate.id, after: from, limit });
      const json = page(rows, limit, {
        item: (payment) => paymentJson(payment, dueDate),
        cursor: (payment) => encodeCursor(sort, [payment.paidOn, payment.id]),
      });
      return { status: 200, json };
    });
  },
});

const deletePayment = operation({
  method: 'delete',
  path: '/v1/due-dates/{ref}/payments/{paymentRef}',
  id: 'deletePayment',
  tag,
  summary: 'Takes a payment back',
  description: 'A returned direct debit: what the payment had settled is owed again.',
  scope: 'data:write',
  params: z.strictObject({ ref, paymentRef: ref }),
  replies: { 200: { description: 'The payment that was', schema: paymentResultReply } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params }) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => {
      const of = { dueDate: params.ref, payment: params.paymentRef };
      const outcome = await reversePayment(client, changeOf({ parts, caller }), of);
      if (outcome.kind === 'no-due-date') throw noSuchDueDate();
      if (outcome.kind === 'no-payment') throw new Problem('not-found', 'There is no such payment.');
      const dueDate = (await loadDueDates(client, [outcome.dueDateId])).get(outcome.dueDateId);
      if (!dueDate) throw new Error('a due date that was just changed is gone');
      return { status: 200, json: paymentResultJson(outcome.payment, dueDate, outcome.inFlight) };
    }),
});

export const paymentOperations = [postPayment, getPayments, deletePayment];
