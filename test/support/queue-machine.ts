import { Redis } from 'ioredis';
import { Client } from 'pg';
import { inject } from 'vitest';
import type { Channel } from '../../src/domain/delivery-facts.ts';
import { Dispatcher } from '../../src/queue/dispatcher.ts';
import { type JobQueue, type JobWorker, migrateQueue, QueueBackend } from '../../src/queue/queue-backend.ts';
import { documentsQueue } from '../../src/queue/queue-names.ts';
import { Reconciler } from '../../src/queue/reconciler.ts';
import { timings } from '../../src/timings.ts';
import type { TestService, WorkerChanges } from './service.ts';

export type BackendKind = 'postgres' | 'redis';

/** For `describe.skipIf`: the kinds that cannot be tested on this machine. */
export function isMissing(kind: BackendKind): boolean {
  return kind === 'redis' && inject('redisUrl') === null;
}

const channels: readonly Channel[] = ['email', 'sms'];
export const graceMs = timings().reconcileGraceMs;

/** One process with workers, on connections of its own. */
export type WorkerProcess = {
  /** Lets the jobs in work end. */
  stop(): Promise<void>;
  /** Ends at once, as a killed process would: jobs in work are dropped and their locks run out. */
  abandon(): Promise<void>;
};

/** The real queue around a TestService: dispatchers, reconciler and worker processes on BullMQ. */
export class QueueMachine {
  readonly url: string;
  readonly queues: ReadonlyMap<Channel, JobQueue>;
  readonly reconciler: Reconciler;
  readonly errors: unknown[] = [];
  readonly #service: TestService;
  readonly #backend: QueueBackend;
  readonly #dispatchers: ReadonlyMap<Channel, Dispatcher>;
  readonly #processes = new Set<WorkerProcess>();

  private constructor(service: TestService, url: string) {
    this.url = url;
    this.#service = service;
    const onError = (error: unknown): void => void this.errors.push(error);
    this.#backend = new QueueBackend(url, onError);
    this.queues = new Map(channels.map((channel) => [channel, this.#backend.queue(channel)]));
    const flows = this.#backend.flows();
    const { database, clock } = service;
    this.#dispatchers = new Map(
      [...this.queues].map(([channel, queue]) => [
        channel,
        new Dispatcher({ database, clock, channel, queue, flows, concurrency: 10, timings: timings(), onError }),
      ]),
    );
    const wake = (channel: Channel): void => this.#dispatchers.get(channel)?.wake();
    service.onWake = wake;
    const windows = { timings: { ...timings(), reconcileEveryMs: 100 }, smsRepeatWindowMs: 3_600_000 };
    this.reconciler = new Reconciler({ database, clock, queues: this.queues, ...windows, onError, wake });
  }

  /**
   * Dispatching begins at once; workers are added.
   * @param redisDatabase one that no other test file uses. @param redisPort another way to the same Redis.
   */
  static async start(
    service: TestService,
    kind: BackendKind,
    redisDatabase: number,
    redisPort?: number,
  ): Promise<QueueMachine> {
    const url = kind === 'redis' ? redisUrl(redisDatabase, redisPort) : service.api.databaseUrl;
    await migrateQueue(url);
    await wipeQueue(url);
    const machine = new QueueMachine(service, url);
    for (const dispatcher of machine.#dispatchers.values()) dispatcher.start();
    machine.reconciler.start();
    return machine;
  }

  async stop(): Promise<void> {
    this.#service.onWake = () => {};
    await this.reconciler.stop();
    await Promise.all([...this.#dispatchers.values()].map(async (dispatcher) => dispatcher.stop()));
    await Promise.all([...this.#processes].map(async (process) => process.stop()));
    await this.#backend.stop();
  }

  /** Another process: workers of both channels (as `changes` say) and of the documents. */
  async addProcess(changes: Partial<Record<Channel, WorkerChanges>> = {}): Promise<WorkerProcess> {
    const backend = new QueueBackend(this.url, (error) => void this.errors.push(error));
    const workers: { worker: JobWorker; running: Promise<void> }[] = [];
    const work = (worker: JobWorker): void =>
      void workers.push({ worker, running: worker.run().catch((error: unknown) => void this.errors.push(error)) });
    work(backend.worker(documentsQueue, this.#service.documents.process, 2));
    for (const channel of channels) {
      const { process } = await this.#service.worker(channel, changes[channel]);
      work(backend.worker(channel, process, 10));
    }
    const end = async (force: boolean): Promise<void> => {
      this.#processes.delete(process);
      await Promise.all(
        workers.map(async ({ worker, running }) => Promise.all([worker.close(force), force || running])),
      );
      await backend.stop();
    };
    const process: WorkerProcess = { stop: async () => end(false), abandon: async () => end(true) };
    this.#processes.add(process);
    return process;
  }

  /** Forgets every job, as a Redis that lost its data would. */
  async wipe(): Promise<void> {
    await wipeQueue(this.url);
  }
}

/** Forgets every job of a queue. */
export async function wipeQueue(url: string): Promise<void> {
  if (url.startsWith('redis')) {
    const redis = new Redis(url);
    await redis.flushdb();
    await redis.quit();
    return;
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('TRUNCATE bullmq.job CASCADE');
  await client.end();
}

/** A numbered database of the Redis that all test files share. */
export function redisUrl(database: number, port?: number): string {
  const url = new URL(inject('redisUrl') ?? 'redis://none');
  if (port !== undefined) url.port = String(port);
  url.pathname = `/${database}`;
  return url.href;
}
