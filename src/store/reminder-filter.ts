import { parseId, type ReminderId, type TenantId } from '../domain/ids.ts';

/** Filters of the list; several values of one are alternatives. */
export type ReminderFilter = {
  id?: readonly ReminderId[] | undefined;
  /** Refs or ids; one that is not there finds nothing. */
  dueDate?: readonly string[] | undefined;
  customer?: readonly string[] | undefined;
  status?: readonly string[] | undefined;
  channel?: readonly string[] | undefined;
  origin?: readonly string[] | undefined;
  /** Of at least one of its deliveries. */
  reason?: readonly string[] | undefined;
  createdFrom?: Temporal.Instant | undefined;
  createdTo?: Temporal.Instant | undefined;
  /** A LIKE pattern over recipients, document numbers, customers. */
  like?: string | undefined;
};

/** What a reminder `r` must fulfil. The tenant is $1: its rows alone, even where row-level security did not stand behind. */
export function reminderConditions(tenant: TenantId, filter: ReminderFilter): { where: string[]; values: unknown[] } {
  const where = ['r.tenant_id = $1'];
  const values: unknown[] = [tenant];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  if (filter.dueDate) {
    const ids = idsNamed('dueDate', filter.dueDate, values);
    where.push(`r.id IN (SELECT l.reminder_id FROM sollecito.reminder_due_date l WHERE l.due_date_id = ${ids})`);
  }
  if (filter.customer) where.push(`r.customer_id = ${idsNamed('customer', filter.customer, values)}`);
  add(filter.id, (p) => `r.id = ANY (${p}::uuid[])`);
  add(filter.status, (p) => `r.status = ANY (${p}::text[])`);
  add(filter.channel, (p) => `r.channel = ANY (${p}::text[])`);
  add(filter.origin, (p) => `r.origin = ANY (${p}::text[])`);
  add(
    filter.reason,
    (p) =>
      `r.id IN (SELECT d.reminder_id FROM sollecito.delivery d WHERE d.tenant_id = $1 AND d.reason = ANY (${p}::text[]))`,
  );
  add(filter.createdFrom?.toString(), (p) => `r.created_at >= ${p}::timestamptz`);
  add(filter.createdTo?.toString(), (p) => `r.created_at < ${p}::timestamptz`);
  add(
    filter.like,
    (p) => `(EXISTS (SELECT 1 FROM sollecito.customer c WHERE c.id = r.customer_id AND c.name ILIKE ${p})
      OR EXISTS (SELECT 1 FROM sollecito.delivery d WHERE d.reminder_id = r.id AND d.recipient ILIKE ${p})
      OR EXISTS (SELECT 1 FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id
                 WHERE l.reminder_id = r.id AND (u.ref || ' ' || coalesce(u.document_number, '')) ILIKE ${p}))`,
  );
  return { where, values };
}

// `= ANY (…)` over an array that is made first: the planner then takes the index, as for a list of constants.
function idsNamed(kind: keyof typeof tables, refsOrIds: readonly string[], values: unknown[]): string {
  values.push(
    refsOrIds,
    refsOrIds.map((text) => parseId(kind, text)).filter((id) => id !== undefined),
  );
  const named = `n.ref = ANY ($${values.length - 1}::text[]) OR n.id = ANY ($${values.length}::uuid[])`;
  return `ANY (ARRAY(SELECT n.id FROM sollecito.${tables[kind]} n WHERE n.tenant_id = $1 AND (${named})))`;
}

const tables = { dueDate: 'due_date', customer: 'customer' } as const;
