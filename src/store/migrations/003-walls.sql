-- The second wall between tenants. Every table with a tenant has row-level security, forced on its owner too.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1
  LOOP
    EXECUTE format('ALTER TABLE sollecito.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_tenant ON sollecito.%I TO sollecito_api USING (tenant_id = (SELECT sollecito.current_tenant())) WITH CHECK (tenant_id = (SELECT sollecito.current_tenant()))', name);
    EXECUTE format('CREATE POLICY of_service ON sollecito.%I TO sollecito_service USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
-- A pause of everything, or of a channel, concerns every tenant: each may see it.
CREATE POLICY of_all ON sollecito.pause FOR SELECT TO sollecito_api USING (tenant_id IS NULL);
ALTER TABLE sollecito.tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON sollecito.tenant TO sollecito_api USING (id = (SELECT sollecito.current_tenant())) WITH CHECK (id = (SELECT sollecito.current_tenant()));
CREATE POLICY of_service ON sollecito.tenant TO sollecito_service USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA sollecito TO sollecito_api, sollecito_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sollecito TO sollecito_api, sollecito_service;
REVOKE INSERT, UPDATE, DELETE ON sollecito.plan, sollecito.migration, sollecito.provider_rate FROM sollecito_api;
-- A tenant changes its settings; which plan it is on is ours to say.
REVOKE INSERT, UPDATE, DELETE ON sollecito.tenant FROM sollecito_api;
GRANT UPDATE (name, sender_email, sender_name, reply_to, sms_sender, logo, colour, time_zone, country, locale, unknown_policy,
  contact_gap_days, quiet_hours, binds_callers, version, updated_at) ON sollecito.tenant TO sollecito_api;
REVOKE UPDATE, DELETE ON sollecito.audit, sollecito.event FROM sollecito_api, sollecito_service;
-- The policies bind who comes by the parent. A partition has none of its own, so by its own name nobody comes.
REVOKE ALL ON sollecito.event_default FROM sollecito_api, sollecito_service;
REVOKE ALL ON FUNCTION sollecito.ensure_event_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sollecito.ensure_event_partitions TO sollecito_service;

-- What must be known before a tenant is: whose key this is, and which tenant an operator means.
-- All run as sollecito_service and answer one row or none.
CREATE FUNCTION sollecito.authenticate_key(secret_hash bytea, OUT key_id uuid, OUT tenant_id uuid, OUT scopes text[], OUT expires_at timestamptz, OUT revoked_at timestamptz)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sollecito, pg_temp AS $$
  SELECT id, tenant_id, scopes, expires_at, revoked_at FROM sollecito.api_key WHERE hash = secret_hash
$$;
CREATE FUNCTION sollecito.tenants_for_operators(OUT id uuid, OUT ref text, OUT name text)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sollecito, pg_temp AS $$
  SELECT id, ref, name FROM sollecito.tenant ORDER BY ref
$$;
CREATE FUNCTION sollecito.tenant_for_operators(wanted text, OUT id uuid)
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sollecito, pg_temp AS $$
  SELECT id FROM sollecito.tenant WHERE ref = wanted
$$;
-- The document that a signed link opens: its id is the proof, checked before this is asked.
CREATE FUNCTION sollecito.linked_document(wanted uuid, OUT name text, OUT media_type text, OUT sha256 bytea, OUT bytes bytea)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sollecito, pg_temp AS $$
  SELECT name, media_type, sha256, bytes FROM sollecito.document WHERE id = wanted
$$;
GRANT CREATE ON SCHEMA sollecito TO sollecito_service;
ALTER FUNCTION sollecito.authenticate_key OWNER TO sollecito_service;
ALTER FUNCTION sollecito.tenants_for_operators OWNER TO sollecito_service;
ALTER FUNCTION sollecito.tenant_for_operators OWNER TO sollecito_service;
ALTER FUNCTION sollecito.linked_document OWNER TO sollecito_service;
REVOKE CREATE ON SCHEMA sollecito FROM sollecito_service;
REVOKE ALL ON FUNCTION sollecito.authenticate_key, sollecito.tenants_for_operators, sollecito.tenant_for_operators, sollecito.linked_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sollecito.authenticate_key, sollecito.tenants_for_operators, sollecito.tenant_for_operators, sollecito.linked_document TO sollecito_api, sollecito_service;
