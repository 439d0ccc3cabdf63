import { isDeepStrictEqual } from 'node:util';
import type { Hold } from '../domain/due-date.ts';
import type { ReminderId } from '../domain/ids.ts';
import { cancelSettled } from './cancel-settled.ts';
import type { Queryable } from './database.ts';
import { type Change, type DueDateEvent, recordDueDateEvents } from './due-dates-events.ts';
import { remindersInFlight } from './due-dates-in-flight.ts';
import { type DueDate, lockDueDates } from './due-dates.ts';

/** `changed` is false when it stood so already: nothing was written then. */
export type StandingChange = { dueDate: DueDate; changed: boolean; inFlight: ReminderId[] };

/** Called with the due date as it was locked, before anything changes; may throw to refuse the change. */
type Check = (current: DueDate | undefined) => void;

/** Holds reminders of a due date. What was posted is not called off: the claim judges it. Undefined: no such due date. */
export async function holdDueDate(
  client: Queryable,
  change: Change,
  of: { dueDate: string; hold: Hold; check?: Check },
): Promise<StandingChange | undefined> {
  return changeStanding(client, change, of, (current) =>
    isDeepStrictEqual(current.hold, of.hold)
      ? undefined
      : {
          assignments: 'hold_reason = $3, hold_until = $4, hold_note = $5',
          values: [of.hold.reason, of.hold.until, of.hold.note],
          event: {
            dueDateId: current.id,
            type: 'held',
            reason: of.hold.reason,
            detail: { until: of.hold.until },
            ...(of.hold.note === null ? {} : { privateDetail: { note: of.hold.note } }),
          },
        },
  );
}

/** Lifts the hold, if there is one. */
export async function releaseDueDate(
  client: Queryable,
  change: Change,
  of: { dueDate: string; check?: Check },
): Promise<StandingChange | undefined> {
  return changeStanding(client, change, of, (current) =>
    current.hold === null
      ? undefined
      : {
          assignments: 'hold_reason = NULL, hold_until = NULL, hold_note = NULL',
          values: [],
          event: { dueDateId: current.id, type: 'released', reason: current.hold.reason, detail: {} },
        },
  );
}

/** Calls a due date off for good: nothing is owed by it, and its unsent reminders are canceled. */
export async function voidDueDate(
  client: Queryable,
  change: Change,
  of: { dueDate: string; check?: Check },
): Promise<StandingChange | undefined> {
  const done = await changeStanding(client, change, of, (current) =>
    current.isVoid
      ? undefined
      : {
          assignments: 'voided_at = $2::timestamptz',
          values: [],
          event: { dueDateId: current.id, type: 'voided', detail: {} },
        },
  );
  if (done?.changed === true) {
    const dueDates = [done.dueDate.id];
    await cancelSettled(client, { tenant: change.tenant, dueDates, reason: 'void', now: change.clock.now() });
  }
  return done;
}

type Wanted = { assignments: string; values: (string | null)[]; event: DueDateEvent };

async function changeStanding(
  client: Queryable,
  change: Change,
  of: { dueDate: string; check?: Check },
  want: (current: DueDate) => Wanted | undefined,
): Promise<StandingChange | undefined> {
  const current = (await lockDueDates(client, [of.dueDate])).get(of.dueDate);
  of.check?.(current);
  if (!current) return undefined;
  const inFlight = (await remindersInFlight(client, [current.id])).get(current.id) ?? [];
  const wanted = want(current);
  if (!wanted) return { dueDate: current, changed: false, inFlight };
  const now = change.clock.now();
  // assignments are this file's own text, never a caller's.
  await client.query(
    `UPDATE sollecito.due_date SET ${wanted.assignments}, version = version + 1, updated_at = $2 WHERE id = $1`,
    [current.id, now.toString(), ...wanted.values],
  );
  await recordDueDateEvents(client, change, now, [wanted.event]);
  return { dueDate: current, changed: true, inFlight };
}
