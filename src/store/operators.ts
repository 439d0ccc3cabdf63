import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { asId, type Id, newId, type TenantId } from '../domain/ids.ts';
import { type OperatorRole, operatorRoles } from '../domain/scopes.ts';
import type { Database } from './database.ts';
import { Operator, OperatorSession } from './entities.ts';
import { toDate } from './instants.ts';
import { hashPassword, passwordMatches } from './passwords.ts';

/** A person at the admin page. They belong to no tenant: either role of database may ask. */
export type OperatorId = Id<'operator'>;
export type Session = { operator: OperatorId; email: string; role: OperatorRole; csrfToken: string };

/** How long a session lasts. */
export const sessionHours = 12;

/** Thrown when that address has an operator already. */
export class OperatorExists extends Error {
  constructor() {
    super('there is an operator with this address already');
    this.name = 'OperatorExists';
  }
}

/** @param operator without a password one signs in by link only. Throws OperatorExists. */
export async function createOperator(
  database: Database,
  clock: Clock,
  operator: { email: string; role: OperatorRole; password?: string },
): Promise<OperatorId> {
  const email = operator.email.toLowerCase();
  const id = newId('operator');
  const passwordHash = operator.password === undefined ? null : await hashPassword(operator.password);
  const em = database.entityManagerWithoutTenant();
  const row = { id, email, passwordHash, role: operator.role, createdAt: toDate(clock.now()) };
  await em.insert(Operator, row).catch((error: unknown) => {
    throw error instanceof UniqueConstraintViolationException ? new OperatorExists() : error;
  });
  return id;
}

/** Whether anybody can sign in at all: the first start asks. */
export async function anyOperator(database: Database): Promise<boolean> {
  return (await database.entityManagerWithoutTenant().count(Operator)) > 0;
}

/** The operator whose password this is, or undefined, after the same time. */
export async function findByPassword(
  database: Database,
  email: string,
  password: string,
): Promise<OperatorId | undefined> {
  const found = await database.entityManagerWithoutTenant().findOne(Operator, { email: email.toLowerCase() });
  const matches = await passwordMatches(password, found?.passwordHash ?? null);
  return matches && found ? asId('operator', found.id) : undefined;
}

/** @returns the token of a link that signs in once. */
export async function createSignInLink(
  database: Database,
  clock: Clock,
  operator: OperatorId,
  minutes: number,
): Promise<string> {
  const token = newToken();
  await database.pool.query('INSERT INTO sollecito.sign_in_link (hash, operator_id, expires_at) VALUES ($1, $2, $3)', [
    hashOf(token),
    operator,
    toDate(clock.now().add({ minutes })),
  ]);
  return token;
}

/** Uses a link up: of two requests that race for it, one gets the operator. */
export async function useSignInLink(database: Database, clock: Clock, token: string): Promise<OperatorId | undefined> {
  const { rows } = await database.pool.query<{ operator_id: string }>(
    `UPDATE sollecito.sign_in_link SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING operator_id`,
    [hashOf(token), toDate(clock.now())],
  );
  const row = rows[0];
  return row && asId('operator', row.operator_id);
}

/** Opens a session. @returns the cookie's token; only its SHA-256 is kept. */
export async function openSession(database: Database, clock: Clock, operator: OperatorId): Promise<string> {
  const token = newToken();
  const now = clock.now();
  const em = database.entityManagerWithoutTenant();
  await em.nativeDelete(OperatorSession, { expiresAt: { $lt: toDate(now) } });
  await em.insert(OperatorSession, {
    hash: hashOf(token),
    operatorId: operator,
    csrfToken: newToken(),
    createdAt: toDate(now),
    expiresAt: toDate(now.add({ hours: sessionHours })),
  });
  return token;
}

/** The session behind a cookie's token, while it lasts. */
export async function findSession(database: Database, clock: Clock, token: string): Promise<Session | undefined> {
  const { rows } = await database.pool.query<{ id: string; email: string; role: string; csrf_token: string }>(
    `SELECT o.id, o.email, o.role, s.csrf_token
     FROM sollecito.operator_session s JOIN sollecito.operator o ON o.id = s.operator_id
     WHERE s.hash = $1 AND s.expires_at > $2`,
    [hashOf(token), toDate(clock.now())],
  );
  const row = rows[0];
  const role = operatorRoles.find((candidate) => candidate === row?.role);
  if (!row || !role) return undefined;
  return { operator: asId('operator', row.id), email: row.email, role, csrfToken: row.csrf_token };
}

export async function closeSession(database: Database, token: string): Promise<void> {
  await database.entityManagerWithoutTenant().nativeDelete(OperatorSession, { hash: hashOf(token) });
}

/** The tenants that an operator may look at: all of them. */
export async function tenantsForOperators(database: Database): Promise<{ id: TenantId; ref: string; name: string }[]> {
  const { rows } = await database.pool.query<{ id: string; ref: string; name: string }>(
    'SELECT id, ref, name FROM sollecito.tenants_for_operators()',
  );
  return rows.map((row) => ({ ...row, id: asId('tenant', row.id) }));
}

/** The tenant of that ref, for an operator. */
export async function tenantForOperators(database: Database, ref: string): Promise<TenantId | undefined> {
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT id FROM sollecito.tenant_for_operators($1) AS id',
    [ref],
  );
  return rows[0] && asId('tenant', rows[0].id);
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
