import { WaitingError } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { Timings } from '../timings.ts';
import { answered } from './answered.ts';
import type { HeldJob, HoldingProcessor, JobProcessor, JobQueue, JobWorker } from './queue-backend.ts';
import { Repeating } from './repeating.ts';

/** A worker whose queue is dead never closes: this long it may, when nothing is in work. */
const closeMs = 3_000;
/** To give a job back to the queue, in the last moment of a drain. */
const giveBackMs = 1_000;

export type WorkingOptions = {
  queue: JobQueue;
  concurrency: number;
  processor: JobProcessor;
  timings: Pick<Timings, 'lookEveryMs'>;
  /** Longer than this no job works that is not stuck itself. */
  longestJobMs: number;
  /** Makes the worker around a processor. */
  worker: (processor: HoldingProcessor) => JobWorker;
  onError: (error: unknown) => void;
};

/** A job in work: `givenBack` ends it for the queue, whatever becomes of the work. */
type InWork = { job: HeldJob; token: string | undefined; work: Promise<void>; givenBack: PromiseWithResolvers<never> };

/** One worker at work, and whether it still does something. */
export class Working {
  readonly #options: WorkingOptions;
  readonly #worker: JobWorker;
  readonly #looks: Repeating;
  readonly #inWork = new Set<InWork>();
  #running: Promise<void> = Promise.resolve();
  #stopping = false;
  #ended = false;
  #movedAt = performance.now();
  #jobsWaitSince: number | undefined;

  constructor(options: WorkingOptions) {
    this.#options = options;
    this.#worker = options.worker(async (job, token) => this.#process(job, token));
    // A queue that does not answer is not the worker's fault.
    const onError = (): void => void (this.#jobsWaitSince = undefined);
    this.#looks = new Repeating(async () => this.look(), { everyMs: options.timings.lookEveryMs, onError });
  }

  get name(): string {
    return this.#worker.name;
  }

  /** Call it once the queue's store has answered. */
  start(): void {
    this.#running = this.#run();
    this.#looks.start();
  }

  /**
   * Takes no more jobs and lets those in work end. At `cutOff` what is still in work goes back to the queue, so that
   * another process takes it at once; `limit` ends the waiting for what it still does here.
   */
  async stop(cutOff: Promise<void>, limit: Promise<void>): Promise<void> {
    this.#stopping = true;
    const closed = Promise.allSettled([this.#worker.close(), this.#running]);
    void cutOff.then(() => this.#inWork.forEach((item) => void this.#giveBack(item)));
    await Promise.race([this.#looks.stop(), limit]);
    const over = new AbortController();
    const idle = pause(closeMs, undefined, { signal: over.signal }).then(
      async () => this.#idle(),
      () => undefined,
    );
    await Promise.race([Promise.all([closed, this.#idle()]), idle, limit]);
    over.abort();
  }

  /** BullMQ's loop has ended: no job will ever be taken. */
  get ended(): boolean {
    return this.#ended && !this.#stopping;
  }

  /**
   * For how many milliseconds jobs have waited while none was taken or done here. One that has its hands full may work
   * for as long as a job can take.
   */
  idleFor(): number {
    if (this.#jobsWaitSince === undefined) return 0;
    const idle = performance.now() - Math.max(this.#jobsWaitSince, this.#movedAt);
    return this.#inWork.size < this.#options.concurrency ? idle : idle - this.#options.longestJobMs;
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

  async #process(job: HeldJob, token: string | undefined): Promise<void> {
    this.#movedAt = performance.now();
    // It was on its way when the stop came (BullMQ works on what it has fetched).
    if (this.#stopping) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const work = this.#options.processor(job).finally(() => {
      this.#inWork.delete(item);
      this.#movedAt = performance.now();
    });
    const item = { job, token, work, givenBack: Promise.withResolvers<never>() };
    this.#inWork.add(item);
    await Promise.race([work, item.givenBack.promise]);
  }

  // Should it be done here all the same, the other one finds at the claim that it is.
  async #giveBack({ job, token, givenBack }: InWork): Promise<void> {
    try {
      await answered(job.moveToWait(token), giveBackMs);
      givenBack.reject(new WaitingError());
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #idle(): Promise<void> {
    await Promise.allSettled([...this.#inWork].map(async ({ work }) => work));
  }

  /** Looks whether jobs wait that may be taken: those of a queue that somebody has paused may not. */
  async look(): Promise<void> {
    const { queue } = this.#options;
    const { waiting = 0, prioritized = 0 } = await answered(queue.getJobCounts());
    const wait = waiting + prioritized > 0 && !(await answered(queue.isPaused()));
    this.#jobsWaitSince = wait ? (this.#jobsWaitSince ?? performance.now()) : undefined;
  }
}
