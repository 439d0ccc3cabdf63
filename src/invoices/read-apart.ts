import { fileKind } from './envelope/file-kind.ts';
import { readInvoices, type ReadInvoices } from './read-invoices.ts';
import { ReadingProcesses } from './reading-processes.ts';
import { maxFileBytes } from './unreadable-invoice.ts';

/**
 * Reads as `readInvoices` does, and never holds up those who are served here meanwhile: small XML is read in place, all
 * else in a process of its own, two at once at most, the others wait for their turn.
 *
 * Two error codes more: `takes-too-long` (10 s) and `takes-too-much-memory`. Throws TooManyReadings when more than 100 MiB
 * wait: each is kept in memory until its turn.
 */
export async function readInvoicesApart(bytes: Uint8Array): Promise<ReadInvoices> {
  return isQuick(bytes) ? readInvoices(bytes) : processes.read(bytes);
}

/** Some ten milliseconds, whatever is in it. */
const quickBytes = 256 * 1024;

// What is refused by its size or its first bytes is refused at once.
function isQuick(bytes: Uint8Array): boolean {
  if (bytes.length > maxFileBytes) return true;
  const kind = fileKind(bytes);
  if (typeof kind !== 'string') return true;
  return kind === 'json' || (kind === 'xml' && bytes.length <= quickBytes);
}

// Starts nothing before the first file that needs it.
const processes = new ReadingProcesses({
  atOnce: 2,
  timeoutMs: 10_000,
  heapMb: 512,
  waitingBytes: 100 * 1024 * 1024,
  idleMs: 30_000,
});
