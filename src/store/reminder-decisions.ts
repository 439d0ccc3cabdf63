import { notBefore } from '../domain/clock.ts';
import { type DeliveryStatus, pendingStatuses, sourcesOf } from '../domain/delivery-state.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { asId, type DeliveryId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { QuotaLimit } from '../domain/quota.ts';
import { noteInAudit } from './audit.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';
import { moveDelivery } from './move-delivery.ts';
import { refuseUnit } from './quota.ts';

/**
 * What a person decides about a reminder. Each answers whether it could be done; the caller's transaction does it, and
 * takes it back when it could not.
 */
export type Decision = { reminder: ReminderId; tenant: TenantId; actor: string; now: Temporal.Instant };
export type Decided = 'done' | 'not-found' | 'refused' | 'settled' | 'void' | { exhausted: QuotaLimit };

type Locked = {
  sendAt: Temporal.Instant | null;
  deliveries: { id: DeliveryId; channel: Channel; status: DeliveryStatus; generation: number; resends: number }[];
};

/** Calls off what has not left. Refused once a delivery is on its way, or when nothing is left to call off. */
export async function cancelReminder(client: Queryable, decision: Decision): Promise<Decided> {
  const { deliveries } = await lock(client, decision);
  if (deliveries.length === 0) return 'not-found';
  if (deliveries.every((delivery) => delivery.status === 'canceled')) return 'done';
  const pending = deliveries.filter((delivery) => pendingStatuses.includes(delivery.status));
  if (pending.length === 0 || deliveries.some((delivery) => delivery.status === 'sending')) return 'refused';
  for (const delivery of pending) {
    await moveDelivery(client, {
      delivery: delivery.id,
      to: 'canceled',
      by: 'cancel',
      at: decision.now,
      reason: 'by-request',
      detail: { actor: decision.actor },
    });
  }
  return 'done';
}

/**
 * Tries a reminder again that ended untaken. The same reminder, a new generation of its deliveries (so that a provider
 * that drops repeats takes them), not before its own time, and its quota unit is reserved again.
 */
export async function retryReminder(client: Queryable, decision: Decision): Promise<Decided> {
  const settled = await whySettled(client, decision);
  if (settled) return settled;
  const { deliveries, sendAt } = await lock(client, decision);
  const [first] = deliveries;
  if (!first) return 'not-found';
  const sources = sourcesOf('accepted', 'retry');
  if (!deliveries.every((delivery) => sources.includes(delivery.status))) return 'refused';
  const exhausted = await refuseUnit(client, { ...decision, channel: first.channel });
  if (exhausted) return { exhausted };
  for (const delivery of deliveries) {
    await moveDelivery(client, {
      delivery: delivery.id,
      to: 'accepted',
      by: 'retry',
      at: decision.now,
      reason: 'by-request',
      detail: { actor: decision.actor },
      nextAttemptAt: notBefore(sendAt, decision.now),
      set: { attempts: 0, prepareFailures: 0, generation: delivery.generation + 1 },
    });
  }
  await noteInAudit(client, { ...decision, target: decision.reminder, action: 'reminder.retry', detail: {} });
  return 'done';
}

/** Says what became of a reminder whose fate is unknown, or has it sent again. */
export async function resolveReminder(
  client: Queryable,
  decision: Decision & { outcome: 'sent' | 'failed' | 'resend' },
): Promise<Decided> {
  // What was sent marks its due dates as reminded; they come before the reminder in the order of locks.
  if (decision.outcome === 'sent') await lockDueDatesOf(client, decision);
  const { deliveries } = await lock(client, decision);
  if (deliveries.length === 0) return 'not-found';
  const unknown = deliveries.filter((delivery) => delivery.status === 'unknown');
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
async function lock(client: Queryable, { tenant, reminder }: Decision): Promise<Locked> {
  const { rows: reminders } = await client.query<{ send_at: string }>(
    'SELECT send_at FROM sollecito.reminder WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE',
    [reminder, tenant],
  );
  const { rows } = await client.query<{
    id: string;
    channel: Channel;
    status: DeliveryStatus;
    generation: number;
    resends: number;
  }>(
    'SELECT id, channel, status, generation, resends FROM sollecito.delivery WHERE reminder_id = $1 AND tenant_id = $2 ORDER BY id FOR NO KEY UPDATE',
    [reminder, tenant],
  );
  const deliveries = rows.map((row) => ({ ...row, id: asId('delivery', row.id) }));
  return { sendAt: toInstant(reminders[0]?.send_at ?? null), deliveries };
}

/** Why there is nothing to ask for any more, or undefined. */
async function whySettled(client: Queryable, { tenant, reminder }: Decision): Promise<'settled' | 'void' | undefined> {
  const { rows } = await client.query<{ settled: boolean | null; voided: boolean | null }>(
    `SELECT bool_and(u.state = 'void' OR (u.outstanding = 0 AND r.template IS DISTINCT FROM 'thank-you')) AS settled, bool_and(u.state = 'void') AS voided
     FROM sollecito.reminder r JOIN sollecito.reminder_due_date l ON l.reminder_id = r.id JOIN sollecito.due_date u ON u.id = l.due_date_id
     WHERE r.id = $1 AND r.tenant_id = $2`,
    [reminder, tenant],
  );
  if (!rows[0]?.settled) return undefined;
  return rows[0].voided ? 'void' : 'settled';
}
