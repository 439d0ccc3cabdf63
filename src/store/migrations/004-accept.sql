-- What accepting rests on, for many requests in one round trip: the tenant's rules, the keys that were used already,
-- the due dates (by ref or id) with the last reminder that a provider took, their customers' contacts, bank accounts.
CREATE FUNCTION sollecito.admission_facts(tenant uuid, keys text[], due_refs text[], due_ids uuid[], bank_refs text[], bank_ids uuid[])
-- Planned once for each connection: planning costs several times what it takes to run.
RETURNS jsonb LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM set_config('sollecito.tenant', tenant::text, true);
  RETURN (
    WITH wanted AS MATERIALIZED (
      SELECT u.* FROM sollecito.due_date u WHERE u.tenant_id = tenant AND u.ref = ANY (due_refs)
      UNION
      SELECT u.* FROM sollecito.due_date u WHERE u.tenant_id = tenant AND u.id = ANY (due_ids)
    )
    SELECT jsonb_build_object(
      'timeZone', t.time_zone, 'country', t.country, 'contactGapDays', t.contact_gap_days, 'bindsCallers', t.binds_callers,
      'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', k.key, 'hash', encode(k.request_hash, 'hex'), 'status', k.status, 'body', k.body, 'location', k.location)), '[]')
        FROM sollecito.idempotency_key k WHERE k.tenant_id = tenant AND k.key = ANY (keys)),
      'dueDates', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'ref', w.ref, 'customerId', w.customer_id, 'direction', w.direction, 'state', w.state,
          'lastContactAt', CASE WHEN t.binds_callers AND t.contact_gap_days > 0 THEN (
            SELECT jsonb_object_agg(s.channel, s.at) FROM (
              SELECT r.channel, max(r.taken_at) AS at FROM sollecito.reminder_due_date l JOIN sollecito.reminder r ON r.id = l.reminder_id
              WHERE l.due_date_id = w.id AND l.left_out IS NULL AND r.taken_at IS NOT NULL GROUP BY r.channel
            ) s
          ) END)), '[]') FROM wanted w),
      'customers', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'email', c.email, 'phone', c.phone)), '[]')
        FROM sollecito.customer c WHERE c.id IN (SELECT customer_id FROM wanted)),
      'bankAccounts', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'ref', b.ref)), '[]')
        FROM sollecito.bank_account b WHERE b.tenant_id = tenant AND (b.ref = ANY (bank_refs) OR b.id = ANY (bank_ids)))
    )
    FROM sollecito.tenant t WHERE t.id = tenant
  );
END $$;

-- Accepts reminders: the idempotency key, the quota unit, the reminder with its deliveries and due dates, and the
-- first event, in one transaction and one round trip. Each item stands alone; quota is taken in their order.
--
-- items: [{ n, key, hash (hex), status, body, location, reminder: {…}, dueDates: [uuid], deliveries: [{ id, position, recipient }], audit }]
-- Answers one row an item: accepted; existing (with what was stored: the caller compares the hash and replays); quota-exhausted.
--
-- Two equal keys in two transactions: the second insert waits for the first to end (unique index), at most lock_timeout,
-- and then raises SO001; any other lock that is not had in that time stays lock_not_available.
-- Keys are inserted in one order everywhere, so that two batches cannot wait for each other.
CREATE FUNCTION sollecito.accept_reminders(
  tenant uuid, now timestamptz, items jsonb,
  OUT n integer, OUT outcome text, OUT request_hash text, OUT status smallint, OUT body text, OUT location text
) RETURNS SETOF record LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
#variable_conflict use_column
DECLARE
  fresh integer[];
  taken integer[];
  send_limit integer;
  remaining integer;
