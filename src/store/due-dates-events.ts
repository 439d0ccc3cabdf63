import type { DueDateId, TenantId } from '../domain/ids.ts';
import { formatUnits, type Money } from '../domain/money.ts';
import type { Queryable } from './database.ts';
import type { Clock } from '../domain/clock.ts';

/** Who changes what, and the clock that says when: read only after the locks are held. */
export type Change = { readonly tenant: TenantId; readonly actor: string; readonly clock: Clock };

export type DueDateEvent = {
  dueDateId: DueDateId;
  type:
    | 'paymentRecorded'
    | 'paymentReversed'
    | 'credited'
    | 'creditReversed'
    | 'held'
    | 'released'
    | 'voided'
    | 'restored'
    | 'updated'
    | 'linksRevoked';
  reason?: string;
  /** May be shown to the tenant. */
  detail: Record<string, unknown>;
  /** Texts that people wrote. */
  privateDetail?: Record<string, unknown>;
};

/** Writes what was decided on due dates, in one statement. */
export async function recordDueDateEvents(
  client: Queryable,
  change: Pick<Change, 'tenant' | 'actor'>,
  now: Temporal.Instant,
  events: readonly DueDateEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    due_date_id: event.dueDateId,
    type: event.type,
    reason: event.reason ?? null,
    detail: { ...event.detail, actor: change.actor },
    private_detail: event.privateDetail ?? null,
  }));
  await client.query(
    `INSERT INTO sollecito.event (at, tenant_id, due_date_id, type, reason, detail, private_detail)
     SELECT $1, $2, due_date_id, type, reason, detail, private_detail
     FROM jsonb_to_recordset($3) AS e (due_date_id uuid, type text, reason text, detail jsonb, private_detail jsonb)`,
    [now.toString(), change.tenant, JSON.stringify(rows)],
  );
}

/** As an amount stands in an event's detail and in the API's replies. */
export function amountDetail(money: Money): { value: string; currency: string } {
  return { value: formatUnits(money), currency: money.currency };
}
