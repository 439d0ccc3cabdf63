import type { Channel } from './delivery-facts.ts';

/** A limit of a tenant's plan and where it stands, in reminders. */
export type QuotaLimit = {
  readonly period: 'total' | 'month';
  /** null: all channels together. */
  readonly channel: Channel | null;
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  /** When the next month begins, in the tenant's zone; null: a total never begins anew. */
  readonly resetsAt: Temporal.Instant | null;
};

/** How many reminders a limit leaves. None, too, when a smaller plan came after they were sent. */
export function remainingOf({ limit, used, reserved }: QuotaLimit): number {
  return Math.max(limit - used - reserved, 0);
}

/**
 * The limit that leaves the least; of equals the first, as they stand in a plan: totals before months, all channels
 * before one. Undefined: nothing binds.
 * @param channel only what binds this channel.
 */
export function tightestLimit(limits: readonly QuotaLimit[], channel?: Channel): QuotaLimit | undefined {
  const binding = limits.filter(
    (limit) => channel === undefined || limit.channel === null || limit.channel === channel,
  );
  return binding.reduce<QuotaLimit | undefined>(
    (least, limit) => (least === undefined || remainingOf(limit) < remainingOf(least) ? limit : least),
    undefined,
  );
}

/** What a caller reads who is refused. @param limit null: it has made room again since. */
export function exhaustedInWords(limit: QuotaLimit | null): string {
  if (limit === null) return 'No sends are left in the plan.';
  const { period, channel, limit: count, resetsAt } = limit;
  const sends = channel === null ? 'sends' : `${channel} sends`;
  const times = period === 'total' ? `${count} in all` : `${count} a month, and the next begins at ${String(resetsAt)}`;
  return `No ${sends} are left in the plan: it has ${times}.`;
}
