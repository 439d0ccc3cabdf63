import type { Logger } from 'pino';
import type { SmsapiGateway } from './channels/sms/smsapi-gateway.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/delivery-facts.ts';
import { type DeskParts, emailDesk, smsDesk } from './desks.ts';
import { withoutText } from './error-facts.ts';
import type { Foundation } from './foundation.ts';
import { emailGateway, smsGateway } from './gateways.ts';
import { PdfRenderer } from './invoices/pdf-renderer.ts';
import type { Metrics } from './metrics.ts';
import { Bell, BellListener } from './queue/bell.ts';
import { Dispatcher } from './queue/dispatcher.ts';
import { openBackend } from './queue/open-backend.ts';
import { Pulse } from './queue/pulse.ts';
import type { HoldingProcessor, JobProcessor, JobQueue, QueueBackend } from './queue/queue-backend.ts';
import { channels, documentsQueue } from './queue/queue-names.ts';
import { Reconciler } from './queue/reconciler.ts';
import { Working } from './queue/working.ts';
import type { BreakerChange } from './store/breaker.ts';
import { Room } from './store/room.ts';
import { type Timings, timings } from './timings.ts';
import { DeliveryWorker, type Desk } from './workers/delivery-worker.ts';
import { Documents } from './workers/documents.ts';

/** How long SMSAPI remembers an idx, at the least. */
const smsRepeatWindowMs = 3_600_000;
const renderTimeoutMs = 20_000;
/** The end of a drain, in which what was cut off is settled; of a short one a quarter. */
const settleRoomMs = 2_000;
const noQueues: readonly never[] = [];

/** The moving parts: gateways, queues, dispatchers, workers. Started in order, stopped in reverse. */
export class Machinery {
  readonly documents: Documents;
  readonly renderer: PdfRenderer;
  readonly bell: Bell;
  readonly room: Room;
  readonly email: ReturnType<typeof emailGateway>;
  readonly sms: SmsapiGateway | undefined;
  readonly #config: Config;
  readonly #foundation: Foundation;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #deskParts: DeskParts;
  readonly #timings: Timings;
  readonly #pulse: Pulse;
  /** No more attempts to reach the queue. */
  readonly #closing = new AbortController();
  /** What is still under way is cut off, so that it can be settled within the drain's time. */
  readonly #cutOff = new AbortController();
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
    this.#timings = timings(config.timeScale);
    this.#foundation = foundation;
    this.#log = log;
    this.#metrics = metrics;
    this.room = new Room(this.#timings.roomDoubtMs);
    this.#pulse = new Pulse(foundation.databaseUrl, this.#timings.pulseEveryMs);
    this.renderer = new PdfRenderer({
      chromiumPath: config.chromiumPath,
      dataDir: config.dataDir,
      pages: config.concurrency.documents,
      timeoutMs: renderTimeoutMs,
    });
    this.documents = new Documents({
      database: foundation.service,
      clock: foundation.clock,
      renderer: this.renderer,
      timings: this.#timings,
    });
    this.#deskParts = { foundation, documents: this.documents, publicUrl, smsFrom: config.smsFrom };
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
    this.#pulse.start();
    if (roles.has('dispatcher')) await this.#reconcile();
    this.#opening = this.#open();
  }

