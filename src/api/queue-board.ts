import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type Job, Queue } from 'bullmq';
import { type Express, type Request, type Response, Router } from 'express';
import { Authenticator } from './authenticate.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { factsOf } from './request-facts.ts';
import { requireSameOrigin } from './same-origin.ts';

const basePath = '/admin/queues';

/**
 * Bull Board behind the operator's session: admins may act, everybody else only looks.
 * @param given BullMQ's queues, on either backend.
 */
export function queueBoardRouter(parts: ApiParts, given: readonly { readonly name: string }[]): Router {
  const authenticator = new Authenticator(parts);
  const queues = given.map(asQueue);
  const boards = { acting: board(queues, false), looking: board(queues, true) };
  const router = Router();
  router.use(basePath, async (request, response, next) => {
    factsOf(request).route = basePath;
    const session = await authenticator.session(request);
    if (!session) return askToSignIn(request, response);
    // The board knows no CSRF token.
    requireSameOrigin(request);
    response.set({
      'Content-Security-Policy': boardPolicy,
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    });
    const chosen = session.role === 'admin' ? boards.acting : boards.looking;
    chosen(request, response, next);
  });
  return router;
}

// The board's type knows queues on Redis alone; its code takes those on PostgreSQL too.
function asQueue(queue: object): Queue {
  if (queue instanceof Queue) return queue;
  throw new Error('the board shows BullMQ queues');
}

// The board styles its elements inline, and asks for a font from elsewhere, which it does not get.
const boardPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

function board(queues: readonly Queue[], readOnlyMode: boolean): Express {
  const server = new ExpressAdapter().setBasePath(basePath);
  const uiConfig = { boardTitle: 'Sollecito', hideDocsLink: true, miscLinks: [{ text: 'Admin', url: '/admin' }] };
  createBullBoard({
    queues: queues.map((queue) => new IdsOnly(queue, { readOnlyMode })),
    serverAdapter: server,
    options: { uiConfig },
  });
  const app: Express = server.getRouter();
  app.disable('x-powered-by');
  return app;
}

/** Shows ids, numbers and codes: should anything else ever stand in a job, it does not reach the board. */
class IdsOnly extends BullMQAdapter {
  constructor(queue: Queue, options: { readOnlyMode: boolean }) {
    super(queue, options);
    this.setFormatter('data', idsOf);
    this.setFormatter('returnValue', () => null);
    this.setFormatter('progress', () => 0);
  }

  override async getJob(id: string): Promise<Job | undefined> {
    const job = await super.getJob(id);
    return job && withoutTexts(job);
  }

  override async getJobs(...request: Parameters<BullMQAdapter['getJobs']>): Promise<Job[]> {
    // Ids whose jobs are gone meanwhile come as holes.
    return (await super.getJobs(...request)).filter(Boolean).map(withoutTexts);
  }

  override async getJobLogs(): Promise<string[]> {
    return [];
  }
}

function withoutTexts(job: Job): Job {
  if (job.failedReason) job.failedReason = codeOf(job.failedReason);
  job.stacktrace = [];
  job.deferredFailure = '';
  return job;
}

/** The code that a failure is (`document-missing`, `ECONNREFUSED`, `57P01`), or begins with; BullMQ's word for a stalled job is one too. */
function codeOf(reason: string): string {
  if (reason.startsWith('job stalled')) return 'stalled';
  if (/^[\w-]{1,40}$/.test(reason)) return reason;
  return /^[a-z][a-z0-9-]{0,60}(?![\w@.])/.exec(reason)?.[0] ?? 'failed';
}

function idsOf(data: unknown): Record<string, string | number> {
  if (typeof data !== 'object' || data === null) return {};
  const ids: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'number' || (typeof value === 'string' && /^[\da-f-]{36}$|^[a-z]{3}_[\da-z]{26}$/.test(value)))
      ids[key] = value;
  }
  return ids;
}

function askToSignIn(request: Request, response: Response): void {
  if (request.method !== 'GET' || request.path.startsWith('/api/')) throw new Problem('unauthorized', 'Sign in first.');
  response.redirect(303, '/admin/sign-in');
}
