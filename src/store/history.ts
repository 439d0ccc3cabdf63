import type { Channel, Origin } from '../domain/delivery-facts.ts';
import type { DeliveryStatus, ReminderStatus } from '../domain/delivery-state.ts';
import { asId, type DeliveryId, type DueDateId, type Id, type ReminderId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** What happened or was decided: never with the private part. */
export type HistoryEvent = {
  readonly id: Id<'event'>;
  readonly at: Temporal.Instant;
  readonly type: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly deliveryId: DeliveryId | null;
};

export type HistoryDelivery = {
  readonly id: DeliveryId;
  readonly recipient: string;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  readonly takenAt: Temporal.Instant | null;
};

export type HistoryReminder = {
  readonly id: ReminderId;
  readonly channel: Channel;
  readonly status: ReminderStatus;
  readonly origin: Origin;
  readonly actor: string;
  readonly template: string | null;
  readonly sendAt: Temporal.Instant;
  readonly takenAt: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly deliveries: readonly HistoryDelivery[];
  /** Oldest first. */
  readonly events: readonly HistoryEvent[];
};

/** `key` is the entry's place, as a cursor takes it back. */
export type HistoryEntry = { readonly key: HistoryKey } & (
  | { readonly kind: 'reminder'; readonly reminder: HistoryReminder }
  | { readonly kind: 'event'; readonly event: HistoryEvent }
);
export type HistoryKey = { readonly at: string; readonly id: string };

type Wanted = { dueDateId: DueDateId; after: HistoryKey | undefined; limit: number };

/**
 * Everything that was sent, skipped or decided for a due date, newest first: its reminders, each with its deliveries and
 * its whole story, and the due date's own events between them.
 * @returns one more than `limit` when there is a next page.
 */
export async function listHistory(client: Queryable, wanted: Wanted): Promise<HistoryEntry[]> {
  const places = await findPlaces(client, wanted);
  const ids = (kind: Place['kind']): string[] => places.filter((place) => place.kind === kind).map((place) => place.id);
  const reminders = await loadReminders(client, ids('reminder'));
  const events = new Map((await loadEvents(client, 'id', ids('event'), places)).map((event) => [event.id, event]));
  return places.flatMap((place): HistoryEntry[] => {
    const key = { at: place.at, id: place.id };
    if (place.kind === 'event') {
      const row = events.get(place.id);
      return row ? [{ key, kind: 'event', event: eventFromRow(row) }] : [];
    }
    const reminder = reminders.get(place.id);
    return reminder ? [{ key, kind: 'reminder', reminder }] : [];
  });
}

type Place = { kind: 'reminder' | 'event'; id: string; at: string };

// Each half reads one page from its index; the keys never change, so a page is the same whenever it is read.
async function findPlaces(client: Queryable, { dueDateId, after, limit }: Wanted): Promise<Place[]> {
  const before = (at: string, id: string): string => (after ? `AND (${at}, ${id}) < ($3::timestamptz, $4::uuid)` : '');
  const { rows } = await client.query<Place>(
    `SELECT kind, id, at::text AS at FROM (
       (SELECT 'reminder' AS kind, r.id, r.created_at AS at
        FROM sollecito.reminder_due_date l JOIN sollecito.reminder r ON r.id = l.reminder_id
        WHERE l.due_date_id = $1 ${before('r.created_at', 'r.id')} ORDER BY r.created_at DESC, r.id DESC LIMIT $2)
       UNION ALL
       (SELECT 'event', e.id, e.at FROM sollecito.event e
        WHERE e.due_date_id = $1 ${before('e.at', 'e.id')} ORDER BY e.at DESC, e.id DESC LIMIT $2)
     ) AS places (kind, id, at) ORDER BY places.at DESC, id DESC LIMIT $2`,
    [dueDateId, limit + 1, ...(after ? [after.at, after.id] : [])],
  );
  return rows;
}

type ReminderRow = {
  id: string;
  channel: Channel;
  status: ReminderStatus;
  origin: Origin;
  actor: string;
  template: string | null;
  send_at: string;
  taken_at: string | null;
  created_at: string;
};

async function loadReminders(client: Queryable, ids: readonly string[]): Promise<Map<string, HistoryReminder>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<ReminderRow>(
    `SELECT id, channel, status, origin, actor, template, send_at, taken_at, created_at
     FROM sollecito.reminder WHERE id = ANY ($1)`,
    [ids],
  );
  const deliveries = await loadDeliveries(client, ids);
  const events = await loadEvents(
    client,
    'reminder_id',
    ids,
    rows.map((row) => ({ at: row.created_at })),
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: asId('reminder', row.id),
        channel: row.channel,
        status: row.status,
        origin: row.origin,
        actor: row.actor,
        template: row.template,
        sendAt: toInstant(row.send_at),
        takenAt: toInstant(row.taken_at),
        createdAt: toInstant(row.created_at),
        deliveries: deliveries.filter((delivery) => delivery.reminder_id === row.id).map(deliveryFromRow),
        events: events.filter((event) => event.reminder_id === row.id).map(eventFromRow),
      },
    ]),
  );
}

type DeliveryRow = {
  id: string;
  reminder_id: string;
  recipient: string;
  status: DeliveryStatus;
  reason: string | null;
  taken_at: string | null;
};

async function loadDeliveries(client: Queryable, reminders: readonly string[]): Promise<DeliveryRow[]> {
  const { rows } = await client.query<DeliveryRow>(
    `SELECT id, reminder_id, recipient, status, reason, taken_at FROM sollecito.delivery
     WHERE reminder_id = ANY ($1) ORDER BY reminder_id, position`,
    [reminders],
  );
  return rows;
}

function deliveryFromRow(row: DeliveryRow): HistoryDelivery {
  return {
    id: asId('delivery', row.id),
    recipient: row.recipient,
    status: row.status,
    reason: row.reason,
    takenAt: toInstant(row.taken_at),
  };
}

type EventRow = {
  id: string;
  reminder_id: string | null;
  delivery_id: string | null;
  at: string;
  type: string;
  reason: string | null;
  detail: Record<string, unknown>;
};

// `from`: no event is older than the oldest of these, which spares the partitions before it.
async function loadEvents(
  client: Queryable,
  column: 'id' | 'reminder_id',
  ids: readonly string[],
  from: readonly { at: string }[],
): Promise<EventRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<EventRow>(
    `SELECT id, reminder_id, delivery_id, at, type, reason, detail FROM sollecito.event
     WHERE ${column} = ANY ($1) AND at >= (SELECT min(t) FROM unnest($2::timestamptz[]) AS t) ORDER BY at, id`,
    [ids, from.map((place) => place.at)],
  );
  return rows;
}

function eventFromRow(row: EventRow): HistoryEvent {
  return {
    id: asId('event', row.id),
    at: toInstant(row.at),
    type: row.type,
    reason: row.reason,
    detail: row.detail,
    deliveryId: row.delivery_id === null ? null : asId('delivery', row.delivery_id),
  };
}
