import type { DkimAlgorithm } from '../domain/dkim-key.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** A tenant's key for signing its emails, its private part sealed. */
export type StoredDkimKey = {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly sealedKey: string;
  readonly publicKey: string;
  readonly createdAt: Temporal.Instant;
};

export async function findDkimKey(client: Queryable, tenant: TenantId): Promise<StoredDkimKey | undefined> {
  const { rows } = await client.query<DkimKeyRow>(
    'SELECT domain, selector, algorithm, sealed_key, public_key, created_at FROM sollecito.dkim_key WHERE tenant_id = $1',
    [tenant],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { domain, selector, algorithm } = row;
  return {
    domain,
    selector,
    algorithm,
    sealedKey: row.sealed_key,
    publicKey: row.public_key,
    createdAt: toInstant(row.created_at),
  };
}

/** The same, and nobody sets or removes a key of this tenant until the transaction ends, also where there is none yet. */
export async function lockDkimKey(client: Queryable, tenant: TenantId): Promise<StoredDkimKey | undefined> {
  await client.query('SELECT FROM sollecito.tenant WHERE id = $1 FOR NO KEY UPDATE', [tenant]);
  return findDkimKey(client, tenant);
}

/** Puts a key in the place of the one before, if there was one. */
export async function keepDkimKey(client: Queryable, tenant: TenantId, key: StoredDkimKey): Promise<void> {
  await client.query(
    `INSERT INTO sollecito.dkim_key (tenant_id, domain, selector, algorithm, sealed_key, public_key, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id) DO UPDATE SET domain = excluded.domain, selector = excluded.selector, algorithm = excluded.algorithm,
       sealed_key = excluded.sealed_key, public_key = excluded.public_key, created_at = excluded.created_at`,
    [tenant, key.domain, key.selector, key.algorithm, key.sealedKey, key.publicKey, key.createdAt.toString()],
  );
}

/** From then on its emails leave unsigned. @returns false when there was none. */
export async function dropDkimKey(client: Queryable, tenant: TenantId): Promise<boolean> {
  const { rowCount } = await client.query('DELETE FROM sollecito.dkim_key WHERE tenant_id = $1', [tenant]);
  return rowCount === 1;
}

type DkimKeyRow = {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  sealed_key: string;
  public_key: string;
  created_at: string;
};
