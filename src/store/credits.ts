import { type CreditableDueDate, spreadCredits, type SpreadNote } from '../domain/credit-allocation.ts';
import { creditFor } from '../domain/credited-invoice.ts';
import { outstandingOf } from '../domain/due-date.ts';
import type { DueDateId } from '../domain/ids.ts';
import { add, formatUnits, type Money, subtract } from '../domain/money.ts';
import { cancelSettled } from './cancel-settled.ts';
import { type CreditNote, dueDatesAround } from './credits-named.ts';
import type { Queryable } from './database.ts';
import { amountDetail, type Change, type DueDateEvent, recordDueDateEvents } from './due-dates-events.ts';
import { type DueDate, loadDueDates, moneyOf } from './due-dates.ts';
import { saysNews } from './invoices-known.ts';

/**
 * Lets credit notes lower what is asked by the invoices that they name. One that says something new is spread anew; of
 * the others what they took off stays, as far as it is still asked for, and what was left of them is used.
 * Reminders of what is settled by it are called off. Call it under the locks of `dueDatesAround`.
 */
export async function applyCredits(client: Queryable, change: Change, notes: readonly CreditNote[]): Promise<void> {
  if (notes.length === 0) return;
  // Those that the same import has made are among them now.
  const dueDates = await loadDueDates(client, await dueDatesAround(client, notes));
  const shares = notes.map((note) => sharesOf(note, dueDates));
  const spread = spreadCredits(
    notes.map((note, index) => ({
      kept: note.known && saysNews(note.known) ? new Map() : (shares[index] ?? new Map()),
      invoices: note.named.flatMap((one) =>
        'found' in one
          ? [{ worth: creditFor(note.invoice, one.found.invoice).units, dueDates: rooms(note, one.found.id, dueDates) }]
          : [],
      ),
    })),
    othersOn(dueDates, shares),
  );
  const moves = notes.flatMap((note, index) => movesOf(note, shares[index], spread[index], dueDates));
  await keepShares(client, change, moves);
  await lower(client, change, moves);
}

/** In the due date's currency. */
type Move = { note: CreditNote; dueDate: DueDate; before: Money; after: Money };
type Shares = ReadonlyMap<DueDateId, bigint>;

function sharesOf({ shares }: CreditNote, dueDates: ReadonlyMap<DueDateId, DueDate>): Shares {
  const units = new Map<DueDateId, bigint>();
  for (const [id, amount] of shares) {
    const currency = dueDates.get(id)?.amount.currency;
    if (currency !== undefined) units.set(id, moneyOf(amount, currency).units);
  }
  return units;
}

function rooms(
  { invoice }: CreditNote,
  of: DueDate['invoiceId'],
  dueDates: ReadonlyMap<DueDateId, DueDate>,
): CreditableDueDate<DueDateId>[] {
  return [...dueDates.values()]
    .filter(({ invoiceId, amount }) => invoiceId === of && amount.currency === invoice.currency)
    .sort((a, b) => (a.instalment ?? 0) - (b.instalment ?? 0))
    .map(({ id, dueOn, amount, paid, isVoid }) => ({ id, dueOn, amount: amount.units, paid: paid.units, isVoid }));
}

/** What notes that are not among these take off. */
function othersOn(dueDates: ReadonlyMap<DueDateId, DueDate>, shares: readonly Shares[]): Map<DueDateId, bigint> {
  return new Map(
    [...dueDates].map(([id, { credited }]) => [
      id,
      shares.reduce((left, those) => left - (those.get(id) ?? 0n), credited.units),
    ]),
  );
}

function movesOf(
  note: CreditNote,
  before: Shares | undefined,
  after: SpreadNote<DueDateId> | undefined,
  dueDates: ReadonlyMap<DueDateId, DueDate>,
): Move[] {
  return [...dueDates.values()].flatMap((dueDate) => {
    const [had, has] = [before?.get(dueDate.id) ?? 0n, after?.shares.get(dueDate.id) ?? 0n];
    if (had === has) return [];
    const { currency } = dueDate.amount;
    return [{ note, dueDate, before: { units: had, currency }, after: { units: has, currency } }];
  });
}

async function keepShares(client: Queryable, change: Change, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const rows = moves.map(({ note, dueDate, after }) => ({
    note: note.id,
    due_date: dueDate.id,
    amount: formatUnits(after),
  }));
  const recordset = 'jsonb_to_recordset($1) AS v (note uuid, due_date uuid, amount numeric)';
  await client.query(
    `DELETE FROM sollecito.credit c USING ${recordset}
     WHERE c.credit_note_id = v.note AND c.due_date_id = v.due_date AND v.amount = 0`,
    [JSON.stringify(rows)],
  );
  await client.query(
    `INSERT INTO sollecito.credit (credit_note_id, due_date_id, tenant_id, amount, created_at)
     SELECT v.note, v.due_date, $2, v.amount, $3 FROM ${recordset} WHERE v.amount > 0
     ON CONFLICT (credit_note_id, due_date_id) DO UPDATE SET amount = excluded.amount`,
    [JSON.stringify(rows), change.tenant, change.clock.now().toString()],
  );
}

async function lower(client: Queryable, change: Change, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const now = change.clock.now();
  const credited = new Map<DueDateId, Money>();
  const events = moves.map((move): DueDateEvent => {
    const { dueDate, before, after } = move;
    const sum = add(credited.get(dueDate.id) ?? dueDate.credited, subtract(after, before));
    credited.set(dueDate.id, sum);
    return creditEvent(move, outstandingOf({ ...dueDate, credited: sum }));
  });
  await client.query(
    `UPDATE sollecito.due_date d
     SET credited = v.credited, version = version + 1, document_version = document_version + 1, updated_at = $2
     FROM jsonb_to_recordset($1) AS v (id uuid, credited numeric) WHERE d.id = v.id`,
    [JSON.stringify([...credited].map(([id, sum]) => ({ id, credited: formatUnits(sum) }))), now.toString()],
  );
  await recordDueDateEvents(client, change, now, events);
  const settled = moves
    .map(({ dueDate }) => dueDate)
    .filter((dueDate) => {
      const left = outstandingOf({ ...dueDate, credited: credited.get(dueDate.id) ?? dueDate.credited });
      return left.units === 0n && outstandingOf(dueDate).units > 0n;
    });
  const dueDates = [...new Set(settled.map(({ id }) => id))];
  await cancelSettled(client, { tenant: change.tenant, dueDates, reason: 'credited', now });
}

/** `credited`: more was taken off than before; `creditReversed`: some of it was given back. */
function creditEvent({ note, dueDate, before, after }: Move, outstanding: Money): DueDateEvent {
  const isMore = after.units > before.units;
  const amount = isMore ? subtract(after, before) : subtract(before, after);
  return {
    dueDateId: dueDate.id,
    type: isMore ? 'credited' : 'creditReversed',
    detail: { creditNote: note.invoice.number, amount: amountDetail(amount), outstanding: amountDetail(outstanding) },
  };
}
