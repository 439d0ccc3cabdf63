import type { ReadInvoices } from './read-invoices.ts';
import { ReadingProcess } from './reading-process.ts';

type Limits = {
  /** How many read at the same time; the others wait. */
  atOnce: number;
  /** For one file, waiting not counted. */
  timeoutMs: number;
  heapMb: number;
  /** How much may wait, all files together. */
  waitingBytes: number;
  /** How long a process with nothing to read is kept for the next file. */
  idleMs: number;
};

/** More wait to be read than there is room for. */
export class TooManyReadings extends Error {}

/** Reads invoice files in processes of its own, each used again until a file was too much for it. */
export class ReadingProcesses {
  readonly #limits: Limits;
  readonly #idle: ReadingProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #reading = 0;
  #waitingBytes = 0;
  #ending: NodeJS.Timeout | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** As `readInvoices`; throws what it throws, and TooManyReadings. */
  async read(bytes: Uint8Array): Promise<ReadInvoices> {
    await this.#turn(bytes.length);
    clearTimeout(this.#ending);
    try {
      const process = this.#free() ?? (await ReadingProcess.start(this.#limits.heapMb));
      // Also after a bug: one that is kept nowhere would never be ended.
      return await process.read(bytes, this.#limits.timeoutMs).finally(() => {
        if (process.isAlive()) this.#idle.push(process);
      });
    } finally {
      this.#next();
      this.#ending = setTimeout(() => this.end(), this.#limits.idleMs).unref();
    }
  }

  /** Ends those that have nothing to read. They end with this process in any case, and never keep it alive. */
  end(): void {
    for (const process of this.#idle.splice(0)) process.kill();
  }

  // One with nothing to read may have been ended meanwhile, by a person or a system that is short of memory.
  #free(): ReadingProcess | undefined {
    for (let process = this.#idle.pop(); process; process = this.#idle.pop()) {
      if (process.isAlive()) return process;
    }
    return undefined;
  }

  async #turn(size: number): Promise<void> {
    if (this.#reading < this.#limits.atOnce) {
      this.#reading += 1;
      return;
    }
    if (this.#waitingBytes + size > this.#limits.waitingBytes) throw new TooManyReadings();
    this.#waitingBytes += size;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#waitingBytes -= size;
  }

  // Whoever waits takes over the turn, so that nobody comes in between.
  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#reading -= 1;
  }
}
