import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where a fault strikes. `body` is while the body arrives; `afterBody` is the moment that would take the message. */
export type SmtpStep = 'greeting' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'afterBody';

export type SmtpFault =
  /** Answers this line instead of the good one. */
  | { readonly kind: 'reply'; readonly line: string }
  /** Closes the connection. After the body the message counts as taken: the provider has it, only the reply is lost. */
  | { readonly kind: 'drop' }
  /** Never answers. After the body the message counts as taken. */
  | { readonly kind: 'silence' }
  /** Waits for the promise, then answers its line; a line that begins with 2 after the body takes the message. */
  | { readonly kind: 'late'; readonly line: Promise<string> };

export type FaultyMail = { readonly from: string; readonly to: readonly string[]; readonly raw: string };

type Rule = { step: SmtpStep; fault: SmtpFault; recipient: string | undefined; left: number };
type Talk = { from: string; to: string[]; mode: 'command' | 'data' | 'deaf'; login: boolean };

/** An SMTP server that can be told to misbehave, and that counts what it really took. */
export class FaultySmtp {
  /** The messages taken, in order. */
  readonly messages: FaultyMail[] = [];
  /** How often each recipient's message was taken. */
  readonly taken = new Map<string, number>();
  /** Connections that were opened so far, and every command line that was received. */
  connections = 0;
  readonly commands: string[] = [];
  /** Bytes received after a 354. */
  bodyBytes = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #extensions: readonly string[];
  readonly #watchers: { step: SmtpStep; reached: () => void }[] = [];
  #rules: Rule[] = [];
  #port = 0;

