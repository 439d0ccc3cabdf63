import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis as Client } from 'ioredis';
import { type RedisServer, startRedis } from '../bench/redis.ts';

/** A real Redis (or Valkey) that can lose what it holds. */
export class Redis {
  readonly #folder: string;
  #server: RedisServer;

  private constructor(folder: string, server: RedisServer) {
    this.#folder = folder;
    this.#server = server;
  }

  /** @throws where none is on PATH. */
  static async start(folder: string): Promise<Redis> {
    const server = await startRedis(folder);
    if (!server) throw new Error('there is no redis-server and no valkey-server on PATH: take --backend postgres');
    return new Redis(folder, server);
  }

  get url(): string {
    return `redis://${this.#server.host}:${this.#server.port}/0`;
  }

  /** SIGKILL; back after `forMs` with what its log of the last second but one holds, or with nothing. */
  async kill(forMs: number, emptied: boolean): Promise<void> {
    const { port } = this.#server;
    await this.#server.kill();
    if (emptied) rmSync(this.#folder, { recursive: true, force: true });
    await pause(forMs);
    const server = await startRedis(this.#folder, { port });
    if (server) this.#server = server;
  }

  async flush(): Promise<void> {
    const client = new Client(this.url);
    client.on('error', () => undefined);
    await client.flushall();
    client.disconnect();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }
}
