/** MikroORM takes instants as Date. */
export function toDate(instant: Temporal.Instant): Date {
  return new Date(instant.epochMilliseconds);
}

/** Reads a `timestamptz` column: the pool gives it as PostgreSQL writes it (`2026-03-02 09:00:00+00`). */
export function toInstant(text: string): Temporal.Instant;
export function toInstant(text: string | null): Temporal.Instant | null;
export function toInstant(text: string | null): Temporal.Instant | null {
  return text === null ? null : Temporal.Instant.from(text);
}

/** How an instant leaves: RFC 3339 in UTC with three decimals, everywhere. Finer is nobody's need, and one form compares as text. */
export function instantText(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 3 });
}
