import type { Socket } from 'node:net';
import type { Conditions } from './conditions.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { Exchange } from './ledger.ts';
import { MailBody } from './mail-body.ts';
import { SmtpWire } from './smtp-wire.ts';

export type SmtpTalkOptions = {
  readonly book: LedgerBook;
  readonly conditions: Conditions;
  readonly maxMessageBytes: number;
  /** Which connection this is, from 1. */
  readonly connection: number;
};

const mostRecipients = 100;
const refusals = {
  'greeting-421': '421 4.3.2 closing the connection, try again later',
  'greeting-554': '554 5.3.2 no service for this client',
  'mail-452': '452 4.3.1 not enough storage',
  'mail-553': '553 5.1.8 sender not allowed',
  'rcpt-450': '450 4.2.1 mailbox busy',
  'rcpt-550': '550 5.1.1 no such mailbox',
  'data-451': '451 4.3.0 error in processing',
  'data-554': '554 5.7.1 not wanted here',
  'dot-451': '451 4.3.0 queue not writable',
  'dot-554': '554 5.6.0 content not wanted',
};
const tooLarge = '552 5.3.4 too large';

/** One connection's conversation (RFC 5321): ordinary, but for the faults that are drawn. */
export class SmtpTalk {
  readonly #options: SmtpTalkOptions;
  readonly #wire: SmtpWire;
  #signingIn = false;
  /** The sender of a transaction that is open: which delivery it names, and what size it promised. */
  #sender: { readonly delivery: string | null; readonly bytes: number } | undefined;
  #recipients: string[] = [];
  #exchange: Exchange | undefined;
  #body: MailBody | undefined;

