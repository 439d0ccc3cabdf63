import type { DeliveryStatus } from '../../src/domain/delivery-state.ts';
import { asId, formatId, newId, type ReminderId } from '../../src/domain/ids.ts';
import type { TestApi } from './api.ts';

export type MadeReminder = { id: ReminderId; shown: string };

/**
 * Puts a reminder with deliveries in these statuses into the database, as if it had been accepted and had come that far:
 * for tests of what a change of its due dates does to it.
 */
export async function makeReminder(
  api: TestApi,
  of: {
    dueDates: readonly string[];
    deliveries: readonly DeliveryStatus[];
    channel?: 'email' | 'sms';
    takenAt?: string;
  },
): Promise<MadeReminder> {
  const id = newId('reminder');
  const now = api.clock.now().toString();
  const { channel = 'email', takenAt = null } = of;
  await api.service.transaction(async (client) => {
    await client.query(
      `INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, status, origin, actor, recipients, send_at, taken_at, quota_month, created_at, updated_at)
       SELECT $1, d.tenant_id, d.customer_id, $4, sollecito.reminder_status($5), 'api', 'key:test', 'customer', $3, $6,
         sollecito.month_of($3, t.time_zone), $3, $3
       FROM sollecito.due_date d JOIN sollecito.tenant t ON t.id = d.tenant_id WHERE d.tenant_id = $7 AND d.ref = $2`,
      [id, of.dueDates[0], now, channel, of.deliveries, takenAt, api.tenant.id],
    );
    await client.query(
      `INSERT INTO sollecito.reminder_due_date (reminder_id, due_date_id, tenant_id, position)
       SELECT $1, d.id, d.tenant_id, n - 1 FROM unnest($2::text[]) WITH ORDINALITY AS wanted (ref, n)
       JOIN sollecito.due_date d ON d.ref = wanted.ref AND d.tenant_id = $3`,
      [id, of.dueDates, api.tenant.id],
    );
    await client.query(
      `INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, priority, next_attempt_at, updated_at,
         claim_token, lease_until)
       SELECT uuidv7(), $2, $1, $5, n - 1, 'to' || n || '@example.com', status, 5, $3, $3, uuidv7(), $3
       FROM unnest($4::text[]) WITH ORDINALITY AS d (status, n)`,
      [id, api.tenant.id, now, of.deliveries, channel],
    );
    await client.query(
      `INSERT INTO sollecito.event (at, tenant_id, reminder_id, type, detail, private_detail)
       VALUES ($3, $2, $1, 'accepted', '{"origin": "api"}', '{"response": "a secret of the provider"}')`,
      [id, api.tenant.id, now],
    );
    await client.query(
      'SELECT sollecito.count_quota(tenant_id, channel, quota_month, 1, 0) FROM sollecito.reminder WHERE id = $1',
      [id],
    );
  });
  return { id, shown: formatId('reminder', id) };
}

/** The statuses of a reminder and its deliveries now, the reasons, and the units of quota that its tenant has reserved. */
export async function readReminder(
  api: TestApi,
  id: ReminderId,
): Promise<{ status: string; deliveries: string[]; reserved: number; events: string[] }> {
  const { rows } = await api.service.pool.query<{
    status: string;
    deliveries: string[];
    reserved: number;
    events: string[];
  }>(
    `SELECT r.status,
       ARRAY(SELECT d.status || coalesce(' ' || d.reason, '') FROM sollecito.delivery d WHERE d.reminder_id = r.id ORDER BY position) AS deliveries,
       (SELECT sum(reserved)::integer FROM sollecito.quota_counter c WHERE c.tenant_id = r.tenant_id AND c.month = '-infinity') AS reserved,
       ARRAY(SELECT e.type || coalesce(' ' || e.reason, '') FROM sollecito.event e WHERE e.reminder_id = r.id ORDER BY at, id) AS events
     FROM sollecito.reminder r WHERE r.id = $1`,
    [asId('reminder', id)],
  );
  if (!rows[0]) throw new Error('no such reminder');
  return rows[0];
}
