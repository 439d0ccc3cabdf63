import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** Who the tenant is to the tax office, as far as it has said so, and where it is. */
export type TenantIdentity = { vatId: string | null; taxCode: string | null; country: string };

export async function tenantIdentity(client: Queryable, tenant: TenantId): Promise<TenantIdentity> {
  const { rows } = await client.query<TenantIdentity>(
    'SELECT vat_id AS "vatId", tax_code AS "taxCode", country FROM sollecito.tenant WHERE id = $1',
    [tenant],
  );
  if (!rows[0]) throw new Error('no such tenant');
  return rows[0];
}
