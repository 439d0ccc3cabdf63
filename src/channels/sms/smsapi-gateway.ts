import type { Socket } from 'node:net';
import type { SendOutcome } from '../../domain/send-outcome.ts';
import { Turns } from '../turns.ts';
import { openConnection } from './exchange.ts';
import { readSmsapiAnswer, SettledAnswer, settledBy } from './smsapi-answer.ts';
import { smsapiOver } from './smsapi-client.ts';

export type SmsapiGatewayOptions = {
  readonly token: string;
  /** Without it, the package's own address. */
  readonly url: URL | null;
  /** The most hand-overs at once. */
  readonly connections: number;
  /** DNS, TCP and TLS together. Default 10 s. */
  readonly connectTimeoutMs?: number;
};

export type SmsHandOver = {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** A sender name that the account has registered; null for the account's own. */
  readonly from: string | null;
  /** Names this message to the provider: the same one again is dropped there and answered as `repeated`. */
  readonly idx: string;
  /** Epoch milliseconds: the hard end, after which the socket is destroyed. */
  readonly deadline: number;
  readonly now: () => number;
};

export type SmsReservation =
  | { readonly kind: 'ready'; readonly slot: SmsSlot }
  | { readonly kind: 'failed'; readonly outcome: Extract<SendOutcome, { kind: 'tryAgain' }> };

/** A connection for one message, one's own until `release`. */
export type SmsSlot = {
  /** Hands one message over; never rejects. */
  send(handOver: SmsHandOver): Promise<SendOutcome>;
  /** Ends the connection and frees the place; safe twice. */
  release(): void;
};

const defaultUrl = new URL('https://smsapi.io/api');
const stopTimeoutMs = 5_000;
const tooLate: SendOutcome = {
  kind: 'tryAgain',
  reason: 'deadline',
  code: null,
  response: 'the time for this hand-over was up before the request began to leave',
  retryAfterMs: null,
};
const silent: SendOutcome = { kind: 'unknown', reason: 'no-answer', response: 'no answer within the time limit' };
// Our own process stops: it ends what is under way, and what is not known stays so.
const drainedBefore: SendOutcome = {
  kind: 'tryAgain',
  reason: 'drained',
  code: null,
  response: 'the service stopped before the request began to leave',
  retryAfterMs: null,
};
const drainedAfter: SendOutcome = {
  kind: 'unknown',
  reason: 'drained',
  response: 'the service stopped before the answer came',
};

/**
 * The way to SMSAPI. Each message has a connection of its own, opened before the claim: a kept-alive one may be closed
 * by the provider just as the request leaves, and then nobody knows whether it was read.
 */
export class SmsapiGateway {
  readonly #options: SmsapiGatewayOptions;
  readonly #url: URL;
  readonly #turns: Turns;
  readonly #busy = new Map<Socket, PromiseWithResolvers<void>>();
  #running = false;
  #cutOff = new AbortController();

  constructor(options: SmsapiGatewayOptions) {
    this.#options = options;
    this.#url = options.url ?? defaultUrl;
    this.#turns = new Turns(options.connections);
  }

  /** Opens nothing yet: a provider that is down only makes reservations fail. */
  async start(): Promise<void> {
    this.#running = true;
    this.#cutOff = new AbortController();
    this.#turns.open();
  }

  /** Refuses new reservations, lets hand-overs end (5 s at most), then closes every connection. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#turns.close();
    const ends = Promise.all([...this.#busy.values()].map((end) => end.promise));
    const expiry = new Promise<void>((resolve) => {
      setTimeout(resolve, stopTimeoutMs).unref();
    });
    await Promise.race([ends, expiry]);
    for (const socket of this.#busy.keys()) socket.destroy();
  }

  /** Ends every hand-over where it stands: its outcome says whether the message may have been taken. */
  cutOff(): void {
    this.#cutOff.abort();
  }

