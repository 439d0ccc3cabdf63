import { isDeepStrictEqual } from 'node:util';
import { type InferEntity, LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Clock } from '../domain/clock.ts';
import { asId, newId, type ReminderId, type TenantId } from '../domain/ids.ts';
import { noteInAudit } from './audit.ts';
import type { Database, Queryable } from './database.ts';
import { Tenant } from './entities.ts';
import { toDate, toInstant } from './instants.ts';

export type TenantRow = InferEntity<typeof Tenant>;

/** What a tenant may change of itself; null takes a value away. */
export type TenantSettings = Pick<
  TenantRow,
  | 'name'
  | 'senderEmail'
  | 'senderName'
  | 'replyTo'
  | 'smsSender'
  | 'logo'
  | 'colour'
  | 'timeZone'
  | 'country'
  | 'locale'
  | 'unknownPolicy'
  | 'contactGapDays'
  | 'quietHours'
  | 'bindsCallers'
  | 'vatId'
  | 'taxCode'
  | 'smsMaxSegments'
  | 'activeTemplates'
  | 'logoSha256'
>;

/** Thrown when that ref has a tenant already. */
export class TenantExists extends Error {
  constructor(ref: string) {
    super(`there is a tenant "${ref}" already`);
    this.name = 'TenantExists';
  }
}

/** Thrown for a plan that is not in the table of plans. */
export class UnknownPlan extends Error {
  constructor(plan: string, known: readonly string[]) {
    super(`there is no plan "${plan}": take one of ${known.join(', ')}`);
    this.name = 'UnknownPlan';
  }
}

/**
 * Makes a tenant. Needs the service role.
 * @param tenant its ref follows from its name unless given. Throws TenantExists, UnknownPlan.
 */
export async function createTenant(
  database: Database,
  clock: Clock,
  tenant: { name: string; plan: string; ref?: string },
): Promise<{ id: TenantId; ref: string }> {
  await requirePlan(database, tenant.plan);
  const id = newId('tenant');
  const ref = tenant.ref ?? refOf(tenant.name);
  const now = toDate(clock.now());
  const row = { id, ref, name: tenant.name, plan: tenant.plan, ...usual, version: 1, createdAt: now, updatedAt: now };
  try {
    await database.entityManagerWithoutTenant().insert(Tenant, row);
  } catch (error) {
    throw error instanceof UniqueConstraintViolationException ? new TenantExists(ref) : error;
  }
  return { id, ref };
}

/** The tenant with that ref, or undefined. Needs the service role. */
export async function findTenant(database: Database, ref: string): Promise<TenantRow | undefined> {
  return (await database.entityManagerWithoutTenant().findOne(Tenant, { ref })) ?? undefined;
}

/** A page of all tenants, by ref; one row more than `limit` when there are more. Needs the service role. */
export async function listTenants(
  client: Queryable,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<{ ref: string; name: string; plan: string; createdAt: Temporal.Instant }[]> {
  const { rows } = await client.query<{ ref: string; name: string; plan: string; created_at: string }>(
    `SELECT ref, name, plan, created_at FROM sollecito.tenant WHERE $1::text IS NULL OR ref COLLATE "C" > $1 ORDER BY ref COLLATE "C" LIMIT $2`,
    [after ?? null, limit + 1],
  );
  return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: toInstant(created_at) }));
}

/**
 * Puts a tenant on another plan; what it used stays counted. Needs the service role. Throws UnknownPlan.
 * @param actor for the audit: `key:key_…`, `operator:opr_…`, or the command line.
 * @returns false without such a tenant.
 */
