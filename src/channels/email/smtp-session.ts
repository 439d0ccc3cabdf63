import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SendOutcome } from '../../domain/send-outcome.ts';
import { drained, pastDeadline, smtpOutcome, type SmtpFailure, type SmtpStage } from './smtp-outcome.ts';
import type { SmtpServer } from './smtp-server.ts';

export type HandOver = {
  /** The return path and the one recipient: of two, one could be taken and the other not. */
  readonly envelope: { readonly from: string; readonly to: string };
  readonly message: Buffer;
  /** Epoch milliseconds: the hard end, after which the socket is destroyed. */
  readonly deadline: number;
  readonly now: () => number;
};

/**
 * One connection to the server, greeted and signed in. nodemailer speaks SMTP; what it does not tell, and what counts
 * here, is whether the body had begun to leave when something failed. The body is therefore given as a stream: nodemailer
 * reads it only after the server's 354, so its first read is the moment of no return.
 */
export class SmtpSession {
  /** Messages taken over this connection. */
  sent = 0;
  /** A transaction was broken off: needs `reset` before the next. */
  dirty = false;
  readonly #connection: SMTPConnection;

  /** Connects and signs in within `timeoutMs`, or rejects with an {@link SmtpFailure} (an Error). */
  static async open(server: SmtpServer, timeoutMs: number, signal: AbortSignal): Promise<SmtpSession> {
    const connection = new SMTPConnection(connectionOptions(server, timeoutMs));
    // nodemailer closes by itself, and the state is read from `alive`; without a listener an idle connection's end would
    // be an uncaught error.
    connection.on('error', () => undefined);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      await untilDone(connection, limit, (done) => connection.connect(done));
      const { auth } = server;
      if (auth && connection.allowsAuth) await untilDone(connection, limit, (done) => connection.login(auth, done));
    } catch (error) {
      connection.close();
      throw error;
    }
    return new SmtpSession(connection);
  }

  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
  }

  get alive(): boolean {
    return !this.#connection.destroyed;
  }

  /** Proves that the connection still answers and clears what a broken transaction left (RSET). */
  async reset(timeoutMs: number): Promise<boolean> {
    try {
      await untilDone(this.#connection, AbortSignal.timeout(timeoutMs), (done) => this.#connection.reset(done));
      this.dirty = false;
    } catch {
      this.#connection.close();
    }
    return this.alive;
  }

  /** Hands one message over; `cutOff` ends it where it stands. Never rejects; whatever happens is an outcome. */
  async send(handOver: HandOver, cutOff: AbortSignal): Promise<SendOutcome> {
    const remaining = handOver.deadline - handOver.now();
    if (cutOff.aborted) return drained(false);
    if (remaining <= 0) return pastDeadline;
    const outcome = await this.#transaction(handOver, remaining, cutOff);
    if (outcome.kind === 'accepted') this.sent += 1;
    return outcome;
  }

  /** Says QUIT (nothing may be under way) and ends, with the server's answer or after a second without. */
  quit(): void {
    if (!this.alive) return;
    this.#connection.quit();
    setTimeout(() => this.#connection.close(), 1_000).unref();
  }

  destroy(): void {
    this.#connection.close();
  }

  async #transaction(
    { envelope, message, deadline, now }: HandOver,
    remaining: number,
    cutOff: AbortSignal,
  ): Promise<SendOutcome> {
    const connection = this.#connection;
    return await new Promise<SendOutcome>((resolve) => {
      let bodyBegan = false;
      const stage = (): SmtpStage => (bodyBegan ? 'body' : 'envelope');
      const finish = (outcome: SendOutcome, reusable: boolean): void => {
        clearTimeout(timer);
        cutOff.removeEventListener('abort', cut);
        if (!reusable) connection.close();
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        const silent = { message: 'no answer within the time limit', code: 'ETIMEDOUT' };
        finish(bodyBegan ? smtpOutcome(silent, 'body') : pastDeadline, false);
      }, remaining);
      const cut = (): void => finish(drained(bodyBegan), false);
      cutOff.addEventListener('abort', cut, { once: true });
      const body = new Readable({
        read() {
          if (!bodyBegan && now() >= deadline) {
            finish(pastDeadline, false);
            return;
          }
          bodyBegan = true;
          this.push(message);
          this.push(null);
        },
      });
      try {
        connection.send({ ...envelope, size: message.length }, body, (failure, info) => {
          if (failure) finish(smtpOutcome(failure, stage()), this.#survives(failure, bodyBegan));
          else finish(accepted(info?.response ?? '', info?.serverMessageId), true);
        });
      } catch (error) {
        finish(smtpOutcome({ message: String(error) }, stage()), false);
      }
    });
  }

  // A refused envelope leaves the connection as good as before, once it is reset. Anything else does not.
  #survives(failure: SmtpFailure, bodyBegan: boolean): boolean {
    this.dirty = true;
    return !bodyBegan && failure.code === 'EENVELOPE' && failure.responseCode !== undefined && this.alive;
  }
}

function connectionOptions(server: SmtpServer, timeoutMs: number): ConstructorParameters<typeof SMTPConnection>[0] {
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    ignoreTLS: server.ignoreTls,
    tls: { rejectUnauthorized: server.verifyCertificate },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // Silence inside a hand-over is the hand-over's own hard limit to end; this one is for all the rest.
    socketTimeout: 120_000,
    // `close` must mean that nothing leaves any more, so it destroys the socket.
    socketCloseTimeout: 0,
  };
}

/** One call with nodemailer's callback, ended by its answer, the connection's end or the limit. */
async function untilDone(
  connection: SMTPConnection,
  limit: AbortSignal,
  start: (done: (error?: SmtpFailure | null) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)));
  const ended = (): void => fail(new Error('the server closed the connection'));
  const expired = (): void => fail(Object.assign(new Error('no answer within the time limit'), { code: 'ETIMEDOUT' }));
  connection.on('error', fail);
  connection.on('end', ended);
  limit.addEventListener('abort', expired, { once: true });
  try {
    if (limit.aborted) expired();
    else start((error) => (error ? fail(error) : resolve()));
    await promise;
  } finally {
    connection.off('error', fail);
    connection.off('end', ended);
    limit.removeEventListener('abort', expired);
  }
}

function accepted(response: string, serverMessageId: string | undefined): SendOutcome {
  // Postfix, Exim and others name their queue id in the last reply; a provider's log is found by it.
  const queueId = /\bqueued as ([\w.-]+)|\bid=([\w.-]+)/i.exec(response);
  return { kind: 'accepted', providerMessageId: serverMessageId ?? queueId?.[1] ?? queueId?.[2] ?? null, response };
}
