import type { Socket } from 'node:net';

/** Takes what has come; returns what it did not use up, or undefined when it needs more. */
type Reader = (pending: Buffer) => Promise<Buffer | undefined>;

/** The server's end of a connection: one reader at a time, in order, whatever is being waited for. */
export class SmtpWire {
  readonly #socket: Socket;
  readonly #read: Reader;
  readonly #gone = new AbortController();
  #pending: Buffer = Buffer.alloc(0);
  #busy = true;
  #deaf = false;

  constructor(socket: Socket, read: Reader) {
    this.#socket = socket;
    this.#read = read;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // An end is the client's wish to hear no more: what is still being thought about is not answered.
    socket.once('end', () => this.#gone.abort());
    socket.once('close', () => this.#gone.abort());
  }

  /** Aborts when the connection is over, by whichever side. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** From here on what comes is read. */
  async listen(): Promise<void> {
    this.#busy = false;
    await this.#workOff();
  }

  write(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** Ends the connection once all has left that was written. */
  drop(): void {
    this.#deaf = true;
    this.#socket.destroySoon();
  }

  /** Never reads nor answers again; the client will have to end it. */
  fallSilent(): void {
    this.#deaf = true;
  }

  #receive(chunk: Buffer): void {
    if (this.#deaf) return;
    this.#pending = Buffer.concat([this.#pending, chunk]);
    // A client that goes on talking while it is kept waiting, or never ends its line.
    if (this.#pending.length > 1024 * 1024) this.#socket.destroy();
    else this.#workOff().catch(() => this.#socket.destroy());
  }

  async #workOff(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#pending.length > 0 && !this.#deaf && !this.gone.aborted) {
      const before = this.#pending;
      const rest = await this.#read(before);
      if (rest === undefined) break;
      // More may have come meanwhile.
      this.#pending = Buffer.concat([rest, this.#pending.subarray(before.length)]);
    }
    this.#busy = false;
  }
}
