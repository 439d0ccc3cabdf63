import type { Direction, Standing } from '../domain/due-date.ts';
import type { HoldReason } from '../domain/delivery-facts.ts';
import {
  asId,
  type BankAccountId,
  type CustomerId,
  type DocumentId,
  type DueDateId,
  type Id,
  parseId,
} from '../domain/ids.ts';
import { type Money, moneyFromNumeric, parseCurrency } from '../domain/money.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** What a caller sets on a due date. Days are `YYYY-MM-DD`. */
export type DueDateFields = {
  readonly customerId: CustomerId;
  readonly direction: Direction;
  readonly documentNumber: string | null;
  readonly documentDate: string | null;
  readonly documentType: string;
  readonly dueOn: string;
  readonly amount: Money;
  readonly paymentMethod: string | null;
  readonly bankAccountId: BankAccountId | null;
  readonly paymentUrl: string | null;
  readonly sequence: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
};

/** A due date as it stands, with the names of what it points to. */
export type DueDate = DueDateFields &
  Standing & {
    readonly id: DueDateId;
    readonly ref: string;
    readonly customerRef: string;
    readonly customerName: string;
    readonly bankAccountRef: string | null;
    readonly invoiceId: Id<'invoice'> | null;
    readonly instalment: number | null;
    readonly ownDocumentId: DocumentId | null;
    readonly version: number;
    readonly documentVersion: number;
    readonly createdAt: Temporal.Instant;
    readonly updatedAt: Temporal.Instant;
  };

/** The tenant that the transaction was opened for, as a condition: it must hold for the service role too. */
export const ofTenant = 'tenant_id = (SELECT sollecito.current_tenant())';

/** The due date of that ref or id, or undefined (also when it is another tenant's). */
export async function findDueDate(client: Queryable, refOrId: string): Promise<DueDate | undefined> {
  const id = await findDueDateId(client, refOrId);
  return id && (await loadDueDates(client, [id])).get(id);
}

/** Only its id: for what needs no more. */
export async function findDueDateId(client: Queryable, refOrId: string): Promise<DueDateId | undefined> {
  return (await findDueDateIds(client, [refOrId])).get(refOrId);
}

/** The ids behind refs or ids, by what was asked for; those that are not there are not in the map. */
export async function findDueDateIds(client: Queryable, refsOrIds: readonly string[]): Promise<Map<string, DueDateId>> {
  const { rows } = await client.query<{ id: string; ref: string }>(
    `SELECT id, ref FROM sollecito.due_date WHERE ${ofTenant} AND (ref = ANY ($1) OR id = ANY ($2))`,
    [refsOrIds, idsAmong(refsOrIds)],
  );
  return byWhatWasAsked(refsOrIds, rows);
}

/**
 * Locks due dates until the transaction ends, always in the order of their ids, and reads them as they are then.
 * NO KEY UPDATE excludes the claim and every other change, but not the key check of a reminder that is
 * just being accepted: that one may hold the quota's row, which a change made here may want afterwards.
 * @returns by what was asked for; those that are not there are not in the map.
 */
export async function lockDueDates(client: Queryable, refsOrIds: readonly string[]): Promise<Map<string, DueDate>> {
  const { rows } = await client.query<{ id: string; ref: string }>(
    `SELECT id, ref FROM sollecito.due_date WHERE ${ofTenant} AND (ref = ANY ($1) OR id = ANY ($2)) ORDER BY id FOR NO KEY UPDATE`,
    [refsOrIds, idsAmong(refsOrIds)],
  );
  const ids = byWhatWasAsked(refsOrIds, rows);
  // A statement of its own: the lock may have waited for a change that this one must see.
  const dueDates = await loadDueDates(client, [...ids.values()]);
  const locked = new Map<string, DueDate>();
  for (const [asked, id] of ids) {
    const dueDate = dueDates.get(id);
    if (dueDate) locked.set(asked, dueDate);
  }
  return locked;
}

