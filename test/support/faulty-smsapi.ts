import { createServer, type Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

export type SmsFault =
  /** An error number of SMSAPI's inside HTTP 200. */
  | { readonly kind: 'error'; readonly number: number; readonly message?: string }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
      /** The message was taken all the same. */
      readonly taken?: boolean;
    }
  /** Closes the connection when it opens, in the middle of the request, or after taking the message. */
  | { readonly kind: 'drop'; readonly when: 'connected' | 'request' | 'taken' }
  /** Takes the message and never answers. */
  | { readonly kind: 'silence' }
  /** Takes the message and answers when the promise resolves. */
  | { readonly kind: 'late'; readonly until: Promise<void> }
  /** Takes the message and answers half. */
  | { readonly kind: 'half' };

export type FaultySms = {
  readonly to: string;
  readonly from: string | null;
  readonly text: string;
  readonly idx: string | null;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
};

type Rule = { fault: SmsFault; recipient: string | undefined; left: number };

/** An SMSAPI that can be told to misbehave, and that counts what it really took. It knows an idx that it took before. */
export class FaultySmsapi {
  readonly messages: FaultySms[] = [];
  readonly taken = new Map<string, number>();
  connections = 0;
  requests = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #used = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #rules: Rule[] = [];
  #port = 0;

  constructor() {
    this.#server = createServer((socket) => {
      this.#serve(socket).catch(() => socket.destroy());
    });
  }

  async start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}/api`;
  }

  /** Misbehaves: for one number or for all, `times` times or (by default) until `behave`. */
  fail(fault: SmsFault, only: { recipient?: string; times?: number } = {}): void {
    this.#rules.push({ fault, recipient: only.recipient, left: only.times ?? Infinity });
  }

  /** Takes the next message but holds its answer: `reached` resolves when it was taken, `release` answers. */
  hold(only: { recipient?: string } = {}): { reached: Promise<void>; release: () => void } {
    const until = Promise.withResolvers<void>();
    this.fail({ kind: 'late', until: until.promise }, { ...only, times: 1 });
    return { reached: this.requested(), release: until.resolve };
  }

  /** Resolves when the next request has arrived whole. */
  async requested(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  behave(): void {
    this.#rules = [];
  }

  async #serve(socket: Socket): Promise<void> {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.#drops(socket, 'connected')) return;
    let received = '';
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1');
      if (this.#drops(socket, 'request')) return;
      const request = parseRequest(received);
      if (!request) continue;
      received = '';
      await this.#answer(socket, request);
    }
  }

  #drops(socket: Socket, when: 'connected' | 'request'): boolean {
    const rule = this.#rules.find((each) => each.left > 0 && each.fault.kind === 'drop' && each.fault.when === when);
    if (!rule) return false;
    rule.left -= 1;
    socket.destroy();
    return true;
  }

  async #answer(socket: Socket, request: { path: string; authorization: string; body: string }): Promise<void> {
    this.requests += 1;
    if (!request.path.endsWith('/sms.do')) {
      const rule = this.#match('');
      const status = rule?.fault.kind === 'http' ? rule.fault.status : 200;
      respond(socket, status, {}, '{"username":"test","points":10}');
      this.#tellArrived();
      return;
    }
    const body = JSON.parse(request.body) as Record<string, unknown>;
    const text = (key: string): string | null => (typeof body[key] === 'string' ? body[key] : null);
    const sms: FaultySms = {
      to: text('to') ?? '',
      from: text('from'),
      text: text('message') ?? '',
      idx: text('idx'),
      authorization: request.authorization,
      body,
    };
    const rule = this.#match(sms.to);
    if (sms.idx !== null && body['check_idx'] === true && this.#used.has(sms.idx) && rule === undefined) {
      respond(socket, 200, {}, JSON.stringify({ error: 53, message: 'Not unique idx value' }));
    } else {
      await this.#play(socket, sms, rule?.fault);
    }
    this.#tellArrived();
  }

  async #play(socket: Socket, sms: FaultySms, fault: SmsFault | undefined): Promise<void> {
    const refuses = fault?.kind === 'error' || (fault?.kind === 'http' && fault.taken !== true);
    if (!refuses) this.#keep(sms);
    const good = JSON.stringify({
      count: 1,
      list: [{ id: `S${String(this.messages.length)}`, number: sms.to, points: 0.16, status: 'QUEUE', idx: sms.idx }],
    });
    switch (fault?.kind) {
      case 'error':
        respond(socket, 200, {}, JSON.stringify({ error: fault.number, message: fault.message ?? 'refused' }));
        break;
      case 'http':
        respond(socket, fault.status, fault.headers ?? {}, fault.body ?? '');
        break;
      case 'drop':
        socket.destroy();
        break;
      case 'silence':
        break;
      case 'late':
        this.#tellArrived();
        await fault.until;
        respond(socket, 200, {}, good);
        break;
      case 'half':
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n${good.slice(0, 20)}`,
        );
        break;
      case undefined:
        respond(socket, 200, {}, good);
        break;
    }
  }

  #tellArrived(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  #keep(sms: FaultySms): void {
    this.messages.push(sms);
    this.taken.set(sms.to, (this.taken.get(sms.to) ?? 0) + 1);
    if (sms.idx !== null) this.#used.add(sms.idx);
  }

  #match(recipient: string): Rule | undefined {
    const rule = this.#rules.find(
      (each) => each.left > 0 && (each.recipient === undefined || each.recipient === recipient),
    );
    if (rule) rule.left -= 1;
    return rule;
  }
}

function parseRequest(received: string): { path: string; authorization: string; body: string } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const body = received.slice(end + 4);
  if (body.length < Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)) return undefined;
  return {
    path: (head.split(' ')[1] ?? '').split('?')[0] ?? '',
    authorization: /^authorization: (.*)$/im.exec(head)?.[1] ?? '',
    body: Buffer.from(body, 'latin1').toString('utf8'),
  };
}

function respond(socket: Socket, status: number, headers: Record<string, string>, body: string): void {
  if (socket.destroyed) return;
  const lines = Object.entries({ 'Content-Type': 'application/json', ...headers }).map(
    ([key, value]) => `${key}: ${value}`,
  );
  socket.end(
    `HTTP/1.1 ${String(status)} X\r\n${lines.join('\r\n')}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
  );
}
