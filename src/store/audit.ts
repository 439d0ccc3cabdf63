import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** Notes who did what to what: never changed, never deleted. `detail` holds no secret and no personal data. */
export async function noteInAudit(
  client: Queryable,
  entry: {
    /** null: it concerns all of them. */
    tenant: TenantId | null;
    actor: string;
    action: string;
    target: string;
    detail: Record<string, unknown>;
    now: Temporal.Instant;
  },
): Promise<void> {
  await client.query(
    'INSERT INTO sollecito.audit (tenant_id, actor, action, target, detail, at) VALUES ($1, $2, $3, $4, $5, $6)',
    [entry.tenant, entry.actor, entry.action, entry.target, JSON.stringify(entry.detail), entry.now.toString()],
  );
}
