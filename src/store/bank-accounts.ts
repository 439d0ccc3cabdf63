import { isDeepStrictEqual } from 'node:util';
import { asId, type BankAccountId, newId, parseId, type TenantId } from '../domain/ids.ts';
import type { Saved } from './customers.ts';
import type { Queryable } from './database.ts';
import { holdClaims } from './hold-claims.ts';
import { toInstant } from './instants.ts';

/** What a caller may set. `iban` in its electronic form, `bic` in capitals. */
export type BankAccountFields = {
  holder: string;
  iban: string;
  bic: string | null;
  label: string | null;
  isDefault: boolean;
};

export type BankAccount = BankAccountFields & {
  id: BankAccountId;
  ref: string;
  version: number;
  createdAt: Temporal.Instant;
  updatedAt: Temporal.Instant;
};

export type BankAccountSave = {
  tenant: TenantId;
  now: Temporal.Instant;
  /** The caller's ref, or our id: an id that is not there makes nothing. */
  refOrId: string;
  /** As for customers: sees the row under its lock, says what it shall be, may be called twice. */
  change: (current: BankAccount | undefined) => BankAccountFields | undefined;
};

/**
 * Makes or changes one bank account inside a transaction. A new default takes the old one's place.
 * @returns undefined when there is none and `change` made none.
 */
export async function saveBankAccount(
  client: Queryable,
  save: BankAccountSave,
): Promise<Saved<BankAccount> | undefined> {
  return (await saveBankAccounts(client, [save]))[0];
}

/** Several of one tenant, in the order of their refs, so that two transactions do not wait for each other in a circle. */
export async function saveBankAccounts(
  client: Queryable,
  saves: readonly BankAccountSave[],
): Promise<(Saved<BankAccount> | undefined)[]> {
  await holdForDefault(client, saves);
  const saved: (Saved<BankAccount> | undefined)[] = [];
  for (const save of saves) saved.push(await saveOne(client, save));
  return saved;
}

/**
 * A new default changes another row than its own, and what messages show that name no account: no claim of the tenant
 * may be under way, nor another such change. Call it before any row is locked, where one is before these are saved.
 */
export async function holdForDefault(client: Queryable, saves: readonly BankAccountSave[]): Promise<void> {
  for (const save of saves) {
    const seen = await findBankAccount(client, save.tenant, save.refOrId);
    const fields = save.change(seen);
    // What is as it shall be locks nothing, unless it is another when it is looked at again (saveOne).
    if (touchesDefault(seen, fields) && !isSame(seen, fields)) return holdClaims(client, save.tenant);
  }
}

async function saveOne(client: Queryable, save: BankAccountSave): Promise<Saved<BankAccount> | undefined> {
  // What is as it shall be needs no lock.
  const seen = await findBankAccount(client, save.tenant, save.refOrId);
  const wanted = save.change(seen);
  if (seen && isSame(seen, wanted)) return { row: seen, outcome: 'same' };
  // Had at once by who has it. Only where it has become needed since the first look is it taken after other rows: should
  // a claim wait for one of these, PostgreSQL ends one of the two, which is tried again.
  if (touchesDefault(seen, wanted)) await holdClaims(client, save.tenant);
  // NO KEY UPDATE: see saveCustomer.
  const current = await findBankAccount(client, save.tenant, save.refOrId, 'FOR NO KEY UPDATE');
  const fields = save.change(current);
  if (!current) {
    if (!fields || parseId('bankAccount', save.refOrId) !== undefined) return undefined;
    if (fields.isDefault) await endDefault(client, save);
    const made = await insert(client, save, fields);
    return made ? { row: made, outcome: 'made' } : saveOne(client, save);
  }
  if (!fields || isSame(current, fields)) return { row: current, outcome: 'same' };
  if (fields.isDefault && !current.isDefault) await endDefault(client, save);
  return { row: await update(client, save, current, fields), outcome: 'changed' };
}

function touchesDefault(current: BankAccount | undefined, fields: BankAccountFields | undefined): boolean {
  return current?.isDefault === true || fields?.isDefault === true;
}

