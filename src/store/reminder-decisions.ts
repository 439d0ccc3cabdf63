import { asId, type DeliveryId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { QuotaLimit } from '../domain/quota.ts';
import { noteInAudit } from './audit.ts';
import type { Queryable } from './database.ts';
import { moveDelivery } from './move-delivery.ts';
import { refuseUnit } from './quota.ts';
import { decideAll, type Deed } from './reminders-bulk.ts';

/**
 * What a person decides about a reminder. Each answers whether it could be done; the caller's transaction does it, and
 * takes it back when it could not.
 */
export type Decision = { reminder: ReminderId; tenant: TenantId; actor: string; now: Temporal.Instant };
export type Decided = 'done' | 'not-found' | 'refused' | 'settled' | 'void' | { exhausted: QuotaLimit | null };

type Unknown = { id: DeliveryId; generation: number; resends: number };

/** Calls off what has not left. Refused once a delivery is on its way, or when nothing is left to call off. */
export async function cancelReminder(client: Queryable, decision: Decision): Promise<Decided> {
  return decideOne(client, 'cancel', decision);
}

/** Tries a reminder again that ended untaken, as one of many (`decideAll`). */
export async function retryReminder(client: Queryable, decision: Decision): Promise<Decided> {
  return decideOne(client, 'retry', decision);
}

async function decideOne(client: Queryable, deed: Deed, { reminder, ...decision }: Decision): Promise<Decided> {
  const [judged] = await decideAll(client, { ...decision, deed, reminders: [reminder] });
  if (!judged) return 'not-found';
  switch (judged.verdict) {
    case 'done':
    case 'unchanged':
      return 'done';
    case 'exhausted':
      // Asked once more, under the same locks, for which limit it is.
      return { exhausted: (await refuseUnit(client, { ...decision, channel: judged.channel })) ?? null };
    case 'refused':
    case 'settled':
    case 'void':
      return judged.verdict;
  }
}

/** Says what became of a reminder whose fate is unknown, or has it sent again. */
export async function resolveReminder(
  client: Queryable,
  decision: Decision & { outcome: 'sent' | 'failed' | 'resend' },
): Promise<Decided> {
  // What was sent marks its due dates as reminded; they come before the reminder in the order of locks.
  if (decision.outcome === 'sent') await lockDueDatesOf(client, decision);
  const unknown = await lockUnknown(client, decision);
  if (!unknown) return 'not-found';
  if (unknown.length === 0) return 'refused';
  for (const delivery of unknown) {
    await moveDelivery(client, {
      delivery: delivery.id,
      ...(decision.outcome === 'resend' ? { to: 'accepted', by: 'resend' } : { to: decision.outcome, by: 'operator' }),
      at: decision.now,
      reason: 'by-request',
      detail: { actor: decision.actor, outcome: decision.outcome },
      ...(decision.outcome === 'resend'
        ? {
            nextAttemptAt: decision.now,
            set: { attempts: 0, generation: delivery.generation + 1, resends: delivery.resends + 1 },
          }
        : {}),
    });
  }
  await noteInAudit(client, {
    ...decision,
    target: decision.reminder,
    action: 'reminder.resolve',
    detail: { outcome: decision.outcome },
  });
  return 'done';
}

async function lockDueDatesOf(client: Queryable, { tenant, reminder }: Decision): Promise<void> {
  await client.query(
    `SELECT 1 FROM sollecito.due_date WHERE tenant_id = $2 AND id IN (SELECT due_date_id FROM sollecito.reminder_due_date WHERE reminder_id = $1)
     ORDER BY id FOR NO KEY UPDATE`,
    [reminder, tenant],
  );
}

// The reminder first, then its deliveries: the order that everyone keeps.
async function lockUnknown(client: Queryable, { tenant, reminder }: Decision): Promise<Unknown[] | undefined> {
  const { rowCount } = await client.query(
    'SELECT FROM sollecito.reminder WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE',
    [reminder, tenant],
  );
  if (rowCount === 0) return undefined;
  const { rows } = await client.query<{ id: string; generation: number; resends: number }>(
    `SELECT id, generation, resends FROM sollecito.delivery WHERE reminder_id = $1 AND tenant_id = $2 AND status = 'unknown' ORDER BY id FOR NO KEY UPDATE`,
    [reminder, tenant],
  );
  return rows.map((row) => ({ ...row, id: asId('delivery', row.id) }));
}
