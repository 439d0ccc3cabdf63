import { asId, type DueDateId } from '../domain/ids.ts';
import type { InvoiceWarning } from '../domain/invoice.ts';
import { cancelSettled } from './cancel-settled.ts';
import type { Queryable } from './database.ts';
import { type Change, recordDueDateEvents } from './due-dates-events.ts';
import type { DueDate } from './due-dates.ts';
import { type Accounts, asImported, isPaidOff, isUntouched } from './invoices-fields.ts';
import type { Counterparties, KnownInvoice } from './invoices-known.ts';
import type { Present } from './invoices-present.ts';

const gone = 'instalment-gone';

/** What a corrected invoice no longer asks for: to be voided, or only to be told where somebody has a hand in it. */
export function goneOf(
  known: KnownInvoice,
  counterparties: Counterparties,
  present: Present,
  accounts: Accounts,
): { untouched: DueDate[]; warnings: InvoiceWarning[] } {
  const { instalments, number } = known.invoice;
  const wasImported = ({ instalment }: DueDate) => asImported(known, instalment ?? 0, counterparties, accounts);
  const asked = (dueDate: DueDate): boolean => (instalments[(dueDate.instalment ?? 0) - 1]?.amount.units ?? 0n) > 0n;
  const left = present.ofInvoice(known).filter((dueDate) => !dueDate.isVoid && !asked(dueDate));
  const untouched = left.filter((one) => isUntouched(one, wasImported(one)) && !present.hasUploaded(one));
  const warnings = left.flatMap((dueDate): InvoiceWarning[] => {
    const message = `${number} no longer has the instalment behind ${dueDate.ref}, which`;
    if (untouched.includes(dueDate)) return [{ code: gone, message: `${message} is void now` }];
    if (!isPaidOff(dueDate)) {
      return [{ code: gone, message: `${message} was paid or changed since and stays as it is` }];
    }
    // What is paid off and gone is told once.
    return wasImported(dueDate) ? [{ code: 'kept-paid', message: `${message} was paid and stays as it is` }] : [];
  });
  return { untouched, warnings };
}

/** Voids due dates under their locks, and calls off what has not left for them. */
export async function voidGone(client: Queryable, change: Change, dueDates: readonly DueDate[]): Promise<void> {
  if (dueDates.length === 0) return;
  const now = change.clock.now();
  const ids = dueDates.map((dueDate) => dueDate.id);
  await client.query(
    'UPDATE sollecito.due_date SET voided_at = $2, version = version + 1, updated_at = $2 WHERE id = ANY ($1)',
    [ids, now.toString()],
  );
  const events = ids.map((dueDateId) => ({ dueDateId, type: 'voided', reason: gone, detail: {} }) as const);
  await recordDueDateEvents(client, change, now, events);
  await cancelSettled(client, { tenant: change.tenant, dueDates: ids, reason: 'void', now });
}

/** Those that an import has voided, and nobody else: the invoice may ask for them again. */
export async function voidedAsGone(client: Queryable, dueDates: readonly DueDate[]): Promise<Set<DueDateId>> {
  const ids = dueDates.filter((dueDate) => dueDate.isVoid).map((dueDate) => dueDate.id);
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ due_date_id: string; reason: string | null }>(
    `SELECT DISTINCT ON (due_date_id) due_date_id, reason FROM sollecito.event
     WHERE due_date_id = ANY ($1) AND type = 'voided' ORDER BY due_date_id, at DESC, id DESC`,
    [ids],
  );
  return new Set(rows.filter((row) => row.reason === gone).map((row) => asId('dueDate', row.due_date_id)));
}

/** An instalment that was gone is in the file again: it is owed again. */
export async function restoreGone(client: Queryable, change: Change, ids: readonly DueDateId[]): Promise<void> {
  if (ids.length === 0) return;
  const now = change.clock.now();
  await client.query(
    'UPDATE sollecito.due_date SET voided_at = NULL, version = version + 1, updated_at = $2 WHERE id = ANY ($1)',
    [ids, now.toString()],
  );
  const events = ids.map(
    (dueDateId) => ({ dueDateId, type: 'restored', reason: 'instalment-back', detail: {} }) as const,
  );
  await recordDueDateEvents(client, change, now, events);
}
