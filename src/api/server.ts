import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import { answerNotFound, answerProblems } from './answer.ts';
import { Authenticator } from './authenticate.ts';
import { Listener } from './listener.ts';
import type { Operation } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { requestLog } from './request-facts.ts';
import { operationsRouter } from './router.ts';

export type ApiServerOptions = {
  parts: ApiParts;
  operations: readonly Operation[];
  /** 0 picks a free one. */
  port: number;
  host?: string;
  /** As Express takes it. */
  trustProxy?: boolean | number | string;
  /** Health and metrics: on `internalPort` alone when there is one, else on `port`. */
  internal?: Router;
  internalPort?: number;
  /** Pages and callbacks beside the operations: admin, docs, the board, the sandbox. */
  routers?: readonly Router[];
  /** How long requests in flight may take to end at a stop. */
  drainMs?: number;
};

/** The HTTP side of the service. */
export class ApiServer {
  readonly #listener: Listener;
  readonly #internal: Listener | undefined;
  readonly #drainMs: number;

  constructor(options: ApiServerOptions) {
    const { parts, internal, internalPort, host } = options;
    this.#drainMs = options.drainMs ?? 10_000;
    const split = internal !== undefined && internalPort !== undefined;
    const shared = internal === undefined || split ? [] : [internal];
    const operations = operationsRouter(options.operations, parts, new Authenticator(parts));
    const app = buildApp(options, [...shared, ...(options.routers ?? []), operations]);
    this.#listener = new Listener(app, options.port, host);
    this.#internal = split ? new Listener(buildApp(options, [internal]), internalPort, host) : undefined;
  }

  /** @returns where it listens, on this machine. */
  async start(): Promise<{ url: string; internalUrl: string }> {
    const port = await this.#listener.start();
    const internalPort = this.#internal ? await this.#internal.start() : port;
    return { url: `http://localhost:${port}`, internalUrl: `http://localhost:${internalPort}` };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#listener.stop(this.#drainMs), this.#internal?.stop(this.#drainMs)]);
  }
}

function buildApp({ parts, trustProxy }: ApiServerOptions, routers: readonly Router[]): Express {
  const app = express();
  app.set('trust proxy', trustProxy ?? false);
  // Our ETags are versions of rows; one made from the bytes would pass for one.
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(requestLog(parts.log));
  app.use(
    helmet({
      // The API answers no pages; each page router sets what its page needs.
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'no-referrer' },
      // What stands on the names beneath ours is not ours to decide.
      strictTransportSecurity: { includeSubDomains: false },
    }),
  );
  for (const router of routers) app.use(router);
  app.use(answerNotFound);
  app.use(answerProblems(parts));
  return app;
}
