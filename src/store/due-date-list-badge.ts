import type { ReminderStatus } from '../domain/delivery-state.ts';
import { asId, type DueDateId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/**
 * The badge on a due date: `count` reminders a provider has taken (a retry counts once), `failed` those that came to
 * nothing, and how the newest one fares.
 */
export type ReminderBadge = {
  readonly count: number;
  readonly failed: number;
  readonly lastAt: Temporal.Instant | null;
  readonly lastStatus: ReminderStatus | null;
};

export const noReminders: ReminderBadge = { count: 0, failed: 0, lastAt: null, lastStatus: null };

export async function loadBadges(client: Queryable, ids: readonly DueDateId[]): Promise<Map<DueDateId, ReminderBadge>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string } & BadgeRow>(
    `SELECT d.id, ${badgeColumns} FROM unnest($1::uuid[]) AS d (id) ${badgeJoin}`,
    [ids],
  );
  return new Map(rows.map((row) => [asId('dueDate', row.id), badgeFromRow(row)]));
}

export const badgeColumns = 'badge.taken, badge.failed, badge.last_at, badge.last_status';

/** Beside a `d.id`. What a message left out is no reminder of it. One look into the index by due date; the newest is the one that was asked for last. */
export const badgeJoin = `
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE r.taken_at IS NOT NULL)::integer AS taken,
      count(*) FILTER (WHERE r.status IN ('failed', 'bounced'))::integer AS failed,
      (array_agg(coalesce(r.taken_at, r.updated_at) ORDER BY r.created_at DESC, r.id DESC))[1] AS last_at,
      (array_agg(r.status ORDER BY r.created_at DESC, r.id DESC))[1] AS last_status
    FROM sollecito.reminder_due_date l JOIN sollecito.reminder r ON r.id = l.reminder_id
    WHERE l.due_date_id = d.id AND l.left_out IS NULL
  ) badge`;

export type BadgeRow = { taken: number; failed: number; last_at: string | null; last_status: ReminderStatus | null };

export function badgeFromRow(row: BadgeRow): ReminderBadge {
  return {
    count: row.taken,
    failed: row.failed,
    lastAt: toInstant(row.last_at),
    lastStatus: row.last_status,
  };
}
