import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { AttachedProcesses, type Attached } from './attached-processes.ts';
import { findPlace, readRecord, writeRecord, type PostgresPlace } from './postgres-place.ts';
import { dataOf, findRunning, halt, initialise, launch, urlOf, type RunningServer } from './postgres-server.ts';

const database = 'sollecito';

export interface EmbeddedPostgresOptions {
  /** The embedded data's folder (`SOLLECITO_DATA_DIR`); the server keeps `postgres/` in it. */
  dataDir: string;
  /** Takes a line for a person: what is being done, in the present. */
  log?: (line: string) => void;
  /** Begins with an empty database, whatever was there. Refused while another process uses it. */
  fresh?: boolean;
  /** `false` trades safety in a power cut for speed; for tests. */
  durable?: boolean;
}

/**
 * A real PostgreSQL, started by us on loopback from the programs that npm brought.
 *
 * Several processes may hold one on the same data folder: the first starts the server, the others attach to it, the
 * last one out stops it. A process that is killed hard leaves the server running: the next `start()` on the data folder
 * adopts it (or, with `fresh`, stops it and begins anew), and the server then ends with that process.
 */
export class EmbeddedPostgres {
  readonly #folder: string;
  readonly #options: EmbeddedPostgresOptions;
  readonly #processes: AttachedProcesses;
  #started: Promise<{ url: string; token: string }> | undefined;

  constructor(options: EmbeddedPostgresOptions) {
    const dataDir = path.resolve(options.dataDir);
    mkdirSync(path.join(dataDir, 'postgres'), { recursive: true, mode: 0o700 });
    this.#folder = path.join(realpathSync(dataDir), 'postgres');
    this.#options = options;
    this.#processes = new AttachedProcesses(path.join(this.#folder, 'attached.sqlite'));
  }

  /** @returns the URL of the database `sollecito`, its superuser's password in it. */
  async start(): Promise<{ url: string }> {
    this.#started ??= this.#processes.locked((attached) => this.#attach(attached));
    try {
      const { url } = await this.#started;
      return { url };
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  /** Leaves the server, and stops it when no other process uses it. A minute at most. */
  async stop(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    const token = await started?.then((it) => it.token).catch(() => undefined);
    if (token === undefined) return;
    await this.#processes.locked(async (attached) => {
      attached.remove(token);
      if (attached.pids().length === 0) await this.#haltServer(await this.#place());
    });
  }

  /** Stops the server and deletes its data. @returns false, and does neither, while another process uses it. */
  async remove(): Promise<boolean> {
    await this.stop();
    return await this.#processes.locked(async (attached) => {
      if (attached.pids().length > 0) return false;
      const place = await this.#place();
      await this.#haltServer(place);
      await rm(place.home === this.#folder ? dataOf(place) : place.home, { recursive: true, force: true });
      await rm(path.join(this.#folder, 'server.json'), { force: true });
      return true;
    });
  }

  async #attach(attached: Attached): Promise<{ url: string; token: string }> {
    const place = await this.#place();
    if (this.#options.fresh === true || place.leftover) await this.#empty(place, attached.pids());
    const password = await this.#password(place);
    if (!existsSync(dataOf(place))) {
      this.#options.log?.('Preparing PostgreSQL');
      await initialise(place, password);
    }
    refuseOtherVersion(place);
    const running = (await findRunning(place, password)) ?? (await this.#launch(place));
    try {
      await writeRecord(this.#folder, { home: place.home, ...running });
      await ensureDatabase(running.port, password);
    } catch (error) {
      if (attached.pids().length === 0) await halt(place);
      throw error;
    }
    return { url: urlOf(running.port, password, database), token: attached.add() };
  }

  #place(): Promise<PostgresPlace> {
    return findPlace(this.#folder, readRecord(this.#folder)?.home);
  }

  async #empty(place: PostgresPlace, users: number[]): Promise<void> {
    if (users.length > 0) {
      throw new Error(`${this.#options.dataDir} is in use by process ${users.join(', ')}: stop it first`);
    }
    await halt(place);
    await rm(dataOf(place), { recursive: true, force: true });
  }

  async #launch(place: PostgresPlace): Promise<RunningServer> {
    this.#options.log?.('Starting PostgreSQL');
    const wantedPort = readRecord(this.#folder)?.port ?? undefined;
    return await launch(place, { durable: this.#options.durable ?? true, wantedPort });
  }

  async #haltServer(place: PostgresPlace): Promise<void> {
    await halt(place);
    const port = readRecord(this.#folder)?.port ?? null;
    await writeRecord(this.#folder, { home: place.home, pid: null, port });
  }

  async #password(place: PostgresPlace): Promise<string> {
    const file = path.join(this.#folder, 'password');
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
    if (existsSync(dataOf(place))) {
      throw new Error(`${file} is missing: put it back, or delete ${dataOf(place)} with all data in it`);
    }
    const password = randomBytes(24).toString('base64url');
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
}

function refuseOtherVersion(place: PostgresPlace): void {
  const found = readFileSync(path.join(dataOf(place), 'PG_VERSION'), 'utf8').trim();
  // The packages carry PostgreSQL's own major version.
  const brought = '18';
  if (found !== brought) {
    throw new Error(
      `${dataOf(place)} was made by PostgreSQL ${found}, this release brings ${brought}: move the data by a backup`,
    );
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const client = new Client({ connectionString: urlOf(port, password, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}
