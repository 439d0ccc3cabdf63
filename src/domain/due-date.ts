import type { HoldReason } from './delivery-facts.ts';
import { add, type Money, subtract, zero } from './money.ts';

export type Direction = 'receivable' | 'payable';
export type DueDateState = 'open' | 'partlyPaid' | 'paid' | 'void';
export type Timing = 'future' | 'today' | 'overdue';

/** The one word for a due date, first that applies. */
export const dueDateStatuses = [
  'void',
  'paid',
  'disputed',
  'promised',
  'paused',
  'overdue',
  'today',
  'future',
] as const;
export type DueDateStatus = (typeof dueDateStatuses)[number];

/** How long something has been owed: not yet due, due today, or days late. */
export const ages = ['future', 'today', '1-30', '31-60', '61-90', '90+'] as const;
export type Age = (typeof ages)[number];

/** No reminders for a while. `until` is the last day that it holds (`YYYY-MM-DD`); null: until it is lifted. */
export type Hold = { readonly reason: HoldReason; readonly until: string | null; readonly note: string | null };

/** What a due date's state, timing and status follow from. Days are `YYYY-MM-DD`. */
export type Standing = {
  readonly direction: Direction;
  readonly amount: Money;
  readonly paid: Money;
  /** What credit notes took off it. */
  readonly credited: Money;
  readonly isVoid: boolean;
  readonly dueOn: string;
  readonly hold: Hold | null;
};

/** @param today the tenant's own day. */
export function statusOf(due: Standing, today: string): DueDateStatus {
  const state = stateOf(due);
  if (state === 'void' || state === 'paid') return state;
  return activeHold(due, today)?.reason ?? timingOf(due, today);
}

export function stateOf(due: Pick<Standing, 'amount' | 'paid' | 'credited' | 'isVoid'>): DueDateState {
  if (due.isVoid) return 'void';
  const settled = add(due.paid, due.credited);
  if (subtract(due.amount, settled).units <= 0n) return 'paid';
  return settled.units > 0n ? 'partlyPaid' : 'open';
}

export function timingOf(due: Pick<Standing, 'dueOn'>, today: string): Timing {
  if (due.dueOn === today) return 'today';
  return due.dueOn < today ? 'overdue' : 'future';
}

/** The hold that counts on that day: one whose last day has passed no longer does. */
export function activeHold(due: Pick<Standing, 'hold'>, today: string): Hold | null {
  if (due.hold === null) return null;
  return due.hold.until === null || due.hold.until >= today ? due.hold : null;
}

/** What is still owed: never less than nothing, and nothing at all once void. */
export function outstandingOf(due: Pick<Standing, 'amount' | 'paid' | 'credited' | 'isVoid'>): Money {
  const rest = subtract(subtract(due.amount, due.credited), due.paid);
  return due.isVoid || rest.units < 0n ? zero(due.amount.currency) : rest;
}

/** What was paid beyond what was owed. */
export function overpaidOf(due: Pick<Standing, 'amount' | 'paid' | 'credited'>): Money {
  const excess = subtract(due.paid, subtract(due.amount, due.credited));
  return excess.units > 0n && due.paid.units > 0n ? excess : zero(due.amount.currency);
}

/** Whole days since the day it was due; 0 when it is not late, or nothing is owed any more. */
export function daysLate(due: Standing, today: string): number {
  if (outstandingOf(due).units === 0n) return 0;
  return Math.max(0, daysBetween(due.dueOn, today));
}

/** By the day it was due alone, whether or not it is still owed. */
export function ageOf(dueOn: string, today: string): Age {
  const days = daysBetween(dueOn, today);
  if (days < 0) return 'future';
  if (days === 0) return 'today';
  if (days <= 30) return '1-30';
  if (days <= 60) return '31-60';
  return days <= 90 ? '61-90' : '90+';
}

function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'day' }).days;
}