  constructor(socket: Socket, options: SmtpTalkOptions) {
    this.#options = options;
    this.#wire = new SmtpWire(socket, async (pending) =>
      this.#body ? await this.#readBody(this.#body, pending) : await this.#readCommand(pending),
    );
    this.#wire.gone.addEventListener('abort', () => this.#leave(), { once: true });
  }

  async greet(): Promise<void> {
    const { conditions, connection, book } = this.#options;
    const fault = conditions.greeting(connection);
    if (fault === 'ordinary') {
      await this.#say('220 providers.example ESMTP');
      await this.#wire.listen();
      return;
    }
    this.#exchange = book.open('email', conditions.phase('email'), fault);
    if (fault !== 'greeting-drop') await this.#answer(this.#exchange, refusals[fault]);
    this.#drop(this.#exchange);
  }

  async #readCommand(pending: Buffer): Promise<Buffer | undefined> {
    const end = pending.indexOf('\r\n');
    if (end < 0) return undefined;
    await this.#obey(pending.subarray(0, end).toString('utf8'));
    return pending.subarray(end + 2);
  }

  async #obey(line: string): Promise<void> {
    if (this.#signingIn) {
      this.#signingIn = false;
      return this.#say('235 2.7.0 welcome');
    }
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return this.#say(extensions(this.#options.maxMessageBytes));
      case 'HELO':
        return this.#say('250 providers.example');
      case 'AUTH':
        // Every password is right. Without an initial response (RFC 4954 §4) it comes on the next line.
        this.#signingIn = line.trim().split(' ').length < 3;
        return this.#say(this.#signingIn ? '334 ' : '235 2.7.0 welcome');
      case 'MAIL':
        return this.#mail(line);
      case 'RCPT':
        return this.#rcpt(line);
      case 'DATA':
        return this.#data();
      case 'RSET':
        this.#breakOff();
        return this.#say('250 2.0.0 forgotten');
      case 'NOOP':
        return this.#say('250 2.0.0 here');
      case 'QUIT':
        this.#breakOff();
        await this.#say('221 2.0.0 bye');
        return this.#wire.drop();
      default:
        return this.#say('502 5.5.1 not known here');
    }
  }

  async #mail(line: string): Promise<void> {
    const from = /<(.*?)>/.exec(line)?.[1];
    if (from === undefined) return this.#say('501 5.5.4 no sender');
    this.#breakOff();
    const { conditions, book, maxMessageBytes } = this.#options;
    // The return path names the delivery.
    const delivery = /\+(dlv_[0-9a-z]{26})@/.exec(from)?.[1] ?? null;
    const bytes = Number(/ SIZE=(\d+)/i.exec(line)?.[1] ?? 0);
    const exchange = this.#begin(delivery);
    const key = delivery ?? from;
    const fault = conditions.sender(key, book.come('sender', key));
    exchange.fault = fault;
    if (fault !== 'ordinary') return this.#answer(exchange, refusals[fault]);
    if (bytes > maxMessageBytes) return this.#answer(exchange, tooLarge);
    this.#sender = { delivery, bytes };
    return this.#say('250 2.1.0 sender ok');
  }

  async #rcpt(line: string): Promise<void> {
    const recipient = /<(.+?)>/.exec(line)?.[1];
    if (!this.#sender) return this.#say('503 5.5.1 no sender');
    if (recipient === undefined) return this.#say('501 5.5.4 no recipient');
    if (this.#recipients.length >= mostRecipients) return this.#say('452 4.5.3 too many recipients');
    const { book, conditions } = this.#options;
    const open = this.#exchange?.end === 'open' ? this.#exchange : this.#begin(this.#sender.delivery);
    // The first recipient is the one that the faults are about.
    if (open.recipient === null) {
      open.recipient = recipient;
      open.attempt = book.come('message', recipient);
      open.fault = conditions.message(recipient, open.attempt);
      if (open.fault === 'rcpt-450' || open.fault === 'rcpt-550') return this.#answer(open, refusals[open.fault]);
    }
    this.#recipients.push(recipient);
    return this.#say('250 2.1.5 recipient ok');
  }

  async #data(): Promise<void> {
    const exchange = this.#exchange;
    if (!exchange || this.#recipients.length === 0) return this.#say('554 5.5.1 no recipients');
    const { fault } = exchange;
    if (fault === 'data-silence') return this.#wire.fallSilent();
    if (fault === 'data-451' || fault === 'data-554') return this.#answer(exchange, refusals[fault]);
    exchange.reached = 'dataBegan';
    this.#body = new MailBody();
    await this.#say('354 go on');
    if (fault === 'drop-at-body') this.#drop(exchange);
  }

  async #readBody(body: MailBody, pending: Buffer): Promise<Buffer> {
    const rest = body.feed(pending);
    const nothing = Buffer.alloc(0);
    const exchange = this.#exchange;
    if (!exchange) return rest ?? nothing;
    const { maxMessageBytes } = this.#options;
    const half = rest !== undefined || body.bytes * 2 >= (this.#sender?.bytes ?? 0);
    if (exchange.fault === 'drop-in-body' && half) this.#drop(exchange);
    // A client that goes on whatever SIZE said would go on for ever.
    else if (body.bytes > 2 * maxMessageBytes) this.#drop(exchange);
    else if (rest !== undefined) {
      this.#body = undefined;
      exchange.reached = 'received';
      await (body.bytes > maxMessageBytes ? this.#answer(exchange, tooLarge) : this.#received(exchange, body));
    }
    return rest ?? nothing;
  }

  async #received(exchange: Exchange, body: MailBody): Promise<void> {
    const { fault } = exchange;
    if (fault === 'dot-451' || fault === 'dot-554') return this.#answer(exchange, refusals[fault]);
    if (fault !== 'silence-lost') this.#take(exchange, body);
    if (fault === 'silence-lost' || fault === 'silence-taken') return this.#wire.fallSilent();
    if (fault === 'drop-after-dot') return this.#drop(exchange);
    if (fault === 'late') {
      const draw = { place: 'message', key: exchange.recipient ?? '', attempt: exchange.attempt } as const;
      await this.#options.conditions.late(draw, this.#wire.gone);
    }
    return this.#answer(exchange, `250 2.0.0 Ok: queued as ${exchange.id}`);
  }

  #take(exchange: Exchange, body: MailBody): void {
    const messageId = body.header('Message-ID');
    // `<reminder>.<position>.<generation>@…`
    const generation = /\.(\d+)@/.exec(messageId ?? '')?.[1];
    const message = {
      reminder: body.header('X-Sollecito-Reminder'),
      generation: generation === undefined ? null : Number(generation),
      resend: Number(/^\d+$/.exec(body.header('X-Sollecito-Resend') ?? '')?.[0] ?? 0),
      messageId,
      idx: null,
    };
    for (const recipient of this.#recipients) this.#options.book.take(exchange, { ...message, recipient });
  }

  #begin(delivery: string | null): Exchange {
    const { book, conditions } = this.#options;
    const exchange = book.open('email', conditions.phase('email'));
    exchange.delivery = delivery;
    exchange.reached = 'envelope';
    this.#exchange = exchange;
    this.#recipients = [];
    return exchange;
  }

  async #say(line: string): Promise<void> {
    await this.#options.conditions.slow('email', this.#wire.gone);
    if (!this.#wire.gone.aborted) this.#wire.write(line);
  }

  /** The answer that ends an exchange. */
  async #answer(exchange: Exchange, line: string): Promise<void> {
    await this.#options.conditions.slow('email', this.#wire.gone);
    if (this.#wire.gone.aborted) return;
    exchange.answer = Number(line.slice(0, 3));
    this.#options.book.end(exchange, 'answered');
    this.#recipients = [];
    // A refused recipient leaves the transaction open for another one.
    if (exchange.reached !== 'envelope') this.#sender = undefined;
    this.#wire.write(line);
  }

  #drop(exchange: Exchange): void {
    this.#options.book.end(exchange, 'dropped');
    this.#wire.drop();
  }

  /** The client thought better of it. */
  #breakOff(): void {
    if (this.#exchange) this.#options.book.end(this.#exchange, 'left');
    this.#sender = undefined;
    this.#recipients = [];
    this.#exchange = undefined;
  }

  // The connection ended under an exchange: by the client, or because the provider went down.
  #leave(): void {
    if (!this.#exchange) return;
    const { book, conditions } = this.#options;
    const down = conditions.phase('email') === 'down';
    if (down && this.#exchange.end === 'open') this.#exchange.phase = 'down';
    book.end(this.#exchange, down ? 'dropped' : 'left');
  }
}

function extensions(maxMessageBytes: number): string {
  const size = `SIZE ${maxMessageBytes}`;
  const lines = ['providers.example', 'PIPELINING', size, '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'AUTH PLAIN'];
  return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
}
