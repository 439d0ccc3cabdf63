import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** In reminders. `limit: null`: none. */
export type Quota = { plan: string; limit: number | null; used: number; reserved: number };

/** A tenant's quota as it stands. */
export async function loadQuota(client: Queryable, tenant: TenantId): Promise<Quota> {
  const { rows } = await client.query<Quota>(
    `SELECT t.plan, p.send_limit AS "limit", c.used::integer AS used, c.reserved::integer AS reserved
     FROM sollecito.tenant t
     JOIN sollecito.plan p ON p.key = t.plan
     CROSS JOIN LATERAL (SELECT sum(used) AS used, sum(reserved) AS reserved FROM sollecito.quota_counter WHERE tenant_id = t.id) c
     WHERE t.id = $1`,
    [tenant],
  );
  const row = rows[0];
  if (!row) throw new Error('no such tenant');
  return row;
}
