import type { DueDateId } from './ids.ts';
import { isThanks } from './thanks.ts';
import { contactsOf, type DeliveryFacts, type DueDateFacts, type QuietHours } from './delivery-facts.ts';

export type SkipReason =
  | 'paid'
  | 'void'
  | 'not-receivable'
  | 'nothing-received'
  | 'customer-changed'
  | 'customer-excluded'
  | 'customer-paused'
  | 'recipient-removed'
  | 'suppressed'
  | 'hold-disputed'
  | 'hold-promised'
  | 'hold-paused';

/** Which limit stands in the way. */
export type LimitReason = 'rate-limited' | 'minute-limit' | 'day-limit' | 'domain-slowed' | 'domain-connections';

export type DeferReason =
  | 'paused'
  | 'quiet-hours'
  | 'contact-gap'
  | LimitReason
  | 'provider-unavailable'
  | 'provider-down'
  | SkipReason;

/** A due date of the reminder that its message must not speak of any more, and why. */
export type LeftOut = { id: DueDateId; reason: SkipReason };

/** What the last look says of a delivery that is about to leave. */
export type Verdict =
  | { kind: 'go'; dueDates: DueDateFacts[]; leftOut: LeftOut[] }
  | { kind: 'skip'; reason: SkipReason }
  | { kind: 'defer'; reason: DeferReason; until: Temporal.Instant };

/** A pause without an end is looked at again after this long; lifting it wakes the dispatcher anyway. */
const lookAgain = Temporal.Duration.from({ minutes: 1 });

/**
 * Judges a delivery: may it leave now? Paid, void and excluded never leave. What a caller posted is skipped by a
 * hold; what a sequence planned waits for its end. Pauses, quiet hours and the contact gap put off. Thanks ask for
 * nothing: they need a payment that came, and no hold stands in their way.
 * The due dates of a `go` are those that the message may speak of.
 */
export function judge(facts: DeliveryFacts, now: Temporal.Instant): Verdict {
  const askable = facts.dueDates.filter((due) => whyNotAsked(facts, due) === undefined);
  const [first] = facts.dueDates;
  if (askable.length === 0) return { kind: 'skip', reason: (first && whyNotAsked(facts, first)) ?? 'paid' };
  return (
    excluded(facts) ??
    suppressed(facts, now) ??
    held(facts, askable, now) ??
    customerPaused(facts, now) ??
    paused(facts, now) ??
    broken(facts, now) ??
    policy(facts, now) ??
    go(facts, now)
  );
}

function go(facts: DeliveryFacts, now: Temporal.Instant): Verdict {
  const judged = facts.dueDates.map((due) => ({ due, reason: whyNotAsked(facts, due) ?? holdOn(facts, due, now) }));
  return {
    kind: 'go',
    dueDates: judged.flatMap(({ due, reason }) => (reason === undefined ? [due] : [])),
    leftOut: judged.flatMap(({ due, reason }) => (reason === undefined ? [] : [{ id: due.id, reason }])),
  };
}

function holdOn(facts: DeliveryFacts, due: DueDateFacts, now: Temporal.Instant): SkipReason | undefined {
  return due.holdReason !== null && holdActive(facts, due, now) ? `hold-${due.holdReason}` : undefined;
}

function whyNotAsked(facts: DeliveryFacts, due: DueDateFacts): SkipReason | undefined {
  if (due.state === 'void') return 'void';
  const thanks = isThanks(facts.reminder.template);
  if (due.state === 'paid' && !thanks) return 'paid';
  if (due.direction === 'payable') return 'not-receivable';
  if (due.customerId !== facts.customer.id) return 'customer-changed';
  return thanks && due.paid.units <= 0n ? 'nothing-received' : undefined;
}

function excluded(facts: DeliveryFacts): Verdict | undefined {
  if (facts.customer.doNotRemind) return { kind: 'skip', reason: 'customer-excluded' };
  if (facts.reminder.recipients === 'given') return undefined;
  // `to` was left to the customer's own contacts: they are read again now.
  const wanted = [...contactsOf(facts.customer, facts.reminder.channel), ...facts.reminder.cc];
  return wanted.includes(facts.delivery.recipient) ? undefined : { kind: 'skip', reason: 'recipient-removed' };
}

