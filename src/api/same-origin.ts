import type { Request } from 'express';
import { Problem } from './problems.ts';

/**
 * Refuses a change that another site's page asks for. Browsers say where a request comes from: by Sec-Fetch-Site, or
 * (to addresses without TLS) by Origin. What says neither is no browser, and has no cookie that it did not put there.
 * @throws Problem `forbidden`.
 */
export function requireSameOrigin(request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const same = site === undefined ? origin === undefined || hostOf(origin) === request.host : site === 'same-origin';
  if (!same) throw new Problem('forbidden', 'This may only be asked for by a page of this service.');
}

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}