export async function loadDueDates(client: Queryable, ids: readonly DueDateId[]): Promise<Map<DueDateId, DueDate>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<DueDateRow>(
    `SELECT ${dueDateColumns} FROM sollecito.due_date d ${dueDateJoins} WHERE d.id = ANY ($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [asId('dueDate', row.id), dueDateFromRow(row)]));
}

/** Of `sollecito.due_date d` with `dueDateJoins`. */
export const dueDateColumns = `
  d.id, d.ref, d.customer_id, c.ref AS customer_ref, c.name AS customer_name, d.direction, d.document_number, d.document_date,
  d.document_type, d.due_on, d.amount, d.paid, d.credited, d.currency, d.voided_at, d.hold_reason, d.hold_until, d.hold_note, d.payment_method,
  d.bank_account_id, b.ref AS bank_account_ref, d.payment_url, d.sequence, d.metadata, d.invoice_id, d.instalment, d.own_document_id,
  d.version, d.document_version, d.created_at, d.updated_at`;

export const dueDateJoins = `
  JOIN sollecito.customer c ON c.id = d.customer_id
  LEFT JOIN sollecito.bank_account b ON b.id = d.bank_account_id`;

export type DueDateRow = {
  id: string;
  ref: string;
  customer_id: string;
  customer_ref: string;
  customer_name: string;
  direction: Direction;
  document_number: string | null;
  document_date: string | null;
  document_type: string;
  due_on: string;
  amount: string;
  paid: string;
  credited: string;
  currency: string;
  voided_at: string | null;
  hold_reason: HoldReason | null;
  hold_until: string | null;
  hold_note: string | null;
  payment_method: string | null;
  bank_account_id: string | null;
  bank_account_ref: string | null;
  payment_url: string | null;
  sequence: string | null;
  metadata: Record<string, unknown>;
  invoice_id: string | null;
  instalment: number | null;
  own_document_id: string | null;
  version: number;
  document_version: number;
  created_at: string;
  updated_at: string;
};

export function dueDateFromRow(row: DueDateRow): DueDate {
  return {
    id: asId('dueDate', row.id),
    ref: row.ref,
    customerId: asId('customer', row.customer_id),
    customerRef: row.customer_ref,
    customerName: row.customer_name,
    direction: row.direction,
    documentNumber: row.document_number,
    documentDate: row.document_date,
    documentType: row.document_type,
    dueOn: row.due_on,
    amount: moneyOf(row.amount, row.currency),
    paid: moneyOf(row.paid, row.currency),
    credited: moneyOf(row.credited, row.currency),
    isVoid: row.voided_at !== null,
    hold: row.hold_reason && { reason: row.hold_reason, until: row.hold_until, note: row.hold_note },
    paymentMethod: row.payment_method,
    bankAccountId: row.bank_account_id === null ? null : asId('bankAccount', row.bank_account_id),
    bankAccountRef: row.bank_account_ref,
    paymentUrl: row.payment_url,
    sequence: row.sequence,
    metadata: row.metadata,
    invoiceId: row.invoice_id === null ? null : asId('invoice', row.invoice_id),
    instalment: row.instalment,
    ownDocumentId: row.own_document_id === null ? null : asId('document', row.own_document_id),
    version: row.version,
    documentVersion: row.document_version,
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
  };
}

/** A numeric column with the currency column beside it. */
export function moneyOf(numeric: string, code: string): Money {
  const currency = parseCurrency(code);
  if (!currency) throw new Error('currency column holds no currency');
  return moneyFromNumeric(numeric, currency);
}

/** The day it is for the tenant of this transaction. */
export async function tenantToday(client: Queryable, now: Temporal.Instant): Promise<string> {
  const { rows } = await client.query<{ time_zone: string }>(
    'SELECT time_zone FROM sollecito.tenant WHERE id = sollecito.current_tenant()',
  );
  if (!rows[0]) throw new Error('no tenant is set');
  return now.toZonedDateTimeISO(rows[0].time_zone).toPlainDate().toString();
}

function idsAmong(refsOrIds: readonly string[]): DueDateId[] {
  return refsOrIds.map((text) => parseId('dueDate', text)).filter((id) => id !== undefined);
}

// What reads as an id is one, whatever refs there are.
function byWhatWasAsked(
  refsOrIds: readonly string[],
  rows: readonly { id: string; ref: string }[],
): Map<string, DueDateId> {
  const byRef = new Map(rows.map((row) => [row.ref, asId('dueDate', row.id)]));
  const known = new Set(byRef.values());
  const found = new Map<string, DueDateId>();
  for (const asked of refsOrIds) {
    const id = parseId('dueDate', asked) ?? byRef.get(asked);
    if (id && known.has(id)) found.set(asked, id);
  }
  return found;
}
