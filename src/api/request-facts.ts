import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { formatId, type TenantId } from '../domain/ids.ts';

/** What the log line of a request says about it; filled while it is worked on. */
export type RequestFacts = { readonly requestId: string; route: string; tenant: TenantId | undefined };

const facts = new WeakMap<object, RequestFacts>();

export function factsOf(request: Request): RequestFacts {
  const known = facts.get(request);
  if (!known) throw new Error('the request came past no request log');
  return known;
}

/**
 * Gives each request its id (the caller's, when it is a sane one) and writes one line at its end. The line holds the
 * route's pattern, never the address: a ref or a link's token may stand in there.
 */
export function requestLog(log: Logger): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const started = performance.now();
    const own: RequestFacts = { requestId: requestIdOf(request), route: 'unknown', tenant: undefined };
    facts.set(request, own);
    response.set('X-Request-Id', own.requestId);
    response.once('close', () => {
      const line = {
        method: request.method,
        route: own.route,
        status: response.statusCode,
        ms: Math.round(performance.now() - started),
        requestId: own.requestId,
        ...(own.tenant === undefined ? {} : { tenant: formatId('tenant', own.tenant) }),
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      if (isQuiet(own.route)) log.debug(line, 'request');
      else log.info(line, 'request');
    });
    next();
  };
}

function requestIdOf(request: Request): string {
  const given = request.get('x-request-id');
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

// Probes come every few seconds and say nothing when they pass.
function isQuiet(route: string): boolean {
  return route.startsWith('/health') || route === '/metrics';
}
