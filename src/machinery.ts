import type { Logger } from 'pino';
import { SmsapiGateway } from './channels/sms/smsapi-gateway.ts';
import { parseSmtpUrl } from './channels/email/smtp-server.ts';
import { SmtpGateway } from './channels/email/smtp-gateway.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/delivery-facts.ts';
import type { Foundation } from './foundation.ts';
import { PdfRenderer } from './invoices/pdf-renderer.ts';
import type { Metrics } from './metrics.ts';
import { Bell, BellListener } from './queue/bell.ts';
import { Dispatcher } from './queue/dispatcher.ts';
import { type JobProcessor, type JobQueue, type JobWorker, QueueBackend } from './queue/queue-backend.ts';
import { channels, documentsQueue } from './queue/queue-names.ts';
import { Reconciler } from './queue/reconciler.ts';
import { codeOf, DeliveryWorker, type Desk } from './workers/delivery-worker.ts';
import { Documents } from './workers/documents.ts';
import { EmailDesk } from './workers/email.ts';
import { SmsDesk } from './workers/sms.ts';

/** How long a queued delivery may be without a job before it goes back, and how often that is looked at. */
const reconcileGraceMs = 10_000;
const reconcileEveryMs = 2_000;
const leaseGraceMs = 15_000;
const smsRepeatWindowMs = 3_600_000;
const renderTimeoutMs = 20_000;
const stuckAfterMs = 60_000;

/** The moving parts: gateways, queues, dispatchers, workers. Started in order, stopped in reverse. */
export class Machinery {
  readonly documents: Documents;
  readonly renderer: PdfRenderer;
  readonly bell: Bell;
  readonly queues: ReadonlyMap<string, JobQueue>;
  readonly email: { gateway: SmtpGateway; mailFrom: { name: string | null; address: string } } | undefined;
  readonly sms: SmsapiGateway | undefined;
  readonly #config: Config;
  readonly #foundation: Foundation;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #backend: QueueBackend;
  readonly #publicUrl: () => string;
  readonly #stopping = new AbortController();
  readonly #dispatchers = new Map<Channel, Dispatcher>();
  readonly #workers: { worker: JobWorker; running: Promise<void> }[] = [];
  #reconciler: Reconciler | undefined;
  #listener: BellListener | undefined;

