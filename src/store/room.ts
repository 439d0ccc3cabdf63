import { isFull } from './outage.ts';

/**
 * Whether PostgreSQL has room to write, as far as this process knows: nothing tells it before a statement fails. Who
 * waits for room tries again every few seconds, so a failure counts until it has not been repeated for `doubtMs`.
 */
export class Room {
  readonly #doubtMs: number;
  #failedAt = -Infinity;

  constructor(doubtMs: number) {
    this.#doubtMs = doubtMs;
  }

  heard(error: unknown): void {
    if (isFull(error)) this.#failedAt = performance.now();
  }

  check(): { ok: boolean; detail: string } {
    return performance.now() - this.#failedAt > this.#doubtMs
      ? { ok: true, detail: 'PostgreSQL writes' }
      : { ok: false, detail: 'PostgreSQL has no room to write: its disk or memory is full' };
  }
}
