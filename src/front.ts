import { Router } from 'express';
import type { Logger } from 'pino';
import { adminRouter } from './api/admin.ts';
import { docsRouter } from './api/docs.ts';
import { documentLinkRouter } from './api/document-link.ts';
import { type HealthCheck, healthRouter } from './api/health.ts';
import { operations } from './api/operations.ts';
import type { ApiParts } from './api/parts.ts';
import { Problem } from './api/problems.ts';
import { queueBoardRouter } from './api/queue-board.ts';
import { ApiServer } from './api/server.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/delivery-facts.ts';
import type { Foundation } from './foundation.ts';
import type { Machinery } from './machinery.ts';
import type { Metrics } from './metrics.ts';
import { checkQueue } from './queue/queue-check.ts';
import { channels } from './queue/queue-names.ts';
import { version } from './version.ts';
import { NotReady } from './workers/delivery-worker.ts';

type FrontOptions = {
  config: Config;
  log: Logger;
  metrics: Metrics;
  foundation: Foundation;
  machinery: Machinery;
  publicUrl: () => string;
};

/** The HTTP side: the API and its pages in the role `api`, health and metrics in every role. */
export function makeFront(options: FrontOptions): ApiServer {
  const { config, log, metrics, foundation, machinery } = options;
  const parts = apiParts(options);
  const serves = config.roles.has('api');
  const internal = healthRouter({
    log,
    live: () => machinery.stuck(),
    checks: config.held ? [heldCheck, ...healthChecks(options)] : healthChecks(options),
    metrics: metrics.registry,
  });
  const secureCookies = config.publicUrl?.startsWith('https:') ?? false;
  const pages = [
    docsRouter(operations, version),
    documentLinkRouter(parts),
    adminRouter(parts, { secureCookies }),
    queueBoard(parts, machinery),
    ...(foundation.sandbox ? [Router().use('/sandbox', foundation.sandbox.router)] : []),
  ];
  return new ApiServer({
    parts,
    operations: serves ? operations : [],
    port: config.port,
    trustProxy: config.trustProxy,
    internal,
    ...(config.internalPort === null ? {} : { internalPort: config.internalPort }),
    routers: serves ? pages : [],
    drainMs: config.drainTimeoutMs,
  });
}

// The board needs the queues, which there are once their store has answered.
function queueBoard(parts: ApiParts, machinery: Machinery): Router {
  let board: { queues: readonly unknown[]; router: Router } | undefined;
  return Router().use((request, response, next) => {
    const queues = machinery.boardQueues();
    if (board?.queues !== queues) board = { queues, router: queueBoardRouter(parts, queues) };
    board.router(request, response, next);
  });
}

function apiParts({ config, log, metrics, foundation, machinery, publicUrl }: FrontOptions): ApiParts {
  const configured: [Channel, boolean][] = [
    ['email', machinery.email !== undefined],
    ['sms', machinery.sms !== undefined],
  ];
  return {
    database: foundation.api,
    service: foundation.service,
    clock: foundation.clock,
    log,
    channels: new Set(configured.filter(([, there]) => there).map(([channel]) => channel)),
    accepted(channel) {
      metrics.accepted(channel);
      machinery.wake(channel);
    },
    databaseFailed: (error) => machinery.room.heard(error),
    wake() {
      for (const channel of channels) machinery.wake(channel);
    },
    documents: {
      documentFor: async (_tenant, dueDate, account) =>
        machinery.documents.documentFor(dueDate, account).catch((error: unknown) => {
          if (!(error instanceof NotReady)) throw error;
          const detail = `The document cannot be made at the moment: ${error.code}.`;
          throw new Problem('unavailable', detail, { retryAfterSeconds: 30 });
        }),
    },
    sender: {
      mailFrom: machinery.email?.mailFrom ?? null,
      smsFrom: config.smsFrom,
      get publicUrl() {
        return publicUrl();
      },
      secretKeys: foundation.secretKeys,
    },
  };
}

const heldCheck: HealthCheck = {
  name: 'held',
  required: false,
  check: async () => ({ ok: false, detail: 'started with --held: accepts and shows, sends nothing' }),
};

/** Each by name. Only what this role cannot work without is required. */
function healthChecks({ config, foundation, machinery }: FrontOptions): HealthCheck[] {
  const { service, clock, queueUrl } = foundation;
  const works = [...config.roles].some((role) => role.startsWith('worker:'));
  return [
    {
      name: 'database',
      required: true,
      check: remembered(storeMs, async () => {
        await service.pool.query('SELECT 1');
        return { ok: true, detail: 'PostgreSQL answers' };
      }),
    },
    { name: 'room', required: false, check: async () => machinery.room.check() },
    {
      name: 'queue',
      required: works && !config.roles.has('api'),
      check: remembered(storeMs, async () => checkQueue(queueUrl)),
    },
    {
      name: 'clock',
      required: false,
      check: async () => ({ ok: clock.skew().ok, detail: `${clock.skew().ms} ms off PostgreSQL's` }),
    },
    { name: 'chromium', required: false, check: async () => machinery.renderer.status() },
    {
      name: 'email',
      required: false,
      check: remembered(
        providerMs,
        async () => machinery.email?.gateway.check() ?? { ok: false, detail: 'not set up: SMTP_URL' },
      ),
    },
    {
      name: 'sms',
      required: false,
      check: remembered(
        providerMs,
        async () => machinery.sms?.check() ?? { ok: false, detail: 'not set up: SMSAPI_TOKEN' },
      ),
    },
  ];
}

/** Probes come every few seconds, and from several sides; a provider (a connection, a sign-in) is asked four times a minute. */
const providerMs = 15_000;
const storeMs = 2_000;

function remembered(rememberMs: number, check: HealthCheck['check']): HealthCheck['check'] {
  let asked = -Infinity;
  let answer: ReturnType<HealthCheck['check']> | undefined;
  return async () => {
    if (!answer || performance.now() - asked > rememberMs) {
      asked = performance.now();
      answer = check();
    }
    return answer;
  };
}