  constructor(config: Config, foundation: Foundation, publicUrl: () => string, log: Logger, metrics: Metrics) {
    this.#config = config;
    this.#foundation = foundation;
    this.#publicUrl = publicUrl;
    this.#log = log;
    this.#metrics = metrics;
    this.#backend = new QueueBackend(foundation.queueUrl, (error) =>
      log.warn({ code: codeOf(error) }, 'queue connection'),
    );
    this.queues = new Map([...channels, documentsQueue].map((name) => [name, this.#backend.queue(name)]));
    this.renderer = new PdfRenderer({
      chromiumPath: config.chromiumPath,
      dataDir: config.dataDir,
      pages: config.concurrency.documents,
      timeoutMs: renderTimeoutMs,
    });
    this.documents = new Documents({ database: foundation.service, clock: foundation.clock, renderer: this.renderer });
    this.bell = new Bell(foundation.service);
    this.email = emailGateway(config, foundation);
    this.sms = smsGateway(config, foundation);
  }

  async start(): Promise<void> {
    const { roles } = this.#config;
    await this.email?.gateway.start();
    await this.sms?.start();
    if (roles.has('worker:documents') || roles.has('api')) this.renderer.start();
    if (roles.has('worker:documents'))
      this.#work(documentsQueue, this.documents.process, this.#config.concurrency.documents);
    if (roles.has('worker:email') && this.email) this.#deliver(this.#emailDesk(this.email));
    if (roles.has('worker:sms') && this.sms) this.#deliver(this.#smsDesk(this.sms));
    if (roles.has('dispatcher')) await this.#dispatch();
  }

  /** Lets what is under way end within the drain's time; what is left after it is `unknown` when its lease ends. */
  async stop(): Promise<void> {
    const limit = setTimeout(() => this.#stopping.abort(), this.#config.drainTimeoutMs);
    await this.#listener?.stop();
    for (const part of [...this.#dispatchers.values(), this.#reconciler]) await part?.stop();
    await Promise.race([this.#drain(), aborted(this.#stopping.signal)]);
    clearTimeout(limit);
    this.#stopping.abort();
    await this.bell.stop();
    await Promise.all([this.email?.gateway.stop(), this.sms?.stop(), this.renderer.stop()]);
    await Promise.race([this.#backend.stop(), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
  }

  /** Something is due: the dispatchers here look at once, those elsewhere hear the bell. */
  wake(channel: Channel): void {
    this.#dispatchers.get(channel)?.wake();
    this.bell.ring(channel);
  }

  boardQueues() {
    return this.#backend.boardQueues();
  }

  /** Loops of this process that have stopped moving, by name. One that fails and comes back still moves. */
  stuck(): string[] {
    const loops: [string, Dispatcher | Reconciler | undefined][] = [
      ...this.#dispatchers,
      ['reconciler', this.#reconciler],
    ];
    return loops.filter(([, loop]) => (loop?.silentFor() ?? 0) > stuckAfterMs).map(([name]) => name);
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#workers.map(async ({ worker, running }) => Promise.all([worker.close(), running])));
  }

  async #dispatch(): Promise<void> {
    const { service: database, clock, databaseUrl } = this.#foundation;
    const onError = this.#onError('dispatcher');
    const flows = this.#backend.flows();
    const queues = new Map<Channel, JobQueue>();
    for (const channel of channels) {
      const queue = this.queues.get(channel);
      if (!queue || (channel === 'email' ? !this.email : !this.sms)) continue;
      queues.set(channel, queue);
      const concurrency = this.#config.concurrency[channel];
      const dispatcher = new Dispatcher({ database, clock, channel, queue, flows, concurrency, onError });
      this.#dispatchers.set(channel, dispatcher);
      dispatcher.start();
    }
    this.#reconciler = new Reconciler({
      database,
      clock,
      queues,
      graceMs: reconcileGraceMs,
      everyMs: reconcileEveryMs,
      smsRepeatWindowMs,
      onError: this.#onError('reconciler'),
      wake: (channel) => this.wake(channel),
    });
    this.#reconciler.start();
    this.#listener = new BellListener(databaseUrl, (heard) => {
      for (const [channel, dispatcher] of this.#dispatchers) if (channel === heard) dispatcher.wake();
    });
    await this.#listener.start();
  }

  #deliver<Slot extends { release(): void }>(desk: Desk<Slot>): void {
    const worker = new DeliveryWorker({
      database: this.#foundation.service,
      clock: this.#foundation.clock,
      desk,
      sendTimeoutMs: this.#config.sendTimeoutMs,
      leaseGraceMs,
      random: Math.random,
      stopping: this.#stopping.signal,
      settled: ({ channel, to, acceptedAt, now }) =>
        this.#metrics.settled(channel, to, now.since(acceptedAt).total('seconds')),
      done: (channel) => this.wake(channel),
      onError: this.#onError(`worker:${desk.channel}`),
    });
    this.#work(desk.channel, worker.process, this.#config.concurrency[desk.channel]);
  }

  #work(queue: string, processor: JobProcessor, concurrency: number): void {
    const worker = this.#backend.worker(queue, processor, concurrency);
    const running = worker.run().catch(this.#onError(`worker:${queue}`));
    this.#workers.push({ worker, running });
  }

  #emailDesk({ gateway, mailFrom }: NonNullable<Machinery['email']>): EmailDesk {
    return new EmailDesk({ gateway, documents: this.documents, clock: this.#foundation.clock, mailFrom });
  }

  #smsDesk(gateway: SmsapiGateway): SmsDesk {
    const { clock, secretKeys } = this.#foundation;
    const { smsFrom } = this.#config;
    return new SmsDesk({ gateway, documents: this.documents, clock, publicUrl: this.#publicUrl, secretKeys, smsFrom });
  }

  #onError(part: string): (error: unknown) => void {
    return (error) => this.#log.warn({ part, code: codeOf(error) }, 'a part failed and goes on');
  }
}

function emailGateway(config: Config, { sandboxUrls }: Foundation): Machinery['email'] {
  const url = config.smtpUrl ?? sandboxUrls?.smtpUrl;
  const server = url === undefined ? undefined : parseSmtpUrl(url);
  if (!server) return undefined;
  const mailFrom = parseMailbox(config.mailFrom ?? 'Sollecito <reminders@sollecito.localhost>');
  return { gateway: new SmtpGateway({ server, connections: config.concurrency.email }), mailFrom };
}

function parseMailbox(text: string): { name: string | null; address: string } {
  const match = /^(.*)<([^<>]+)>$/.exec(text);
  return match ? { name: match[1]?.trim() || null, address: match[2]?.trim() ?? '' } : { name: null, address: text };
}

function smsGateway(config: Config, { sandboxUrls }: Foundation): SmsapiGateway | undefined {
  const connections = config.concurrency.sms;
  if (config.smsapiToken !== null) {
    const url = config.smsapiUrl === null ? null : new URL(config.smsapiUrl);
    return new SmsapiGateway({ token: config.smsapiToken, url, connections });
  }
  return sandboxUrls && new SmsapiGateway({ token: 'sandbox', url: new URL(sandboxUrls.smsapiUrl), connections });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
