import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const lockTimeoutMs = 120_000;
const row = z.object({ token: z.string(), pid: z.number(), born: z.string() });
type Row = z.infer<typeof row>;

/** Tokens of this very process: after a container's restart a dead process may have had our pid. */
const ownTokens = new Set<string>();

export interface Attached {
  /** Pids of the living processes that use the server, this one included if it does. */
  pids(): number[];
  add(): string;
  remove(token: string): void;
}

/**
 * Who uses a server that several processes share, in one small SQLite file. SQLite brings what a lock file of our own
 * would lack: its lock is the kernel's, so it ends with the process that held it, however that process ended.
 */
export class AttachedProcesses {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Runs `work` while no other process does; what it changes is kept only if it does not throw. Waits two minutes at most. */
  async locked<T>(work: (attached: Attached) => Promise<T>): Promise<T> {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(this.#file, { timeout: 0 });
    try {
      await begin(database, this.#file);
      database.exec('CREATE TABLE IF NOT EXISTS attached (token TEXT PRIMARY KEY, pid INTEGER, born TEXT)');
      forgetTheDead(database);
      const result = await work(view(database));
      database.exec('COMMIT');
      return result;
    } finally {
      // Closing rolls back what was not committed.
      database.close();
    }
  }
}

async function begin(database: DatabaseSync, file: string): Promise<void> {
  const deadline = performance.now() + lockTimeoutMs;
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > deadline) throw new Error(`${file} is locked by another process`, { cause: error });
      await pause(25);
    }
  }
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function view(database: DatabaseSync): Attached {
  return {
    pids: () => rows(database).map(({ pid }) => pid),
    add() {
      const token = randomUUID();
      database
        .prepare('INSERT INTO attached (token, pid, born) VALUES (?, ?, ?)')
        .run(token, process.pid, birthOf(process.pid));
      ownTokens.add(token);
      return token;
    },
    remove(token) {
      database.prepare('DELETE FROM attached WHERE token = ?').run(token);
      ownTokens.delete(token);
    },
  };
}

function forgetTheDead(database: DatabaseSync): void {
  const remove = database.prepare('DELETE FROM attached WHERE token = ?');
  for (const entry of rows(database)) {
    if (!isAttached(entry)) remove.run(entry.token);
  }
}

function rows(database: DatabaseSync): Row[] {
  return row.array().parse(database.prepare('SELECT token, pid, born FROM attached ORDER BY pid').all());
}

function isAttached(entry: Row): boolean {
  if (entry.pid === process.pid) return ownTokens.has(entry.token);
  return isAlive(entry.pid) && birthOf(entry.pid) === entry.born;
}

/** Whether a process runs under this pid, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

// A pid is used again after a while; on Linux the boot and the tick of its start tell two holders apart. Elsewhere: ''.
function birthOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const startTick = statFields(pid)[19] ?? '';
    return `${boot}/${startTick}`;
  } catch {
    return '';
  }
}

// Ended, and its parent has not asked for the exit code: in containers whose first process never does, it stays so.
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return statFields(pid)[0] === 'Z';
  } catch {
    return false;
  }
}

// proc_pid_stat(5) from field 3, the state, on: what stands before is the command, which may itself hold spaces.
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
