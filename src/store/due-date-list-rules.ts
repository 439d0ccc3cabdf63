import type { Age, DueDateStatus } from '../domain/due-date.ts';

/**
 * The rules of src/domain/due-date.ts as conditions on `sollecito.due_date d`, written so that its partial indexes
 * serve them. A test compares both on the real database.
 */
const owed = 'd.outstanding > 0';
const held = (today: string): string =>
  `d.hold_reason IS NOT NULL AND (d.hold_until IS NULL OR d.hold_until >= ${today})`;
const free = (today: string): string => `(d.hold_reason IS NULL OR d.hold_until < ${today})`;

/** @param today gives a placeholder for the tenant's day, such as `$2::date`; asked only when it is needed. */
export function statusCondition(status: DueDateStatus, today: () => string): string {
  switch (status) {
    case 'void':
    case 'paid':
      return `d.state = '${status}'`;
    case 'disputed':
    case 'promised':
    case 'paused':
      return `(${owed} AND d.hold_reason = '${status}' AND ${held(today())})`;
    case 'overdue':
      return `(${owed} AND ${free(today())} AND d.due_on < ${today()})`;
    case 'today':
      return `(${owed} AND ${free(today())} AND d.due_on = ${today()})`;
    case 'future':
      return `(${owed} AND ${free(today())} AND d.due_on > ${today()})`;
  }
}

/** An expression that gives the Age of `d.due_on`. */
export function ageExpression(today: string): string {
  const days = `(${today} - d.due_on)`;
  const cases: [Age, string][] = [
    ['future', `${days} < 0`],
    ['today', `${days} = 0`],
    ['1-30', `${days} <= 30`],
    ['31-60', `${days} <= 60`],
    ['61-90', `${days} <= 90`],
  ];
  return `CASE ${cases.map(([age, condition]) => `WHEN ${condition} THEN '${age}'`).join(' ')} ELSE '90+' END`;
}
