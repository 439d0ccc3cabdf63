import type { Logger } from 'pino';
import type { SmsapiGateway } from './channels/sms/smsapi-gateway.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/delivery-facts.ts';
import { openSecret } from './domain/sealed-secret.ts';
import { withoutText } from './error-facts.ts';
import type { Foundation } from './foundation.ts';
import { emailGateway, smsGateway } from './gateways.ts';
import { PdfRenderer } from './invoices/pdf-renderer.ts';
import type { Metrics } from './metrics.ts';
import { Bell, BellListener } from './queue/bell.ts';
import { Dispatcher } from './queue/dispatcher.ts';
import { openBackend } from './queue/open-backend.ts';
import type { JobProcessor, JobQueue, QueueBackend } from './queue/queue-backend.ts';
import { channels, documentsQueue } from './queue/queue-names.ts';
import { Reconciler } from './queue/reconciler.ts';
import { Working } from './queue/working.ts';
import { findImage } from './store/images.ts';
import { findTemplate } from './store/templates.ts';
import { keptReady } from './templates/own/standing.ts';
import { DeliveryWorker, type Desk } from './workers/delivery-worker.ts';
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
const noQueues: readonly never[] = [];

/** The moving parts: gateways, queues, dispatchers, workers. Started in order, stopped in reverse. */
export class Machinery {
  readonly documents: Documents;
  readonly renderer: PdfRenderer;
  readonly bell: Bell;
  readonly email: ReturnType<typeof emailGateway>;
  readonly sms: SmsapiGateway | undefined;
  readonly #config: Config;
  readonly #foundation: Foundation;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #publicUrl: () => string;
  readonly #loadTemplate: ReturnType<typeof keptReady>;
  /** No more attempts to reach the queue. */
  readonly #closing = new AbortController();
  /** The drain's time is over. */
  readonly #stopping = new AbortController();
  /** Empty until the queue's store has answered. */
  readonly #queues = new Map<Channel, JobQueue>();
  readonly #dispatchers = new Map<Channel, Dispatcher>();
  #workers: readonly Working[] = [];
  #opening: Promise<void> = Promise.resolve();
  #backend: QueueBackend | undefined;
  #reconciler: Reconciler | undefined;
  #listener: BellListener | undefined;

