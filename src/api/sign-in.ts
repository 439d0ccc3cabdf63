import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { formatId } from '../domain/ids.ts';
import { closeSession, findByPassword, openSession, type OperatorId, useSignInLink } from '../store/operators.ts';
import { Authenticator, requireCsrfToken } from './authenticate.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { factsOf } from './request-facts.ts';
import { requireSameOrigin } from './same-origin.ts';
import { expiredSessionCookie, sessionCookie, sessionToken } from './session-cookie.ts';
import { signInPage } from './sign-in-page.ts';
import { networkOf, TryLimit } from './try-limit.ts';

const form = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ email: z.string().min(1).max(254), password: z.string().min(1).max(1_000) }),
]);
type Form = z.output<typeof form>;

type Outcome = { operator: OperatorId } | { refused: string; retryAfter?: number };

const path = '/admin/sign-in';

/**
 * `/admin/sign-in` by password or one-time link, and `/admin/sign-out`.
 * @param secureCookies whether browsers come by https.
 */
export function signInRouter(parts: ApiParts, authenticator: Authenticator, secureCookies: boolean): Router {
  const limits = {
    pair: new TryLimit(parts.clock, 5, 300),
    source: new TryLimit(parts.clock, 30, 300),
    checking: 0,
  };
  const router = Router();

  router.get(path, (request, response) => {
    factsOf(request).route = path;
    const token = typeof request.query['token'] === 'string' ? request.query['token'] : undefined;
    sendPage(response, 200, signInPage(token === undefined ? { kind: 'password' } : { kind: 'link', token }));
  });

  // A link signs in by this POST alone: programs that look into mails and chats follow links, but press no buttons.
  router.post(path, express.urlencoded({ extended: false, limit: 8_192 }), async (request, response) => {
    factsOf(request).route = path;
    requireSameOrigin(request);
    const parsed = form.safeParse({ ...request.body });
    const outcome = parsed.success ? await signIn(parts, limits, request, parsed.data) : wrongPassword;
    if ('refused' in outcome) {
      if (outcome.retryAfter !== undefined) response.set('Retry-After', String(outcome.retryAfter));
      const status = outcome.retryAfter === undefined ? 401 : 429;
      sendPage(response, status, signInPage({ kind: 'password', message: outcome.refused }));
      return;
    }
    const token = await openSession(parts.database, parts.clock, outcome.operator);
    parts.log.info({ operator: formatId('operator', outcome.operator) }, 'operator signed in');
    response.set('Set-Cookie', sessionCookie(token, secureCookies)).redirect(303, '/admin');
  });

  router.post('/admin/sign-out', async (request, response) => {
    factsOf(request).route = '/admin/sign-out';
    const session = await authenticator.session(request);
    const token = sessionToken(request);
    if (!session || token === undefined) throw new Problem('unauthorized', 'There is no session to end.');
    requireCsrfToken(request, session);
    await closeSession(parts.database, token);
    response.set('Set-Cookie', expiredSessionCookie(secureCookies)).status(204).end();
  });
  return router;
}

const wrongPassword: Outcome = { refused: 'The address or the password is wrong.' };

type Limits = { pair: TryLimit; source: TryLimit; checking: number };

// A password's check takes a thread of four, and 32 MiB, for a tenth of a second: the rest of the service needs them too.
const mostChecking = 2;

async function signIn(parts: ApiParts, limits: Limits, request: Request, given: Form): Promise<Outcome> {
  // Not a try: nothing was looked at.
  if ('email' in given && limits.checking >= mostChecking) {
    return { refused: 'Others are signing in. Try again in a moment.', retryAfter: 1 };
  }
  const source = networkOf(request.ip ?? 'unknown');
  // The pair, so that nobody can lock an operator out from elsewhere; the source, against many addresses from one place.
  const pair = 'email' in given ? `${source} ${given.email.toLowerCase()}` : undefined;
  const wait = limits.source.take(source) ?? (pair === undefined ? undefined : limits.pair.take(pair));
  if (wait !== undefined) return { refused: 'Too many tries. Wait some minutes.', retryAfter: wait };
  const { database, clock } = parts;
  if ('token' in given) {
    const operator = await useSignInLink(database, clock, given.token);
    return operator ? { operator } : { refused: 'This link was used already, or has expired.' };
  }
  limits.checking += 1;
  const operator = await findByPassword(database, given.email, given.password).finally(() => (limits.checking -= 1));
  if (!operator) return wrongPassword;
  if (pair !== undefined) limits.pair.clear(pair);
  return { operator };
}

function sendPage(response: Response, status: number, page: string): void {
  response.status(status).set('Cache-Control', 'no-store').type('html').send(page);
}
