/**
 * Work that is done again and again: when woken, and by a clock. Never twice at once; a wake during the work makes it
 * run once more; two runs keep `leastGapMs` apart, so that many wakes cost few runs.
 */
export class Repeating {
  readonly #work: () => Promise<void>;
  readonly #options: { everyMs: number; leastGapMs: number; onError: (error: unknown) => void };
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #wanted = false;
  #started = false;
  #lastEndedAt = 0;

  constructor(
    work: () => Promise<void>,
    options: { everyMs: number; leastGapMs?: number; onError: (error: unknown) => void },
  ) {
    this.#work = work;
    this.#options = { leastGapMs: 0, ...options };
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lastEndedAt = performance.now();
    this.#schedule(0);
  }

  /** Waits for a run under way. */
  async stop(): Promise<void> {
    this.#started = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** Do it soon. */
  wake(): void {
    if (!this.#started) return;
    this.#wanted = true;
    if (!this.#running) this.#schedule(this.#gapLeft());
  }

  /** Milliseconds since a run last ended, well or not: for liveness. */
  silentFor(): number {
    return performance.now() - this.#lastEndedAt;
  }

  #gapLeft(): number {
    return Math.max(0, this.#lastEndedAt + this.#options.leastGapMs - performance.now());
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    this.#wanted = false;
    try {
      await this.#work();
    } catch (error) {
      this.#options.onError(error);
    }
    this.#lastEndedAt = performance.now();
    this.#running = undefined;
    if (this.#started) this.#schedule(this.#wanted ? this.#gapLeft() : this.#options.everyMs);
  }
}
