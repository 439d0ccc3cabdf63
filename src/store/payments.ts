import { outstandingOf } from '../domain/due-date.ts';
import { asId, type DueDateId, type Id, newId, parseId, type ReminderId } from '../domain/ids.ts';
import { add, decimalsOf, formatUnits, type Money, subtract } from '../domain/money.ts';
import { cancelSettled } from './cancel-settled.ts';
import type { Queryable } from './database.ts';
import { amountDetail, type Change, recordDueDateEvents } from './due-dates-events.ts';
import { remindersInFlight } from './due-dates-in-flight.ts';
import { type DueDate, lockDueDates, moneyOf } from './due-dates.ts';
import { toInstant } from './instants.ts';

export type Payment = {
  readonly id: Id<'payment'>;
  readonly ref: string;
  readonly amount: Money;
  /** `YYYY-MM-DD` */
  readonly paidOn: string;
  readonly createdAt: Temporal.Instant;
};

export type PaymentWrite = { dueDate: string; ref: string; amount: Money; paidOn: string };

export type PaymentOutcome =
  | { kind: 'recorded' | 'repeated'; payment: Payment; dueDateId: DueDateId; inFlight: ReminderId[] }
  | { kind: 'no-due-date' | 'void' | 'reused' | 'too-much' }
  | { kind: 'other-currency'; currency: string };

/**
 * Records payments in their order, each standing alone; one that is there already, to the letter, changes nothing.
 * What is settled by them has its unsent reminders called off in the same transaction.
 */
export async function recordPayments(
  client: Queryable,
  change: Change,
  writes: readonly PaymentWrite[],
): Promise<PaymentOutcome[]> {
  const locked = await lockDueDates(client, [...new Set(writes.map((write) => write.dueDate))]);
  const now = change.clock.now();
  const ids = [...new Set([...locked.values()].map((dueDate) => dueDate.id))];
  const ledger = new Ledger(locked, await paymentsOf(client, ids));
  const outcomes = writes.map((write) => ledger.record(write, now));
  await insertPayments(client, change, now, ledger);
  const settled = ledger.settled();
  await cancelSettled(client, { tenant: change.tenant, dueDates: settled, reason: 'paid', now });
  // Also for what is repeated: whoever asks again did not get the first answer.
  const inFlight = await remindersInFlight(client, ids);
  return outcomes.map((outcome) =>
    'dueDateId' in outcome ? { ...outcome, inFlight: inFlight.get(outcome.dueDateId) ?? [] } : outcome,
  );
}

export type ReversalOutcome =
  | { kind: 'reversed'; payment: Payment; dueDateId: DueDateId; inFlight: ReminderId[] }
  | { kind: 'no-due-date' }
  | { kind: 'no-payment' };

/** Takes a payment back (a returned direct debit): what it had settled is owed again. */
export async function reversePayment(
  client: Queryable,
  change: Change,
  of: { dueDate: string; payment: string },
): Promise<ReversalOutcome> {
  const dueDate = (await lockDueDates(client, [of.dueDate])).get(of.dueDate);
  if (!dueDate) return { kind: 'no-due-date' };
  const now = change.clock.now();
  const payments = (await paymentsOf(client, [dueDate.id])).get(dueDate.id) ?? [];
  const payment = findPayment(payments, of.payment);
  if (!payment) return { kind: 'no-payment' };
  await client.query('DELETE FROM sollecito.payment WHERE id = $1', [payment.id]);
  const paid = subtract(dueDate.paid, payment.amount);
  await addToPaid(client, now, [{ id: dueDate.id, paid, changes: 1 }]);
  const outstanding = amountDetail(outstandingOf({ ...dueDate, paid }));
  await recordDueDateEvents(client, change, now, [
    { dueDateId: dueDate.id, type: 'paymentReversed', detail: { ...paymentDetail(payment), outstanding } },
  ]);
  const inFlight = await remindersInFlight(client, [dueDate.id]);
  return { kind: 'reversed', payment, dueDateId: dueDate.id, inFlight: inFlight.get(dueDate.id) ?? [] };
}

