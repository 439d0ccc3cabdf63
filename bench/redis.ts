import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';

export type RedisServer = { host: string; port: number; version: string; stop(): Promise<void> };

/** Starts the Redis or Valkey that is on PATH, as docker-compose.yml has it: AOF each second, no eviction. Undefined: there is none. */
export async function startRedis(folder: string): Promise<RedisServer | undefined> {
  const program = onPath('redis-server') ?? onPath('valkey-server');
  if (program === undefined) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
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
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: (tries) => (tries > 100 ? null : 50) });
  client.on('error', () => undefined);
  try {
    const info = await client.info('server');
    const version = /(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
    return { host: '127.0.0.1', port, version: `${path.basename(program)} ${version}`, stop };
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
