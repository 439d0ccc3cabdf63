import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { sessionHours } from '../store/operators.ts';

const name = 'sollecito_session';

/** The session token that a browser sent, if any. */
export function sessionToken(request: Request): string | undefined {
  const token = parseCookie(request.get('cookie') ?? '')[name];
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : undefined;
}

/** The Set-Cookie header of an open session. Lax: a link in a mail may lead to the admin page, a foreign form may post nothing. */
export function sessionCookie(token: string, secure: boolean): string {
  // Seconds, not an instant: the browser's clock may be another than ours.
  return stringifySetCookie({ ...attributes(secure), value: token, maxAge: sessionHours * 3600 });
}

/** The Set-Cookie header that makes a browser forget it. */
export function expiredSessionCookie(secure: boolean): string {
  return stringifySetCookie({ ...attributes(secure), value: '', maxAge: 0 });
}

function attributes(secure: boolean) {
  return { name, path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
