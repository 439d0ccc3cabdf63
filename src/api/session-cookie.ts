import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';

const name = 'sollecito_session';

/** The session token that a browser sent, if any. */
export function sessionToken(request: Request): string | undefined {
  const token = parseCookie(request.get('cookie') ?? '')[name];
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
}

/** The Set-Cookie header of an open session. Lax: a link in a mail may lead to the admin page, a foreign form may post nothing. */
export function sessionCookie(token: string, expiresAt: Temporal.Instant, secure: boolean): string {
  const expires = new Date(expiresAt.epochMilliseconds);
  return stringifySetCookie({ name, value: token, path: '/', httpOnly: true, sameSite: 'lax', secure, expires });
}

/** The Set-Cookie header that makes a browser forget it. */
export function expiredSessionCookie(secure: boolean): string {
  return stringifySetCookie({ name, value: '', path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: 0 });
}
