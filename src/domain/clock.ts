/** Where every part takes the time from: PostgreSQL's in production, a virtual one in a simulation. */
export type Clock = { now(): Temporal.Instant };