  /**
   * No more jobs are taken, and what is under way may end within the drain's time. A moment before its end the rest is
   * cut off and settled; jobs that were not handed over go back to the queue. What the documents need stays until
   * `stop`.
   */
  async drain(): Promise<void> {
    const { drainTimeoutMs } = this.#config;
    const cut = setTimeout(() => this.#cut(), drainTimeoutMs - Math.min(settleRoomMs, drainTimeoutMs / 4));
    const limit = setTimeout(() => this.#stopping.abort(), drainTimeoutMs);
    const [cutOff, over] = [aborted(this.#cutOff.signal), aborted(this.#stopping.signal)];
    this.#closing.abort();
    await Promise.race([this.#opening, over]);
    await Promise.all([
      Promise.race([this.#stopLoops(), over]),
      ...this.#workers.map(async (worker) => worker.stop(cutOff, over)),
    ]);
    clearTimeout(cut);
    clearTimeout(limit);
    this.#stopping.abort();
  }

  /** Safe without a drain: then what is under way is cut off. */
  async stop(): Promise<void> {
    this.#closing.abort();
    this.#cut();
    this.#stopping.abort();
    await Promise.all([this.bell.stop(), this.#pulse.stop()]);
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

  /**
   * Loops of this process that have stopped moving, by name. One that fails and comes back still moves, and none can
   * while PostgreSQL is away: so nothing counts that is shorter than PostgreSQL has answered for.
   */
  stuck(): string[] {
    const silences: [string, number][] = [
      ...[...this.#dispatchers].map(([channel, loop]): [string, number] => [channel, loop.silentFor()]),
      ['reconciler', this.#reconciler?.silentFor() ?? 0],
      ...this.#workers.map((worker): [string, number] => [`worker:${worker.name}`, worker.idleFor()]),
    ];
    const { stuckAfterMs } = this.#timings;
    const answering = this.#pulse.answeringFor();
    return [
      ...silences.filter(([, ms]) => Math.min(ms, answering) > stuckAfterMs).map(([name]) => name),
      ...this.#workers.filter(({ ended }) => ended).map(({ name }) => `worker:${name}`),
    ];
  }

  #cut(): void {
    this.#cutOff.abort();
    this.email?.gateway.cutOff();
    this.sms?.cutOff();
  }

  async #stopLoops(): Promise<void> {
    const loops = [this.#listener, this.#reconciler, ...this.#dispatchers.values()];
    await Promise.all(loops.map(async (loop) => loop?.stop()));
  }

  async #reconcile(): Promise<void> {
    this.#reconciler = new Reconciler({
      database: this.#foundation.service,
      clock: this.#foundation.clock,
      queues: this.#queues,
      timings: this.#timings,
      smsRepeatWindowMs,
      onError: this.#onError('reconciler'),
      wake: (channel) => this.wake(channel),
      expired: (channel, count) => this.#metrics.expired(channel, count),
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
      timings: this.#timings,
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
      const worker = (around: HoldingProcessor) => backend.worker(name, around, concurrency);
      const onError = this.#onError(`worker:${name}`);
      const longestJobMs = this.#config.sendTimeoutMs + renderTimeoutMs;
      workers.push(
        new Working({ queue, concurrency, processor, timings: this.#timings, longestJobMs, worker, onError }),
      );
    };
    if (roles.has('worker:documents')) work(documentsQueue, this.documents.process);
    if (roles.has('worker:email') && this.email) work('email', this.#deliver(emailDesk(this.email, this.#deskParts)));
    if (roles.has('worker:sms') && this.sms) work('sms', this.#deliver(smsDesk(this.sms, this.#deskParts)));
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
      const at = this.#timings;
      const dispatcher = new Dispatcher({ database, clock, channel, queue, flows, concurrency, timings: at, onError });
      return [{ channel, queue, dispatcher }];
    });
  }

  #deliver<Slot extends { release(): void }>(desk: Desk<Slot>): JobProcessor {
    const worker = new DeliveryWorker({
      database: this.#foundation.service,
      clock: this.#foundation.clock,
      desk,
      sendTimeoutMs: this.#config.sendTimeoutMs,
      timings: this.#timings,
      random: Math.random,
      cutOff: this.#cutOff.signal,
      stopping: this.#stopping.signal,
      settled: ({ acceptedAt, now, ...settled }) =>
        this.#metrics.settled({ ...settled, seconds: acceptedAt && now.since(acceptedAt).total('seconds') }),
      breakerChanged: (change) => this.#breakerChanged(change),
      done: (channel) => this.wake(channel),
      onError: this.#onError(`worker:${desk.channel}`),
    });
    return worker.process;
  }

  #breakerChanged({ provider, to, ...facts }: BreakerChange): void {
    this.#metrics.breakerChanged(provider, to);
    const text = to === 'open' ? 'a provider fails: nothing is handed over for a while' : 'a provider works again';
    this.#log[to === 'open' ? 'warn' : 'info']({ part: 'breaker', provider, to, ...facts }, text);
  }

  #onError(part: string): (error: unknown) => void {
    return (error) => {
      this.room.heard(error);
      this.#log.warn({ part, error: withoutText(error) }, 'a part failed and goes on');
    };
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
