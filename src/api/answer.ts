import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { withoutText } from '../error-facts.ts';
import { isContention, isFull, isOutage } from '../store/outage.ts';
import { invalidRequest } from './checked.ts';
import type { Reply } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem, problemBody } from './problems.ts';
import { factsOf } from './request-facts.ts';

/** Sends what a handler replied. */
export function sendReply(response: Response, reply: Reply): void {
  response.status(reply.status).set({ 'Cache-Control': 'no-store', ...reply.headers });
  if ('json' in reply) sendBytes(response, 'application/json; charset=utf-8', JSON.stringify(reply.json));
  else if ('text' in reply) sendBytes(response, 'application/json; charset=utf-8', reply.text);
  else if ('bytes' in reply) sendBytes(response, reply.mediaType, reply.bytes);
  else response.end();
}

/** The last handler but one: nothing was found. */
export const answerNotFound: RequestHandler = () => {
  throw new Problem('not-found', 'There is nothing at this address.');
};

/** The last handler: every error leaves as application/problem+json, and only bugs and outages are logged. */
export function answerProblems({ log, databaseFailed }: Pick<ApiParts, 'log' | 'databaseFailed'>): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = asProblem(error);
    const { requestId, route } = factsOf(request);
    if (isFull(error)) databaseFailed?.(error);
    if (problem.status >= 500) log.error({ requestId, route, error: withoutText(error) }, 'request failed');
    if (response.headersSent) return next(error);
    sendProblem(request, response, problem);
  };
}

function sendProblem(request: Request, response: Response, problem: Problem): void {
  response.status(problem.status).set('Cache-Control', 'no-store');
  if (problem.problem === 'unauthorized') response.set('WWW-Authenticate', 'Bearer realm="sollecito"');
  if (problem.retryAfterSeconds !== undefined) response.set('Retry-After', String(problem.retryAfterSeconds));
  const body = JSON.stringify(problemBody(problem, factsOf(request).requestId));
  sendBytes(response, 'application/problem+json; charset=utf-8', body);
}

/** Turns anything thrown into a problem: what Express and PostgreSQL throw included. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isOutage(error))
    return new Problem('unavailable', 'The database does not answer. Try again.', { retryAfterSeconds: 2 });
  if (isFull(error))
    return new Problem('unavailable', 'The database has no room to write. Try again later.', { retryAfterSeconds: 10 });
  if (isContention(error))
    return new Problem('unavailable', 'Another change was in the way. Try again.', { retryAfterSeconds: 1 });
  return (
    fromExpress(error) ??
    new Problem('internal-error', 'Something broke on our side. Name the requestId when you report it.')
  );
}

// Errors of the router and of the body's reader carry an HTTP status (http-errors).
function fromExpress(error: unknown): Problem | undefined {
  const status = property(error, 'status');
  if (error instanceof URIError) {
    return invalidRequest([{ path: '/path', code: 'invalid-encoding', message: 'is not percent-encoded UTF-8' }]);
  }
  if (status === 413)
    return new Problem('content-too-large', `The body has more than ${String(property(error, 'limit'))} bytes.`);
  if (status === 415) return new Problem('unsupported-media-type', 'The body has an encoding that is not read here.');
  if (status === 404) return new Problem('not-found', 'There is nothing at this address.');
  if (status === 400) {
    return invalidRequest([
      { path: '', code: 'unreadable-body', message: `is cut off or not what its headers say (${STATUS_CODES[400]})` },
    ]);
  }
  return undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function sendBytes(response: Response, mediaType: string, body: string | Uint8Array): void {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  response.set({ 'Content-Type': mediaType, 'Content-Length': String(bytes.length) });
  if (response.req.method === 'HEAD') response.end();
  else response.end(bytes);
}
