-- Pauses by the API: a tenant lifts its own, and none that the platform made (of it, or of everybody). Those that were
-- put in by hand are the platform's.
ALTER TABLE sollecito.pause ADD by_platform boolean NOT NULL DEFAULT true;
CREATE POLICY own_insert ON sollecito.pause AS RESTRICTIVE FOR INSERT TO sollecito_api WITH CHECK (NOT by_platform);
CREATE POLICY own_update ON sollecito.pause AS RESTRICTIVE FOR UPDATE TO sollecito_api USING (NOT by_platform) WITH CHECK (NOT by_platform);
CREATE POLICY own_delete ON sollecito.pause AS RESTRICTIVE FOR DELETE TO sollecito_api USING (NOT by_platform);

-- What comes back at once when a pause is lifted or a breaker closed: few, for the dispatcher takes none meanwhile.
CREATE INDEX delivery_put_off ON sollecito.delivery (channel, tenant_id) WHERE status = 'accepted' AND reason IN ('paused', 'provider-down');
