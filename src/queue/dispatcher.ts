import type { Clock } from '../domain/clock.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import type { Database } from '../store/database.ts';
import type { Timings } from '../timings.ts';
import { dispatchDue, type Dispatched } from '../store/dispatch.ts';
import { answered } from './answered.ts';
import { type JobFlow, type JobFlows, jobOptions, type JobQueue } from './queue-backend.ts';
import { documentsQueue, jobId } from './queue-names.ts';
import { Repeating } from './repeating.ts';

/** The queue never holds more than this many deliveries of a channel: the backlog stays in PostgreSQL. */
const largestWindow = 200;

export type DispatcherOptions = {
  database: Database;
  clock: Clock;
  channel: Channel;
  queue: JobQueue;
  flows: JobFlows;
  /** Deliveries that one worker process works on at once. */
  concurrency: number;
  timings: Pick<Timings, 'dispatchEveryMs' | 'workersKnownMs'>;
  onError: (error: unknown) => void;
};

/**
 * Turns due deliveries into jobs, a small window at a time, in the order of their turns: first in, first out, for a
 * priority of the queue's own would break it. Wakes by the bell and by a clock of one second. Any number of them may
 * run: PostgreSQL lets one at a time choose.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #rounds: Repeating;
  #workers = { count: 1, askedAt: -Infinity };
  #doubtful = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#rounds = new Repeating(async () => this.#round(), {
      everyMs: options.timings.dispatchEveryMs,
      leastGapMs: 10,
      onError: options.onError,
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  wake(): void {
    this.#rounds.wake();
  }

  /** Milliseconds since a round last ended. */
  silentFor(): number {
    return this.#rounds.silentFor();
  }

  async #round(): Promise<void> {
    const { database, clock, channel, queue } = this.#options;
    // After a failure the queue must answer before anything is given to it again.
    if (this.#doubtful) await answered(queue.getJobCounts());
    const dispatched = await dispatchDue(database, { channel, window: await this.#window(), now: clock.now() });
    // Should the adding fail, the rows stand as queued without a job: the reconciler puts them back.
    this.#doubtful = dispatched.length > 0;
    await this.#add(dispatched);
    this.#doubtful = false;
    if (dispatched.length > 0) this.#rounds.wake();
  }

  async #window(): Promise<number> {
    if (performance.now() - this.#workers.askedAt > this.#options.timings.workersKnownMs) {
      this.#workers = {
        count: Math.max(1, await answered(this.#options.queue.getWorkersCount())),
        askedAt: performance.now(),
      };
    }
    return Math.min(largestWindow, 2 * this.#options.concurrency * this.#workers.count);
  }

  async #add(dispatched: Dispatched[]): Promise<void> {
    const ready = dispatched.filter((item) => item.missingDocuments.length === 0);
    const waiting = dispatched.filter((item) => item.missingDocuments.length > 0);
    if (ready.length > 0) await answered(this.#options.queue.addBulk(ready.map(sendJob)));
    if (waiting.length > 0) await answered(this.#options.flows.addBulk(waiting.map((item) => this.#flow(item))));
  }

  // The documents are rendered first, as children. One that fails lets its parent go on: preparing then says why not.
  #flow(item: Dispatched): JobFlow {
    return {
      ...sendJob(item),
      queueName: this.#options.channel,
      children: item.missingDocuments.map((dueDate, n) => ({
        name: 'render',
        queueName: documentsQueue,
        data: { deliveryId: item.delivery, dispatchNo: item.dispatchNo, dueDateId: dueDate },
        opts: {
          ...jobOptions,
          jobId: `${jobId(item.delivery, item.dispatchNo)}-${n}`,
          ignoreDependencyOnFailure: true,
        },
      })),
    };
  }
}

function sendJob(item: Dispatched) {
  return {
    name: 'send',
    data: { deliveryId: item.delivery, dispatchNo: item.dispatchNo },
    opts: { ...jobOptions, jobId: jobId(item.delivery, item.dispatchNo) },
  };
}
