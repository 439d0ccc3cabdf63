import type { Channel } from '../domain/delivery-facts.ts';
import { sourcesOf } from '../domain/delivery-state.ts';
import { asId, type DeliveryId, type DueDateId, type TenantId } from '../domain/ids.ts';
import type { Database } from './database.ts';

/** A delivery that has become a job; `missingDocuments` are to be rendered before it. */
export type Dispatched = {
  delivery: DeliveryId;
  dispatchNo: number;
  priority: number;
  tenant: TenantId;
  missingDocuments: DueDateId[];
};

/**
 * Takes due deliveries of one channel out of the backlog, up to what the window still holds: tenants in turn (the one
 * served longest ago first, one delivery each per round), inside a tenant by priority, then by time.
 *
 * One dispatcher at a time for each channel (advisory lock, held to the end of the transaction); rows that somebody
 * else holds (a cancel, a payment) are left for the next round. Rests on the index delivery_due: one probe for each
 * tenant and priority, so that what is scheduled for later costs nothing.
 */
export async function dispatchDue(
  database: Database,
  options: { channel: Channel; window: number; now: Temporal.Instant },
): Promise<Dispatched[]> {
  return database.transaction(async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('sollecito.dispatch.' || $1))`, [options.channel]);
    const { rows } = await client.query<Row>({
      name: 'dispatch-due',
      text: dispatchStatement,
      values: [options.channel, options.now.toString(), options.window, sourcesOf('queued', 'dispatch')],
    });
    return rows.map((row) => ({
      delivery: asId('delivery', row.id),
      dispatchNo: row.dispatch_no,
      priority: row.priority,
      tenant: asId('tenant', row.tenant_id),
      missingDocuments: row.missing.map((id) => asId('dueDate', id)),
    }));
  });
}

type Row = { id: string; dispatch_no: number; priority: number; tenant_id: string; missing: string[] };

const dispatchStatement = `
WITH RECURSIVE room AS (
  -- Two counts, for each has an index of its own.
  SELECT greatest($3
    - (SELECT count(*) FROM sollecito.delivery WHERE channel = $1 AND status = 'queued')
    - (SELECT count(*) FROM sollecito.delivery WHERE channel = $1 AND status = 'sending'), 0)::integer AS free
), backlog AS (
  -- Which tenants wait, without reading what they wait with.
  (SELECT tenant_id FROM sollecito.delivery WHERE channel = $1 AND status IN ('accepted', 'retrying') ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.tenant_id FROM sollecito.delivery d
          WHERE d.channel = $1 AND d.status IN ('accepted', 'retrying') AND d.tenant_id > b.tenant_id ORDER BY d.tenant_id LIMIT 1)
  FROM backlog b WHERE b.tenant_id IS NOT NULL
), turns AS MATERIALIZED (
  SELECT t.tenant_id, t.served_at
  FROM backlog JOIN sollecito.tenant_turn t ON t.tenant_id = backlog.tenant_id AND t.channel = $1
  WHERE NOT EXISTS (
    SELECT 1 FROM sollecito.pause p
    WHERE p.ended_at IS NULL AND (p.until IS NULL OR p.until > $2)
      AND (p.tenant_id IS NULL OR p.tenant_id = t.tenant_id) AND (p.channel IS NULL OR p.channel = $1)
      AND (p.provider IS NULL OR p.provider = sollecito.provider_of($1))
  )
), candidates AS (
  SELECT c.id, t.served_at, t.tenant_id, row_number() OVER (PARTITION BY t.tenant_id ORDER BY c.priority DESC, c.next_attempt_at, c.id) AS round
  FROM turns t, room, LATERAL (
    SELECT d.id, d.priority, d.next_attempt_at
    FROM generate_series(9, 0, -1) AS level, LATERAL (
      SELECT id, priority, next_attempt_at FROM sollecito.delivery
      WHERE channel = $1 AND tenant_id = t.tenant_id AND priority = level AND status IN ('accepted', 'retrying') AND next_attempt_at <= $2
      ORDER BY next_attempt_at, id LIMIT room.free
    ) d
    ORDER BY d.priority DESC, d.next_attempt_at, d.id LIMIT room.free
  ) c
), picked AS MATERIALIZED (
  SELECT id FROM candidates ORDER BY round, served_at, tenant_id LIMIT (SELECT free FROM room)
), locked AS MATERIALIZED (
  SELECT d.id FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id
  WHERE d.id IN (SELECT id FROM picked) AND d.status = ANY ($4)
  FOR NO KEY UPDATE OF d, r SKIP LOCKED
), moved AS (
  UPDATE sollecito.delivery d SET status = 'queued', reason = NULL, dispatch_no = d.dispatch_no + 1, queued_at = $2, updated_at = $2
  FROM locked WHERE d.id = locked.id
  RETURNING d.id, d.tenant_id, d.reminder_id, d.dispatch_no, d.priority
), served AS (
  UPDATE sollecito.tenant_turn t
  SET served_at = $2
  FROM (SELECT DISTINCT tenant_id FROM moved) m
  WHERE t.tenant_id = m.tenant_id AND t.channel = $1
), told AS (
  INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, detail)
  SELECT $2, tenant_id, reminder_id, id, 'queued', jsonb_build_object('dispatch', dispatch_no) FROM moved
)
SELECT m.id, m.tenant_id, m.dispatch_no, m.priority, ARRAY(
  SELECT u.id FROM sollecito.reminder r
  JOIN sollecito.reminder_due_date l ON l.reminder_id = r.id
  JOIN sollecito.due_date u ON u.id = l.due_date_id
  WHERE r.id = m.reminder_id AND r.attach_document AND (u.outstanding > 0 OR (r.template = 'thank-you' AND u.voided_at IS NULL)) AND u.own_document_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM sollecito.document k WHERE k.due_date_id = u.id AND k.edition = sollecito.document_edition(u, r.bank_account_id) AND k.origin = 'rendered'
  )
) AS missing
FROM moved m ORDER BY m.priority DESC, m.id`;

export type Backlog = {
  channel: Channel;
  due: number;
  scheduled: number;
  queued: number;
  sending: number;
  unknown: number;
  /** Of the oldest that is due, in seconds. */
  oldestSeconds: number;
};

/** How many deliveries wait, are under way or in doubt: for metrics. Each channel has a row, of zeros too, each count its index. */
export async function backlog(database: Database, now: Temporal.Instant): Promise<Backlog[]> {
  const { rows } = await database.pool.query<Backlog>(
    `SELECT c.channel, waiting.due, waiting.scheduled, waiting."oldestSeconds",
      (SELECT count(*)::integer FROM sollecito.delivery WHERE channel = c.channel AND status = 'queued') AS queued,
      (SELECT count(*)::integer FROM sollecito.delivery WHERE channel = c.channel AND status = 'sending') AS sending,
      (SELECT count(*)::integer FROM sollecito.delivery WHERE channel = c.channel AND status = 'unknown') AS unknown
    FROM (VALUES ('email'), ('sms')) AS c (channel), LATERAL (
      SELECT count(*) FILTER (WHERE next_attempt_at <= $1)::integer AS due,
        count(*) FILTER (WHERE next_attempt_at > $1)::integer AS scheduled,
        coalesce(extract(epoch FROM $1 - min(next_attempt_at) FILTER (WHERE next_attempt_at <= $1)), 0)::float8 AS "oldestSeconds"
      FROM sollecito.delivery WHERE channel = c.channel AND status IN ('accepted', 'retrying')
    ) waiting`,
    [now.toString()],
  );
  return rows;
}
