/** node-postgres and MikroORM speak Date; the rest of the house speaks Temporal. */
export function toDate(instant: Temporal.Instant): Date {
  return new Date(instant.epochMilliseconds);
}

export function toInstant(date: Date): Temporal.Instant;
export function toInstant(date: Date | null): Temporal.Instant | null;
export function toInstant(date: Date | null): Temporal.Instant | null {
  return date === null ? null : Temporal.Instant.fromEpochMilliseconds(date.getTime());
}
