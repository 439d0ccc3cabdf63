import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedPostgres } from '../src/embedded/postgres.ts';
import { readRecord } from '../src/embedded/postgres-place.ts';

/** A real PostgreSQL, as durable as it comes, that can be hit hard. Linux: it finds the server's processes in /proc. */
export class Postgres {
  /** When it went down, in epoch milliseconds. */
  readonly falls: number[] = [];
  readonly #folder: string;
  readonly #servers: EmbeddedPostgres[] = [];
  #url = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(folder: string): Promise<Postgres> {
    const postgres = new Postgres(folder);
    await postgres.#start(true);
    return postgres;
  }

  get url(): string {
    return this.#url;
  }

  /** SIGKILL to one of its backends, which makes it end all the others and recover. @param draw which: from 0 to 1 */
  async killBackend(draw: number): Promise<void> {
    const pids = await this.#backends();
    const pid = pids[Math.floor(draw * pids.length)];
    if (pid !== undefined) this.#kill([pid]);
    await this.#answers();
  }

  /** SIGKILL to all of its processes; it is started again after `forMs`, on the same port, and recovers. */
  async crash(forMs: number): Promise<void> {
    const pid = readRecord(path.join(this.#folder, 'postgres'))?.pid;
    if (pid === null || pid === undefined) throw new Error('PostgreSQL is not running');
    const children = childrenOf(pid);
    // The postmaster first: it can start no more of them.
    this.#kill([pid, ...children]);
    await pause(forMs);
    await this.#start(false);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0).slice(0, -1)) await server.stop();
    const last = new EmbeddedPostgres({ dataDir: this.#folder });
    await last.remove();
  }

  // Each start after a crash is a new attachment: the old one's server is gone.
  async #start(fresh: boolean): Promise<void> {
    const server = new EmbeddedPostgres({ dataDir: this.#folder, fresh });
    const { url } = await server.start();
    if (this.#url !== '' && this.#url !== url) throw new Error('PostgreSQL came back on another port');
    this.#url = url;
    this.#servers.push(server);
  }

  #kill(pids: readonly number[]): void {
    this.falls.push(Date.now());
    for (const pid of pids) kill(pid);
  }

  async #backends(): Promise<number[]> {
    const client = new Client({ connectionString: this.#url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid`,
      );
      return rows.map(({ pid }) => pid);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      const answered = await this.#backends().catch(() => undefined);
      if (answered) return;
      await pause(100);
    }
    throw new Error('PostgreSQL does not answer 30 s after one of its backends was killed');
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

// proc(5): the second field is the name in parentheses, which may hold anything; the fourth is the parent.
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
