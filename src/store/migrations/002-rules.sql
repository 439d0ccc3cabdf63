-- The list of statusPrecedence in the domain: which delivery speaks for its reminder.
CREATE FUNCTION sollecito.reminder_status(statuses text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
  SELECT candidate
  FROM unnest(ARRAY['sending', 'queued', 'retrying', 'accepted', 'unknown', 'delivered', 'sent', 'complained', 'bounced', 'failed', 'skipped', 'canceled'])
    WITH ORDINALITY AS precedence (candidate, rank)
  WHERE candidate = ANY (statuses) ORDER BY rank LIMIT 1
);

-- quotaStateOf in the domain.
CREATE FUNCTION sollecito.quota_state(statuses text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
  CASE
    WHEN statuses && ARRAY['sent', 'delivered', 'bounced', 'complained'] THEN 'used'
    WHEN statuses <@ ARRAY['failed', 'skipped', 'canceled'] THEN 'released'
    ELSE 'reserved'
  END
);

-- Names everything that shows in a due date's document, by its versions: its own, its tenant's, its customer's, its bank
-- account's (the one chosen for a reminder, its own, or the tenant's usual one). Any change of them makes another document.
CREATE FUNCTION sollecito.document_edition(due sollecito.due_date, chosen_account uuid) RETURNS text LANGUAGE sql STABLE RETURN (
  SELECT format('%s t%s c%s b%s', due.document_version, t.version, c.version, coalesce(b.id::text || ' ' || b.version, '-'))
  FROM sollecito.tenant t
  JOIN sollecito.customer c ON c.id = due.customer_id
  LEFT JOIN sollecito.bank_account b ON b.id = coalesce(
    chosen_account, due.bank_account_id, (SELECT u.id FROM sollecito.bank_account u WHERE u.tenant_id = t.id AND u.is_default)
  )
  WHERE t.id = due.tenant_id
);

-- Changes a tenant's quota counters by so many units. Plans with a limit count in slot 0, which their accept locks;
-- the others in any, so that they never wait for each other.
CREATE FUNCTION sollecito.count_quota(tenant uuid, reserved_by integer, used_by integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  limited boolean := (SELECT p.send_limit IS NOT NULL FROM sollecito.tenant t JOIN sollecito.plan p ON p.key = t.plan WHERE t.id = tenant);
  -- Drawn once: in the WHERE it would be drawn for each row, and match none of them or several.
  chosen smallint := CASE WHEN limited THEN 0 ELSE floor(random() * 32) END;
BEGIN
  UPDATE sollecito.quota_counter SET reserved = reserved + reserved_by, used = used + used_by
  WHERE tenant_id = tenant AND slot = chosen;
END $$;

-- A reminder's status follows its deliveries' in the same statement that moves them, and its unit of quota follows
-- the status: no caller can forget either. Whoever moves deliveries holds the reminder's row lock already
-- (or has just made it), so the statuses read here are the last ones.
CREATE FUNCTION sollecito.deliveries_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- By reminder, so that the plan reads a few rows of each however many there are of all.
  WITH derived AS MATERIALIZED (
    SELECT m.reminder_id,
      ARRAY(SELECT d.status FROM sollecito.delivery d WHERE d.reminder_id = m.reminder_id) AS statuses,
      (SELECT min(d.taken_at) FROM sollecito.delivery d WHERE d.reminder_id = m.reminder_id) AS taken_at,
      (SELECT max(d.updated_at) FROM sollecito.delivery d WHERE d.reminder_id = m.reminder_id) AS updated_at
    FROM (SELECT DISTINCT reminder_id FROM moved) m
  )
  UPDATE sollecito.reminder r
  SET status = sollecito.reminder_status(derived.statuses),
      quota_state = sollecito.quota_state(derived.statuses),
      taken_at = coalesce(r.taken_at, derived.taken_at),
      updated_at = derived.updated_at
  FROM derived
  WHERE r.id = derived.reminder_id
    AND (r.status, r.quota_state) IS DISTINCT FROM (sollecito.reminder_status(derived.statuses), sollecito.quota_state(derived.statuses));
  RETURN NULL;
END $$;
CREATE TRIGGER deliveries_moved AFTER UPDATE ON sollecito.delivery
  REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION sollecito.deliveries_moved();

CREATE FUNCTION sollecito.quota_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sollecito.count_quota(
    NEW.tenant_id,
    (NEW.quota_state = 'reserved')::integer - (OLD.quota_state = 'reserved')::integer,
    (NEW.quota_state = 'used')::integer - (OLD.quota_state = 'used')::integer
  );
  RETURN NULL;
END $$;
CREATE TRIGGER quota_moved AFTER UPDATE OF quota_state ON sollecito.reminder
  FOR EACH ROW WHEN (OLD.quota_state IS DISTINCT FROM NEW.quota_state) EXECUTE FUNCTION sollecito.quota_moved();

-- Every tenant has its counters from the first moment.
CREATE FUNCTION sollecito.tenant_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sollecito.quota_counter (tenant_id, slot) SELECT NEW.id, slot FROM generate_series(0, 31) AS slot;
  INSERT INTO sollecito.tenant_turn (tenant_id, channel) VALUES (NEW.id, 'email'), (NEW.id, 'sms');
  RETURN NULL;
END $$;
CREATE TRIGGER tenant_made AFTER INSERT ON sollecito.tenant FOR EACH ROW EXECUTE FUNCTION sollecito.tenant_made();
