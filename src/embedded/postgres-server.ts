import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { isAlive } from './attached-processes.ts';
import { listenOnLoopback } from './loopback-port.ts';
import type { PostgresPlace } from './postgres-place.ts';

const superuser = 'sollecito';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

/** Makes an empty cluster at `place`; a crash half-way leaves none. */
export async function initialise(place: PostgresPlace, password: string): Promise<void> {
  const unfinished = path.join(place.home, 'data.new');
  const passwordFile = path.join(place.home, 'password.new');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await give(place, unfinished);
  await writeOwned(place, passwordFile, password);
  try {
    const access = ['--username', superuser, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
    // Sorting that does not change with the machine's C library.
    const sorting = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const done = await run(place, 'initdb', ['--pgdata', unfinished, ...access, ...sorting]);
    if (done.code !== 0) throw new Error(`PostgreSQL could not make its data folder: ${lastLine(done.output)}`);
    await writeFile(path.join(unfinished, 'postgresql.conf'), "include 'sollecito.conf'\n", { flag: 'a' });
    await rename(unfinished, dataOf(place));
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * Starts the server on a free loopback port, on `wantedPort` if that is free.
 * @throws Error with the last line of the server's log.
 */
export async function launch(
  place: PostgresPlace,
  options: { durable: boolean; wantedPort: number | undefined },
): Promise<RunningServer> {
  const log = path.join(place.home, 'server.log');
  // A port that was free can be taken before the server has it; a server killed hard may still hold its shared memory.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? options.wantedPort : undefined);
    await writeOwned(place, path.join(dataOf(place), 'sollecito.conf'), settings(port, options.durable));
    await writeOwned(place, log, '');
    const { code } = await run(place, 'pg_ctl', ['start', '-s', '-w', '-t', '60', '-D', dataOf(place), '-l', log]);
    const file = readPidFile(place);
    if (code === 0 && file) return { pid: file.pid, port };
    if (attempt === 5) throw new Error(`PostgreSQL does not start: ${lastLine(readFileSync(log, 'utf8'))} (${log})`);
    await pause(500);
  }
}

/** The server that runs on this data already, once it takes connections. */
export async function findRunning(place: PostgresPlace, password: string): Promise<RunningServer | undefined> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const file = readPidFile(place);
    if (!file) return undefined;
    if (!isAlive(file.pid) || !isServerOf(place, file.pid)) {
      await disown(place, file.pid);
      return undefined;
    }
    // It may be starting, stopping or recovering: wait for the one or the other.
    if (file.port !== undefined && (await answers(file.port, password))) return { pid: file.pid, port: file.port };
    if (performance.now() > deadline) throw new Error(`PostgreSQL (process ${file.pid}) runs but does not answer`);
    await pause(100);
  }
}

/** Ends the server: open transactions are rolled back, data are flushed. Nothing happens when none runs. */
export async function halt(place: PostgresPlace): Promise<void> {
  const file = readPidFile(place);
  if (!file || !isAlive(file.pid) || !isServerOf(place, file.pid)) return;
  for (const mode of ['fast', 'immediate']) {
    const { code } = await run(place, 'pg_ctl', ['stop', '-s', '-w', '-t', '30', '-m', mode, '-D', dataOf(place)]);
    if (code === 0 || !isAlive(file.pid)) return;
  }
  throw new Error(`PostgreSQL (process ${file.pid}) does not stop`);
}

export function dataOf(place: PostgresPlace): string {
  return path.join(place.home, 'data');
}

export function urlOf(port: number, password: string, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

function settings(port: number, durable: boolean): string {
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    'max_connections = 200',
    'shared_buffers = 128MB',
    'max_locks_per_transaction = 256',
    'jit = off',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    // The log may not hold personal data: no statements, no DETAIL lines with their keys.
    'log_min_error_statement = panic',
    'log_error_verbosity = terse',
  ];
  // For data that nobody will miss. Autovacuum would keep template databases busy while tests clone them.
  if (!durable) lines.push('fsync = off', 'synchronous_commit = off', 'full_page_writes = off', 'autovacuum = off');
  return `${lines.join('\n')}\n`;
}

function pidFileOf(place: PostgresPlace): string {
  return path.join(dataOf(place), 'postmaster.pid');
}

// Lines: pid, data folder, start time, port, socket folder, address, shared memory, state; written bit by bit at a start.
function readPidFile(place: PostgresPlace): { pid: number; port: number | undefined } | undefined {
  if (!existsSync(pidFileOf(place))) return undefined;
  const lines = readFileSync(pidFileOf(place), 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

// Its command line names the data folder, which Linux shows to everyone; elsewhere the pid alone has to do.
function isServerOf(place: PostgresPlace, pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataOf(place));
  } catch {
    return false;
  }
}

// After a crash the pid in the file may be another program's by now, or a zombie's: PostgreSQL would refuse to start.
// It gets a pid that no system gives out. The rest of the file stays: by the shared memory named there PostgreSQL still
// sees (and refuses to start beside) processes that a killed server left behind.
async function disown(place: PostgresPlace, pid: number): Promise<void> {
  const nobodys = 2 ** 31 - 2;
  const text = readFileSync(pidFileOf(place), 'utf8');
  await writeOwned(place, pidFileOf(place), text.replace(String(pid), String(nobodys)));
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(port, password, 'postgres'), connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(wanted: number | undefined): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, wanted);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function writeOwned(place: PostgresPlace, file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  await handle.writeFile(text);
  await handle.close();
  await give(place, file);
}

async function give(place: PostgresPlace, file: string): Promise<void> {
  if (place.runAs) await chown(file, place.runAs.uid, place.runAs.gid);
}

// The server inherits what pg_ctl has: a pipe to us would stay open as long as the server lives, so `start` gets none.
function run(
  place: PostgresPlace,
  program: 'initdb' | 'pg_ctl',
  args: string[],
): Promise<{ code: number; output: string }> {
  const quiet = args[0] === 'start';
  const child = spawn(path.join(place.bin, program), args, {
    ...place.runAs,
    cwd: place.home,
    stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'pipe'],
    windowsHide: true,
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`cannot run PostgreSQL's ${program}: ${error.message}`)));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.findLast((line) => /FATAL|error/i.test(line)) ?? lines.at(-1) ?? '').trim() || 'no reason given';
}
