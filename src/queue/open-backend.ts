import { setTimeout as pause } from 'node:timers/promises';
import type { Timings } from '../timings.ts';
import { QueueBackend } from './queue-backend.ts';
import { requireQueue } from './queue-check.ts';

const longestPauseMs = 2_000;

export type OpenOptions<Made> = {
  url: string;
  timings: Timings;
  /** Makes all of BullMQ's objects that this process wants. Called anew for each attempt. */
  make: (backend: QueueBackend) => Made;
  /** Ends the attempts. */
  signal: AbortSignal;
  /** An attempt failed, and another one comes. */
  onFailure: (error: unknown) => void;
  /** A connection failed later on, and comes back by itself. */
  onError: (error: Error) => void;
};

/**
 * BullMQ's objects, once their store can be used: it may come up later than this process, or be migrated later. BullMQ
 * keeps a failed first connection for ever (and a worker on one turns in a circle that lets nothing else run), so
 * nothing is made before the store has answered, and everything is made anew when the making failed.
 * @returns undefined when the signal came first.
 */
export async function openBackend<Made>(
  options: OpenOptions<Made>,
): Promise<{ backend: QueueBackend; made: Made } | undefined> {
  const { url, timings, make, signal, onFailure, onError } = options;
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    let backend: QueueBackend | undefined;
    try {
      await requireQueue(url);
      // What fails before it is open is told once, by the attempt.
      let open = false;
      backend = new QueueBackend(url, (error) => open && onError(error), timings);
      const made = make(backend);
      await backend.ready();
      open = true;
      if (!signal.aborted) return { backend, made };
    } catch (error) {
      onFailure(error);
    }
    await backend?.stop();
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
