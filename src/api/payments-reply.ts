import { z } from 'zod';
import { outstandingOf, overpaidOf, stateOf } from '../domain/due-date.ts';
import { formatId, type ReminderId } from '../domain/ids.ts';
import { amountDetail } from '../store/due-dates-events.ts';
import type { DueDate } from '../store/due-dates.ts';
import { instantText } from '../store/instants.ts';
import type { Payment, PaymentOutcome } from '../store/payments.ts';
import { invalidRequest } from './checked.ts';
import { noSuchDueDate } from './due-dates-find.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { Problem } from './problems.ts';
import { amountReply } from './schemas.ts';

export const paymentReply = z
  .strictObject({
    id: z.string(),
    ref: z.string(),
    dueDate: z.string().describe("The due date's ref"),
    amount: amountReply,
    paidOn: z.iso.date(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' });

/** A payment with what has become of its due date. */
export const paymentResultReply = z.strictObject({
  ...paymentReply.shape,
  state: z.enum(['open', 'partlyPaid', 'paid', 'void']).describe("The due date's, now"),
  outstanding: amountReply,
  overpaid: amountReply,
  inFlight: inFlightReply,
});

export function paymentJson(payment: Payment, dueDate: Pick<DueDate, 'ref'>) {
  return {
    id: formatId('payment', payment.id),
    ref: payment.ref,
    dueDate: dueDate.ref,
    amount: amountDetail(payment.amount),
    paidOn: payment.paidOn,
    createdAt: instantText(payment.createdAt),
  };
}

export function paymentResultJson(payment: Payment, dueDate: DueDate, inFlight: readonly ReminderId[]) {
  return {
    ...paymentJson(payment, dueDate),
    state: stateOf(dueDate),
    outstanding: amountDetail(outstandingOf(dueDate)),
    overpaid: amountDetail(overpaidOf(dueDate)),
    inFlight: inFlightJson(inFlight),
  };
}

type Refused = Exclude<PaymentOutcome, { kind: 'recorded' | 'repeated' }>;

/** @param dueDatePath where the body names the due date; undefined: the path does. */
export function paymentProblem(refused: Refused, dueDatePath?: string): Problem {
  switch (refused.kind) {
    case 'no-due-date':
      return noSuchDueDate(dueDatePath);
    case 'void':
      return new Problem('due-date-void', 'Nothing can be paid on a void due date.');
    case 'reused':
      return new Problem('payment-reused', 'That ref has another amount or day on this due date.', {
        errors: [{ path: '/ref', code: 'reused', message: 'was used for another amount or day' }],
      });
    case 'too-much':
      return invalidRequest([
        { path: '/amount/value', code: 'too-big', message: 'brings what is paid over 15 digits' },
      ]);
    case 'other-currency':
      return invalidRequest([
        { path: '/amount/currency', code: 'other-currency', message: `must be ${refused.currency}, as the due date's` },
      ]);
  }
}
