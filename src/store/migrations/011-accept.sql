-- A reminder's tenant is its customer's, and what hangs on it has the same: the check of each row against the tenant said
-- nothing new, cost a tenth of an acceptance, and had every acceptance of a tenant lock one row.
ALTER TABLE sollecito.idempotency_key DROP CONSTRAINT idempotency_key_tenant_id_fkey;
ALTER TABLE sollecito.reminder DROP CONSTRAINT reminder_tenant_id_fkey;
ALTER TABLE sollecito.reminder_due_date DROP CONSTRAINT reminder_due_date_tenant_id_fkey;
ALTER TABLE sollecito.delivery DROP CONSTRAINT delivery_tenant_id_fkey;
