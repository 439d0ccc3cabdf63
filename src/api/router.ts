import { type Request, type Response, Router } from 'express';
import { sendReply } from './answer.ts';
import type { Authenticator } from './authenticate.ts';
import type { Operation } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { bodyReader } from './read-body.ts';
import { factsOf } from './request-facts.ts';

/** Serves the operations: who calls, may they, what did they send, do it, answer. */
export function operationsRouter(
  operations: readonly Operation[],
  parts: ApiParts,
  authenticator: Authenticator,
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const ordered = [...operations].sort((a, b) => placeholders(a.path) - placeholders(b.path));
  for (const operation of ordered)
    router[operation.method](pattern(operation.path), handler(operation, parts, authenticator));
  // After all others: GET /v1/customers/batch is the customer whose ref is "batch", though POST there is something else.
  for (const [path, methods] of methodsByPath(ordered)) {
    router.all(pattern(path), (request, response) => {
      factsOf(request).route = path;
      response.set('Allow', methods.join(', '));
      throw new Problem('method-not-allowed', `Taken here: ${methods.join(', ')}.`);
    });
  }
  return router;
}

function handler(operation: Operation, parts: ApiParts, authenticator: Authenticator) {
  const readBody = bodyReader(operation);
  return async (request: Request, response: Response): Promise<void> => {
    const facts = factsOf(request);
    facts.route = operation.path;
    const caller = await authenticator.caller(request, operation.scope);
    facts.tenant = caller.tenant ?? undefined;
    const { body, raw } = await readBody(request, response);
    const reply = await operation.run({
      parts,
      caller,
      params: request.params,
      query: request.query,
      body,
      raw,
      header: (name) => request.get(name),
      requestId: facts.requestId,
    });
    sendReply(response, reply);
  };
}

function methodsByPath(operations: readonly Operation[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of operations) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  return methods;
}

/** OpenAPI's `{ref}` as Express's `:ref`. */
function pattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

// A literal path stands before one that would take the same words as a ref.
function placeholders(path: string): number {
  return path.split('{').length;
}
