import { creditFor } from '../domain/credited-invoice.ts';
import type { InvoiceWarning } from '../domain/invoice.ts';
import { subtract } from '../domain/money.ts';
import type { CreditNote, Named } from './credits-named.ts';
import type { Queryable } from './database.ts';
import { moneyOf } from './due-dates.ts';
import { moneyText } from './invoices-warnings.ts';

/**
 * What credit notes did not do, as they stand now. Of those that wait for other invoices than this import's only what
 * is left of them is told.
 */
export async function creditWarnings(client: Queryable, all: readonly CreditNote[]): Promise<InvoiceWarning[]> {
  const notes = all.filter(({ isOfFile }) => isOfFile);
  if (notes.length === 0) return [];
  const { rows } = await client.query<{ credit_note_id: string; used: string }>(usedOfNotes, [
    notes.map(({ id }) => id),
  ]);
  const used = new Map(rows.map((row) => [row.credit_note_id, row.used]));
  return notes.flatMap((note) => [
    ...(note.known ? notCredited(note) : []),
    ...creditLeft(note, used.get(note.id) ?? '0'),
  ]);
}

// What stands on what was paid is to be given back: of several notes on one due date the last ones came too late.
const usedOfNotes = `
  SELECT credit_note_id, sum(greatest(least(amount, open), 0)) AS used
  FROM (
    SELECT c.credit_note_id, c.amount,
      d.amount - d.paid + c.amount - sum(c.amount) OVER (PARTITION BY c.due_date_id ORDER BY n.created_at, n.id) AS open
    FROM sollecito.credit c JOIN sollecito.invoice n ON n.id = c.credit_note_id JOIN sollecito.due_date d ON d.id = c.due_date_id
    WHERE c.due_date_id IN (SELECT due_date_id FROM sollecito.credit WHERE credit_note_id = ANY ($1))
  ) AS taken
  WHERE credit_note_id = ANY ($1) GROUP BY credit_note_id`;

function notCredited({ invoice, named }: CreditNote): InvoiceWarning[] {
  if (named.length === 0) {
    const message = `${invoice.number} is a credit note that names no invoice: it lowers nothing`;
    return [{ code: 'credit-names-no-invoice', message }];
  }
  return named.flatMap((one) => ('missing' in one ? [whyMissing(invoice.number, one)] : []));
}

function whyMissing(note: string, { number, missing }: Extract<Named, { missing: string }>): InvoiceWarning {
  switch (missing) {
    case 'unknown':
      return {
        code: 'credited-invoice-unknown',
        message: `${note} credits the invoice ${number}, which is not known: it is lowered when it is imported`,
      };
    case 'other-buyer':
      return {
        code: 'credited-invoice-other-buyer',
        message: `${note} credits the invoice ${number}, which was written to another buyer: it stays as it is`,
      };
    case 'other-currency':
      return {
        code: 'credit-in-other-currency',
        message: `${note} credits the invoice ${number}, which asks in another currency: it stays as it is`,
      };
  }
}

// While one of the invoices is not known, what is left waits for it.
function creditLeft({ invoice, named }: CreditNote, used: string): InvoiceWarning[] {
  if (named.some((one) => 'missing' in one && one.missing === 'unknown')) return [];
  const last = named.findLast((one) => 'found' in one);
  if (!last || !('found' in last)) return [];
  const left = subtract(creditFor(invoice, last.found.invoice), moneyOf(used, invoice.currency));
  if (left.units <= 0n) return [];
  const message = `${moneyText(left)} of the credit note ${invoice.number} is left: what it credits is not owed any more`;
  return [{ code: 'credit-left', message }];
}
