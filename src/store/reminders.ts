import type { Channel, Origin } from '../domain/delivery-facts.ts';
import type { DeliveryStatus, ReminderStatus } from '../domain/delivery-state.ts';
import { asId, type DeliveryId, type DueDateId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';
import { reminderConditions, type ReminderFilter } from './reminder-filter.ts';

/** A reminder as it stands: what was asked for, and what became of it. */
export type Reminder = {
  id: ReminderId;
  status: ReminderStatus;
  channel: Channel;
  origin: Origin;
  dueDates: { id: DueDateId; ref: string }[];
  customerRef: string;
  deliveries: {
    id: DeliveryId;
    to: string;
    status: DeliveryStatus;
    reason: string | null;
    nextAttemptAt: Temporal.Instant | null;
    /** Tries that failed since it was last asked for. */
    attempts: number;
    /** What the provider (or what broke) said last, in a code: of one that failed, is to be tried again, or is unknown. */
    code: string | null;
    /** When it became unknown; null for any other. */
    since: Temporal.Instant | null;
  }[];
  cc: string[];
  replyTo: string | null;
  subject: string | null;
  message: string | null;
  template: string | null;
  locale: string | null;
  bankAccountRef: string | null;
  attachDocument: boolean;
  sendAt: Temporal.Instant;
  priority: number;
  override: string[];
  metadata: Record<string, unknown>;
  takenAt: Temporal.Instant | null;
  createdAt: Temporal.Instant;
  updatedAt: Temporal.Instant;
};

/** at: by what the list is sorted. */
export type Place = { at: string; id: string };

/** One reminder of the tenant. */
export async function loadReminder(client: Queryable, tenant: TenantId, id: ReminderId): Promise<Reminder | undefined> {
  const { rows } = await client.query<Row>(`${select} WHERE r.tenant_id = $1 AND r.id = $2`, [tenant, id]);
  return rows.map(toReminder)[0];
}

/**
 * A page of them, by when they were made or, of those that are unknown, by when they became so.
 * @param page.after the last row of the page before.
 */
export async function listReminders(
  client: Queryable,
  tenant: TenantId,
  filter: ReminderFilter,
  page: { limit: number; newestFirst: boolean; by?: 'createdAt' | 'since'; after: Place | undefined },
): Promise<Reminder[]> {
  const { where, values } = reminderConditions(tenant, filter);
  const order = page.newestFirst ? 'DESC' : 'ASC';
  const key = sortKeys[page.by ?? 'createdAt'];
  if (page.after) {
    values.push(page.after.at, page.after.id);
    where.push(
      `(${key}, r.id) ${page.newestFirst ? '<' : '>'} ($${values.length - 1}::timestamptz, $${values.length}::uuid)`,
    );
  }
  values.push(page.limit);
  const { rows } = await client.query<Row>(
    `${select} WHERE ${where.join(' AND ')} ORDER BY ${key} ${order}, r.id ${order} LIMIT $${values.length}`,
    values,
  );
  return rows.map(toReminder);
}

const sortKeys = {
  createdAt: 'r.created_at',
  since: `(SELECT min(d.updated_at) FROM sollecito.delivery d WHERE d.reminder_id = r.id AND d.status = 'unknown')`,
} as const;

const select = `SELECT r.*, c.ref AS customer_ref, b.ref AS bank_account_ref,
  (SELECT jsonb_agg(jsonb_build_object('id', u.id, 'ref', u.ref) ORDER BY l.position)
   FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = r.id) AS due_dates,
  (SELECT jsonb_agg(jsonb_build_object('id', d.id, 'to', d.recipient, 'status', d.status, 'reason', d.reason, 'nextAttemptAt', d.next_attempt_at,
     'attempts', d.attempts, 'since', d.updated_at, 'code', CASE WHEN d.status IN ('failed', 'retrying', 'unknown') THEN (
       SELECT e.detail ->> 'code' FROM sollecito.event e
       WHERE e.reminder_id = r.id AND e.delivery_id = d.id AND e.at = d.updated_at AND e.type = d.status ORDER BY e.id DESC LIMIT 1) END) ORDER BY d.position)
   FROM sollecito.delivery d WHERE d.reminder_id = r.id) AS deliveries
FROM sollecito.reminder r
JOIN sollecito.customer c ON c.id = r.customer_id
LEFT JOIN sollecito.bank_account b ON b.id = r.bank_account_id`;

type Row = {
  id: string;
  status: ReminderStatus;
  channel: Channel;
  origin: Origin;
  customer_ref: string;
  bank_account_ref: string | null;
  due_dates: { id: string; ref: string }[];
  deliveries: {
    id: string;
    to: string;
    status: DeliveryStatus;
    reason: string | null;
    nextAttemptAt: string;
    attempts: number;
    since: string;
    code: string | null;
  }[];
  cc: string[];
  reply_to: string | null;
  subject: string | null;
  message: string | null;
  template: string | null;
  locale: string | null;
  attach_document: boolean;
  send_at: string;
  priority: number;
  override: string[];
  metadata: Record<string, unknown>;
  taken_at: string | null;
  created_at: string;
  updated_at: string;
};

function toReminder(row: Row): Reminder {
  return {
    id: asId('reminder', row.id),
    status: row.status,
    channel: row.channel,
    origin: row.origin,
    dueDates: row.due_dates.map((due) => ({ id: asId('dueDate', due.id), ref: due.ref })),
    customerRef: row.customer_ref,
    deliveries: row.deliveries.map((delivery) => ({
      id: asId('delivery', delivery.id),
      to: delivery.to,
      status: delivery.status,
      reason: delivery.reason,
      nextAttemptAt: ['accepted', 'retrying'].includes(delivery.status) ? toInstant(delivery.nextAttemptAt) : null,
      attempts: delivery.attempts,
      code: delivery.code,
      since: delivery.status === 'unknown' ? toInstant(delivery.since) : null,
    })),
    cc: row.cc,
    replyTo: row.reply_to,
    subject: row.subject,
    message: row.message,
    template: row.template,
    locale: row.locale,
    bankAccountRef: row.bank_account_ref,
    attachDocument: row.attach_document,
    sendAt: toInstant(row.send_at),
    priority: row.priority,
    override: row.override,
    metadata: row.metadata,
    takenAt: toInstant(row.taken_at),
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
  };
}

export type ReminderEvent = {
  at: Temporal.Instant;
  type: string;
  reason: string | null;
  delivery: DeliveryId | null;
  detail: Record<string, unknown>;
};

/** The whole story, oldest first; the private part of the events stays where it is. */
export async function loadReminderEvents(
  client: Queryable,
  tenant: TenantId,
  reminder: ReminderId,
): Promise<ReminderEvent[]> {
  const { rows } = await client.query<{
    at: string;
    type: string;
    reason: string | null;
    delivery_id: string | null;
    detail: Record<string, unknown>;
  }>(
    `SELECT at, type, reason, delivery_id, detail FROM sollecito.event
     WHERE tenant_id = $1 AND reminder_id = $2 ORDER BY at, id`,
    [tenant, reminder],
  );
  return rows.map(({ delivery_id, ...row }) => ({
    ...row,
    at: toInstant(row.at),
    delivery: delivery_id === null ? null : asId('delivery', delivery_id),
  }));
}

export type LeftMessage = { channel: Channel; content: string; documents: { sha256: string; bytes: Uint8Array }[] };

/** What left the house last (or was about to), for one delivery or the reminder's first. */
export async function loadLeftMessage(
  client: Queryable,
  tenant: TenantId,
  reminder: ReminderId,
  delivery: DeliveryId | undefined,
): Promise<LeftMessage | undefined> {
  const { rows } = await client.query<{ channel: Channel; content: string; document_ids: string[] }>(
    `SELECT d.channel, m.content, m.document_ids
    FROM sollecito.delivery d JOIN sollecito.delivery_message m ON m.delivery_id = d.id
    WHERE d.tenant_id = $1 AND d.reminder_id = $2 AND ($3::uuid IS NULL OR d.id = $3)
    ORDER BY d.position, m.claim_no DESC LIMIT 1`,
    [tenant, reminder, delivery ?? null],
  );
  const [row] = rows;
  if (!row) return undefined;
  const documents = await client.query<{ sha256: string; bytes: Buffer }>(
    `SELECT encode(sha256, 'hex') AS sha256, bytes FROM sollecito.document WHERE tenant_id = $1 AND id = ANY ($2)`,
    [tenant, row.document_ids],
  );
  return { channel: row.channel, content: row.content, documents: documents.rows };
}
