import { type Request, type Response, Router } from 'express';
import type { Registry } from 'prom-client';
import { withoutText } from '../error-facts.ts';
import type { ApiParts } from './parts.ts';
import { factsOf } from './request-facts.ts';

/** One thing that the service rests on. `required`: without it this process cannot do its own work. */
export type HealthCheck = {
  name: string;
  required: boolean;
  check: () => Promise<{ ok: boolean; detail: string }>;
};

type Result = { ok: boolean; required: boolean; detail: string };

export type HealthOptions = {
  log: ApiParts['log'];
  /** Whether this process's own loops still turn; a name for each that does not. */
  live: () => readonly string[];
  checks: readonly HealthCheck[];
  metrics: Registry;
  /** How long one check may take. */
  checkTimeoutMs?: number;
};

/**
 * `/health/live`, `/health/ready` and `/metrics`. Ready is 503 only when something required fails; anything else is
 * 200 with `degraded`, and each check by its name.
 */
export function healthRouter(options: HealthOptions): Router {
  const router = Router();
  router.get('/health/live', (request, response) => {
    factsOf(request).route = '/health/live';
    const stuck = options.live();
    answer(response, stuck.length === 0 ? 200 : 503, { status: stuck.length === 0 ? 'live' : 'stuck', stuck });
  });
  router.get('/health/ready', async (request, response) => {
    factsOf(request).route = '/health/ready';
    const checks = Object.fromEntries(
      await Promise.all(options.checks.map(async (check) => [check.name, await run(check, options)] as const)),
    );
    const failed = Object.values(checks).filter((result) => !result.ok);
    const down = failed.some((result) => result.required);
    const status = down ? 'unavailable' : failed.length > 0 ? 'degraded' : 'ready';
    answer(response, down ? 503 : 200, { status, checks });
  });
  router.get('/metrics', async (request: Request, response: Response) => {
    factsOf(request).route = '/metrics';
    const text = await options.metrics.metrics();
    response.set({ 'Content-Type': options.metrics.contentType, 'Cache-Control': 'no-store' }).send(text);
  });
  return router;
}

async function run({ name, required, check }: HealthCheck, options: HealthOptions): Promise<Result> {
  const timeoutMs = options.checkTimeoutMs ?? 3_000;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<{ ok: boolean; detail: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    const { ok, detail } = await Promise.race([check(), tooLate]);
    return { ok, required, detail };
  } catch (error) {
    // Its text may name hosts and users: the log takes name and code.
    options.log.warn({ check: name, error: withoutText(error) }, 'health check failed');
    return { ok: false, required, detail: 'the check itself failed' };
  } finally {
    clearTimeout(timer);
  }
}

function answer(response: Response, status: number, json: unknown): void {
  response.status(status).set('Cache-Control', 'no-store').json(json);
}
