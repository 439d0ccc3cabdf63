import type { Clock } from '../domain/clock.ts';
import type { Database } from './database.ts';

const everyMs = 60_000;
/** More than this between our clock and PostgreSQL's is worth telling. */
const mostSkewMs = 2_000;

/** The time as PostgreSQL has it, so that every process decides by one clock. The offset is measured each minute. */
export class DatabaseClock implements Clock {
  readonly #database: Database;
  #offsetMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#timer ??= setInterval(() => void this.#measure().catch(() => undefined), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Math.round(Date.now() + this.#offsetMs));
  }

  /** How far this machine's own clock is off, in milliseconds. */
  skew(): { ok: boolean; ms: number } {
    return { ok: Math.abs(this.#offsetMs) <= mostSkewMs, ms: Math.round(this.#offsetMs) };
  }

  async #measure(): Promise<void> {
    const before = Date.now();
    const { rows } = await this.#database.pool.query<{ ms: number }>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
    );
    const after = Date.now();
    // The answer was made about half way between asking and hearing.
    if (rows[0]) this.#offsetMs = rows[0].ms - (before + after) / 2;
  }
}
