import { asId, type BankAccountId, type CustomerId, parseId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { ofTenant } from './due-dates.ts';

/**
 * The customers behind refs or ids, by what was asked for, kept from vanishing until the transaction ends. Take it
 * before due dates are locked.
 */
export async function lockCustomers(client: Queryable, refsOrIds: readonly string[]): Promise<Map<string, CustomerId>> {
  if (refsOrIds.length === 0) return new Map();
  const ids = refsOrIds.map((text) => parseId('customer', text)).filter((id) => id !== undefined);
  const { rows } = await client.query<Row>(
    `SELECT id, ref FROM sollecito.customer WHERE ${ofTenant} AND (ref = ANY ($1) OR id = ANY ($2)) ORDER BY id FOR KEY SHARE`,
    [refsOrIds, ids],
  );
  return named(
    refsOrIds,
    rows,
    (text) => parseId('customer', text),
    (uuid) => asId('customer', uuid),
  );
}

/** The bank accounts behind refs or ids, as lockCustomers; to be taken between customers and due dates. */
export async function lockBankAccounts(
  client: Queryable,
  refsOrIds: readonly string[],
): Promise<Map<string, BankAccountId>> {
  if (refsOrIds.length === 0) return new Map();
  const ids = refsOrIds.map((text) => parseId('bankAccount', text)).filter((id) => id !== undefined);
  const { rows } = await client.query<Row>(
    `SELECT id, ref FROM sollecito.bank_account WHERE ${ofTenant} AND (ref = ANY ($1) OR id = ANY ($2)) ORDER BY id FOR KEY SHARE`,
    [refsOrIds, ids],
  );
  return named(
    refsOrIds,
    rows,
    (text) => parseId('bankAccount', text),
    (uuid) => asId('bankAccount', uuid),
  );
}

type Row = { id: string; ref: string };

// What reads as an id is one, whatever refs there are.
function named<I extends string>(
  refsOrIds: readonly string[],
  rows: readonly Row[],
  parse: (text: string) => I | undefined,
  brand: (uuid: string) => I,
): Map<string, I> {
  const byRef = new Map(rows.map((row) => [row.ref, brand(row.id)]));
  const known = new Set(byRef.values());
  const found = new Map<string, I>();
  for (const asked of refsOrIds) {
    const id = parse(asked) ?? byRef.get(asked);
    if (id !== undefined && known.has(id)) found.set(asked, id);
  }
  return found;
}
