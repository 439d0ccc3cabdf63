import { request as httpRequest } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { type HealthCheck, healthRouter } from '../src/api/health.ts';
import { operation } from '../src/api/operation.ts';
import { operations } from '../src/api/operations.ts';
import { ApiServer } from '../src/api/server.ts';
import { Metrics } from '../src/metrics.ts';
import { Database } from '../src/store/database.ts';
import { TestApi } from './support/api.ts';

let api: TestApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

test('a stopping server ends what is in flight and takes nothing new', async () => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const slow = operation({
    method: 'get',
    path: '/v1/slow',
    id: 'slow',
    tag: 'Test',
    summary: 'Waits',
    scope: 'data:read',
    replies: { 200: { description: 'Done' } },
    problems: [],
    handle: async () => {
      entered.resolve();
      await released.promise;
      return { status: 200, json: { done: true } };
    },
  });
  api = await TestApi.start({ operations: [slow], server: { drainMs: 30_000 } });
  const inFlight = api.call('GET', '/v1/slow');
  await entered.promise;
  const stopped = api.server.stop();
  await expect(fetch(`${api.url}/v1/slow`)).rejects.toThrow();
  released.resolve();
  expect(await inFlight).toMatchObject({ status: 200, body: { done: true } });
  await stopped;
  await api.server.stop();
});

test('a request that does not end is cut when the time to drain is over', async () => {
  const entered = Promise.withResolvers<void>();
  const stuck = operation({
    method: 'get',
    path: '/v1/stuck',
    id: 'stuck',
    tag: 'Test',
    summary: 'Never ends',
    scope: 'data:read',
    replies: { 200: { description: 'Never' } },
    problems: [],
    handle: async () => {
      entered.resolve();
      return new Promise<never>(() => {});
    },
  });
  api = await TestApi.start({ operations: [stuck], server: { drainMs: 1 } });
  const inFlight = expect(api.call('GET', '/v1/stuck')).rejects.toThrow();
  await entered.promise;
  await api.server.stop();
  await inFlight;
});

test('503 with Retry-After while the database is away, and 200 when it is back', async () => {
  api = await TestApi.start();
  const gate = await openGate(api.databaseUrl);
  const database = new Database({ url: gate.url, role: 'api', poolMax: 2 });
  await database.start();
  const server = new ApiServer({ parts: { ...api.parts, database }, operations, port: 0, host: '127.0.0.1' });
  const { url } = await server.start();
  const call = () => fetch(`${url}/v1/tenant`, { headers: { authorization: `Bearer ${api?.tenant.key}` } });
  try {
    expect((await call()).status).toBe(200);
    await gate.shut();
    const answer = await call();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ type: 'urn:sollecito:problem:unavailable' });
    await gate.open();
    await expect.poll(async () => (await call()).status).toBe(200);
  } finally {
    await server.stop();
    await database.stop();
    await gate.shut();
  }
});

test('a missing file is no outage of the database, a missing socket is', async () => {
  const failing = (path: string, error: Error) =>
    operation({
      method: 'get',
      path,
      id: path.slice(4),
      tag: 'Test',
      summary: 'Fails',
      scope: 'data:read',
      replies: { 200: { description: 'Never' } },
      problems: ['unavailable'],
      handle: () => Promise.reject(error),
    });
  const missing = (syscall: string) => Object.assign(new Error('no such file'), { code: 'ENOENT', syscall });
  api = await TestApi.start({
    operations: [failing('/v1/file', missing('open')), failing('/v1/socket', missing('connect'))],
  });
  expect((await api.call('GET', '/v1/file')).status).toBe(500);
  expect((await api.call('GET', '/v1/socket')).status).toBe(503);
});

test('headers over the limit are refused before any handler', async () => {
  api = await TestApi.start();
  const url = `${api.url}/v1/tenant`;
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers: { 'x-long': 'x'.repeat(20_000) } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('error', reject).end();
  });
  expect(status).toBe(431);
});

describe('health and metrics', () => {
  const good: HealthCheck = { name: 'database', required: true, check: async () => ({ ok: true, detail: 'answers' }) };
  const badSmtp: HealthCheck = { name: 'smtp', required: false, check: async () => ({ ok: false, detail: 'refuses' }) };
  const badDatabase: HealthCheck = { ...good, check: () => Promise.reject(new Error('no route to db.internal')) };
  const hanging: HealthCheck = { name: 'queue', required: false, check: () => new Promise(() => {}) };

  async function ready(checks: readonly HealthCheck[]) {
    api = await startWithHealth({ checks });
    return api.call('GET', '/health/ready', { key: null });
  }

  test('ready when every check passes', async () => {
    expect(await ready([good])).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { database: { ok: true } } },
    });
  });

  test('degraded, but 200, when something fails that is not required', async () => {
    const answer = await ready([good, badSmtp, hanging]);
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: { smtp: { detail: 'refuses' }, queue: { ok: false } } },
    });
  });

  test('503 when something required fails, without its words', async () => {
    const answer = await ready([badDatabase]);
    expect(answer).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect(answer.text + api?.logLines.join('')).not.toContain('db.internal');
  });

  test('live names the loops that stand still', async () => {
    const stuck: string[] = [];
    api = await startWithHealth({ live: () => stuck });
    expect((await api.call('GET', '/health/live', { key: null })).status).toBe(200);
    stuck.push('dispatcher');
    expect(await api.call('GET', '/health/live', { key: null })).toMatchObject({
      status: 503,
      body: { stuck: ['dispatcher'] },
    });
  });

  test('with an internal port they are served there alone', async () => {
    api = await startWithHealth({ internalPort: 0 });
    expect(api.internalUrl).not.toBe(api.url);
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect((await fetch(api.internalUrl + path)).status).toBe(200);
      expect((await fetch(api.url + path)).status).toBe(404);
    }
    expect((await fetch(`${api.internalUrl}/v1/tenant`)).status).toBe(404);
  });
});

/** A way to the database that can be shut: its connections break, and new ones are refused. */
async function openGate(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  let port = 0;
  const open = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  };
  const shut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  await open();
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, open, shut };
}

test('every counter is there from the start, so that its first event is an increase', async () => {
  const text = await new Metrics(async () => []).registry.metrics();
  for (const channel of ['email', 'sms']) {
    for (const counted of ['reminders_accepted', 'deliveries_sent', 'deliveries_failed', 'deliveries_unknown']) {
      expect(text).toContain(`sollecito_${counted}_total{channel="${channel}"} 0`);
    }
    expect(text).toContain(`sollecito_accept_to_sent_seconds_count{channel="${channel}"} 0`);
  }
});

async function startWithHealth(more: {
  checks?: readonly HealthCheck[];
  live?: () => readonly string[];
  internalPort?: number;
}): Promise<TestApi> {
  const { internalPort, ...health } = more;
  return TestApi.start({
    server: (parts) => ({
      internal: healthRouter({
        log: parts.log,
        live: () => [],
        checks: [],
        metrics: new Registry(),
        checkTimeoutMs: 20,
        ...health,
      }),
      ...(internalPort === undefined ? {} : { internalPort }),
    }),
  });
}
