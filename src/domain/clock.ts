/** Where every part takes the time from: PostgreSQL's in production, a virtual one in a simulation. */
export type Clock = { now(): Temporal.Instant };

/** The time that was asked for, or now when it is past or was left open. */
export function notBefore(asked: Temporal.Instant | null, now: Temporal.Instant): Temporal.Instant {
  return asked && Temporal.Instant.compare(asked, now) > 0 ? asked : now;
}
