-- Dead letters are looked for by their reason. What goes its way without one is not in it.
CREATE INDEX delivery_reason ON sollecito.delivery (tenant_id, reason, reminder_id) WHERE reason IS NOT NULL;
