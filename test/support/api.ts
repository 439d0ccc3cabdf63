import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { Router } from 'express';
import pino from 'pino';
import type { TenantId } from '../../src/domain/ids.ts';
import type { OperatorRole, Scope } from '../../src/domain/scopes.ts';
import type { Operation } from '../../src/api/operation.ts';
import { operations as allOperations } from '../../src/api/operations.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { ApiServer, type ApiServerOptions } from '../../src/api/server.ts';
import { createApiKey } from '../../src/store/api-keys.ts';
import { Database } from '../../src/store/database.ts';
import { createOperator, findSession, openSession } from '../../src/store/operators.ts';
import { createTenant } from '../../src/store/tenants.ts';
import { createTestDatabase } from './database.ts';

/** Stands where it was put. */
class TestClock {
  #now = Temporal.Instant.from('2026-03-02T09:00:00Z');

  now(): Temporal.Instant {
    return this.#now;
  }

  set(instant: string): void {
    this.#now = Temporal.Instant.from(instant);
  }

  advance(duration: Temporal.DurationLike): void {
    this.#now = this.#now.add(duration);
  }
}

export type Answer<T> = { status: number; headers: Headers; body: T; text: string };
export type CallOptions = {
  /** Sent as JSON, unless it is bytes. */
  body?: unknown;
  /** Without: the key of the first tenant. null: none. */
  key?: string | null;
  headers?: Record<string, string>;
};

export type TestTenant = { id: TenantId; ref: string; key: string };

type Options = {
  operations?: readonly Operation[];
  /** More parts than the frame's own, or others. */
  parts?: Partial<ApiParts>;
  /** Made once the parts are there. */
  routers?: (parts: ApiParts) => readonly Router[];
  server?: Partial<ApiServerOptions> | ((parts: ApiParts) => Partial<ApiServerOptions>);
};

/** The API on a database of its own, with one tenant (plan `medium`) and its key. */
export class TestApi {
  readonly clock = new TestClock();
  readonly logLines: string[] = [];
  readonly url: string;
  readonly internalUrl: string;
  readonly databaseUrl: string;
  readonly parts: ApiParts;
  readonly server: ApiServer;
  /** Sees all tenants. */
  readonly service: Database;
  readonly tenant: TestTenant;
  readonly #stop: () => Promise<void>;

  private constructor(made: Made, tenant: TestTenant) {
    this.clock = made.clock;
    this.logLines = made.logLines;
    this.url = made.url;
    this.internalUrl = made.internalUrl;
    this.databaseUrl = made.databaseUrl;
    this.parts = made.parts;
    this.server = made.server;
    this.service = made.service;
    this.tenant = tenant;
    this.#stop = made.stop;
  }

  static async start(options: Options = {}): Promise<TestApi> {
    const made = await make(options);
    const tenant = await makeTenant(made.service, made.clock, { name: 'Officine Rossi', plan: 'medium' });
    return new TestApi(made, tenant);
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  /** Another tenant with a key. */
  async addTenant(tenant: { name: string; plan?: string }): Promise<TestTenant> {
    return makeTenant(this.service, this.clock, { plan: 'medium', ...tenant });
  }

  /** Another key of the first tenant. */
  async addKey(more: { scopes?: readonly Scope[]; expiresAt?: Temporal.Instant } = {}): Promise<string> {
    return (await createApiKey(this.service, this.clock, { tenant: this.tenant.id, name: 'test', ...more })).secret;
  }

  /** A key of the platform's, which belongs to no tenant. */
  async addPlatformKey(): Promise<string> {
    return (await createApiKey(this.service, this.clock, { tenant: null, name: 'platform' })).secret;
  }

  /** The headers that a signed-in operator's browser sends. */
  async signedIn(role: OperatorRole): Promise<{ cookie: string; 'x-csrf-token': string }> {
    const email = `${role}-${randomUUID()}@example.com`;
    const operator = await createOperator(this.service, this.clock, { email, role });
    const token = await openSession(this.service, this.clock, operator);
    const session = await findSession(this.service, this.clock, token);
    return { cookie: `sollecito_session=${token}`, 'x-csrf-token': session?.csrfToken ?? '' };
  }

  async call<T = Record<string, unknown>>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const { body, key = this.tenant.key, headers = {} } = options;
    const bytes = body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined || bytes ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytes ? Uint8Array.from(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as T,
    };
  }
}

type Made = Awaited<ReturnType<typeof make>>;

async function make(options: Options) {
  const database = await createTestDatabase();
  const service = new Database({ url: database.url, role: 'service', poolMax: 3 });
  const api = new Database({ url: database.url, role: 'api', poolMax: 5 });
  const clock = new TestClock();
  const logLines: string[] = [];
  const log = pino({ level: 'debug' }, keepLines(logLines));
  const parts: ApiParts = {
    database: api,
    service,
    clock,
    log,
    channels: new Set(['email', 'sms']),
    accepted: () => {},
    wake: () => {},
    documents: { documentFor: () => Promise.reject(new Error('nothing renders here')) },
    sender: {
      mailFrom: { name: 'Sollecito', address: 'reminders@example.com' },
      smsFrom: 'Sollecito',
      publicUrl: 'http://localhost',
      secretKeys: ['a key for tests, of thirty-two or more letters'],
    },
    ...options.parts,
  };
  const server = new ApiServer({
    parts,
    operations: (options.operations ?? allOperations).map(heldToItsWord),
    port: 0,
    host: '127.0.0.1',
    routers: options.routers?.(parts) ?? [],
    drainMs: 2_000,
    ...(typeof options.server === 'function' ? options.server(parts) : options.server),
  });
  await service.start();
  await api.start();
  const { url, internalUrl } = await server.start();
  const stop = async (): Promise<void> => {
    await server.stop();
    await api.stop();
    await service.stop();
    await database.drop();
  };
  return { clock, logLines, url, internalUrl, databaseUrl: database.url, parts, server, service, stop };
}

/** A reply with a header that the OpenAPI page does not tell is a bug. */
function heldToItsWord(operation: Operation): Operation {
  return {
    ...operation,
    async run(call) {
      const reply = await operation.run(call);
      const told: readonly string[] = operation.replyHeaders ?? [];
      const untold = Object.keys(reply.headers ?? {}).filter((name) => !told.includes(name));
      if (untold.length > 0) throw new Error(`${operation.id} does not declare ${untold.join(', ')}`);
      return reply;
    },
  };
}

async function makeTenant(
  service: Database,
  clock: TestClock,
  tenant: { name: string; plan: string },
): Promise<TestTenant> {
  const { id, ref } = await createTenant(service, clock, tenant);
  const { secret } = await createApiKey(service, clock, { tenant: id, name: 'test' });
  return { id, ref, key: secret };
}

function keepLines(lines: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
}
