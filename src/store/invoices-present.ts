import { isDeepStrictEqual } from 'node:util';
import { outstandingOf } from '../domain/due-date.ts';
import { asId, type DueDateId, formatId, type Id } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { type DueDate, type DueDateFields, lockDueDates } from './due-dates.ts';
import { voidedAsGone } from './invoices-gone.ts';
import type { Counterparties, KnownInvoice } from './invoices-known.ts';

/** The due dates that stand already, locked and as they were then. */
export class Present {
  readonly all: readonly DueDate[];
  readonly #gone: ReadonlySet<DueDateId>;
  readonly #uploaded: ReadonlySet<DueDateId>;
  readonly #adopted = new Set<DueDateId>();

  constructor(all: readonly DueDate[], has: { gone: ReadonlySet<DueDateId>; uploaded: ReadonlySet<DueDateId> }) {
    this.all = all;
    this.#gone = has.gone;
    this.#uploaded = has.uploaded;
  }

  /** Void only because an earlier file no longer had it. */
  wasGone(dueDate: DueDate): boolean {
    return this.#gone.has(dueDate.id);
  }

  /** A caller has put a PDF of its own for it. */
  hasUploaded(dueDate: DueDate): boolean {
    return this.#uploaded.has(dueDate.id);
  }

  /** In the order of its instalments. */
  ofInvoice({ id }: { id: Id<'invoice'> }): DueDate[] {
    const those = this.all.filter((dueDate) => dueDate.invoiceId === id);
    return those.sort((a, b) => (a.instalment ?? 0) - (b.instalment ?? 0));
  }

  /** One that a caller made before its invoice came: the same customer, number, day and amount. It is asked for once. */
  adopt(fields: DueDateFields): DueDate | undefined {
    const found = this.#madeByCallers(fields).find(
      (dueDate) => dueDate.dueOn === fields.dueOn && isDeepStrictEqual(dueDate.amount, fields.amount),
    );
    if (found) this.#adopted.add(found.id);
    return found;
  }

  /** Those that a caller made of the same document and that still ask for money, but of none of its instalments. */
  alsoAsking(fields: DueDateFields): DueDate[] {
    return this.#madeByCallers(fields).filter((dueDate) => outstandingOf(dueDate).units > 0n);
  }

  #madeByCallers(fields: DueDateFields): DueDate[] {
    return this.all.filter(
      (dueDate) =>
        dueDate.invoiceId === null &&
        !this.#adopted.has(dueDate.id) &&
        dueDate.direction === fields.direction &&
        dueDate.customerId === fields.customerId &&
        dueDate.documentNumber === fields.documentNumber &&
        (dueDate.documentDate ?? fields.documentDate) === fields.documentDate,
    );
  }
}

/**
 * Locks, all at once and by id, the due dates of these invoices, those that they may turn out to be, and others that
 * the import will change.
 */
export async function lockPresent(
  client: Queryable,
  asking: readonly KnownInvoice[],
  counterparties: ReadonlyMap<KnownInvoice, Counterparties>,
  others: readonly DueDateId[],
): Promise<Present> {
  const numbered = [...counterparties].map(([known, { customer }]) => ({ customer, number: known.invoice.number }));
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM sollecito.due_date WHERE invoice_id = ANY ($1)
     UNION
     SELECT d.id FROM jsonb_to_recordset($2) AS n (customer uuid, number text)
     JOIN sollecito.due_date d ON d.customer_id = n.customer AND d.document_number = n.number AND d.invoice_id IS NULL`,
    [asking.map((known) => known.id), JSON.stringify(numbered)],
  );
  const ids = new Set([...rows.map((row) => asId('dueDate', row.id)), ...others]);
  const locked = await lockDueDates(
    client,
    [...ids].map((id) => formatId('dueDate', id)),
  );
  const all = [...locked.values()];
  return new Present(all, { gone: await voidedAsGone(client, all), uploaded: await withUploaded(client, all) });
}

async function withUploaded(client: Queryable, dueDates: readonly DueDate[]): Promise<Set<DueDateId>> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM sollecito.document WHERE id = ANY ($1) AND origin = 'uploaded'",
    [dueDates.flatMap(({ ownDocumentId }) => ownDocumentId ?? [])],
  );
  const uploaded = new Set(rows.map((row) => asId('document', row.id)));
  return new Set(
    dueDates.flatMap(({ id, ownDocumentId }) => (ownDocumentId && uploaded.has(ownDocumentId) ? [id] : [])),
  );
}
