import { setTimeout as pause } from 'node:timers/promises';
import { answered } from './answered.ts';
import type { JobProcessor, JobQueue, JobWorker } from './queue-backend.ts';
import { Repeating } from './repeating.ts';

const lookEveryMs = 5_000;
/** A worker whose queue is dead never closes: this long it may, when nothing is in work. */
const closeMs = 3_000;

export type WorkingOptions = {
  queue: JobQueue;
  concurrency: number;
  processor: JobProcessor;
  /** Makes the worker around a processor. */
  worker: (processor: JobProcessor) => JobWorker;
  onError: (error: unknown) => void;
};

/** One worker at work, and whether it still does something. */
export class Working {
  readonly #options: WorkingOptions;
  readonly #worker: JobWorker;
  readonly #looks: Repeating;
  readonly #inWork = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  #ended = false;
  #movedAt = performance.now();
  #jobsWaitSince: number | undefined;

  constructor(options: WorkingOptions) {
    this.#options = options;
    this.#worker = options.worker(async (job) => this.#process(job));
    // A queue that does not answer is not the worker's fault.
    const onError = (): void => void (this.#jobsWaitSince = undefined);
    this.#looks = new Repeating(async () => this.#look(), { everyMs: lookEveryMs, onError });
  }

  get name(): string {
    return this.#worker.name;
  }

  /** Call it once the queue's store has answered. */
  start(): void {
    this.#running = this.#run();
    this.#looks.start();
  }

  /** Lets the jobs in work end, until `limit`. */
  async stop(limit: Promise<void>): Promise<void> {
    await Promise.race([this.#looks.stop(), limit]);
    const closed = Promise.allSettled([this.#worker.close(), this.#running]);
    const over = new AbortController();
    const idle = pause(closeMs, undefined, { signal: over.signal }).then(
      async () => Promise.allSettled(this.#inWork),
      () => undefined,
    );
    await Promise.race([closed, idle, limit]);
    over.abort();
  }

  /** Its loop ended, or takes nothing although jobs have waited for so long. One that has its hands full is not stuck. */
  isStuck(afterMs: number): boolean {
    if (this.#ended) return true;
    if (this.#jobsWaitSince === undefined || this.#inWork.size >= this.#options.concurrency) return false;
    return performance.now() - Math.max(this.#jobsWaitSince, this.#movedAt) > afterMs;
  }

  async #run(): Promise<void> {
    try {
      await this.#worker.run();
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#ended = true;
    }
  }

  async #process(job: Parameters<JobProcessor>[0]): Promise<void> {
    this.#movedAt = performance.now();
    const work = this.#options.processor(job);
    this.#inWork.add(work);
    try {
      await work;
    } finally {
      this.#inWork.delete(work);
      this.#movedAt = performance.now();
    }
  }

  async #look(): Promise<void> {
    const { waiting = 0, prioritized = 0 } = await answered(this.#options.queue.getJobCounts());
    this.#jobsWaitSince = waiting + prioritized > 0 ? (this.#jobsWaitSince ?? performance.now()) : undefined;
  }
}