/** The payments of due dates, oldest day first. */
export async function paymentsOf(
  client: Queryable,
  dueDates: readonly DueDateId[],
): Promise<Map<DueDateId, Payment[]>> {
  const payments = new Map<DueDateId, Payment[]>();
  if (dueDates.length === 0) return payments;
  const { rows } = await client.query<PaymentRow>(
    `SELECT p.id, p.due_date_id, p.ref, p.amount, d.currency, p.paid_on, p.created_at
     FROM sollecito.payment p JOIN sollecito.due_date d ON d.id = p.due_date_id
     WHERE p.due_date_id = ANY ($1) ORDER BY p.due_date_id, p.paid_on, p.id`,
    [dueDates],
  );
  for (const row of rows) {
    const dueDate = asId('dueDate', row.due_date_id);
    const those = payments.get(dueDate) ?? [];
    those.push(paymentFromRow(row));
    payments.set(dueDate, those);
  }
  return payments;
}

type PaymentPage = {
  dueDateId: DueDateId;
  /** The last payment of the page before. */
  after: { paidOn: string; id: Id<'payment'> } | undefined;
  limit: number;
};

/** A page of one due date's payments, oldest day first; one more than `limit` when there is a next page. */
export async function listPayments(client: Queryable, { dueDateId, after, limit }: PaymentPage): Promise<Payment[]> {
  const { rows } = await client.query<PaymentRow>(
    `SELECT p.id, p.due_date_id, p.ref, p.amount, d.currency, p.paid_on, p.created_at
     FROM sollecito.payment p JOIN sollecito.due_date d ON d.id = p.due_date_id
     WHERE p.due_date_id = $1 AND ($3::date IS NULL OR (p.paid_on, p.id) > ($3, $4::uuid))
     ORDER BY p.paid_on, p.id LIMIT $2`,
    [dueDateId, limit + 1, after?.paidOn ?? null, after?.id ?? null],
  );
  return rows.map(paymentFromRow);
}

type Recorded = { dueDate: DueDate; payment: Payment; outstanding: Money };

/** Reckons a batch of payments in memory, under the due dates' locks. */
class Ledger {
  readonly #locked: ReadonlyMap<string, DueDate>;
  readonly #payments: Map<DueDateId, Payment[]>;
  readonly #paid = new Map<DueDateId, Money>();
  readonly recorded: Recorded[] = [];

  constructor(locked: ReadonlyMap<string, DueDate>, payments: Map<DueDateId, Payment[]>) {
    this.#locked = locked;
    this.#payments = payments;
  }

  record(write: PaymentWrite, now: Temporal.Instant): PaymentOutcome {
    const dueDate = this.#locked.get(write.dueDate);
    if (!dueDate) return { kind: 'no-due-date' };
    const payments = this.#payments.get(dueDate.id) ?? [];
    const known = payments.find((payment) => payment.ref === write.ref);
    if (known) return isSame(known, write) ? repeated(known, dueDate) : { kind: 'reused' };
    const { currency } = dueDate.amount;
    if (write.amount.currency !== currency) return { kind: 'other-currency', currency };
    if (dueDate.isVoid) return { kind: 'void' };
    const paid = add(this.#paid.get(dueDate.id) ?? dueDate.paid, write.amount);
    if (paid.units >= mostUnits(paid)) return { kind: 'too-much' };
    const { dueDate: _, ...fields } = write;
    const payment: Payment = { id: newId('payment'), ...fields, createdAt: now };
    this.#paid.set(dueDate.id, paid);
    this.#payments.set(dueDate.id, [...payments, payment]);
    this.recorded.push({ dueDate, payment, outstanding: outstandingOf({ ...dueDate, paid }) });
    return { kind: 'recorded', payment, dueDateId: dueDate.id, inFlight: [] };
  }

