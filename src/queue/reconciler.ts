import type { Clock } from '../domain/clock.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import type { Database } from '../store/database.ts';
import { keepHouse } from '../store/housekeeping.ts';
import { expireLeases, queuedSince, repeatUnknownSms, resendUnknown, returnLost } from '../store/reconcile.ts';
import type { Timings } from '../timings.ts';
import { answered } from './answered.ts';
import type { JobQueue } from './queue-backend.ts';
import { jobId } from './queue-names.ts';
import { Repeating } from './repeating.ts';

export type ReconcilerOptions = {
  database: Database;
  clock: Clock;
  queues: ReadonlyMap<Channel, JobQueue>;
  timings: Timings;
  /** How long the SMS provider remembers an idx, from the first hand-over. */
  smsRepeatWindowMs: number;
  onError: (error: unknown) => void;
  /** Something is due again. */
  wake: (channel: Channel) => void;
  /** So many claims have run out: their deliveries are unknown. */
  expired?: (channel: Channel, count: number) => void;
};

/** The states in which a job will still be worked on. */
const living = new Set(['waiting', 'prioritized', 'active', 'delayed', 'waiting-children', 'paused']);
/** Those that end by a time which the clock of a worker's machine has set. */
const timed = new Set(['active', 'delayed']);

/** Holds PostgreSQL and the queue together: lost jobs come back, dead claims become `unknown`, once each. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #rounds: Repeating;
  /** By channel: the jobs in a timed state, and since when they have been seen in it. */
  readonly #timedSince = new Map<Channel, ReadonlyMap<string, number>>();
  #houseKeptAt = -Infinity;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#rounds = new Repeating(async () => this.round(), {
      everyMs: options.timings.reconcileEveryMs,
      onError: options.onError,
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Milliseconds since a round last ended. */
  silentFor(): number {
    return this.#rounds.silentFor();
  }

  /** One look at everything. */
  async round(): Promise<void> {
    const { database, clock, queues, smsRepeatWindowMs: windowMs, timings, wake, expired } = this.#options;
    const graceMs = timings.resendGraceMs;
    await expireLeases(database, clock.now(), expired);
    if ((await repeatUnknownSms(database, { now: clock.now(), graceMs, windowMs })) > 0) wake('sms');
    if ((await resendUnknown(database, { now: clock.now(), graceMs })) > 0) {
      for (const channel of queues.keys()) wake(channel);
    }
    for (const [channel, queue] of queues) {
      if ((await this.#returnLost(channel, queue)) > 0) wake(channel);
    }
    // Last, and not again at once: should it fail, nothing else waits for it.
    if (performance.now() - this.#houseKeptAt < timings.houseEveryMs) return;
    this.#houseKeptAt = performance.now();
    // What is left goes in the next rounds.
    if (!(await keepHouse(database, clock.now()))) this.#houseKeptAt = -Infinity;
  }

  async #returnLost(channel: Channel, queue: JobQueue): Promise<number> {
    const { database, clock, timings } = this.#options;
    const before = clock.now().subtract({ milliseconds: timings.reconcileGraceMs });
    const seen = this.#timedSince.get(channel);
    const stillTimed = new Map<string, number>();
    let lost = 0;
    for (const item of await queuedSince(database, channel, before)) {
      const id = jobId(item.delivery, item.dispatchNo);
      const state = await answered(queue.getJobState(id));
      if (timed.has(state)) stillTimed.set(id, seen?.get(id) ?? performance.now());
      if (living.has(state) && !this.#isStranded(stillTimed.get(id))) continue;
      if (await returnLost(database, { ...item, now: clock.now() })) lost++;
    }
    this.#timedSince.set(channel, stillTimed);
    return lost;
  }

  // Should its worker live after all, it finds at the claim that the delivery is no longer its own.
  #isStranded(timedSince: number | undefined): boolean {
    return timedSince !== undefined && performance.now() - timedSince > this.#options.timings.strandedAfterMs;
  }
}
