import { Client } from 'pg';
import type { Channel } from '../domain/delivery-facts.ts';
import type { Database } from '../store/database.ts';
import { answered } from './answered.ts';

const pgChannel = 'sollecito_due';

/**
 * Tells the dispatchers of all processes that something is due. NOTIFY inside a transaction takes a lock over the whole
 * server at commit, so it is sent after, and one for many: each process rings at most every 5 ms, the first of them at
 * once. A ring that is lost costs a second at most (the dispatcher's clock).
 */
export class Bell {
  readonly #database: Database;
  readonly #waiting = new Set<Channel>();
  #timer: NodeJS.Timeout | undefined;
  #rungAt = -Infinity;
  #ringing: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** After the stop it does nothing: what is due is found by the clocks of the others. */
  ring(channel: Channel): void {
    if (this.#stopped) return;
    this.#waiting.add(channel);
    this.#timer ??= setTimeout(() => this.#ring(), Math.max(0, this.#rungAt + 5 - performance.now()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) this.#ring();
    await this.#ringing;
  }

  #ring(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rungAt = performance.now();
    const channels = [...this.#waiting];
    this.#waiting.clear();
    this.#ringing = this.#database.pool
      .query(`SELECT pg_notify($1, channel) FROM unnest($2::text[]) AS channel`, [pgChannel, channels])
      .catch(() => undefined);
  }
}

/** Hears the bell over a connection of its own (session-level: LISTEN does not survive a transaction pooler); reconnects. */
export class BellListener {
  readonly #url: string;
  readonly #heard: (channel: string) => void;
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #started = false;

  constructor(url: string, heard: (channel: string) => void) {
    this.#url = url;
    this.#heard = heard;
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#started = false;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client) await answered(client.end()).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'sollecito bell',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    client.on('error', () => this.#again(client));
    client.on('end', () => this.#again(client));
    client.on('notification', (message) => this.#heard(message.payload ?? ''));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${pgChannel}`);
    } catch {
      this.#again(client);
    }
  }

  #again(client: Client): void {
    if (!this.#started || this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    this.#retry = setTimeout(() => void this.#connect(), 1_000);
  }
}