function held(facts: DeliveryFacts, askable: DueDateFacts[], now: Temporal.Instant): Verdict | undefined {
  const holds = askable.filter((due) => holdActive(facts, due, now));
  if (holds.length < askable.length) return undefined;
  const [first] = holds;
  if (!first?.holdReason) return undefined;
  if (facts.reminder.origin !== 'sequence') return { kind: 'skip', reason: `hold-${first.holdReason}` };
  // A sequence waits for the first of them that ends; one without an end is nothing to wait for.
  const end = holds.flatMap(({ holdUntil }) => (holdUntil === null ? [] : [holdUntil])).sort()[0];
  const ending = holds.find((due) => due.holdUntil === end);
  if (end === undefined || !ending?.holdReason) return { kind: 'skip', reason: `hold-${first.holdReason}` };
  return { kind: 'defer', reason: `hold-${ending.holdReason}`, until: dayAfter(end, facts.tenant.timeZone) };
}

function holdActive(facts: DeliveryFacts, due: DueDateFacts, now: Temporal.Instant): boolean {
  if (due.holdReason === null || isThanks(facts.reminder.template)) return false;
  return due.holdUntil === null || due.holdUntil >= day(now, facts.tenant.timeZone);
}

function customerPaused(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  const until = facts.customer.pausedUntil;
  if (until === null || until < day(now, facts.tenant.timeZone)) return undefined;
  return facts.reminder.origin === 'sequence'
    ? { kind: 'defer', reason: 'customer-paused', until: dayAfter(until, facts.tenant.timeZone) }
    : { kind: 'skip', reason: 'customer-paused' };
}

function paused(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  const active = facts.pauses.filter((pause) => pause.until === null || isAfter(pause.until, now));
  if (active.length === 0) return undefined;
  const ends = active.map((pause) => pause.until ?? now.add(lookAgain));
  return {
    kind: 'defer',
    reason: 'paused',
    until: ends.reduce((latest, end) => (isAfter(end, latest) ? end : latest)),
  };
}

function suppressed(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  return isSuppressed(facts, now) ? { kind: 'skip', reason: 'suppressed' } : undefined;
}

/** Whether its recipient must not be written to then. */
export function isSuppressed({ suppressed: found }: DeliveryFacts, at: Temporal.Instant): boolean {
  return found !== null && (found.until === null || isAfter(found.until, at));
}

function broken({ breaker }: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  const until = breaker?.until ?? null;
  return until !== null && isAfter(until, now) ? { kind: 'defer', reason: 'provider-down', until } : undefined;
}

// One policy for all who send: it binds sequences always, callers and operators when the tenant says so.
function policy(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  if (facts.reminder.origin !== 'sequence' && !facts.tenant.bindsCallers) return undefined;
  return (
    (facts.reminder.override.includes('quietHours') ? undefined : quiet(facts, now)) ??
    (facts.reminder.override.includes('gap') ? undefined : tooSoon(facts, now))
  );
}

function quiet(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  const zone = facts.customer.timeZone ?? facts.tenant.timeZone;
  const until = facts.tenant.quietHours && quietUntil(facts.tenant.quietHours, now, zone);
  return until ? { kind: 'defer', reason: 'quiet-hours', until } : undefined;
}

/** When the quiet hours that hold now will end, in that zone; undefined when none hold. */
export function quietUntil(hours: QuietHours, now: Temporal.Instant, timeZone: string): Temporal.Instant | undefined {
  const local = now.toZonedDateTimeISO(timeZone);
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const overMidnight = hours.from > hours.to;
  const within = overMidnight ? time >= hours.from || time < hours.to : time >= hours.from && time < hours.to;
  if (!within) return undefined;
  const endDay = overMidnight && time >= hours.from ? local.toPlainDate().add({ days: 1 }) : local.toPlainDate();
  const end = endDay.toPlainDateTime(Temporal.PlainTime.from(hours.to));
  const first = end.toZonedDateTime(timeZone).toInstant();
  // In the night in which the clocks go back the end may come twice: the one still ahead counts.
  return isAfter(first, now) ? first : end.toZonedDateTime(timeZone, { disambiguation: 'later' }).toInstant();
}

function tooSoon(facts: DeliveryFacts, now: Temporal.Instant): Verdict | undefined {
  if (facts.lastContactAt === null) return undefined;
  const until = gapEnds(facts.lastContactAt, facts.tenant.contactGapDays, facts.tenant.timeZone);
  return isAfter(until, now) ? { kind: 'defer', reason: 'contact-gap', until } : undefined;
}

/** The start of the day on which the next reminder may leave: gapDays after the day of the last. */
export function gapEnds(last: Temporal.Instant, gapDays: number, timeZone: string): Temporal.Instant {
  return last.toZonedDateTimeISO(timeZone).toPlainDate().add({ days: gapDays }).toZonedDateTime(timeZone).toInstant();
}

function day(now: Temporal.Instant, timeZone: string): string {
  return now.toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

function dayAfter(date: string, timeZone: string): Temporal.Instant {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(timeZone).toInstant();
}

function isAfter(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) > 0;
}
