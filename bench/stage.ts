import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { EmbeddedPostgres } from '../src/embedded/postgres.ts';
import { migrateQueue } from '../src/queue/queue-backend.ts';
import { migrate } from '../src/store/migrate.ts';
import { Child } from './child.ts';
import { type RedisServer, startRedis } from './redis.ts';

/** What the measurements stand on, each part started when it is first asked for and stopped at the end, in reverse. */
export class Stage {
  readonly folder: string;
  readonly rounds = 3;
  /** A folder for the services' CPU profiles. */
  readonly profile: string | undefined;
  readonly say: (line: string) => void;
  readonly #ends: (() => Promise<unknown>)[] = [];
  #postgres: Promise<string> | undefined;
  #redis: Promise<RedisServer | undefined> | undefined;
  readonly #servers: Set<string>;

  constructor(options: {
    folder: string;
    profile: string | undefined;
    servers: Set<string>;
    say: (line: string) => void;
  }) {
    this.#servers = options.servers;
    this.folder = options.folder;
    this.profile = options.profile;
    this.say = options.say;
    mkdirSync(this.folder, { recursive: true });
  }

  /** An empty database of its own in the one server, durable as usual. @returns its URL */
  async database(name: string): Promise<string> {
    const url = new URL(await (this.#postgres ??= this.#startPostgres()));
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    url.pathname = `/${name}`;
    return url.href;
  }

  /** A database with the service's schema, and the queue's. */
  async migratedDatabase(name: string): Promise<string> {
    const url = await this.database(name);
    await migrate(url, async () => migrateQueue(url));
    return url;
  }

  /** Undefined where neither redis-server nor valkey-server is on PATH. */
  async redis(): Promise<RedisServer | undefined> {
    return (this.#redis ??= this.#startRedis());
  }

  async child<T>(file: URL, ready: z.ZodType<T>, options: Record<string, unknown> = {}) {
    const started = await Child.start(file, ready, options);
    this.keep(async () => started.child.stop());
    return started;
  }

  /** To be ended with the stage. */
  keep(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end().catch((error: unknown) => this.say(String(error)));
  }

  async #startPostgres(): Promise<string> {
    this.say('starting PostgreSQL');
    const postgres = new EmbeddedPostgres({ dataDir: this.folder, fresh: true });
    this.keep(async () => postgres.remove());
    const { url } = await postgres.start();
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SHOW server_version');
    await client.end();
    const [{ server_version: version }] = z.tuple([z.object({ server_version: z.string() })]).parse(rows);
    this.#servers.add(`PostgreSQL ${version}`);
    return url;
  }

  async #startRedis(): Promise<RedisServer | undefined> {
    const redis = await startRedis(path.join(this.folder, 'redis'));
    if (!redis) return undefined;
    this.keep(async () => redis.stop());
    this.#servers.add(`${redis.version} (appendonly everysec, noeviction)`);
    return redis;
  }
}