function isSame(current: BankAccount | undefined, fields: BankAccountFields | undefined): boolean {
  return !fields || (current !== undefined && isDeepStrictEqual(normal(current), normal(fields)));
}

/** One bank account by its ref or its id. */
export async function findBankAccount(
  client: Queryable,
  tenant: TenantId,
  refOrId: string,
  lock: 'FOR NO KEY UPDATE' | '' = '',
): Promise<BankAccount | undefined> {
  const id = parseId('bankAccount', refOrId);
  const { rows } = await client.query<BankAccountRow>(
    `SELECT ${columns} FROM sollecito.bank_account WHERE tenant_id = $1 AND ${id === undefined ? 'ref' : 'id'} = $2 ${lock}`,
    [tenant, id ?? refOrId],
  );
  return rows[0] && toBankAccount(rows[0]);
}

/** A page by ref, one row more than `limit` when there are more. @param after the last ref of the page before. */
export async function listBankAccounts(
  client: Queryable,
  tenant: TenantId,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<BankAccount[]> {
  const { rows } = await client.query<BankAccountRow>(
    `SELECT ${columns} FROM sollecito.bank_account WHERE tenant_id = $1 AND ($3::text IS NULL OR ref > $3) ORDER BY ref LIMIT $2`,
    [tenant, limit + 1, after ?? null],
  );
  return rows.map(toBankAccount);
}

const columns = 'id, ref, holder, iban, bic, label, is_default, version, created_at, updated_at';

type BankAccountRow = {
  id: string;
  ref: string;
  holder: string;
  iban: string;
  bic: string | null;
  label: string | null;
  is_default: boolean;
  version: number;
  created_at: string;
  updated_at: string;
};

function toBankAccount(row: BankAccountRow): BankAccount {
  const { is_default, created_at, updated_at, ...same } = row;
  return {
    ...same,
    id: asId('bankAccount', row.id),
    isDefault: is_default,
    createdAt: toInstant(created_at),
    updatedAt: toInstant(updated_at),
  };
}

async function endDefault(client: Queryable, save: BankAccountSave): Promise<void> {
  await client.query(
    'UPDATE sollecito.bank_account SET is_default = false, version = version + 1, updated_at = $2 WHERE tenant_id = $1 AND is_default',
    [save.tenant, save.now.toString()],
  );
}

async function insert(
  client: Queryable,
  save: BankAccountSave,
  fields: BankAccountFields,
): Promise<BankAccount | undefined> {
  const { rows } = await client.query<BankAccountRow>(
    `INSERT INTO sollecito.bank_account (id, tenant_id, ref, holder, iban, bic, label, is_default, created_at, updated_at)
     VALUES ($1, $2, $3, $5, $6, $7, $8, $9, $4, $4)
     ON CONFLICT (tenant_id, ref) DO NOTHING RETURNING ${columns}`,
    [newId('bankAccount'), save.tenant, save.refOrId, save.now.toString(), ...values(fields)],
  );
  return rows[0] && toBankAccount(rows[0]);
}

async function update(
  client: Queryable,
  save: BankAccountSave,
  current: BankAccount,
  fields: BankAccountFields,
): Promise<BankAccount> {
  const { rows } = await client.query<BankAccountRow>(
    `UPDATE sollecito.bank_account
     SET holder = $4, iban = $5, bic = $6, label = $7, is_default = $8, version = version + 1, updated_at = $3
     WHERE tenant_id = $1 AND id = $2 RETURNING ${columns}`,
    [save.tenant, current.id, save.now.toString(), ...values(fields)],
  );
  const row = rows[0];
  if (!row) throw new Error('the locked bank account is gone');
  return toBankAccount(row);
}

function values({ holder, iban, bic, label, isDefault }: BankAccountFields): unknown[] {
  return [holder, iban, bic, label, isDefault];
}

function normal({ holder, iban, bic, label, isDefault }: BankAccountFields): BankAccountFields {
  return { holder, iban, bic, label, isDefault };
}
