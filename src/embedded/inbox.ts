import { randomBytes } from 'node:crypto';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { listenOnLoopback } from './loopback-port.ts';

/** A message as it arrived; `raw` is the MIME source. */
export interface InboxMessage {
  readonly id: string;
  readonly receivedAt: Date;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly raw: Buffer;
}

/** What the server says of itself in its greeting. */
export const inboxBanner = 'Sollecito sandbox inbox';

const limits = { messages: 5_000, bytes: 256 * 1024 * 1024, bytesOfOne: 25 * 1024 * 1024 };

/** An SMTP server on loopback that takes everything and delivers nothing; the newest messages stay in memory. */
export class Inbox {
  readonly #server: SMTPServer;
  readonly #messages: InboxMessage[] = [];
  #bytes = 0;
  #taken = 0;
  #started: Promise<number> | undefined;
  #stopped: Promise<void> | undefined;

  constructor() {
    this.#server = new SMTPServer({
      name: 'sandbox.localhost',
      banner: inboxBanner,
      size: limits.bytesOfOne,
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1_000,
      onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
      onData: (stream, session, done) => this.#take(stream, session, done),
    });
    // A client that goes away in the middle is the client's affair.
    this.#server.on('error', () => {});
  }

  /** @returns the port, `wantedPort` if that is free. */
  start(wantedPort?: number): Promise<number> {
    this.#started ??= listenOnLoopback(this.#server.server, wantedPort);
    return this.#started;
  }

  async stop(): Promise<void> {
    if (!this.#started) return;
    await this.#started;
    this.#stopped ??= new Promise((resolve) => this.#server.close(resolve));
    await this.#stopped;
  }

  /** Newest first. */
  list(): InboxMessage[] {
    return this.#messages.toReversed();
  }

  find(id: string): InboxMessage | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  /** How many were taken since the start, those that had to make room included. */
  get taken(): number {
    return this.#taken;
  }

  #take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error | null, reply?: string) => void,
  ): void {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      if (!stream.sizeExceeded) chunks.push(chunk);
    });
    stream.once('end', () => {
      if (stream.sizeExceeded) {
        done(Object.assign(new Error('5.3.4 message too big'), { responseCode: 552 }));
        return;
      }
      const { mailFrom, rcptTo } = session.envelope;
      const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) };
      const id = randomBytes(9).toString('base64url');
      this.#keep({ id, receivedAt: new Date(), envelope, raw: Buffer.concat(chunks) });
      done(null, `2.0.0 taken as ${id}`);
    });
  }

  #keep(message: InboxMessage): void {
    this.#messages.push(message);
    this.#bytes += message.raw.length;
    this.#taken += 1;
    while (this.#messages.length > limits.messages || this.#bytes > limits.bytes) {
      this.#bytes -= this.#messages.shift()?.raw.length ?? 0;
    }
  }
}
