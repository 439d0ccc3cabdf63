import type { DueDateId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { badgeColumns, badgeFromRow, badgeJoin, type BadgeRow, type ReminderBadge } from './due-date-list-badge.ts';
import { type DueDateFilter, filterCondition, Parameters } from './due-date-list-filter.ts';
import { type DueDate, dueDateColumns, dueDateFromRow, dueDateJoins, type DueDateRow } from './due-dates.ts';

export const dueDateSorts = ['dueOn', '-dueOn', 'amount', '-amount', 'updatedAt', '-updatedAt'] as const;
export type DueDateSort = (typeof dueDateSorts)[number];

/** `sortKey` is the text of the sort column, as a cursor takes it back. */
export type ListedDueDate = { dueDate: DueDate; reminders: ReminderBadge; sortKey: string };

export type DueDatePage = {
  filter: DueDateFilter;
  sort: DueDateSort;
  /** The last row of the page before. */
  after: { sortKey: string; id: DueDateId } | undefined;
  limit: number;
  today: string;
};

/** A page of due dates with their badges; one more than `limit` when there is a next page. */
export async function listDueDates(client: Queryable, wanted: DueDatePage): Promise<ListedDueDate[]> {
  const parameters = new Parameters();
  const { column, type, order } = sortColumns[wanted.sort];
  const inOrder = `ORDER BY d.${column} ${order}, d.id ${order}`;
  const condition = filterCondition(wanted.filter, wanted.today, parameters);
  const { after } = wanted;
  const from = after
    ? `(d.${column}, d.id) ${order === 'ASC' ? '>' : '<'} (${parameters.add(after.sortKey, type)}, ${parameters.add(after.id, 'uuid')})`
    : 'true';
  // The page is found by what due_date_due_on holds; whole rows are read, and badges reckoned, for the page alone.
  const { rows } = await client.query<DueDateRow & BadgeRow & { sort_key: string }>(
    `SELECT ${dueDateColumns}, ${badgeColumns}, d.${column}::text AS sort_key
     FROM (
       SELECT d.id FROM sollecito.due_date d WHERE ${condition} AND ${from}
       ${inOrder} LIMIT ${parameters.add(wanted.limit + 1, 'integer')}
     ) page
     JOIN sollecito.due_date d ON d.id = page.id ${dueDateJoins} ${badgeJoin}
     ${inOrder}`,
    parameters.values,
  );
  return rows.map((row) => ({ dueDate: dueDateFromRow(row), reminders: badgeFromRow(row), sortKey: row.sort_key }));
}

const sortColumns: Record<DueDateSort, { column: string; type: string; order: 'ASC' | 'DESC' }> = {
  dueOn: { column: 'due_on', type: 'date', order: 'ASC' },
  '-dueOn': { column: 'due_on', type: 'date', order: 'DESC' },
  amount: { column: 'amount', type: 'numeric', order: 'ASC' },
  '-amount': { column: 'amount', type: 'numeric', order: 'DESC' },
  updatedAt: { column: 'updated_at', type: 'timestamptz', order: 'ASC' },
  '-updatedAt': { column: 'updated_at', type: 'timestamptz', order: 'DESC' },
};
