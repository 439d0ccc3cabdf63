import type { Channel } from '../domain/delivery-facts.ts';
import { asId, type BankAccountId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import type { TemplateName } from './templates.ts';

/**
 * From here until the transaction ends no claim of this tenant is under way: those that came first have committed and are
 * seen as in flight, later ones see the change. For what no row lock of the claim covers: settings, signing key, templates,
 * the default bank account, suppressions. Take it before any row (a claim holds it while it waits for rows), and end soon:
 * the tenant's messages wait meanwhile.
 */
export async function holdClaims(client: Queryable, tenant: TenantId): Promise<void> {
  await client.query('SELECT sollecito.hold_claims($1)', [tenant]);
}

/** What a change concerns; what is left out narrows nothing. */
type Concerned = {
  channel?: Channel;
  /** By its mailbox_key. */
  address?: string;
  template?: Pick<TemplateName, 'key' | 'locale'>;
};

/** The tenant's reminders that were claimed before a change and are being handed over: too late to stop. Under `holdClaims`. */
export async function tenantsRemindersInFlight(
  client: Queryable,
  tenant: TenantId,
  { channel, address, template }: Concerned = {},
): Promise<ReminderId[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT r.id FROM sollecito.reminder r
     WHERE r.tenant_id = $1 AND r.status = 'sending' AND ($2::text IS NULL OR r.channel = $2) AND EXISTS (
       SELECT FROM sollecito.delivery d JOIN sollecito.delivery_message m ON m.delivery_id = d.id AND m.claim_no = d.claim_no
       WHERE d.reminder_id = r.id AND d.status = 'sending' AND ($3::text IS NULL OR sollecito.mailbox_key(d.recipient) = $3)
         AND ($4::text IS NULL OR (split_part(m.template, ' ', 1) = $4 AND split_part(m.template, ' ', 3) = $5))
     ) ORDER BY r.id`,
    [tenant, channel ?? null, address ?? null, template?.key ?? null, template?.locale ?? null],
  );
  return rows.map((row) => asId('reminder', row.id));
}

/**
 * The same for a bank account that was changed: under its own lock, which the claim takes too, or under `holdClaims` where
 * it is or was the default.
 * @param isOrWasDefault then those that name no account show it.
 */
export async function accountsRemindersInFlight(
  client: Queryable,
  tenant: TenantId,
  account: { id: BankAccountId; isOrWasDefault: boolean },
): Promise<ReminderId[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT r.id FROM sollecito.reminder r
     WHERE r.tenant_id = $1 AND r.status = 'sending' AND EXISTS (
       SELECT FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id
       WHERE l.reminder_id = r.id AND (coalesce(r.bank_account_id, u.bank_account_id) = $2
         OR ($3 AND coalesce(r.bank_account_id, u.bank_account_id) IS NULL))
     ) ORDER BY r.id`,
    [tenant, account.id, account.isOrWasDefault],
  );
  return rows.map((row) => asId('reminder', row.id));
}
