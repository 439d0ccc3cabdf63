import {
  type ConnectionOptions,
  createPostgresBackend,
  FlowProducer,
  type Job,
  type JobsOptions,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Client } from 'pg';
import { type Timings, timings } from '../timings.ts';
import { answered } from './answered.ts';

/** Kept in Redis under one hash tag, so that a flow's queues stand in one slot of a cluster. */
export const prefix = '{sollecito}';
export const schema = 'bullmq';

/** A job holds ids and nothing else: whoever sees the board or the backend sees no personal data. */
export type JobData = { deliveryId: string; dispatchNo: number; dueDateId?: string };

type JobSpec = { name: string; data: JobData; opts: JobsOptions };

/** What a queue, a flow producer and a worker are to us, whichever backend is behind them. */
export type JobQueue = {
  readonly name: string;
  addBulk(jobs: JobSpec[]): Promise<unknown>;
  getJobState(id: string): Promise<string>;
  getJobCounts(): Promise<Record<string, number>>;
  getWorkersCount(): Promise<number>;
  isPaused(): Promise<boolean>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
};
export type JobFlow = JobSpec & { queueName: string; children?: JobFlow[] };
export type JobFlows = {
  addBulk(flows: JobFlow[]): Promise<unknown>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
};
export type JobWorker = {
  readonly name: string;
  run(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
};
export type JobProcessor = (job: Pick<Job<JobData, void>, 'id' | 'data' | 'attemptsMade' | 'opts'>) => Promise<void>;
/** The same with the lock's token, by which a job can be given back. */
export type HoldingProcessor = (job: HeldJob, token?: string) => Promise<void>;
export type HeldJob = Parameters<JobProcessor>[0] & { moveToWait(token?: string): Promise<unknown> };

/** Retention and tries of every job. What fails in preparing is tried again within seconds; PostgreSQL holds the rest. */
export const jobOptions: JobsOptions = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 150, jitter: 0.5 },
  // PostgreSQL looks through all that are kept at each completion: few.
  removeOnComplete: { age: 3_600, count: 100 },
  removeOnFail: { age: 86_400, count: 1_000 },
  stackTraceLimit: 1,
};

/** What all of BullMQ's objects can do. */
type Opened = { waitUntilReady(): Promise<unknown>; disconnect(): Promise<unknown>; close(): Promise<unknown> };
type Emitter = Opened & { on(event: 'error', listener: OnError): unknown };

/** One place to wait for a failing connection: BullMQ's objects emit `error`, and nobody listening ends the process. */
type OnError = (error: Error) => void;

/** Makes BullMQ's objects on PostgreSQL or on Redis, as the URL says, and closes them again. */
export class QueueBackend {
  readonly kind: 'postgres' | 'redis';
  readonly #url: string;
  readonly #onError: OnError;
  readonly #timings: Timings;
  readonly #boardQueues: Queue[] = [];
  readonly #open: Opened[] = [];
  #stopped = false;

  constructor(url: string, onError: OnError, ofWorkers = timings()) {
    this.#url = url;
    this.#onError = onError;
    this.#timings = ofWorkers;
    this.kind = /^rediss?:/.test(url) ? 'redis' : 'postgres';
  }

  queue(name: string): JobQueue {
    const streams = { events: { maxLen: 1_000 } };
    const queue: JobQueue & Emitter =
      this.kind === 'redis'
        ? new Queue(name, { connection: this.#redis('producer'), prefix, streams })
        : new Queue(name, { connection: this.#postgres(2), streams }, createPostgresBackend);
    queue.on('error', this.#onError);
    this.#boardQueues.push(asBoardQueue(queue));
    return this.#keep(queue);
  }

  /** The queues made so far, as Bull Board takes them. */
  boardQueues(): readonly Queue[] {
    return this.#boardQueues;
  }

  flows(): JobFlows {
    const flows: JobFlows & Emitter =
      this.kind === 'redis'
        ? new FlowProducer({ connection: this.#redis('producer'), prefix })
        : new FlowProducer({ connection: this.#postgres(2) }, createPostgresBackend);
    flows.on('error', this.#onError);
    return this.#keep(flows);
  }

  /** Not running yet: `run()` starts it. A job whose worker died is taken up again after about 15 seconds. */
  worker(name: string, processor: HoldingProcessor, concurrency: number): JobWorker {
    const options: Omit<WorkerOptions, 'connection'> = {
      concurrency,
      autorun: false,
      lockDuration: this.#timings.jobLockMs,
      stalledInterval: this.#timings.stalledEveryMs,
      maxStalledCount: 10,
      // A store that is back is used again within a second.
      runRetryDelay: this.#timings.queueRetryMs,
      prefix,
    };
    const worker: JobWorker & Emitter =
      this.kind === 'redis'
        ? new Worker<JobData, void>(name, processor, { ...options, connection: this.#redis('worker') })
        : new Worker(name, processor, { ...options, connection: this.#postgres(3) }, createPostgresBackend);
    worker.on('error', this.#onError);
    return this.#keep(worker);
  }

  /** Waits until everything made so far is connected; rejects when one is not. BullMQ keeps such a failure for ever. */
  async ready(): Promise<void> {
    await answered(Promise.all(this.#open.map(async (item) => item.waitUntilReady())));
  }

  /** Takes five seconds at most: a connection that does not come back is let go. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const open = this.#open.splice(0);
    await answered(Promise.allSettled(open.map(async (item) => item.close()))).catch(() => undefined);
    // One that was reconnecting would go on.
    if (this.kind === 'redis') for (const item of open) item.disconnect().catch(() => undefined);
  }

  #keep<T extends Opened>(item: T): T {
    this.#open.push(item);
    return item;
  }

  #postgres(max: number) {
    // The queue is disposable (the backlog stands beside it, committed for good): it need not wait for the disk.
    const options = '-c synchronous_commit=off';
    return { connectionString: this.#url, schema, max, application_name: 'sollecito queue', options };
  }

  // A producer must fail at once on a dead Redis (the backlog is in PostgreSQL, nothing is lost); a worker waits for it.
  // Before its first connection a producer waits too: BullMQ asks for the version once, and a failed asking would stay.
  #redis(use: 'producer' | 'worker'): ConnectionOptions {
    const url = new URL(this.#url);
    return {
      host: url.hostname,
      port: Number(url.port || 6379),
      ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
      ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
      ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
      ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
      connectTimeout: 5_000,
      // After the stop it ends what still waits to reconnect: its timers would keep the process.
      retryStrategy: (attempt) => (this.#stopped ? null : Math.min(attempt * 200, 2_000)),
      ...(use === 'producer'
        ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5_000 }
        : { maxRetriesPerRequest: null }),
    };
  }
}

// Bull Board's type names the Redis backend's connection options; it calls only methods that both backends have.
function asBoardQueue(queue: JobQueue): Queue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return queue as unknown as Queue;
}

/** BullMQ's own schema in PostgreSQL; nothing to do for Redis. */
export async function migrateQueue(url: string): Promise<void> {
  if (/^rediss?:/.test(url)) return;
  const client = new Client({ connectionString: url, application_name: 'sollecito migrate' });
  await client.connect();
  try {
    await runMigrations(client, schema);
  } finally {
    await client.end();
  }
}
