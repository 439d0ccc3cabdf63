import express, { type Request, type Response } from 'express';
import { invalidRequest } from './checked.ts';
import { type Operation, ordinaryBody } from './operation.ts';
import { Problem } from './problems.ts';

/** `body` is what the JSON said, undefined when none came; `raw` the bytes as they came. */
export type ReadBody = { body: unknown; raw: Uint8Array };

/**
 * Reads the body of a request as its operation takes it.
 * @throws Problem `unsupported-media-type` (before a byte is read), `content-too-large`, `invalid-request`.
 */
export function bodyReader(operation: Operation): (request: Request, response: Response) => Promise<ReadBody> {
  if (operation.method === 'get' || operation.method === 'delete') {
    return async () => ({ body: undefined, raw: new Uint8Array() });
  }
  // body-parser counts what comes out of gzip against the limit, so a small body cannot unfold into a large one.
  const read = express.raw({ type: () => true, limit: operation.bodyLimit ?? ordinaryBody });
  const media = operation.takesBytes ?? [];
  return async (request, response) => {
    const mediaType = mediaTypeOf(request);
    const json = isJson(mediaType);
    if (hasBody(request) && !media.includes(mediaType) && !(json && takesJson(operation))) {
      throw new Problem('unsupported-media-type', `Taken here: ${taken(operation).join(', ')}.`);
    }
    const raw = await new Promise<Uint8Array>((resolve, reject) => {
      read(request, response, (error?: unknown) => {
        if (error === undefined) resolve(request.body instanceof Uint8Array ? request.body : new Uint8Array());
        else reject(error instanceof Error ? error : new Error('unreadable body'));
      });
    });
    return { raw, body: json && raw.length > 0 ? parseJson(raw) : undefined };
  };
}

// A POST without a schema takes an empty object, as many clients send one with every POST.
function takesJson(operation: Operation): boolean {
  return operation.body !== undefined || operation.takesBytes === undefined;
}

function taken(operation: Operation): string[] {
  return [...(takesJson(operation) ? ['application/json'] : []), ...(operation.takesBytes ?? [])];
}

// RFC 9112 §6.3: a request has a body when one of these headers says so.
function hasBody(request: Request): boolean {
  return request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
}

function mediaTypeOf(request: Request): string {
  return (request.get('content-type') ?? '').split(';', 1).join('').trim().toLowerCase();
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
}

function parseJson(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    throw invalidRequest([{ path: '', code: 'invalid-json', message: 'is not JSON in UTF-8' }]);
  }
}
