import type { Pool } from 'pg';
import { z } from 'zod';

/** Deliveries of one tenant to be put into the database as if they had been accepted. */
export type Stock = {
  tenant: string;
  count: number;
  /** When the first of them is due; each is `everyMs` after the one before. */
  from: Temporal.Instant;
  everyMs?: number;
  priority?: number;
  /** With a document that nobody has rendered yet. */
  attachDocument?: boolean;
};

/** A tenant with one customer who owes one due date; its deliveries are all about it. @returns the tenant's id. */
export async function addStockTenant(pool: Pool, ref: string): Promise<string> {
  const { rows } = await pool.query(
    `WITH tenant AS (
      INSERT INTO sollecito.tenant (id, ref, name, plan, created_at, updated_at) VALUES (uuidv7(), $1, $1, 'large', now(), now()) RETURNING id
    ), customer AS (
      INSERT INTO sollecito.customer (id, tenant_id, ref, kind, name, created_at, updated_at)
      SELECT uuidv7(), id, 'customer', 'business', 'Customer', now(), now() FROM tenant RETURNING id, tenant_id
    )
    INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, due_on, amount, currency, created_at, updated_at)
    SELECT uuidv7(), tenant_id, 'due', id, 'receivable', '2026-01-31', 100, 'EUR', now(), now() FROM customer RETURNING tenant_id`,
    [ref],
  );
  return z.tuple([z.object({ tenant_id: z.string() })]).parse(rows)[0].tenant_id;
}

/** Ten deliveries make a reminder, so that a million are there within a minute. */
export async function addStock(pool: Pool, stock: Stock): Promise<void> {
  const { tenant, count, from, everyMs = 1, priority = 5, attachDocument = false } = stock;
  await pool.query(
    `WITH due AS (
      SELECT id, customer_id FROM sollecito.due_date WHERE tenant_id = $1
    ), made AS (
      SELECT n, uuidv7() AS reminder_id FROM generate_series(0, ($2::integer - 1) / 10) AS n
    ), reminders AS (
      INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, origin, actor, recipients, attach_document, send_at, quota_month, created_at, updated_at)
      SELECT made.reminder_id, $1, due.customer_id, 'email', 'api', 'key:bench', 'given', $6, $3, '2026-01-01', now(), now() FROM made, due
    ), links AS (
      INSERT INTO sollecito.reminder_due_date (reminder_id, due_date_id, tenant_id, position)
      SELECT made.reminder_id, due.id, $1, 0 FROM made, due
    )
    INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, priority, next_attempt_at, updated_at)
    SELECT uuidv7(), $1, made.reminder_id, 'email', position, 'to-' || position || '@bench.example', 'accepted', $5,
      $3::timestamptz + (made.n * 10 + position) * make_interval(secs => $4::float8 / 1000), now()
    FROM made, generate_series(0, 9) AS position
    WHERE made.n * 10 + position < $2`,
    [tenant, count, from.toString(), everyMs, priority, attachDocument],
  );
}
