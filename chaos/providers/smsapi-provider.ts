import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readSmsRequest, type SmsRequest } from '../../src/embedded/smsapi-request.ts';
import type { Conditions } from './conditions.ts';
import { Gate } from './gate.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { Exchange, SmsFault } from './ledger.ts';
import { readBody } from './read-body.ts';

type Options = { readonly book: LedgerBook; readonly conditions: Conditions };
type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body: object };

const longestBody = 1024 * 1024;
// With HTTP 200, as the real one says them.
const errors = {
  noMessage: { error: 11, message: 'The message is too long or there is no message' },
  noNumbers: { error: 13, message: 'No correct phonenumbers' },
  idxUsed: { error: 53, message: 'Not unique idx (for &check_idx=1)' },
  broken: { error: 201, message: 'Internal system error' },
};

/**
 * An SMSAPI on loopback (`POST …/sms.do`, one number a request, and `GET …/profile`) that misbehaves as its conditions
 * say, and writes down what it really took. With `check_idx` an idx is taken once.
 */
export function smsapiProvider({ book, conditions }: Options): Gate {
  const used = new Set<string>();
  const server = createServer((request, response) => {
    new SmsapiCall({ book, conditions, used }, request, response).answer().catch(() => request.socket.destroy());
  });
  return new Gate(server);
}

class SmsapiCall {
  readonly #options: Options & { readonly used: Set<string> };
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();

  constructor(options: Options & { used: Set<string> }, request: IncomingMessage, response: ServerResponse) {
    this.#options = options;
    this.#request = request;
    this.#response = response;
    response.once('close', () => this.#gone.abort());
  }

  async answer(): Promise<void> {
    const { method, url = '/' } = this.#request;
    const { pathname, searchParams } = new URL(url, 'http://providers.example');
    if (method === 'GET' && pathname.endsWith('/profile')) return this.#say({ status: 200, body: profile });
    if (method !== 'POST' || !pathname.endsWith('/sms.do')) return this.#say({ status: 404, body: { code: 404 } });
    const { book, conditions } = this.#options;
    const exchange = book.open('sms', conditions.phase('sms'));
    this.#gone.signal.addEventListener('abort', () => this.#leave(exchange), { once: true });
    const body = await readBody(this.#request, longestBody);
    exchange.reached = 'received';
    if (body === undefined) return this.#say({ status: 413, body: { code: 413 } }, exchange);
    const { authorization = '' } = this.#request.headers;
    if (!/^Bearer\s+\S/i.test(authorization)) {
      return this.#say({ status: 401, body: { error: 101, message: 'Authorization failed' } }, exchange);
    }
    const sms = readOrNull(() => readSmsRequest(this.#request.headers['content-type'], body, searchParams));
    if (sms?.recipients.length !== 1) return this.#say({ status: 400, body: { code: 400 } }, exchange);
    return this.#hear(exchange, sms);
  }

  async #hear(exchange: Exchange, sms: SmsRequest): Promise<void> {
    const { book, conditions, used } = this.#options;
    const { number = null, idx = null } = sms.recipients[0] ?? {};
    // `<delivery>-<generation>`
    exchange.delivery = /^(dlv_[0-9a-z]{26})-\d+$/.exec(idx ?? '')?.[1] ?? null;
    if (number === null) return this.#say({ status: 200, body: errors.noNumbers }, exchange);
    if (sms.text === '') return this.#say({ status: 200, body: errors.noMessage }, exchange);
    const recipient = `+${number}`;
    exchange.recipient = recipient;
    exchange.attempt = book.come('sms', recipient);
    const fault = conditions.sms(recipient, exchange.attempt);
    exchange.fault = fault;
    exchange.repeated = sms.checkIdx && idx !== null && used.has(idx);
    if (takes(fault) && !exchange.repeated) {
      if (idx !== null) used.add(idx);
      const generation = /-(\d+)$/.exec(idx ?? '')?.[1];
      book.take(exchange, {
        recipient,
        reminder: null,
        generation: generation === undefined ? null : Number(generation),
        resend: 0,
        messageId: null,
        idx,
      });
    }
    const good = exchange.repeated ? errors.idxUsed : accepted(exchange, number, idx);
    await this.#play(exchange, fault, { status: 200, body: good });
  }

  async #play(exchange: Exchange, fault: SmsFault | 'ordinary', good: Reply): Promise<void> {
    switch (fault) {
      case 'ordinary':
        return this.#say(good, exchange);
      case 'http-429':
        return this.#say({ status: 429, headers: { 'retry-after': '1' }, body: { code: 429 } }, exchange);
      case 'http-500':
      case 'http-500-taken':
        return this.#say({ status: 500, body: { message: 'Internal error', code: 500 } }, exchange);
      case 'error-201':
        return this.#say({ status: 200, body: errors.broken }, exchange);
      case 'error-13':
        return this.#say({ status: 200, body: errors.noNumbers }, exchange);
      case 'drop-before':
      case 'drop-after':
        this.#options.book.end(exchange, 'dropped');
        this.#request.socket.destroy();
        return;
      case 'silence-taken':
        return;
      case 'late': {
        const draw = { place: 'sms', key: exchange.recipient ?? '', attempt: exchange.attempt } as const;
        await this.#options.conditions.late(draw, this.#gone.signal);
        return this.#say(good, exchange);
      }
    }
  }

  async #say({ status, headers = {}, body }: Reply, exchange?: Exchange): Promise<void> {
    const { book, conditions } = this.#options;
    await conditions.slow('sms', this.#gone.signal);
    if (this.#gone.signal.aborted) return;
    if (exchange) {
      exchange.answer = status;
      exchange.error = 'error' in body && typeof body.error === 'number' ? body.error : null;
      book.end(exchange, 'answered');
    }
    this.#response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
    this.#response.end(JSON.stringify(body));
  }

  // The connection ended before the answer: by the client, or because the provider went down.
  #leave(exchange: Exchange): void {
    const down = this.#options.conditions.phase('sms') === 'down';
    if (down && exchange.end === 'open') exchange.phase = 'down';
    this.#options.book.end(exchange, down ? 'dropped' : 'left');
  }
}

function takes(fault: SmsFault | 'ordinary'): boolean {
  return ['ordinary', 'http-500-taken', 'drop-after', 'silence-taken', 'late'].includes(fault);
}

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const profile = {
  name: 'Providers',
  username: 'providers',
  payment_type: 'prepaid',
  user_type: 'native',
  points: 1000,
};

// `date_sent` is in seconds.
function accepted({ id }: Exchange, number: string, idx: string | null): object {
  const date_sent = Math.floor(Date.now() / 1000);
  const entry = {
    id: `S${id}`,
    points: 0.07,
    number,
    date_sent,
    submitted_number: number,
    status: 'QUEUE',
    error: null,
    idx,
  };
  return { count: 1, list: [entry] };
}