  settled(): DueDateId[] {
    const last = new Map(this.recorded.map((one) => [one.dueDate.id, one]));
    return [...last.values()].filter((one) => one.outstanding.units === 0n).map((one) => one.dueDate.id);
  }

  totals(): { id: DueDateId; paid: Money; changes: number }[] {
    return [...this.#paid].map(([id, paid]) => ({
      id,
      paid,
      changes: this.recorded.filter((one) => one.dueDate.id === id).length,
    }));
  }
}

async function insertPayments(client: Queryable, change: Change, now: Temporal.Instant, ledger: Ledger): Promise<void> {
  if (ledger.recorded.length === 0) return;
  const rows = ledger.recorded.map(({ dueDate, payment }) => ({
    id: payment.id,
    due_date_id: dueDate.id,
    ref: payment.ref,
    amount: formatUnits(payment.amount),
    paid_on: payment.paidOn,
  }));
  await client.query(
    `INSERT INTO sollecito.payment (id, tenant_id, due_date_id, ref, amount, paid_on, created_at)
     SELECT id, $2, due_date_id, ref, amount, paid_on, $3
     FROM jsonb_to_recordset($1) AS v (id uuid, due_date_id uuid, ref text, amount numeric, paid_on date)`,
    [JSON.stringify(rows), change.tenant, now.toString()],
  );
  await addToPaid(client, now, ledger.totals());
  await recordDueDateEvents(
    client,
    change,
    now,
    ledger.recorded.map(({ dueDate, payment, outstanding }) => ({
      dueDateId: dueDate.id,
      type: 'paymentRecorded',
      reason: outstanding.units === 0n ? 'paid' : 'partlyPaid',
      detail: { ...paymentDetail(payment), outstanding: amountDetail(outstanding) },
    })),
  );
}

async function addToPaid(
  client: Queryable,
  now: Temporal.Instant,
  totals: readonly { id: DueDateId; paid: Money; changes: number }[],
): Promise<void> {
  const rows = totals.map(({ id, paid, changes }) => ({ id, paid: formatUnits(paid), changes }));
  await client.query(
    `UPDATE sollecito.due_date d
     SET paid = v.paid, version = version + v.changes, document_version = document_version + v.changes, updated_at = $2
     FROM jsonb_to_recordset($1) AS v (id uuid, paid numeric, changes integer) WHERE d.id = v.id`,
    [JSON.stringify(rows), now.toString()],
  );
}

type PaymentRow = {
  id: string;
  due_date_id: string;
  ref: string;
  amount: string;
  currency: string;
  paid_on: string;
  created_at: string;
};

function paymentFromRow(row: PaymentRow): Payment {
  return {
    id: asId('payment', row.id),
    ref: row.ref,
    amount: moneyOf(row.amount, row.currency),
    paidOn: row.paid_on,
    createdAt: toInstant(row.created_at),
  };
}

function findPayment(payments: readonly Payment[], refOrId: string): Payment | undefined {
  return (
    payments.find((payment) => payment.ref === refOrId) ??
    payments.find((payment) => parseId('payment', refOrId) === payment.id)
  );
}

function isSame(known: Payment, write: PaymentWrite): boolean {
  return (
    known.paidOn === write.paidOn &&
    known.amount.units === write.amount.units &&
    known.amount.currency === write.amount.currency
  );
}

function repeated(payment: Payment, dueDate: DueDate): PaymentOutcome {
  return { kind: 'repeated', payment, dueDateId: dueDate.id, inFlight: [] };
}

// numeric(18,3): fifteen digits before the point.
function mostUnits(money: Money): bigint {
  return 10n ** BigInt(15 + decimalsOf(money.currency));
}

function paymentDetail(payment: Payment): Record<string, unknown> {
  return { payment: payment.ref, amount: amountDetail(payment.amount), paidOn: payment.paidOn };
}