  /** `extensions` are what EHLO announces: `PIPELINING`, `SIZE 1000`, `AUTH PLAIN`, … */
  constructor(extensions: readonly string[] = ['PIPELINING']) {
    this.#extensions = extensions;
    this.#server = createServer((socket) => {
      this.#converse(socket).catch(() => socket.destroy());
    });
  }

  /** Listens on loopback; again on the same port after a `stop`. */
  async start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    this.#server.off('error', reject);
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and refuses new ones. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  get url(): string {
    return `smtp://127.0.0.1:${String(this.#port)}`;
  }

  /** Misbehaves at that step: for one recipient or for all, `times` times or (by default) until `behave`. */
  fail(step: SmtpStep, fault: SmtpFault, only: { recipient?: string; times?: number } = {}): void {
    this.#rules.push({ step, fault, recipient: only.recipient, left: only.times ?? Infinity });
  }

  /** Holds the reply of that step: `reached` resolves when a client waits there, `release` sends the reply. */
  hold(step: SmtpStep, only: { recipient?: string } = {}): { reached: Promise<void>; release: (line: string) => void } {
    const line = Promise.withResolvers<string>();
    this.fail(step, { kind: 'late', line: line.promise }, { ...only, times: 1 });
    return { reached: this.reached(step), release: line.resolve };
  }

  /** Resolves when a client next comes to that step. */
  async reached(step: SmtpStep): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#watchers.push({ step, reached: resolve });
    });
  }

  /** Forgets every fault. */
  behave(): void {
    this.#rules = [];
  }

  /** Ends every open connection from this side, as a server does with idle ones. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.end();
  }

  async #converse(socket: Socket): Promise<void> {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    const talk: Talk = { from: '', to: [], mode: 'command', login: false };
    let pending = '';
    await this.#answer(socket, talk, 'greeting', '220 faulty ESMTP');
    for await (const chunk of socket) {
      if (talk.mode === 'data') this.bodyBytes += (chunk as Buffer).length;
      pending += (chunk as Buffer).toString('latin1');
      if (talk.mode === 'data' && (await this.#strikesBody(socket, talk))) continue;
      pending = await this.#consume(socket, talk, pending);
    }
  }

  // Works off all that is complete in what came in; returns the rest.
  async #consume(socket: Socket, talk: Talk, received: string): Promise<string> {
    let pending = received;
    for (;;) {
      if (talk.mode === 'deaf') return '';
      if (talk.mode === 'data') {
        const end = pending.startsWith('.\r\n') ? 0 : pending.indexOf('\r\n.\r\n') + 2;
        if (end === 1) return pending;
        const raw = pending.slice(0, end).replaceAll(/^\.\./gm, '.');
        pending = pending.slice(end + 3);
        talk.mode = 'command';
        await this.#take(socket, talk, raw);
      } else {
        const end = pending.indexOf('\r\n');
        if (end < 0) return pending;
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        this.commands.push(line);
        await this.#command(socket, talk, line);
      }
    }
  }

  async #command(socket: Socket, talk: Talk, line: string): Promise<void> {
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (talk.login || verb === 'AUTH') {
      talk.login = false;
      await this.#answer(socket, talk, 'auth', '235 welcome');
    } else if (verb === 'EHLO') {
      const lines = ['faulty', ...this.#extensions];
      socket.write(lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}\r\n`).join(''));
    } else if (verb === 'MAIL') {
      talk.to = [];
      const good = await this.#answer(socket, talk, 'mail', '250 sender ok');
      talk.from = good ? address : '';
    } else if (verb === 'RCPT') {
      if (talk.from === '') socket.write('503 no sender\r\n');
      else if (await this.#answer(socket, talk, 'rcpt', '250 recipient ok', address)) talk.to.push(address);
    } else if (verb === 'DATA') {
      if (talk.to.length === 0) socket.write('554 no recipients\r\n');
      else if (await this.#answer(socket, talk, 'data', '354 go on', talk.to[0])) talk.mode = 'data';
    } else if (verb === 'QUIT') {
      socket.end('221 bye\r\n');
    } else {
      if (verb === 'RSET') talk.from = '';
      socket.write('250 ok\r\n');
    }
  }

  async #take(socket: Socket, talk: Talk, raw: string): Promise<void> {
    const message = { from: talk.from, to: talk.to, raw };
    const rule = this.#match('afterBody', talk.to[0]);
    talk.from = '';
    // The reply is lost, not the message.
    if (rule?.fault.kind === 'drop' || rule?.fault.kind === 'silence') this.#keep(message);
    if (await this.#play(socket, talk, 'afterBody', `250 ok: queued as M${String(this.messages.length + 1)}`, rule)) {
      this.#keep(message);
    }
  }

  #keep(message: FaultyMail): void {
    this.messages.push(message);
    for (const to of message.to) this.taken.set(to, (this.taken.get(to) ?? 0) + 1);
  }

  async #strikesBody(socket: Socket, talk: Talk): Promise<boolean> {
    const rule = this.#match('body', talk.to[0]);
    if (!rule) return false;
    talk.mode = 'deaf';
    await this.#play(socket, talk, 'body', '', rule);
    return true;
  }

  async #answer(socket: Socket, talk: Talk, step: SmtpStep, good: string, recipient?: string): Promise<boolean> {
    return await this.#play(socket, talk, step, good, this.#match(step, recipient));
  }

  /** Answers well or as the rule says; true when the answer that left was a good one. */
  async #play(socket: Socket, talk: Talk, step: SmtpStep, good: string, rule: Rule | undefined): Promise<boolean> {
    for (const watcher of this.#watchers.filter((each) => each.step === step)) {
      this.#watchers.splice(this.#watchers.indexOf(watcher), 1);
      watcher.reached();
    }
    const fault = rule?.fault;
    if (fault?.kind === 'drop') {
      talk.mode = 'deaf';
      socket.destroy();
      return false;
    }
    if (fault?.kind === 'silence') {
      talk.mode = 'deaf';
      return false;
    }
    const line = fault === undefined ? good : fault.kind === 'reply' ? fault.line : await fault.line;
    if (!socket.destroyed) socket.write(`${line}\r\n`);
    if (line.startsWith('421')) socket.end();
    return /^[23]/.test(line);
  }

  #match(step: SmtpStep, recipient: string | undefined): Rule | undefined {
    const rule = this.#rules.find(
      (each) => each.step === step && each.left > 0 && (each.recipient === undefined || each.recipient === recipient),
    );
    if (rule) rule.left -= 1;
    return rule;
  }
}
