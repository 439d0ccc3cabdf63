/** A fixed number of turns, given in the order of asking: how a gateway keeps to its connections. */
export class Turns {
  #free: number;
  #closed = false;
  readonly #waiting = new Set<(got: boolean) => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves to true when it is one's turn (give it back), to false when the signal aborts or the turns close first. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (this.#closed || signal.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return await new Promise<boolean>((resolve) => {
      const settle = (got: boolean): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', giveUp);
        resolve(got);
      };
      const giveUp = (): void => settle(false);
      this.#waiting.add(settle);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  give(): void {
    const [next] = this.#waiting;
    if (next) next(true);
    else this.#free += 1;
  }

  /** Sends all who wait away, and all who come later. */
  close(): void {
    this.#closed = true;
    for (const settle of this.#waiting) settle(false);
  }

  open(): void {
    this.#closed = false;
  }
}
