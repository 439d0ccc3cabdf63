import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Metrics } from '../src/metrics.ts';
import { Database, WrongDatabaseRole } from '../src/store/database.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});

function withQuery(values: Record<string, string>): string {
  const url = new URL(database.url);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.href;
}

async function setting(url: string, name: string): Promise<unknown> {
  const opened = new Database({ url, role: 'api', poolMax: 1 });
  await opened.start();
  try {
    const { rows } = await opened.pool.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value;
  } finally {
    await opened.stop();
  }
}

test('an address that asks for TLS gets no connection in the clear', async () => {
  // Our test server speaks no TLS.
  await expect(setting(withQuery({ sslmode: 'verify-full' }), 'role')).rejects.toThrow(/SSL/);
});

test('an address may name its host in the query, as a socket is named', async () => {
  const url = new URL(withQuery({ host: new URL(database.url).hostname }));
  url.hostname = 'nowhere.invalid';
  expect(await setting(url.href, 'role')).toBe('sollecito_api');
});

test('options of the address stand beside the role, and never displace it', async () => {
  const url = withQuery({ options: '-c work_mem=7MB -c role=sollecito_service' });
  expect(await setting(url, 'work_mem')).toBe('7MB');
  expect(await setting(url, 'role')).toBe('sollecito_api');
});

test.each([
  ['lock_timeout', '15s'],
  ['statement_timeout', '1min'],
  ['idle_in_transaction_session_timeout', '1min'],
])('no connection waits for ever: %s', async (name, value) => {
  expect(await setting(database.url, name)).toBe(value);
});

test('a pooler that drops the role is found out at the start', async () => {
  const pooler = await forgetfulPooler(new URL(database.url));
  const url = new URL(database.url);
  url.port = String((pooler.address() as AddressInfo).port);
  const opened = new Database({ url: url.href, role: 'api', poolMax: 1 });
  await expect(opened.start()).rejects.toThrow(WrongDatabaseRole);
  await new Promise((resolve) => pooler.close(resolve));
});

test('a stop ends although a connection is still out', async () => {
  const opened = new Database({ url: database.url, role: 'api', poolMax: 1 });
  await opened.start();
  const client = await opened.pool.connect();
  await opened.stop();
  client.release();
});

test('the counters are shown when the backlog cannot be read, and readers share a reading', async () => {
  let readings = 0;
  const read = Promise.withResolvers<never>();
  const metrics = new Metrics(async () => {
    readings++;
    return read.promise;
  });
  metrics.accepted('email');
  const texts = [metrics.registry.metrics(), metrics.registry.metrics()];
  read.reject(new Error('away'));
  for (const text of await Promise.all(texts)) {
    expect(text).toContain('sollecito_reminders_accepted_total{channel="email"} 1');
    expect(text).not.toContain('sollecito_oldest_waiting_seconds{');
  }
  expect(readings).toBe(1);
});

/** Passes everything on but the startup parameter `options`, as poolers do. */
async function forgetfulPooler(target: URL): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.once('data', (startup: Buffer) => {
      // Length, protocol, then names and values that end with a zero, and one more zero.
      const words = startup.subarray(8).toString().split('\0');
      const kept = words.filter((word, n) => word !== 'options' && words[n - 1] !== 'options');
      const body = Buffer.from(kept.join('\0'));
      const head = Buffer.from(startup.subarray(0, 8));
      head.writeInt32BE(8 + body.length);
      far.write(Buffer.concat([head, body]));
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
