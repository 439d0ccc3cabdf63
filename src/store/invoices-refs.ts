import { parseId } from '../domain/ids.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Queryable } from './database.ts';
import { ofTenant } from './due-dates.ts';

/** `ref`: of the due date that it is already; undefined when one is wanted. */
type RefWanted = { invoice: Invoice; instalment: number; ref: string | undefined };

/**
 * A ref for each instalment that a person recognises: the invoice's number, and `/2` for its second instalment. Numbers
 * begin again every year, so one that is taken gets its year (`12-2026`), and a count only when that is taken too.
 * All instalments of one invoice share the same beginning.
 */
export async function freeRefs(client: Queryable, wanted: readonly RefWanted[]): Promise<string[]> {
  const given = new Set<string>();
  const bases = new Map<Invoice, string>();
  for (const invoice of new Set(wanted.map((one) => one.invoice))) {
    const missing = wanted.filter((one) => one.invoice === invoice && one.ref === undefined);
    const base = await freeBase(client, invoice, missing, given);
    bases.set(invoice, base);
    for (const one of missing) given.add(refOf(base, one));
  }
  return wanted.map((one) => one.ref ?? refOf(bases.get(one.invoice) ?? '', one));
}

async function freeBase(
  client: Queryable,
  invoice: Invoice,
  missing: readonly RefWanted[],
  given: ReadonlySet<string>,
): Promise<string> {
  for (const base of bases(invoice)) {
    const refs = missing.map((one) => refOf(base, one));
    if (refs.some((ref) => given.has(ref))) continue;
    const { rows } = await client.query(
      `SELECT 1 FROM sollecito.due_date WHERE ${ofTenant} AND ref = ANY ($1) LIMIT 1`,
      [refs],
    );
    if (rows.length === 0) return base;
  }
  throw new Error('there is always another ref');
}

function* bases(invoice: Invoice): Generator<string> {
  const plain = invoice.number
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 100);
  // Neither a path's own dots nor what reads as one of our ids.
  const number = /^\.*$/.test(plain) || parseId('dueDate', plain) !== undefined ? `invoice ${plain}`.trim() : plain;
  const year = invoice.date.slice(0, 4);
  yield number;
  yield `${number}-${year}`;
  for (let n = 2; ; n++) yield `${number}-${year}-${n}`;
}

function refOf(base: string, { invoice, instalment }: RefWanted): string {
  return invoice.instalments.length === 1 && instalment === 1 ? base : `${base}/${instalment}`;
}
