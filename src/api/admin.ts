import path from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { tenantsForOperators } from '../store/operators.ts';
import { Authenticator } from './authenticate.ts';
import { pagePolicy } from './html.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { factsOf } from './request-facts.ts';
import { signInRouter } from './sign-in.ts';

const files = path.join(import.meta.dirname, '../../admin');

/**
 * The admin page, its sign-in, and what it asks first. The page itself talks to the API like any other app.
 * @param secureCookies whether browsers come by https.
 */
export function adminRouter(parts: ApiParts, { secureCookies }: { secureCookies: boolean }): Router {
  const authenticator = new Authenticator(parts);
  const router = Router();
  router.use('/admin', pageHeaders);
  router.use('/admin/files', namedRoute('/admin/files'), express.static(files, { index: false, redirect: false }));
  router.use(signInRouter(parts, authenticator, secureCookies));

  // Whoever types the address of the service wants its page; a program has asked for nothing that is here.
  router.get('/', (request, response, next) => {
    factsOf(request).route = '/';
    response.vary('Accept');
    if (request.accepts(['json', 'html']) === 'html') response.redirect(303, '/admin');
    else next();
  });

  router.get('/admin', async (request, response) => {
    factsOf(request).route = '/admin';
    if (await authenticator.session(request)) response.sendFile('index.html', { root: files });
    else response.redirect(303, '/admin/sign-in');
  });

  router.get('/admin/session', async (request, response) => {
    factsOf(request).route = '/admin/session';
    const session = await authenticator.session(request);
    if (!session) throw new Problem('unauthorized', 'Sign in first.');
    const tenants = await tenantsForOperators(parts.database);
    response.set('Cache-Control', 'no-store').json({
      email: session.email,
      role: session.role,
      csrfToken: session.csrfToken,
      tenants: tenants.map(({ ref, name }) => ({ ref, name })),
    });
  });
  return router;
}

// With no-referrer, browsers send `Origin: null` with forms, and our own could not be told from another site's.
function pageHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': pagePolicy,
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  });
  next();
}

function namedRoute(route: string): RequestHandler {
  return (request, _response, next) => {
    factsOf(request).route = route;
    next();
  };
}
