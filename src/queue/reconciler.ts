import type { Clock } from '../domain/clock.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import type { Database } from '../store/database.ts';
import { keepHouse } from '../store/housekeeping.ts';
import { expireLeases, queuedSince, repeatUnknownSms, resendUnknown, returnLost } from '../store/reconcile.ts';
import { answered } from './answered.ts';
import type { JobQueue } from './queue-backend.ts';
import { jobId } from './queue-names.ts';
import { Repeating } from './repeating.ts';

export type ReconcilerOptions = {
  database: Database;
  clock: Clock;
  queues: ReadonlyMap<Channel, JobQueue>;
  /** How long a delivery may stand queued before its job is looked for. */
  graceMs: number;
  everyMs: number;
  /** How long the SMS provider remembers an idx, from the first hand-over. */
  smsRepeatWindowMs: number;
  onError: (error: unknown) => void;
  /** Something is due again. */
  wake: (channel: Channel) => void;
};

/** The states in which a job will still be worked on. */
const living = new Set(['waiting', 'prioritized', 'active', 'delayed', 'waiting-children', 'paused']);
const houseEveryMs = 3_600_000;

/** Holds PostgreSQL and the queue together: lost jobs come back, dead claims become `unknown`, once each. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #rounds: Repeating;
  #houseKeptAt = -Infinity;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#rounds = new Repeating(async () => this.round(), { everyMs: options.everyMs, onError: options.onError });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Milliseconds since a round last ended. */
  silentFor(): number {
    return performance.now() - this.#rounds.lastEndedAt;
  }

  /** One look at everything. */
  async round(): Promise<void> {
    const { database, clock, queues, smsRepeatWindowMs, wake } = this.#options;
    await expireLeases(database, clock.now());
    if ((await repeatUnknownSms(database, clock.now(), smsRepeatWindowMs)) > 0) wake('sms');
    if ((await resendUnknown(database, clock.now())) > 0) for (const channel of queues.keys()) wake(channel);
    for (const [channel, queue] of queues) {
      if ((await this.#returnLost(channel, queue)) > 0) wake(channel);
    }
    // Last, and not again at once: should it fail, nothing else waits for it.
    if (performance.now() - this.#houseKeptAt < houseEveryMs) return;
    this.#houseKeptAt = performance.now();
    await keepHouse(database, clock.now());
  }

  async #returnLost(channel: Channel, queue: JobQueue): Promise<number> {
    const { database, clock, graceMs } = this.#options;
    let lost = 0;
    for (const item of await queuedSince(database, channel, clock.now().subtract({ milliseconds: graceMs }))) {
      const state = await answered(queue.getJobState(jobId(item.delivery, item.dispatchNo)));
      if (living.has(state)) continue;
      if (await returnLost(database, { ...item, now: clock.now() })) lost++;
    }
    return lost;
  }
}
