import { createHash, randomBytes } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Clock } from '../domain/clock.ts';
import { asId, type Id, newId, type TenantId } from '../domain/ids.ts';
import { type Scope, scopes, usualScopes } from '../domain/scopes.ts';
import type { Database, Queryable } from './database.ts';
import { ApiKey } from './entities.ts';
import { toDate, toInstant } from './instants.ts';

const platformScopes: readonly Scope[] = ['platform'];

/** What a secret opens. `tenant: null` is a platform key. */
export type KeyFacts = {
  readonly id: Id<'apiKey'>;
  readonly tenant: TenantId | null;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Temporal.Instant | null;
  readonly revokedAt: Temporal.Instant | null;
};

/** Without a tenant it is a platform key. Without scopes it may do all that its kind may. */
type NewKey = { tenant: TenantId | null; name: string; scopes?: readonly Scope[]; expiresAt?: Temporal.Instant };

/**
 * Makes a key. Needs the service role.
 * @returns its secret, which nothing can show again: only its SHA-256 is kept.
 */
export async function createApiKey(
  database: Database,
  clock: Clock,
  key: NewKey,
): Promise<{ id: Id<'apiKey'>; secret: string; prefix: string }> {
  const prefix = randomBytes(4).toString('hex');
  const secret = `slk_${prefix}_${randomBytes(24).toString('hex')}`;
  const id = await insertKey(database, clock, { ...key, prefix, secret });
  return { id, secret, prefix };
}

/** Makes a key with a secret that was chosen outside (at least 16 characters), unless it is there already. Needs the service role. */
export async function ensureApiKey(database: Database, clock: Clock, key: NewKey & { secret: string }): Promise<void> {
  if (key.secret.length < 16) throw new Error('a key has at least 16 characters');
  const em = database.entityManagerWithoutTenant();
  if ((await em.count(ApiKey, { hash: hashOf(key.secret) })) > 0) return;
  await insertKey(database, clock, { ...key, prefix: 'given' }).catch((error: unknown) => {
    // Another process made it at the same moment.
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
  });
}

/** Ends a key now; caches of the API may still know it for some seconds. Needs the service role. */
export async function revokeApiKey(database: Database, clock: Clock, id: Id<'apiKey'>): Promise<void> {
  const em = database.entityManagerWithoutTenant();
  await em.nativeUpdate(ApiKey, { id, revokedAt: null }, { revokedAt: toDate(clock.now()) });
}

/** The key behind a secret, in force or not, or undefined. Any role: it must be known before a tenant is. */
export async function findApiKey(client: Queryable, secret: string): Promise<KeyFacts | undefined> {
  const { rows } = await client.query<{
    key_id: string;
    tenant_id: string | null;
    scopes: string[];
    expires_at: string | null;
    revoked_at: string | null;
  }>('SELECT key_id, tenant_id, scopes, expires_at, revoked_at FROM sollecito.authenticate_key($1)', [hashOf(secret)]);
  const row = rows[0];
  if (!row) return undefined;
  return {
    id: asId('apiKey', row.key_id),
    tenant: row.tenant_id === null ? null : asId('tenant', row.tenant_id),
    scopes: scopes.filter((scope) => row.scopes.includes(scope)),
    expiresAt: toInstant(row.expires_at),
    revokedAt: toInstant(row.revoked_at),
  };
}

async function insertKey(
  database: Database,
  clock: Clock,
  key: NewKey & { prefix: string; secret: string },
): Promise<Id<'apiKey'>> {
  const id = newId('apiKey');
  await database.entityManagerWithoutTenant().insert(ApiKey, {
    id,
    tenantId: key.tenant,
    name: key.name,
    prefix: key.prefix,
    hash: hashOf(key.secret),
    scopes: [...(key.scopes ?? (key.tenant === null ? platformScopes : usualScopes))],
    createdAt: toDate(clock.now()),
    expiresAt: key.expiresAt ? toDate(key.expiresAt) : null,
    revokedAt: null,
  });
  return id;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
