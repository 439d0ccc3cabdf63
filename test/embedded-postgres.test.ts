import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { isAlive } from '../src/embedded/attached-processes.ts';
import { EmbeddedPostgres } from '../src/embedded/postgres.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'sollecito-embedded '));
});
afterEach(async () => {
  await new EmbeddedPostgres({ dataDir }).remove();
  await rm(dataDir, { recursive: true, force: true });
});

const open = (options: { fresh?: boolean; durable?: boolean } = {}) =>
  new EmbeddedPostgres({ dataDir, durable: false, ...options });

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function recorded(): Promise<{ pid: number | null; home: string }> {
  const text = await readFile(path.join(dataDir, 'postgres', 'server.json'), 'utf8');
  return z.object({ pid: z.number().nullable(), home: z.string() }).parse(JSON.parse(text));
}

/** Another process that attaches to the same data folder and says so. */
async function attachElsewhere() {
  const script = `
    import { EmbeddedPostgres } from ${JSON.stringify(new URL('../src/embedded/postgres.ts', import.meta.url).href)};
    const server = new EmbeddedPostgres({ dataDir: process.argv[1], durable: false });
    const { url } = await server.start();
    console.log(url);
    process.stdin.once('data', async () => { await server.stop(); process.exit(); });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [chunk]: unknown[] = await once(child.stdout, 'data');
  return {
    url: String(chunk).trim(),
    async leave() {
      child.stdin.write('leave\n');
      await once(child, 'exit');
    },
    async crash() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the embedded PostgreSQL', () => {
  test('listens on loopback with a password, in UTF-8, with sorting that no machine changes', async () => {
    const server = open();
    const { url } = await server.start();
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const [row] = await query(
      url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('listen_addresses') AS listen,
              datlocprovider AS provider, datlocale AS locale, current_setting('max_connections') AS connections
         FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).toEqual({
      encoding: 'UTF8',
      listen: '127.0.0.1',
      provider: 'b',
      locale: 'C.UTF-8',
      connections: '200',
    });
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    await server.stop();
  });

  test.skipIf(process.platform === 'win32')('keeps its password where only its owner reads it', async () => {
    const server = open();
    await server.start();
    const { mode } = await stat(path.join(dataDir, 'postgres', 'password'));
    expect(mode & 0o077).toBe(0);
    await server.stop();
  });

  test('a second handle attaches, and the last one out stops it', async () => {
    const [first, second] = [open(), open()];
    const [a, b] = await Promise.all([first.start(), second.start()]);
    expect(b.url).toBe(a.url);
    const { pid } = await recorded();
    await first.stop();
    expect(await query(b.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    expect(isAlive(Number(pid))).toBe(false);
    expect((await recorded()).pid).toBe(null);
  });

  test('another process attaches, outlives the starter, and stops it', async () => {
    const server = open();
    const { url } = await server.start();
    const other = await attachElsewhere();
    expect(other.url).toBe(url);
    await server.stop();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const { pid } = await recorded();
    await other.leave();
    // Its parent is gone: whoever adopted it may take a moment to notice.
    await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false));
  });

  test('a server whose process was killed is adopted, and ends with the adopter', async () => {
    const other = await attachElsewhere();
    await query(other.url, 'CREATE TABLE kept (id int)');
    const { pid } = await recorded();
    await other.crash();
    const server = open();
    const { url } = await server.start();
    expect((await recorded()).pid).toBe(pid);
    expect(await query(url, 'SELECT * FROM kept')).toEqual([]);
    await server.stop();
    expect(isAlive(Number(pid))).toBe(false);
  });

  test('data outlive a server that was killed hard', async () => {
    const first = open({ durable: true });
    const { url } = await first.start();
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS id');
    const { pid } = await recorded();
    process.kill(Number(pid), 'SIGKILL');
    const second = open();
    const again = await second.start();
    expect(await query(again.url, 'SELECT * FROM kept')).toEqual([{ id: 7 }]);
    expect((await recorded()).pid).not.toBe(pid);
    await second.stop();
    await first.stop();
  });

  test('a pid file whose pid is another program by now does not keep the server from starting', async () => {
    const first = open();
    await first.start();
    const { pid, home } = await recorded();
    process.kill(Number(pid), 'SIGKILL');
    const pidFile = path.join(home, 'data', 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    await writeFile(pidFile, text.replace(String(pid), String(process.ppid)));
    const second = open();
    const { url } = await second.start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
    await first.stop();
  });

  test('start and stop are safe twice, and data stay from one start to the next', async () => {
    const server = open();
    const [a, b] = await Promise.all([server.start(), server.start()]);
    expect(a.url).toBe(b.url);
    await query(a.url, 'CREATE TABLE kept AS SELECT 7 AS id');
    await server.stop();
    await server.stop();
    const { url } = await server.start();
    expect(await query(url, 'SELECT * FROM kept')).toEqual([{ id: 7 }]);
    await server.stop();
  });

  test('fresh begins with nothing, and is refused while another process uses the data', async () => {
    const server = open();
    const { url } = await server.start();
    await query(url, 'CREATE TABLE gone (id int)');
    await expect(open({ fresh: true }).start()).rejects.toThrow(/in use by process \d+/);
    await server.stop();
    const fresh = open({ fresh: true });
    const tables = await query((await fresh.start()).url, `SELECT * FROM pg_tables WHERE tablename = 'gone'`);
    expect(tables).toEqual([]);
    await fresh.stop();
  });

  test('a data folder that was deleted by hand begins with nothing', async () => {
    const server = open();
    const { url } = await server.start();
    await query(url, 'CREATE TABLE gone (id int)');
    await server.stop();
    await rm(path.join(dataDir, 'postgres'), { recursive: true });
    const again = open();
    const tables = await query((await again.start()).url, `SELECT * FROM pg_tables WHERE tablename = 'gone'`);
    expect(tables).toEqual([]);
    await again.stop();
    expect(existsSync(path.join(dataDir, 'postgres', 'password'))).toBe(true);
  });
});
