import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestServer } from './postgres.ts';

/**
 * One Redis for the whole run: the one that `REDIS_URL` names, else a `redis-server` or `valkey-server` found on PATH,
 * started on a free loopback port and keeping nothing. Null when there is none.
 * @throws Error when there is none and `REQUIRE_REDIS=1`.
 */
export async function startTestRedis(): Promise<TestServer | null> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const program = findOnPath('redis-server') ?? findOnPath('valkey-server');
  if (program === undefined) {
    if (process.env['REQUIRE_REDIS'] !== '1') return null;
    throw new Error('REQUIRE_REDIS=1, but REDIS_URL is not set and neither redis-server nor valkey-server is on PATH');
  }
  return await launch(program);
}

/** A Redis of one's own, to be ill-treated; null when none is installed. */
export async function startOwnRedis(): Promise<TestServer | null> {
  const program = findOnPath('redis-server') ?? findOnPath('valkey-server');
  return program === undefined ? null : await launch(program);
}

async function launch(program: string): Promise<TestServer> {
  const port = await freePort();
  const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const child = spawn(program, options, { stdio: 'ignore' });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code) => resolve(`exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const url = `redis://127.0.0.1:${port}`;
  const outcome = await Promise.race([ended, answers(port)]);
  if (outcome !== true) throw new Error(`${program} does not start: ${outcome || 'no answer'}`);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    if (await ping(port)) return true;
    await pause(25);
  }
  return false;
}

function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (reply) => {
      resolve(reply.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}
