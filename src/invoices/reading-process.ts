import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReadInvoices } from './read-invoices.ts';
import { unreadable } from './unreadable-invoice.ts';

/** What the process says: that it is there, what it read, or which bug ended the reading. */
export type ReadingMessage = 'ready' | { read: ReadInvoices } | { bug: Error };

/**
 * A process that reads one file at a time. Not a thread: at the end of its memory a thread may neither end nor let
 * itself be ended, and buffers do not count for it; a process is killed (docs/decisions/021-invoice-envelopes.md).
 */
export class ReadingProcess {
  readonly #child: ChildProcess;
  #ended: string | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.once('exit', (code, signal) => (this.#ended ??= signal ?? `code ${code}`));
    // Not once: an error that nobody listens for would end this process.
    child.on('error', (error) => (this.#ended ??= error.message));
  }

  static async start(heapMb: number): Promise<ReadingProcess> {
    const started = new ReadingProcess(
      fork(fileURLToPath(new URL('read-child.ts', import.meta.url)), {
        // Not the options of this process: a debugger's port is taken. Not its environment: that holds secrets.
        execArgv: [`--max-old-space-size=${heapMb}`],
        env: {},
        serialization: 'advanced',
        // At the end of its memory it writes pages.
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      }),
    );
    const first = await started.#next(startMs);
    if (first !== 'ready') throw new Error(`the process that reads invoices could not be started (${started.#ended})`);
    started.#letGo();
    return started;
  }

  isAlive(): boolean {
    return this.#ended === undefined && this.#child.connected;
  }

  /** A file that takes too long or too much ends the process, and with it this object's use. */
  async read(bytes: Uint8Array, timeoutMs: number): Promise<ReadInvoices> {
    this.#hold();
    const answer = this.#next(timeoutMs);
    // An error here comes out as the end of the process.
    if (this.isAlive()) this.#child.send(bytes, () => undefined);
    const message = await answer;
    switch (message) {
      case 'late':
        return unreadable('takes-too-long', `Reading the file takes more than ${timeoutMs / 1000} seconds`);
      case 'ended':
        if (!outOfMemory.has(this.#ended ?? '')) break;
        return unreadable('takes-too-much-memory', 'Reading the file takes more memory than any invoice needs');
      case 'ready':
        break;
      default:
        this.#letGo();
        if ('bug' in message) throw message.bug;
        return message.read;
    }
    throw new Error(`the process that reads invoices ended (${this.#ended})`);
  }

  kill(): void {
    this.#ended ??= 'SIGKILL';
    this.#child.kill('SIGKILL');
  }

  async #next(timeoutMs: number): Promise<ReadingMessage | 'late' | 'ended'> {
    if (!this.isAlive()) return 'ended';
    const { promise, resolve } = Promise.withResolvers<ReadingMessage | 'late' | 'ended'>();
    const ended = (): void => resolve('ended');
    const late = setTimeout(() => {
      resolve('late');
      this.kill();
    }, timeoutMs);
    this.#child.once('message', (message: unknown) => resolve(isReadingMessage(message) ? message : 'ended'));
    this.#child.once('exit', ended).once('error', ended);
    // Also when this process ends in the middle of a file.
    const killed = (): void => this.kill();
    process.once('exit', killed);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#child.removeAllListeners('message').off('exit', ended).off('error', ended);
      process.off('exit', killed);
    }
  }

  // While it reads it is waited for; with nothing to read it keeps nobody from ending.
  #hold(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  #letGo(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }
}

const startMs = 60_000;

// How V8 ends a process for want of memory, on one system or another, and how the system itself does.
const outOfMemory: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGTRAP',
  'SIGILL',
  'SIGKILL',
  'code 134',
  'code 3221225477',
]);

function isReadingMessage(message: unknown): message is ReadingMessage {
  if (message === 'ready') return true;
  return typeof message === 'object' && message !== null && ('read' in message || 'bug' in message);
}