  /** Waits for a free place and connects, so that a dead provider is found before any claim. */
  async reserve(signal: AbortSignal): Promise<SmsReservation> {
    if (!this.#running || !(await this.#turns.take(signal))) return failed(new Error('stopped while waiting'));
    try {
      return { kind: 'ready', slot: this.#slot(await openConnection(this.#url, this.#connectTimeoutMs, signal)) };
    } catch (error) {
      this.#turns.give();
      return failed(error);
    }
  }

  /** Asks for the account's profile. `detail` names the provider's host, never the token or the account. */
  async check(): Promise<{ ok: boolean; detail: string }> {
    const limit = AbortSignal.timeout(this.#connectTimeoutMs);
    let socket: Socket | undefined;
    try {
      const open = await openConnection(this.#url, this.#connectTimeoutMs, limit);
      socket = open;
      limit.addEventListener('abort', () => open.destroy(), { once: true });
      let status = 0;
      const read = (answer: { status: number }): unknown => {
        status = answer.status;
        return {};
      };
      await smsapiOver({ ...this.#connection(open), onSending: () => undefined, read }).profile.get();
      const ok = status < 400 || status === 404;
      return { ok, detail: `${this.#url.host} ${ok ? 'answers' : `refuses (HTTP ${String(status)})`}` };
    } catch {
      return { ok: false, detail: `${this.#url.host} does not answer` };
    } finally {
      socket?.destroy();
    }
  }

  get #connectTimeoutMs(): number {
    return this.#options.connectTimeoutMs ?? 10_000;
  }

  #connection(socket: Socket): { socket: Socket; baseUrl: URL; token: string } {
    return { socket, baseUrl: this.#url, token: this.#options.token };
  }

  #slot(socket: Socket): SmsSlot {
    const end = Promise.withResolvers<void>();
    this.#busy.set(socket, end);
    let released = false;
    return {
      send: async (handOver) => await this.#send(socket, handOver),
      release: () => {
        if (released) return;
        released = true;
        socket.destroy();
        this.#busy.delete(socket);
        this.#turns.give();
        end.resolve();
      },
    };
  }

  async #send(socket: Socket, handOver: SmsHandOver): Promise<SendOutcome> {
    const { deadline, now } = handOver;
    let sending = false;
    const ended = Promise.withResolvers<SendOutcome>();
    const end = (before: SendOutcome, after: SendOutcome): void => {
      socket.destroy();
      ended.resolve(sending ? after : before);
    };
    const timer = setTimeout(() => end(tooLate, silent), Math.max(0, deadline - now()));
    const cutOff = this.#cutOff.signal;
    const cut = (): void => end(drainedBefore, drainedAfter);
    cutOff.addEventListener('abort', cut, { once: true });
    const client = smsapiOver({
      ...this.#connection(socket),
      onSending: () => {
        if (cutOff.aborted) throw new SettledAnswer(drainedBefore);
        if (now() >= deadline) throw new SettledAnswer(tooLate);
        sending = true;
      },
      read: (answer) => readSmsapiAnswer(answer, now()),
    });
    try {
      return await Promise.race([ask(client, handOver), ended.promise]);
    } catch (thrown) {
      return settledBy(thrown) ?? (sending ? lost(thrown) : failed(thrown).outcome);
    } finally {
      clearTimeout(timer);
      cutOff.removeEventListener('abort', cut);
    }
  }
}

async function ask(client: ReturnType<typeof smsapiOver>, { to, text, from, idx }: SmsHandOver): Promise<SendOutcome> {
  // A fresh object each time: the package writes into it.
  const details = { idx, checkIdx: true, encoding: 'utf-8' as const, ...(from === null ? {} : { from }) };
  const answer = await client.sms.sendSms(to, text, details);
  const id = answer.list[0]?.id ?? null;
  return { kind: 'accepted', providerMessageId: id, response: `accepted as ${id ?? 'unnamed'}` };
}

function lost(thrown: unknown): SendOutcome {
  return {
    kind: 'unknown',
    reason: 'connection-lost',
    response: thrown instanceof Error ? thrown.message : String(thrown),
  };
}

function failed(thrown: unknown): Extract<SmsReservation, { kind: 'failed' }> {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  const response = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'failed',
    outcome: {
      kind: 'tryAgain',
      reason: 'connection-failed',
      code,
      response,
      retryAfterMs: null,
      speaksOf: 'provider',
    },
  };
}
