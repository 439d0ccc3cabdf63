import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';

export type RedisServer = {
  host: string;
  port: number;
  version: string;
  stop(): Promise<void>;
  /** At once, as by `kill -9`. */
  kill(): Promise<void>;
};

/** The Redis or Valkey that is on PATH. */
export function redisProgram(): string | undefined {
  return onPath('redis-server') ?? onPath('valkey-server');
}

/**
 * Starts it as docker-compose.yml has it: AOF each second, no eviction. Undefined: there is none.
 * @param again the port that it had, to go on with what stands in the folder; without it the folder is emptied.
 */
export async function startRedis(folder: string, again?: { port: number }): Promise<RedisServer | undefined> {
  const program = redisProgram();
  if (program === undefined) return undefined;
  if (!again) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const port = again?.port ?? (await freePort());
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const keeping = [
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--maxmemory-policy',
    'noeviction',
  ];
  const child = spawn(program, [...where, ...keeping], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => end('SIGTERM');
  const kill = async (): Promise<void> => end('SIGKILL');
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: (tries) => (tries > 100 ? null : 50) });
  client.on('error', () => undefined);
  try {
    const info = await client.info('server');
    const version = /(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
    return { host: '127.0.0.1', port, version: `${path.basename(program)} ${version}`, stop, kill };
  } catch (error) {
    await stop();
    throw new Error(`${program} does not start`, { cause: error });
  } finally {
    client.disconnect();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}
