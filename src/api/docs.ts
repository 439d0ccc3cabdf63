import { Router } from 'express';
import { docsPage } from './docs-page.ts';
import { pagePolicy } from './html.ts';
import { openApiDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { factsOf } from './request-facts.ts';

/** `/openapi.json` for tools and `/docs` for people. */
export function docsRouter(operations: readonly Operation[], version: string): Router {
  const document = openApiDocument(operations, version);
  const json = JSON.stringify(document);
  const page = docsPage(document);
  const router = Router();
  router.get('/openapi.json', (request, response) => {
    factsOf(request).route = '/openapi.json';
    response.type('application/json').send(json);
  });
  router.get('/docs', (request, response) => {
    factsOf(request).route = '/docs';
    response.set('Content-Security-Policy', pagePolicy).type('html').send(page);
  });
  return router;
}
