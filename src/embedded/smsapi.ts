import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SegmentedMessage } from 'sms-segments-calculator';
import { listenOnLoopback } from './loopback-port.ts';
import { readSmsRequest, type SmsRecipient, type SmsRequest } from './smsapi-request.ts';

/** A text that was taken; `to` is `+` and digits. */
export interface SmsMessage {
  readonly id: string;
  readonly to: string;
  readonly from: string | null;
  readonly text: string;
  readonly segments: number;
  readonly idx: string | null;
  readonly receivedAt: Date;
}

type Reply = { status: number; body: object };

const limits = { messages: 5_000, idx: 100_000, bodyBytes: 1024 * 1024 };
// The provider's own numbers and texts, of those that a caller of ours can meet.
const errors = {
  noMessage: { error: 11, message: 'The message is too long or there is no message' },
  tooManyParts: { error: 12, message: 'Message has more parts than defined in &max_parts' },
  noNumbers: { error: 13, message: 'No correct phonenumbers' },
  idxUsed: { error: 53, message: 'Not unique idx (for &check_idx=1)' },
  unauthorized: { error: 101, message: 'Authorization failed' },
} as const;

/**
 * Looks like SMSAPI (`POST /sms.do`, `GET /profile`) to its official client and sends nothing. Any bearer token is
 * right. As with the real one most errors come with HTTP 200, and with `check_idx` an `idx` is taken once.
 */
export class SmsapiLookalike {
  readonly #server: Server;
  readonly #messages: SmsMessage[] = [];
  readonly #usedIdx = new Set<string>();
  #taken = 0;
  #started: Promise<number> | undefined;
  #stopped: Promise<void> | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body }) => send(response, status, body),
        () => send(response, 400, { message: 'Bad request', code: 400 }),
      );
    });
  }

  /** @returns the port, `wantedPort` if that is free. */
  start(wantedPort?: number): Promise<number> {
    this.#started ??= listenOnLoopback(this.#server, wantedPort);
    return this.#started;
  }

  async stop(): Promise<void> {
    if (!this.#started) return;
    await this.#started;
    this.#stopped ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#stopped;
  }

  /** Newest first. */
  list(): SmsMessage[] {
    return this.#messages.toReversed();
  }

  /** How many were taken since the start, those that had to make room included. */
  get taken(): number {
    return this.#taken;
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox.localhost');
    const body = await readBody(request);
    if (!/^Bearer\s+\S/i.test(request.headers.authorization ?? '')) return { status: 401, body: errors.unauthorized };
    if (request.method === 'GET' && pathname === '/profile') return { status: 200, body: profile };
    if (pathname !== '/sms.do') return { status: 404, body: { message: 'Not found', code: 404 } };
    return { status: 200, body: this.#take(readSmsRequest(request.headers['content-type'], body, searchParams)) };
  }

  #take(sms: SmsRequest): object {
    const invalid = sms.recipients.filter(({ number }) => number === null);
    const numbersRefused = {
      invalid_numbers: invalid.map(({ submitted }) => ({
        submitted_number: submitted,
        message: 'Invalid phone number',
      })),
    };
    if (sms.text === '') return errors.noMessage;
    if (invalid.length === sms.recipients.length) return { ...numbersRefused, ...errors.noNumbers };
    const segments = new SegmentedMessage(sms.text).segmentsCount;
    if (segments > sms.maxParts) return errors.tooManyParts;
    if (sms.checkIdx && sms.recipients.some(({ idx }) => idx !== null && this.#usedIdx.has(idx))) return errors.idxUsed;
    const list = sms.recipients.flatMap((recipient) => this.#takeOne(sms, recipient, segments));
    const answer = { count: list.length, list, message: sms.text, length: sms.text.length, parts: segments };
    return invalid.length > 0 ? { ...answer, ...numbersRefused } : answer;
  }

  #takeOne(sms: SmsRequest, { number, submitted, idx }: SmsRecipient, segments: number): object[] {
    if (number === null) return [];
    const id = randomBytes(12).toString('hex').toUpperCase();
    const { text, from } = sms;
    const message = { id, to: `+${number}`, from, text, segments, idx, receivedAt: new Date() };
    if (!sms.test) this.#keep(message);
    return [listEntry(message, submitted)];
  }

  #keep(message: SmsMessage): void {
    this.#taken += 1;
    this.#messages.push(message);
    if (this.#messages.length > limits.messages) this.#messages.shift();
    if (message.idx === null) return;
    this.#usedIdx.add(message.idx);
    if (this.#usedIdx.size > limits.idx) {
      const [oldest] = this.#usedIdx;
      if (oldest !== undefined) this.#usedIdx.delete(oldest);
    }
  }
}

const profile = {
  name: 'Sandbox',
  email: 'sandbox@example.com',
  username: 'sandbox',
  phone_number: '390000000000',
  payment_type: 'prepaid',
  user_type: 'native',
  points: 1000,
};

// `date_sent` is in seconds; points are the price, here 0.07 for each part.
function listEntry(message: SmsMessage, submitted: string): object {
  return {
    id: message.id,
    points: Math.round(message.segments * 7) / 100,
    number: message.to.slice(1),
    date_sent: Math.floor(message.receivedAt.getTime() / 1000),
    submitted_number: submitted,
    status: 'QUEUE',
    error: null,
    idx: message.idx,
    parts: message.segments,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > limits.bodyBytes) throw new Error('body too large');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