  constructor(config: Config, foundation: Foundation, publicUrl: () => string, log: Logger, metrics: Metrics) {
    this.#config = config;
    this.#foundation = foundation;
    this.#publicUrl = publicUrl;
    this.#loadTemplate = keptReady(async (...asked) => findTemplate(foundation.service.pool, ...asked));
    this.#log = log;
    this.#metrics = metrics;
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

  /** The queue may come later: whoever serves, serves meanwhile, and what is accepted waits in PostgreSQL. */
  async start(): Promise<void> {
    const { roles } = this.#config;
    await this.email?.gateway.start();
    await this.sms?.start();
    if (roles.has('worker:documents') || roles.has('api')) this.renderer.start();
    if (roles.has('dispatcher')) await this.#reconcile();
    this.#opening = this.#open();
  }

  /** Lets what is under way end within the drain's time; what is left after it is `unknown` when its lease ends. */
  async stop(): Promise<void> {
    const limit = setTimeout(() => this.#stopping.abort(), this.#config.drainTimeoutMs);
    const over = aborted(this.#stopping.signal);
    this.#closing.abort();
    await Promise.race([this.#stopLoops(), over]);
    await Promise.all(this.#workers.map(async (worker) => worker.stop(over)));
    clearTimeout(limit);
    this.#stopping.abort();
    await this.bell.stop();
    await Promise.all([this.email?.gateway.stop(), this.sms?.stop(), this.renderer.stop()]);
    await this.#backend?.stop();
  }

  /** Something is due: the dispatchers here look at once, those elsewhere hear the bell. */
  wake(channel: Channel): void {
    this.#dispatchers.get(channel)?.wake();
    this.bell.ring(channel);
  }

  /** BullMQ's queues, for the board; another list once there are some. */
  boardQueues(): ReturnType<QueueBackend['boardQueues']> {
    return this.#backend?.boardQueues() ?? noQueues;
  }

  /** Loops of this process that have stopped moving, by name. One that fails and comes back still moves. */
  stuck(): string[] {
    const loops: [string, Dispatcher | Reconciler | undefined][] = [
      ...this.#dispatchers,
      ['reconciler', this.#reconciler],
    ];
    return [
      ...loops.filter(([, loop]) => (loop?.silentFor() ?? 0) > stuckAfterMs).map(([name]) => name),
      ...this.#workers.filter((worker) => worker.isStuck(stuckAfterMs)).map(({ name }) => `worker:${name}`),
    ];
  }

  async #stopLoops(): Promise<void> {
    await this.#listener?.stop();
    await this.#opening;
    for (const part of [...this.#dispatchers.values(), this.#reconciler]) await part?.stop();
  }

  async #reconcile(): Promise<void> {
    this.#reconciler = new Reconciler({
      database: this.#foundation.service,
      clock: this.#foundation.clock,
      queues: this.#queues,
      graceMs: reconcileGraceMs,
      everyMs: reconcileEveryMs,
      smsRepeatWindowMs,
      onError: this.#onError('reconciler'),
      wake: (channel) => this.wake(channel),
    });
    this.#reconciler.start();
    this.#listener = new BellListener(this.#foundation.databaseUrl, (heard) => {
      for (const [channel, dispatcher] of this.#dispatchers) if (channel === heard) dispatcher.wake();
    });
    await this.#listener.start();
  }

  async #open(): Promise<void> {
    let told: string | null = null;
    const opened = await openBackend({
      url: this.#foundation.queueUrl,
      signal: this.#closing.signal,
      make: (backend) => this.#make(backend),
      onError: (error) => this.#log.warn({ error: withoutText(error) }, 'queue connection'),
      onFailure: (error) => {
        const facts = withoutText(error);
        const reason = facts.code ?? facts.name;
        if (reason !== told) this.#log.warn({ part: 'queue', error: facts }, 'the queue cannot be used yet');
        told = reason;
      },
    });
    if (!opened) return;
    this.#log.info({ part: 'queue' }, 'the queue can be used');
    this.#backend = opened.backend;
    this.#workers = opened.made.workers;
    for (const worker of this.#workers) worker.start();
    for (const { channel, queue, dispatcher } of opened.made.dispatchers) {
      this.#queues.set(channel, queue);
      this.#dispatchers.set(channel, dispatcher);
      dispatcher.start();
    }
  }

  /** BullMQ's objects and what stands on them; nothing of it is started. */
  #make(backend: QueueBackend) {
    const { roles } = this.#config;
    const queues = new Map([...channels, documentsQueue].map((name) => [name, backend.queue(name)]));
    const workers: Working[] = [];
    const work = (name: Channel | typeof documentsQueue, processor: JobProcessor): void => {
      const queue = queues.get(name);
      if (!queue) return;
      const concurrency = this.#config.concurrency[name];
      const worker = (around: JobProcessor) => backend.worker(name, around, concurrency);
      workers.push(new Working({ queue, concurrency, processor, worker, onError: this.#onError(`worker:${name}`) }));
    };
    if (roles.has('worker:documents')) work(documentsQueue, this.documents.process);
    if (roles.has('worker:email') && this.email) work('email', this.#deliver(this.#emailDesk(this.email)));
    if (roles.has('worker:sms') && this.sms) work('sms', this.#deliver(this.#smsDesk(this.sms)));
    return { workers, dispatchers: roles.has('dispatcher') ? this.#makeDispatchers(backend, queues) : [] };
  }

  #makeDispatchers(backend: QueueBackend, queues: ReadonlyMap<string, JobQueue>) {
    const { service: database, clock } = this.#foundation;
    const onError = this.#onError('dispatcher');
    const flows = backend.flows();
    return channels.flatMap((channel) => {
      const queue = queues.get(channel);
      if (!queue || (channel === 'email' ? !this.email : !this.sms)) return [];
      const concurrency = this.#config.concurrency[channel];
      const dispatcher = new Dispatcher({ database, clock, channel, queue, flows, concurrency, onError });
      return [{ channel, queue, dispatcher }];
    });
  }

  #deliver<Slot extends { release(): void }>(desk: Desk<Slot>): JobProcessor {
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
    return worker.process;
  }

  #emailDesk({ gateway, mailFrom }: NonNullable<Machinery['email']>): EmailDesk {
    const { clock, secretKeys, service } = this.#foundation;
    return new EmailDesk({
      gateway,
      documents: this.documents,
      clock,
      mailFrom,
      findImage: async (tenant, sha256) => findImage(service.pool, tenant, sha256),
      loadTemplate: this.#loadTemplate,
      openSecret: (sealed) => openSecret(sealed, secretKeys),
    });
  }

  #smsDesk(gateway: SmsapiGateway): SmsDesk {
    const { clock, secretKeys } = this.#foundation;
    const { smsFrom } = this.#config;
    return new SmsDesk({
      gateway,
      documents: this.documents,
      clock,
      publicUrl: this.#publicUrl,
      secretKeys,
      smsFrom,
      loadTemplate: this.#loadTemplate,
    });
  }

  #onError(part: string): (error: unknown) => void {
    return (error) => this.#log.warn({ part, error: withoutText(error) }, 'a part failed and goes on');
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