BEGIN
  PERFORM set_config('sollecito.tenant', tenant::text, true);

  -- The keys' foreign key wants this lock: taken before them, what the insert waits for is another's equal key alone.
  SELECT p.send_limit INTO send_limit FROM sollecito.tenant t JOIN sollecito.plan p ON p.key = t.plan WHERE t.id = tenant FOR KEY SHARE OF t;

  BEGIN
    -- An item's first use of a key in this batch is the one that counts.
    WITH asked AS (
      SELECT DISTINCT ON (i.key) i.key, i.n, i.hash, i.status, i.body, i.location, (i.reminder ->> 'id')::uuid AS reminder_id
      FROM jsonb_to_recordset(items) AS i (n integer, key text, hash text, status smallint, body text, location text, reminder jsonb)
      ORDER BY i.key, i.n
    ), inserted AS (
      INSERT INTO sollecito.idempotency_key (tenant_id, key, request_hash, status, body, location, reminder_id, created_at)
      SELECT tenant, asked.key, decode(asked.hash, 'hex'), asked.status, asked.body, asked.location, asked.reminder_id, now
      FROM asked ORDER BY asked.key
      ON CONFLICT DO NOTHING
      RETURNING key
    )
    SELECT coalesce(array_agg(asked.n ORDER BY asked.n), '{}') INTO fresh FROM asked JOIN inserted USING (key);
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'an equal key is still being worked on' USING ERRCODE = 'SO001';
  END;

  taken := fresh;
  IF send_limit IS NOT NULL THEN
    -- The lock is what makes the last unit go to exactly one of those who ask for it.
    PERFORM 1 FROM sollecito.quota_counter c WHERE c.tenant_id = tenant AND c.slot = 0 FOR UPDATE;
    SELECT greatest(send_limit - sum(c.reserved + c.used), 0) INTO remaining FROM sollecito.quota_counter c WHERE c.tenant_id = tenant;
    taken := fresh[1:remaining];
    -- A refused request does not use its key up.
    DELETE FROM sollecito.idempotency_key k
    USING jsonb_to_recordset(items) AS i (n integer, key text)
    WHERE k.tenant_id = tenant AND k.key = i.key AND i.n = ANY (fresh) AND NOT i.n = ANY (taken);
  END IF;
  IF cardinality(taken) > 0 THEN
    PERFORM sollecito.insert_reminders(tenant, now, (SELECT jsonb_agg(item) FROM jsonb_array_elements(items) AS item WHERE (item ->> 'n')::integer = ANY (taken)));
    -- Last: the counter's row is locked until the commit, and others wait for it.
    PERFORM sollecito.count_quota(tenant, cardinality(taken), 0);
  END IF;

  -- The usual case: nothing to look up.
  IF cardinality(taken) = jsonb_array_length(items) THEN
    RETURN QUERY SELECT item.n, 'accepted', NULL::text, NULL::smallint, NULL::text, NULL::text FROM unnest(taken) AS item (n) ORDER BY item.n;
    RETURN;
  END IF;

  RETURN QUERY
  SELECT i.n,
         CASE WHEN i.n = ANY (taken) THEN 'accepted' WHEN k.key IS NULL THEN 'quota-exhausted' ELSE 'existing' END,
         encode(k.request_hash, 'hex'), k.status, k.body, k.location
  FROM jsonb_to_recordset(items) AS i (n integer, key text)
  LEFT JOIN sollecito.idempotency_key k ON k.tenant_id = tenant AND k.key = i.key
  ORDER BY i.n;
END $$;

CREATE FUNCTION sollecito.insert_reminders(tenant uuid, now timestamptz, items jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, origin, actor, recipients, cc, reply_to, subject, message, template,
    locale, bank_account_id, attach_document, send_at, priority, override, metadata, created_at, updated_at)
  SELECT r.id, tenant, r."customerId", r.channel, r.origin, r.actor, r.recipients, r.cc, r."replyTo", r.subject, r.message, r.template,
    r.locale, r."bankAccountId", r."attachDocument", r."sendAt", r.priority, r.override, r.metadata, now, now
  FROM jsonb_array_elements(items) AS item,
    jsonb_to_record(item -> 'reminder') AS r (id uuid, "customerId" uuid, channel text, origin text, actor text, recipients text, cc text[],
      "replyTo" text, subject text, message text, template text, locale text, "bankAccountId" uuid, "attachDocument" boolean,
      "sendAt" timestamptz, priority smallint, override text[], metadata jsonb);

  INSERT INTO sollecito.reminder_due_date (reminder_id, due_date_id, tenant_id, position)
  SELECT (item -> 'reminder' ->> 'id')::uuid, d.id::uuid, tenant, d.position - 1
  FROM jsonb_array_elements(items) AS item, jsonb_array_elements_text(item -> 'dueDates') WITH ORDINALITY AS d (id, position);

  INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, priority, next_attempt_at, updated_at)
  SELECT d.id, tenant, (item -> 'reminder' ->> 'id')::uuid, item -> 'reminder' ->> 'channel', d.position, d.recipient, 'accepted',
    (item -> 'reminder' ->> 'priority')::smallint, (item -> 'reminder' ->> 'sendAt')::timestamptz, now
  FROM jsonb_array_elements(items) AS item, jsonb_to_recordset(item -> 'deliveries') AS d (id uuid, position smallint, recipient text);

  INSERT INTO sollecito.event (at, tenant_id, reminder_id, type, detail)
  SELECT now, tenant, (item -> 'reminder' ->> 'id')::uuid, 'accepted',
    jsonb_build_object('origin', item -> 'reminder' -> 'origin', 'sendAt', item -> 'reminder' -> 'sendAt', 'deliveries', jsonb_array_length(item -> 'deliveries'))
  FROM jsonb_array_elements(items) AS item;

  INSERT INTO sollecito.audit (tenant_id, actor, action, target, detail, at)
  SELECT tenant, item -> 'reminder' ->> 'actor', 'reminder.override', item -> 'reminder' ->> 'id', jsonb_build_object('override', item -> 'reminder' -> 'override'), now
  FROM jsonb_array_elements(items) AS item WHERE jsonb_array_length(item -> 'reminder' -> 'override') > 0;
END $$;
