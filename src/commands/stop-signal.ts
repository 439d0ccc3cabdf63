/**
 * Aborted by the first SIGTERM or SIGINT (Ctrl-C); a second one ends the process at once. Ask for it before anything is
 * started, so that nothing is left behind by a signal that comes during the start.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const heard = (): void => {
    process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
    controller.abort();
  };
  process.once('SIGINT', heard).once('SIGTERM', heard);
  return controller.signal;
}

/** Waits for it. */
export async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
