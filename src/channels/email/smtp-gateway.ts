import type { SendOutcome } from '../../domain/send-outcome.ts';
import { Turns } from '../turns.ts';
import { drained, pastDeadline, smtpOutcome } from './smtp-outcome.ts';
import type { SmtpServer } from './smtp-server.ts';
import { SmtpSession, type HandOver } from './smtp-session.ts';

export type SmtpGatewayOptions = {
  readonly server: SmtpServer;
  /** The most connections at once, and so the most hand-overs. */
  readonly connections: number;
  /** From DNS to the end of signing in. Default 10 s. */
  readonly connectTimeoutMs?: number;
};

export type SmtpReservation =
  | { readonly kind: 'ready'; readonly slot: SmtpSlot }
  | { readonly kind: 'failed'; readonly outcome: Extract<SendOutcome, { kind: 'tryAgain' }> };

/** A connection that is one's own until `release`. */
export type SmtpSlot = {
  /** Hands one message over; never rejects. */
  send(handOver: HandOver): Promise<SendOutcome>;
  /** Gives the connection back; safe twice. */
  release(): void;
};

// A connection used so lately is taken as it is; one that rested longer must answer first; after `restMs` it ends.
const freshMs = 2_000;
const restMs = 15_000;
const probeTimeoutMs = 3_000;
// Some servers end a session after a hundred messages, in the middle of the next one.
const messagesPerConnection = 100;
const stopTimeoutMs = 5_000;

/**
 * The way to one SMTP server, over a small pool of its own: nodemailer's pool queues inside `sendMail`, where neither a
 * dead server is seen before a claim nor the point of no return within one.
 */
export class SmtpGateway {
  readonly #options: SmtpGatewayOptions;
  readonly #turns: Turns;
  #idle: { session: SmtpSession; since: number; rest: NodeJS.Timeout }[] = [];
  readonly #busy = new Map<SmtpSession, PromiseWithResolvers<void>>();
  #running = false;
  #cutOff = new AbortController();

  constructor(options: SmtpGatewayOptions) {
    this.#options = options;
    this.#turns = new Turns(options.connections);
  }

  /** Opens nothing yet: a server that is down only makes reservations fail. */
  async start(): Promise<void> {
    this.#running = true;
    this.#cutOff = new AbortController();
    this.#turns.open();
  }

  /** Refuses new reservations, lets hand-overs end (5 s at most), then closes every connection. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#turns.close();
    for (const { session, rest } of this.#idle.splice(0)) {
      clearTimeout(rest);
      session.destroy();
    }
    const ends = [...this.#busy.values()].map((end) => end.promise);
    await Promise.race([Promise.all(ends), expiry(stopTimeoutMs)]);
    for (const session of this.#busy.keys()) session.destroy();
  }

  /** Ends every hand-over where it stands: its outcome says whether the message may have been taken. */
  cutOff(): void {
    this.#cutOff.abort();
  }

  /** Waits for a free connection, connecting where none rests, so that a dead server is found before any claim. */
  async reserve(signal: AbortSignal): Promise<SmtpReservation> {
    if (!this.#running || !(await this.#turns.take(signal))) return failed(new Error('stopped while waiting'));
    try {
      const session = (await this.#rested()) ?? (await this.#open(signal));
      return { kind: 'ready', slot: this.#slot(session) };
    } catch (error) {
      this.#turns.give();
      return failed(error);
    }
  }

  /** Connects and signs in on a connection of its own. `detail` names the server, never the credentials. */
  async check(): Promise<{ ok: boolean; detail: string }> {
    const { server } = this.#options;
    try {
      const session = await SmtpSession.open(
        server,
        this.#connectTimeoutMs,
        AbortSignal.timeout(this.#connectTimeoutMs),
      );
      session.quit();
      return { ok: true, detail: `${server.name} answers` };
    } catch (error) {
      const { outcome } = failed(error);
      return {
        ok: false,
        detail: `${server.name}: ${outcome.reason}${outcome.code === null ? '' : ` (${outcome.code})`}`,
      };
    }
  }

  get #connectTimeoutMs(): number {
    return this.#options.connectTimeoutMs ?? 10_000;
  }

  async #rested(): Promise<SmtpSession | undefined> {
    for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop()) {
      const { session, since } = entry;
      clearTimeout(entry.rest);
      const fresh = !session.dirty && performance.now() - since < freshMs;
      if (session.alive && (fresh || (await session.reset(probeTimeoutMs)))) return session;
    }
    return undefined;
  }

  async #open(signal: AbortSignal): Promise<SmtpSession> {
    return await SmtpSession.open(this.#options.server, this.#connectTimeoutMs, signal);
  }

  #slot(first: SmtpSession): SmtpSlot {
    const end = Promise.withResolvers<void>();
    let session = first;
    let released = false;
    this.#busy.set(session, end);
    return {
      send: async (handOver) => {
        const rested = session.sent > 0;
        const outcome = await session.send(handOver, this.#cutOff.signal);
        if (!rested || !this.#running || !cutOff(outcome)) return outcome;
        // The server ended a connection that had rested, just as it was taken up again. Nothing of the message had
        // left, so a new connection may carry it within the same hand-over.
        const fresh = await this.#openFor(handOver);
        if (!(fresh instanceof SmtpSession)) return fresh;
        this.#busy.delete(session);
        session = fresh;
        this.#busy.set(session, end);
        return await session.send(handOver, this.#cutOff.signal);
      },
      release: () => {
        if (released) return;
        released = true;
        this.#busy.delete(session);
        this.#rest(session);
        this.#turns.give();
        end.resolve();
      },
    };
  }

  async #openFor({ deadline, now }: HandOver): Promise<SmtpSession | SendOutcome> {
    const remaining = deadline - now();
    if (remaining <= 0) return pastDeadline;
    try {
      const limit = AbortSignal.timeout(Math.min(remaining, this.#connectTimeoutMs));
      return await this.#open(AbortSignal.any([limit, this.#cutOff.signal]));
    } catch (error) {
      return this.#cutOff.signal.aborted ? drained(false) : failed(error).outcome;
    }
  }

  #rest(session: SmtpSession): void {
    if (!session.alive) return;
    if (!this.#running || session.sent >= messagesPerConnection) {
      session.quit();
      return;
    }
    const rest = setTimeout(() => {
      this.#idle = this.#idle.filter((entry) => entry.session !== session);
      session.quit();
    }, restMs);
    rest.unref();
    this.#idle.push({ session, since: performance.now(), rest });
  }
}

function cutOff(outcome: SendOutcome): boolean {
  return outcome.kind === 'tryAgain' && outcome.reason === 'connection-failed';
}

async function expiry(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function failed(error: unknown): Extract<SmtpReservation, { kind: 'failed' }> {
  const outcome = smtpOutcome(error instanceof Error ? error : { message: String(error) }, 'connecting');
  if (outcome.kind === 'tryAgain') return { kind: 'failed', outcome };
  // Nothing was handed over yet, so nothing can have been refused for good.
  const response = 'response' in outcome ? outcome.response : '';
  return {
    kind: 'failed',
    outcome: {
      kind: 'tryAgain',
      reason: 'connection-failed',
      code: null,
      response,
      retryAfterMs: null,
      speaksOf: 'provider',
    },
  };
}
