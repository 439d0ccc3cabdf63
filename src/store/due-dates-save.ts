import { isDeepStrictEqual } from 'node:util';
import { outstandingOf } from '../domain/due-date.ts';
import { asId, type DueDateId, type Id, newId } from '../domain/ids.ts';
import { formatUnits } from '../domain/money.ts';
import { cancelSettled, lockCancelable, type NothingToAsk } from './cancel-settled.ts';
import type { Queryable } from './database.ts';
import { amountDetail, type Change, type DueDateEvent, recordDueDateEvents } from './due-dates-events.ts';
import type { DueDate, DueDateFields } from './due-dates.ts';

/** @param current as it was locked (lockDueDates); undefined when it was not there. */
export type DueDateWrite = {
  ref: string;
  current: DueDate | undefined;
  fields: DueDateFields;
  /** The instalment of an invoice that it is; left out, it stays what it is. */
  invoice?: { id: Id<'invoice'>; instalment: number; changed: boolean };
};

export type SaveOutcome =
  | { kind: 'created' | 'changed' | 'unchanged'; id: DueDateId }
  /** What was paid or credited was in another currency. */
  | { kind: 'currency-conflict' }
  /** Another transaction has made it since it was looked for: lock it and write again. */
  | { kind: 'raced' };

/**
 * Writes due dates, each of another ref, under the locks of those that exist. What is equal already stays untouched.
 * Lowering the amount under what is paid settles it: reminders that would ask for nothing are called off.
 * @returns the outcomes in the order of the writes.
 */
export async function saveDueDates(
  client: Queryable,
  change: Change,
  writes: readonly DueDateWrite[],
): Promise<SaveOutcome[]> {
  const now = change.clock.now();
  const judged = writes.map(judgeWrite);
  const made = await insertDueDates(
    client,
    change,
    now,
    judged.flatMap((one) => (one.kind === 'insert' ? [one] : [])),
  );
  const updates = judged.flatMap((one) => (one.kind === 'update' ? [one] : []));
  await updateDueDates(client, now, updates);
  await recordDueDateEvents(client, change, now, updates.map(updatedEvent));
  await cancelWhatAsksForNothing(client, change, now, updates);
  return judged.map((one) => {
    switch (one.kind) {
      case 'insert':
        return made.has(one.id) ? { kind: 'created', id: one.id } : { kind: 'raced' };
      case 'update':
        return { kind: 'changed', id: one.current.id };
      case 'same':
        return { kind: 'unchanged', id: one.current.id };
      case 'currency-conflict':
        return { kind: one.kind };
    }
  });
}

type Insert = { kind: 'insert'; id: DueDateId; write: DueDateWrite };
type Update = { kind: 'update'; current: DueDate; write: DueDateWrite; changed: string[]; showsInDocument: boolean };
type Judged = Insert | Update | { kind: 'same'; current: DueDate } | { kind: 'currency-conflict' };

function judgeWrite(write: DueDateWrite): Judged {
  const { current, fields } = write;
  if (!current) return { kind: 'insert', id: newId('dueDate'), write };
  if (
    (current.paid.units !== 0n || current.credited.units !== 0n) &&
    current.amount.currency !== fields.amount.currency
  ) {
    return { kind: 'currency-conflict' };
  }
  const changed = fieldNames.filter((name) => !isDeepStrictEqual(current[name], fields[name])).map(publicName);
  const ofInvoice = write.invoice;
  const joined =
    ofInvoice !== undefined && (ofInvoice.id !== current.invoiceId || ofInvoice.instalment !== current.instalment);
  if (ofInvoice?.changed === true || joined) changed.push('invoice');
  if (changed.length === 0) return { kind: 'same', current };
  return { kind: 'update', current, write, changed, showsInDocument: changed.some((name) => !hidden.has(name)) };
}

const fieldNames = [
  'customerId',
  'direction',
  'documentNumber',
  'documentDate',
  'documentType',
  'dueOn',
  'amount',
  'paymentMethod',
  'bankAccountId',
  'paymentUrl',
  'sequence',
  'metadata',
] as const satisfies readonly (keyof DueDateFields)[];

// A change of these shows in no document. The direction does: only what is receivable is paid to the tenant's usual account.
const hidden: ReadonlySet<string> = new Set(['paymentUrl', 'sequence', 'metadata']);

/** As the API calls a field. */
export function publicName(name: keyof DueDateFields): string {
  return name.replace(/Id$/, '').replace(/^document(.)/, (_, first: string) => `document.${first.toLowerCase()}`);
}

function updatedEvent({ current, write, changed }: Update): DueDateEvent {
  const from: Record<string, unknown> = {};
  const to: Record<string, unknown> = {};
  if (changed.includes('dueOn')) {
    from['dueOn'] = current.dueOn;
    to['dueOn'] = write.fields.dueOn;
  }
  if (changed.includes('amount')) {
    from['amount'] = amountDetail(current.amount);
    to['amount'] = amountDetail(write.fields.amount);
  }
  return { dueDateId: current.id, type: 'updated', detail: { changed, from, to } };
}

