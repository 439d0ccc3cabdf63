import type { Timings } from '../timings.ts';

/** Writes something down that must not be lost: tried again until it succeeds, or the process must end. */
export async function insist(
  options: { timings: Timings; stopping: AbortSignal; onError: (error: unknown) => void },
  write: () => Promise<void>,
): Promise<void> {
  const { timings, stopping, onError } = options;
  for (let failure = 0; ; failure++) {
    try {
      await write();
      return;
    } catch (error) {
      onError(error);
      if (stopping.aborted) throw error;
      await pause(Math.min(timings.settleRetryMs, 100 * 2 ** failure), stopping);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
