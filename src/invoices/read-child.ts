import { readInvoices } from './read-invoices.ts';
import type { ReadingMessage } from './reading-process.ts';

// The other end of ReadingProcess.
process.on('message', (bytes) => {
  if (bytes instanceof Uint8Array) say(outcomeOf(bytes));
});
process.once('disconnect', () => process.exit());
// A terminal or a supervisor may tell all processes to end: this one still has an answer to give, and ends with the other.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
say('ready');

function outcomeOf(bytes: Uint8Array): ReadingMessage {
  try {
    return { read: readInvoices(bytes) };
  } catch (error) {
    return { bug: error instanceof Error ? error : new Error(String(error)) };
  }
}

function say(message: ReadingMessage): void {
  process.send?.(message);
}