function columnsOf(id: DueDateId, { ref, fields, invoice }: DueDateWrite): Record<string, unknown> {
  return {
    id,
    ref,
    customer_id: fields.customerId,
    direction: fields.direction,
    document_number: fields.documentNumber,
    document_date: fields.documentDate,
    document_type: fields.documentType,
    due_on: fields.dueOn,
    amount: formatUnits(fields.amount),
    currency: fields.amount.currency,
    payment_method: fields.paymentMethod,
    bank_account_id: fields.bankAccountId,
    payment_url: fields.paymentUrl,
    sequence: fields.sequence,
    metadata: fields.metadata,
    invoice_id: invoice?.id ?? null,
    instalment: invoice?.instalment ?? null,
  };
}

const recordset = `jsonb_to_recordset($1) AS v (id uuid, ref text, customer_id uuid, direction text, document_number text,
  document_date date, document_type text, due_on date, amount numeric, currency text, payment_method text, bank_account_id uuid,
  payment_url text, sequence text, metadata jsonb, invoice_id uuid, instalment smallint, shows_in_document boolean)`;

// In the order of the refs, so that two batches which make the same due dates do not wait for each other in a circle.
async function insertDueDates(
  client: Queryable,
  change: Change,
  now: Temporal.Instant,
  inserts: readonly Insert[],
): Promise<Set<DueDateId>> {
  if (inserts.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, document_number, document_date, document_type, due_on,
       amount, currency, payment_method, bank_account_id, payment_url, sequence, metadata, invoice_id, instalment, created_at, updated_at)
     SELECT v.id, $2, v.ref, v.customer_id, v.direction, v.document_number, v.document_date, v.document_type, v.due_on,
       v.amount, v.currency, v.payment_method, v.bank_account_id, v.payment_url, v.sequence, v.metadata, v.invoice_id, v.instalment, $3, $3
     FROM ${recordset} ORDER BY v.ref
     ON CONFLICT (tenant_id, ref) DO NOTHING
     RETURNING id`,
    [JSON.stringify(inserts.map((insert) => columnsOf(insert.id, insert.write))), change.tenant, now.toString()],
  );
  return new Set(rows.map((row) => asId('dueDate', row.id)));
}

async function updateDueDates(client: Queryable, now: Temporal.Instant, updates: readonly Update[]): Promise<void> {
  if (updates.length === 0) return;
  const rows = updates.map(({ current, write, showsInDocument }) => ({
    ...columnsOf(current.id, write),
    shows_in_document: showsInDocument,
  }));
  await client.query(
    `UPDATE sollecito.due_date d
     SET customer_id = v.customer_id, direction = v.direction, document_number = v.document_number, document_date = v.document_date,
       document_type = v.document_type, due_on = v.due_on, amount = v.amount, currency = v.currency, payment_method = v.payment_method,
       bank_account_id = v.bank_account_id, payment_url = v.payment_url, sequence = v.sequence, metadata = v.metadata,
       invoice_id = coalesce(v.invoice_id, d.invoice_id), instalment = coalesce(v.instalment, d.instalment),
       version = d.version + 1, document_version = d.document_version + v.shows_in_document::integer, updated_at = $2
     FROM ${recordset} WHERE d.id = v.id`,
    [JSON.stringify(rows), now.toString()],
  );
}

async function cancelWhatAsksForNothing(
  client: Queryable,
  change: Change,
  now: Temporal.Instant,
  updates: readonly Update[],
): Promise<void> {
  const byReason = new Map<NothingToAsk, DueDateId[]>();
  for (const update of updates) {
    const reason = nothingToAsk(update);
    if (reason) byReason.set(reason, [...(byReason.get(reason) ?? []), update.current.id]);
  }
  if (byReason.size > 1) await lockCancelable(client, [...byReason.values()].flat());
  for (const [reason, dueDates] of byReason) {
    await cancelSettled(client, { tenant: change.tenant, dueDates, reason, now });
  }
}

function nothingToAsk({ current, write: { fields } }: Update): NothingToAsk | undefined {
  if (outstandingOf(current).units > 0n && isSettled(current, fields)) {
    return current.credited.units > 0n && current.paid.units === 0n ? 'credited' : 'paid';
  }
  if (fields.direction === 'payable' && current.direction === 'receivable') return 'not-receivable';
  return fields.customerId === current.customerId ? undefined : 'customer-changed';
}

// Where the currency changes nothing was paid or credited (judgeWrite): the whole amount is owed.
function isSettled(current: DueDate, { amount }: DueDateFields): boolean {
  return amount.currency === current.amount.currency && outstandingOf({ ...current, amount }).units === 0n;
}
