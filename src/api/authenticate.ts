import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { formatId } from '../domain/ids.ts';
import { type Scope, scopesOfRole } from '../domain/scopes.ts';
import { findApiKey, type KeyFacts } from '../store/api-keys.ts';
import { findSession, type Session, tenantForOperators } from '../store/operators.ts';
import { invalidRequest } from './checked.ts';
import type { Caller, PlatformCaller } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { sessionToken } from './session-cookie.ts';

/** Tells who calls, and whether they may. */
export class Authenticator {
  readonly #parts: ApiParts;
  readonly #keys: KeyCache;

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.#keys = new KeyCache(parts);
  }

  /**
   * The caller of an operation that needs `scope`: a key, or an operator's session. For `platform` it has no tenant.
   * @throws Problem `unauthorized`, `forbidden`; for an operator also `invalid-request` and `not-found` on the tenant.
   */
  async caller(request: Request, scope: Scope): Promise<Caller | PlatformCaller> {
    const authorization = request.get('authorization');
    if (authorization !== undefined) return this.#byKey(authorization, scope);
    const session = await this.session(request);
    if (!session) throw new Problem('unauthorized', 'Send a key as "Authorization: Bearer …", or sign in.');
    return this.#bySession(request, session, scope);
  }

  /** The operator's session of this request, if one is open. */
  async session(request: Request): Promise<Session | undefined> {
    const token = sessionToken(request);
    return token === undefined ? undefined : findSession(this.#parts.database, this.#parts.clock, token);
  }

  async #byKey(authorization: string, scope: Scope): Promise<Caller | PlatformCaller> {
    const secret = /^Bearer +([\x21-\x7e]{16,256})$/i.exec(authorization)?.[1];
    const key = secret === undefined ? undefined : await this.#keys.find(secret);
    if (!key) throw new Problem('unauthorized', 'The key is not known.');
    const now = this.#parts.clock.now();
    if (isPast(key.revokedAt, now)) throw new Problem('unauthorized', 'The key was revoked.');
    if (isPast(key.expiresAt, now)) throw new Problem('unauthorized', 'The key has expired.');
    if (!key.scopes.includes(scope)) throw new Problem('forbidden', `The key lacks the scope ${scope}.`);
    const actor = `key:${formatId('apiKey', key.id)}`;
    if (scope === 'platform') {
      if (key.tenant !== null)
        throw new Problem('forbidden', "A tenant's key may not do this: it takes a platform key.");
      return { tenant: null, actor, origin: 'api' };
    }
    if (key.tenant === null) throw new Problem('forbidden', 'A platform key belongs to no tenant.');
    return { tenant: key.tenant, actor, origin: 'api' };
  }

  async #bySession(request: Request, session: Session, scope: Scope): Promise<Caller | PlatformCaller> {
    requireCsrfToken(request, session);
    if (!scopesOfRole[session.role].includes(scope)) {
      throw new Problem('forbidden', `The role ${session.role} may not do this.`);
    }
    const actor = `operator:${formatId('operator', session.operator)}`;
    if (scope === 'platform') return { tenant: null, actor, origin: 'operator' };
    const ref = decoded(request.get('sollecito-tenant'));
    if (ref === undefined) {
      const path = '/header/sollecito-tenant';
      throw invalidRequest([{ path, code: 'required', message: "must name the tenant's ref, percent-encoded" }]);
    }
    const tenant = await tenantForOperators(this.#parts.database, ref);
    if (!tenant) throw new Problem('not-found', 'There is no such tenant.');
    return { tenant, actor, origin: 'operator' };
  }
}

/** What changes something needs the token that only our own pages can read. Throws Problem `forbidden`. */
export function requireCsrfToken(request: Request, session: Session, given = request.get('x-csrf-token')): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(session.csrfToken)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  throw new Problem('forbidden', 'The X-CSRF-Token of the session is missing or wrong.');
}

const cacheSeconds = 5;
const mostCached = 10_000;

/** Keys that were found in the last seconds. Those not found are asked for again: a new key works at once. */
class KeyCache {
  readonly #parts: ApiParts;
  readonly #found = new Map<string, { key: Promise<KeyFacts | undefined>; until: number }>();

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  async find(secret: string): Promise<KeyFacts | undefined> {
    const hash = createHash('sha256').update(secret).digest('base64');
    const cached = this.#found.get(hash);
    if (cached && performance.now() < cached.until) return cached.key;
    if (this.#found.size >= mostCached) this.#found.clear();
    const key = findApiKey(this.#parts.database.pool, secret);
    this.#found.set(hash, { key, until: performance.now() + cacheSeconds * 1000 });
    try {
      const found = await key;
      if (!found) this.#found.delete(hash);
      return found;
    } catch (error) {
      this.#found.delete(hash);
      throw error;
    }
  }
}

function isPast(instant: Temporal.Instant | null, now: Temporal.Instant): boolean {
  return instant !== null && Temporal.Instant.compare(instant, now) <= 0;
}

function decoded(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    return undefined;
  }
}
