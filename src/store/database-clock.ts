import { uptime } from 'node:os';
import type { Clock } from '../domain/clock.ts';
import type { Database } from './database.ts';

const everyMs = 60_000;
/** More than this between our clock and PostgreSQL's is worth telling. */
const mostSkewMs = 2_000;
/** An answer that took longer says too little about when it was made. */
const mostDelayMs = 1_000;
/** When this machine's clock and its counter of milliseconds drift so far apart, one of them has made a jump. */
const jumpMs = 1_000;

/** What stood where at one moment: PostgreSQL's clock, and on this machine the counter, the clock and the uptime. */
type Measured = { database: number; counter: number; clock: number; uptime: number };

/**
 * The time as PostgreSQL has it, so that every process decides by one clock. It is measured each minute; in between this
 * machine's counter of milliseconds goes on from there, which nobody can set: its own clock may be wrong, and may jump.
 */
export class DatabaseClock implements Clock {
  readonly #database: Database;
  #measured: Measured = here(Date.now());
  #known = false;
  #measuring = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#timer ??= setInterval(() => this.#measureSoon(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Math.round(this.#now()));
  }

  /** How far this machine's own clock is off, in milliseconds. */
  skew(): { ok: boolean; ms: number } {
    const ms = Math.round(this.#now() - Date.now());
    return { ok: Math.abs(ms) <= mostSkewMs, ms };
  }

  #now(): number {
    const { database, counter, clock } = this.#measured;
    const passed = performance.now() - counter;
    if (Math.abs(Date.now() - clock - passed) < jumpMs) return database + passed;
    this.#measureSoon();
    return database + passed + this.#slept(passed);
  }

  // The counter stands still while the machine sleeps; the uptime does not. Its clock, set anew, moves neither.
  #slept(passed: number): number {
    const slept = (uptime() - this.#measured.uptime) * 1_000 - passed;
    return slept > jumpMs ? slept : 0;
  }

  #measureSoon(): void {
    if (this.#measuring) return;
    this.#measuring = true;
    void this.#measure()
      .catch(() => undefined)
      .finally(() => (this.#measuring = false));
  }

  async #measure(): Promise<void> {
    const before = performance.now();
    const { rows } = await this.#database.pool.query<{ ms: number }>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
    );
    const delay = performance.now() - before;
    if (!rows[0] || (this.#known && delay > mostDelayMs)) return;
    // The answer was made about half way between asking and hearing.
    this.#measured = here(rows[0].ms + delay / 2);
    this.#known = true;
  }
}

function here(database: number): Measured {
  return { database, counter: performance.now(), clock: Date.now(), uptime: uptime() };
}
