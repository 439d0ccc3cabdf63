import type { Direction, DueDateStatus } from '../domain/due-date.ts';
import { parseId } from '../domain/ids.ts';
import { statusCondition } from './due-date-list-rules.ts';
import { ofTenant } from './due-dates.ts';

/** What a list, a summary or a run is narrowed to; what is left out does not narrow. */
export type DueDateFilter = {
  direction?: readonly Direction[] | undefined;
  status?: readonly DueDateStatus[] | undefined;
  /** Refs or ids. */
  customer?: readonly string[] | undefined;
  /** Days, both inclusive. */
  dueFrom?: string | undefined;
  dueTo?: string | undefined;
  /** A decimal number, in the due date's own currency. */
  minAmount?: string | undefined;
  /** In the ref, the document's number or the customer's name. */
  q?: string | undefined;
  reminded?: boolean | undefined;
  contact?: readonly Contact[] | undefined;
  updatedSince?: Temporal.Instant | undefined;
};

/** Which contacts the customer has: `none` is neither. */
export const contacts = ['none', 'email', 'phone'] as const;
export type Contact = (typeof contacts)[number];

/** The values of a statement, each with its placeholder. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/**
 * The conditions on `sollecito.due_date d` of the transaction's tenant, joined by AND. They ask about customers in
 * subqueries: after a join PostgreSQL no longer walks the index of the sort for one page, but sorts all there is.
 * @param today the tenant's day.
 */
export function filterCondition(filter: DueDateFilter, today: string, parameters: Parameters): string {
  const conditions = [`d.${ofTenant}`];
  // A value that no condition uses would have no type.
  let placeholder: string | undefined;
  const todayPlaceholder = (): string => (placeholder ??= parameters.add(today, 'date'));
  const narrow = <T>(value: T | undefined, condition: (value: T) => string): void => {
    if (value !== undefined) conditions.push(condition(value));
  };
  narrow(filter.direction, (values) => `d.direction = ANY (${parameters.add(values, 'text[]')})`);
  narrow(filter.status, (values) => anyOf(values.map((status) => statusCondition(status, todayPlaceholder))));
  narrow(filter.customer, (values) => `d.customer_id = ANY (ARRAY(${customersNamed(values, parameters)}))`);
  narrow(filter.dueFrom, (day) => `d.due_on >= ${parameters.add(day, 'date')}`);
  narrow(filter.dueTo, (day) => `d.due_on <= ${parameters.add(day, 'date')}`);
  narrow(filter.minAmount, (value) => `d.amount >= ${parameters.add(value, 'numeric')}`);
  narrow(filter.q, (text) => matches(text, parameters));
  narrow(filter.reminded, (reminded) => (reminded ? 'd.reminded' : 'NOT d.reminded'));
  narrow(filter.contact, (values) => ofCustomers(anyOf(values.map(contactCondition))));
  narrow(filter.updatedSince, (since) => `d.updated_at >= ${parameters.add(since.toString(), 'timestamptz')}`);
  return conditions.join(' AND ');
}

function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

function customersNamed(refsOrIds: readonly string[], parameters: Parameters): string {
  const ids = refsOrIds.map((text) => parseId('customer', text)).filter((id) => id !== undefined);
  return `SELECT n.id FROM sollecito.customer n
    WHERE n.${ofTenant} AND (n.ref = ANY (${parameters.add(refsOrIds, 'text[]')}) OR n.id = ANY (${parameters.add(ids, 'uuid[]')}))`;
}

// In the same letters as `searched`: all small.
function matches(text: string, parameters: Parameters): string {
  const small = `lower(${parameters.add(text, 'text')})`;
  return `(position(${small} IN d.searched) > 0 OR ${ofCustomers(`position(${small} IN lower(n.name)) > 0`)})`;
}

// The due dates of the customers `n` of that condition: hashed once, and IS TRUE keeps it from becoming a join.
function ofCustomers(condition: string): string {
  return `(d.customer_id IN (SELECT n.id FROM sollecito.customer n WHERE n.${ofTenant} AND ${condition})) IS TRUE`;
}

function contactCondition(contact: Contact): string {
  switch (contact) {
    case 'none':
      return "(n.email = '{}' AND n.phone = '{}')";
    case 'email':
      return "n.email <> '{}'";
    case 'phone':
      return "n.phone <> '{}'";
  }
}
