import { isDeepStrictEqual } from 'node:util';
import { asId, type CustomerId, newId, parseId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

type CustomerKind = 'business' | 'public' | 'consumer';

/** What a caller may set. `email` in its normal form, `phone` in E.164, `pausedUntil` as `YYYY-MM-DD`. */
export type CustomerFields = {
  name: string;
  kind: CustomerKind;
  email: readonly string[];
  phone: readonly string[];
  /** Certified mail: kept apart, reminders never go there by themselves. */
  pec: string | null;
  address: Readonly<Record<string, string>> | null;
  locale: string | null;
  timeZone: string | null;
  vatId: string | null;
  taxCode: string | null;
  doNotRemind: boolean;
  pausedUntil: string | null;
};

export type Customer = CustomerFields & {
  id: CustomerId;
  ref: string;
  version: number;
  createdAt: Temporal.Instant;
  updatedAt: Temporal.Instant;
};

/** `made` and `changed` differ from what was there; `same` wrote nothing, version and time included. */
export type Saved<T> = { row: T; outcome: 'made' | 'changed' | 'same' };

type Save = {
  tenant: TenantId;
  now: Temporal.Instant;
  /** The caller's ref, or our id: an id that is not there makes nothing. */
  refOrId: string;
  /**
   * Sees the row under its lock (undefined: there is none) and says what it shall be; undefined leaves it alone.
   * May throw; it may be called twice when another transaction makes the same ref at the same moment.
   */
  change: (current: Customer | undefined) => CustomerFields | undefined;
};

/**
 * Makes or changes one customer inside a transaction. The first lock of the house's order: take it before due dates.
 * @returns undefined when there is none and `change` made none.
 */
export async function saveCustomer(client: Queryable, save: Save): Promise<Saved<Customer> | undefined> {
  // NO KEY UPDATE excludes every other change, but not the key check of a reminder that is just being accepted: that one
  // may hold the quota's row, which a change made under this lock may want afterwards.
  const current = await findCustomer(client, save.tenant, save.refOrId, 'FOR NO KEY UPDATE');
  const fields = save.change(current);
  if (!current) {
    if (!fields || parseId('customer', save.refOrId) !== undefined) return undefined;
    const made = await insert(client, save, fields);
    // Another transaction has made it since the look: it has committed now, and can be locked.
    return made ? { row: made, outcome: 'made' } : saveCustomer(client, save);
  }
  if (!fields || isDeepStrictEqual(fieldsOf(current), normal(fields))) return { row: current, outcome: 'same' };
  return { row: await update(client, save, current, fields), outcome: 'changed' };
}

/** One customer by its ref or its id. @param lock `FOR NO KEY UPDATE` inside a transaction that will change it. */
export async function findCustomer(
  client: Queryable,
  tenant: TenantId,
  refOrId: string,
  lock: 'FOR NO KEY UPDATE' | '' = '',
): Promise<Customer | undefined> {
  const id = parseId('customer', refOrId);
  const { rows } = await client.query<CustomerRow>(
    `SELECT ${columns} FROM sollecito.customer WHERE tenant_id = $1 AND ${id === undefined ? 'ref' : 'id'} = $2 ${lock}`,
    [tenant, id ?? refOrId],
  );
  return rows[0] && toCustomer(rows[0]);
}

/** What a change keeps of what it does not name. */
export function fieldsOf(customer: Customer): CustomerFields {
  return normal(customer);
}

/** The columns that `toCustomer` reads. */
export const columns = `id, ref, name, kind, email, phone, pec, address, locale, time_zone, vat_id, tax_code, do_not_remind,
  paused_until, version, created_at, updated_at`;

export type CustomerRow = {
  id: string;
  ref: string;
  name: string;
  kind: CustomerKind;
  email: string[];
  phone: string[];
  pec: string | null;
  address: Record<string, string> | null;
  locale: string | null;
  time_zone: string | null;
  vat_id: string | null;
  tax_code: string | null;
  do_not_remind: boolean;
  paused_until: string | null;
  version: number;
  created_at: string;
  updated_at: string;
};

export function toCustomer(row: CustomerRow): Customer {
  const { time_zone, vat_id, tax_code, do_not_remind, paused_until, created_at, updated_at, ...same } = row;
  return {
    ...same,
    id: asId('customer', row.id),
    timeZone: time_zone,
    vatId: vat_id,
    taxCode: tax_code,
    doNotRemind: do_not_remind,
    pausedUntil: paused_until,
    createdAt: toInstant(created_at),
    updatedAt: toInstant(updated_at),
  };
}

async function insert(client: Queryable, save: Save, fields: CustomerFields): Promise<Customer | undefined> {
  const { rows } = await client.query<CustomerRow>(
    `INSERT INTO sollecito.customer (id, tenant_id, ref, name, kind, email, phone, pec, address, locale, time_zone, vat_id,
       tax_code, do_not_remind, paused_until, created_at, updated_at)
     VALUES ($1, $2, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $4, $4)
     ON CONFLICT (tenant_id, ref) DO NOTHING RETURNING ${columns}`,
    [newId('customer'), save.tenant, save.refOrId, save.now.toString(), ...values(fields)],
  );
  return rows[0] && toCustomer(rows[0]);
}

async function update(client: Queryable, save: Save, current: Customer, fields: CustomerFields): Promise<Customer> {
  const { rows } = await client.query<CustomerRow>(
    `UPDATE sollecito.customer
     SET name = $4, kind = $5, email = $6, phone = $7, pec = $8, address = $9, locale = $10, time_zone = $11, vat_id = $12,
       tax_code = $13, do_not_remind = $14, paused_until = $15, version = version + 1, updated_at = $3
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [save.tenant, current.id, save.now.toString(), ...values(fields)],
  );
  const row = rows[0];
  if (!row) throw new Error('the locked customer is gone');
  return toCustomer(row);
}

function values(fields: CustomerFields): unknown[] {
  const { name, kind, email, phone, pec, address, locale, timeZone, vatId, taxCode, doNotRemind, pausedUntil } = fields;
  const json = address === null ? null : JSON.stringify(address);
  return [name, kind, email, phone, pec, json, locale, timeZone, vatId, taxCode, doNotRemind, pausedUntil];
}

// Exactly the fields, in one order, so that two of them compare.
function normal(fields: CustomerFields): CustomerFields {
  const { name, kind, email, phone, pec, address, locale, timeZone, vatId, taxCode, doNotRemind, pausedUntil } = fields;
  const list = { email: [...email], phone: [...phone], address: address === null ? null : { ...address } };
  return { name, kind, ...list, pec, locale, timeZone, vatId, taxCode, doNotRemind, pausedUntil };
}
