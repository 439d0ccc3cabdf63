import { parseBic } from '../domain/iban.ts';
import type { BankAccountId, TenantId } from '../domain/ids.ts';
import { payableTo, type StatedAccount } from '../domain/invoice-account.ts';
import { saveBankAccount } from './bank-accounts.ts';
import type { Queryable } from './database.ts';
import type { KnownInvoice } from './invoices-known.ts';

type Import = { tenant: TenantId; now: Temporal.Instant };

/**
 * The tenant's bank accounts that instalments of its own invoices are to be paid to, now or as they were last imported, by
 * IBAN: those that are there as they are, the others made with the IBAN for a ref.
 */
export async function bankAccountsOf(
  client: Queryable,
  by: Import,
  news: readonly KnownInvoice[],
): Promise<Map<string, BankAccountId>> {
  const accounts = new Map<string, BankAccountId>();
  const own = news.flatMap((known) => [known, ...(known.before ? [known.before] : [])]);
  for (const { invoice } of own.filter(({ direction }) => direction === 'receivable')) {
    for (const instalment of invoice.instalments) {
      const stated = payableTo(instalment);
      if (stated && !accounts.has(stated.iban)) {
        accounts.set(stated.iban, await accountOf(client, by, stated, invoice.seller.name));
      }
    }
  }
  return accounts;
}

async function accountOf(
  client: Queryable,
  by: Import,
  { iban, bic, holder }: StatedAccount,
  seller: string,
): Promise<BankAccountId> {
  const { rows } = await client.query<{ ref: string; iban: string }>(
    `SELECT ref, iban FROM sollecito.bank_account
     WHERE tenant_id = $1 AND (iban = $2 OR starts_with(ref, $2)) ORDER BY created_at, id`,
    [by.tenant, iban],
  );
  const known = rows.find((row) => row.iban === iban);
  const refs = new Set(rows.map((row) => row.ref));
  let free = iban;
  for (let n = 2; refs.has(free); n++) free = `${iban}-${n}`;
  const saved = await saveBankAccount(client, {
    ...by,
    refOrId: known?.ref ?? free,
    change: (current) =>
      current
        ? undefined
        : {
            holder: holder ?? seller,
            iban,
            bic: bic === null ? null : (parseBic(bic) ?? null),
            label: null,
            isDefault: false,
          },
  });
  if (!saved) throw new Error('a bank account of an invoice was not made');
  return saved.row.id;
}
