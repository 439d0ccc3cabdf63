/** Where every part takes the time from: PostgreSQL's in production, a virtual one in a simulation. */
export type Clock = { now(): Temporal.Instant };

/** The calendar day it is in that zone. */
export function today(clock: Clock, timeZone: string): Temporal.PlainDate {
  return clock.now().toZonedDateTimeISO(timeZone).toPlainDate();
}