export async function setPlan(
  database: Database,
  clock: Clock,
  ref: string,
  plan: string,
  actor = 'cli',
): Promise<boolean> {
  await requirePlan(database, plan);
  const now = clock.now();
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM sollecito.tenant WHERE ref = $1', [ref]);
    const [row] = rows;
    if (!row) return false;
    const tenant = asId('tenant', row.id);
    // Alone: what was reserved under the plan before has committed, and is counted against the new one.
    await client.query('SELECT pg_advisory_xact_lock(sollecito.plan_key($1))', [tenant]);
    const { rows: before } = await client.query<{ plan: string }>('SELECT plan FROM sollecito.tenant WHERE id = $1', [
      tenant,
    ]);
    await client.query('UPDATE sollecito.tenant SET plan = $2, version = version + 1, updated_at = $3 WHERE id = $1', [
      tenant,
      plan,
      now.toString(),
    ]);
    await client.query('SELECT sollecito.warn_of_quota($1, $2)', [tenant, now.toString()]);
    const detail = { from: before[0]?.plan, to: plan };
    await noteInAudit(client, { tenant, actor, action: 'tenant.set-plan', target: ref, detail, now });
    return true;
  });
}

/** A tenant as it sees itself. */
export async function loadTenant(database: Database, tenant: TenantId): Promise<TenantRow> {
  return database.entityManager(tenant).findOneOrFail(Tenant, { id: asId('tenant', tenant) });
}

/**
 * Changes settings while no claim is under way; settings that are as they were leave version and time alone.
 * @param judge sees the row as it is and may throw.
 * @returns also which reminders were being handed over, when something changed.
 */
export async function changeTenant(
  database: Database,
  clock: Clock,
  tenant: TenantId,
  judge: (row: TenantRow) => Partial<TenantSettings>,
): Promise<{ row: TenantRow; inFlight: ReminderId[] }> {
  return database.entityManager(tenant).transactional(async (em) => {
    await em.execute('SELECT sollecito.hold_claims(?)', [tenant]);
    const row = await em.findOneOrFail(Tenant, { id: tenant }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const changes = judge(row);
    const current = new Map<string, unknown>(Object.entries(row));
    if (Object.entries(changes).every(([name, value]) => isDeepStrictEqual(current.get(name), value))) {
      return { row, inFlight: [] };
    }
    em.assign(row, { ...changes, version: row.version + 1, updatedAt: toDate(clock.now()) });
    const sending: { id: string }[] = await em.execute(
      "SELECT id FROM sollecito.reminder WHERE tenant_id = ? AND status = 'sending' ORDER BY id",
      [tenant],
    );
    return { row, inFlight: sending.map(({ id }) => asId('reminder', id)) };
  });
}

const usual = {
  senderEmail: null,
  senderName: null,
  replyTo: null,
  smsSender: null,
  logo: null,
  colour: null,
  timeZone: 'Europe/Rome',
  country: 'IT',
  locale: 'it',
  unknownPolicy: 'hold',
  contactGapDays: 0,
  quietHours: null,
  bindsCallers: false,
  vatId: null,
  taxCode: null,
  smsMaxSegments: 10,
  activeTemplates: {},
  logoSha256: null,
} satisfies Partial<TenantSettings>;

async function requirePlan(database: Database, plan: string): Promise<void> {
  const { rows } = await database.pool.query<{ key: string }>(
    'SELECT key FROM sollecito.plan p ORDER BY (SELECT min(l.sends) FROM sollecito.plan_limit l WHERE l.plan = p.key), key',
  );
  const known = rows.map((row) => row.key);
  if (!known.includes(plan)) throw new UnknownPlan(plan, known);
}

/** `Officine Rossi S.r.l.` → `officine-rossi-s-r-l` */
function refOf(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 128) || 'tenant'
  );
}

/** Where the tenant is: phone numbers without a prefix belong there. */
export async function tenantCountry(client: Queryable, tenant: TenantId): Promise<string> {
  const { rows } = await client.query<{ country: string }>('SELECT country FROM sollecito.tenant WHERE id = $1', [
    tenant,
  ]);
  const row = rows[0];
  if (!row) throw new Error('no such tenant');
  return row.country;
}
