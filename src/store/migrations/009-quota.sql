-- Limits by plan, period and channel; counters that know the channel and the month; warnings.

-- What a plan allows, in reminders: in all, or in a calendar month of the tenant's own zone; of every channel together
-- (null), or of one. Each limit binds. A plan without a row has none.
CREATE TABLE sollecito.plan_limit (
  plan text NOT NULL REFERENCES sollecito.plan,
  period text NOT NULL CHECK (period IN ('total', 'month')),
  channel text CHECK (channel IN ('email', 'sms')),
  sends integer NOT NULL CHECK (sends >= 0),
  UNIQUE NULLS NOT DISTINCT (plan, period, channel)
);
INSERT INTO sollecito.plan_limit (plan, period, sends) SELECT key, 'total', send_limit FROM sollecito.plan WHERE send_limit IS NOT NULL;
ALTER TABLE sollecito.plan DROP send_limit;

-- The month that an instant belongs to, by its first day. It begins at the zone's midnight.
CREATE FUNCTION sollecito.month_of(at timestamptz, time_zone text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('month', at AT TIME ZONE time_zone)::date;

-- The month in which a reminder's unit was reserved. It stands here so that using it and giving it back count there,
-- whatever the day or the tenant's zone is by then.
ALTER TABLE sollecito.reminder ADD quota_month date;
UPDATE sollecito.reminder r SET quota_month = sollecito.month_of(r.created_at, t.time_zone) FROM sollecito.tenant t WHERE t.id = r.tenant_id;
ALTER TABLE sollecito.reminder ALTER quota_month SET NOT NULL;

-- Units by tenant, channel and month, beside the running total of the channel (month -infinity): neither is ever added up
-- over the years. In slots, so that reminders of a busy tenant don't queue for one row; made when they are first counted
-- in. A slot may be negative; the sum over the slots is the truth.
DROP TABLE sollecito.quota_counter;
CREATE TABLE sollecito.quota_counter (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  month date NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 31),
  reserved integer NOT NULL,
  used integer NOT NULL,
  PRIMARY KEY (tenant_id, month, channel, slot)
) WITH (fillfactor = 50);
INSERT INTO sollecito.quota_counter (tenant_id, month, channel, slot, reserved, used)
SELECT r.tenant_id, coalesce(r.quota_month, '-infinity'), r.channel, 0,
  count(*) FILTER (WHERE r.quota_state = 'reserved'), count(*) FILTER (WHERE r.quota_state = 'used')
FROM sollecito.reminder r WHERE r.quota_state <> 'released'
GROUP BY GROUPING SETS ((r.tenant_id, r.channel, r.quota_month), (r.tenant_id, r.channel));

-- Which warnings were given: one for each limit, its period (since: the month, or -infinity) and the percentage.
CREATE TABLE sollecito.quota_warning (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  plan text NOT NULL,
  period text NOT NULL,
  channel text,
  sends integer NOT NULL,
  since date NOT NULL,
  percent smallint NOT NULL CHECK (percent IN (80, 100)),
  at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, since, plan, period, channel, sends, percent)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['quota_counter', 'quota_warning'] LOOP
    EXECUTE format('ALTER TABLE sollecito.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_tenant ON sollecito.%I TO sollecito_api USING (tenant_id = (SELECT sollecito.current_tenant())) WITH CHECK (tenant_id = (SELECT sollecito.current_tenant()))', name);
    EXECUTE format('CREATE POLICY of_service ON sollecito.%I TO sollecito_service USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sollecito.%I TO sollecito_api, sollecito_service', name);
  END LOOP;
END $$;
REVOKE UPDATE, DELETE ON sollecito.quota_warning FROM sollecito_api, sollecito_service;
GRANT SELECT ON sollecito.plan_limit TO sollecito_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON sollecito.plan_limit TO sollecito_service;

-- Who reserves a unit holds the first shared, so that the tenant's plan stays as it is until the commit; a change of plan
-- takes it alone. Under a plan with limits it takes the second alone too: that gives the last unit to exactly one.
-- Using a unit and giving it back need neither: both only make room.
CREATE FUNCTION sollecito.plan_key(of_tenant uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended('sollecito.plan.' || of_tenant::text, 0);
CREATE FUNCTION sollecito.quota_key(of_tenant uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended('sollecito.quota.' || of_tenant::text, 0);

-- Where a tenant stands at each limit of its plan; no row: no limit.
CREATE FUNCTION sollecito.quota_standing(tenant uuid, now timestamptz,
  OUT plan text, OUT period text, OUT channel text, OUT sends integer, OUT since date, OUT resets_at timestamptz, OUT used integer, OUT reserved integer
) RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT l.plan, l.period, l.channel, l.sends, s.since, CASE l.period WHEN 'month' THEN (s.since + interval '1 month') AT TIME ZONE t.time_zone END,
    coalesce(sum(c.used), 0)::integer, coalesce(sum(c.reserved), 0)::integer
  FROM sollecito.tenant t
  JOIN sollecito.plan_limit l ON l.plan = t.plan
  CROSS JOIN LATERAL (SELECT CASE l.period WHEN 'month' THEN sollecito.month_of(now, t.time_zone) ELSE '-infinity' END AS since) s
  LEFT JOIN sollecito.quota_counter c ON c.tenant_id = t.id AND c.month = s.since AND (l.channel IS NULL OR c.channel = l.channel)
  WHERE t.id = tenant
  GROUP BY l.plan, l.period, l.channel, l.sends, s.since, t.time_zone
$$;

-- The limit that leaves no unit for that channel: one that never resets before one that does. Null when none is in the way.
CREATE FUNCTION sollecito.exhausted_limit(tenant uuid, of_channel text, now timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('period', s.period, 'channel', s.channel, 'limit', s.sends, 'used', s.used, 'reserved', s.reserved, 'resetsAt', s.resets_at)
  FROM sollecito.quota_standing(tenant, now) s
  WHERE (s.channel IS NULL OR s.channel = of_channel) AND s.used + s.reserved >= s.sends
  ORDER BY s.resets_at DESC NULLS FIRST, s.channel NULLS FIRST LIMIT 1
$$;

-- Whether a unit may be reserved: null, and until the commit nobody else takes it; else the limit that is exhausted.
CREATE FUNCTION sollecito.refuse_unit(tenant uuid, of_channel text, now timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(sollecito.plan_key(tenant));
  IF NOT EXISTS (SELECT FROM sollecito.tenant t JOIN sollecito.plan_limit l ON l.plan = t.plan WHERE t.id = tenant) THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(sollecito.quota_key(tenant));
  RETURN sollecito.exhausted_limit(tenant, of_channel, now);
END $$;

-- Writes the warnings that are due, each once, and their events. What crosses a limit does so under its lock or not at
-- all, so none is missed; the unique key lets none come twice.
CREATE FUNCTION sollecito.warn_of_quota(tenant uuid, now timestamptz) RETURNS void LANGUAGE sql AS $$
  WITH crossed AS (
    INSERT INTO sollecito.quota_warning (tenant_id, plan, period, channel, sends, since, percent, at)
    SELECT tenant, s.plan, s.period, s.channel, s.sends, s.since, level.percent, now
    FROM sollecito.quota_standing(tenant, now) s CROSS JOIN (VALUES (80), (100)) AS level (percent)
    WHERE s.sends > 0 AND (s.used + s.reserved) * 100::bigint >= s.sends * level.percent::bigint
    ORDER BY s.period DESC, s.channel NULLS FIRST, level.percent
    ON CONFLICT DO NOTHING
    RETURNING plan, period, channel, sends, since, percent
  )
  INSERT INTO sollecito.event (at, tenant_id, type, reason, detail)
  SELECT now, tenant, 'quotaWarning', CASE percent WHEN 100 THEN 'quota-exhausted' ELSE '80-percent' END,
    jsonb_build_object('plan', plan, 'period', period, 'channel', channel, 'limit', sends, 'month', CASE period WHEN 'month' THEN to_char(since, 'YYYY-MM') END)
  FROM crossed
$$;

-- Counts units of a channel in its running total and in the month in which they were reserved. A connection counts in one
-- slot, so that those of a busy tenant seldom meet, and a transaction meets its own rows alone however often it counts.
DROP FUNCTION sollecito.count_quota(uuid, integer, integer);
CREATE FUNCTION sollecito.count_quota(tenant uuid, of_channel text, of_month date, reserved_by integer, used_by integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own_slot smallint := pg_backend_pid() % 32;
  counted integer;
BEGIN
  UPDATE sollecito.quota_counter SET reserved = reserved + reserved_by, used = used + used_by
  WHERE tenant_id = tenant AND month IN ('-infinity', of_month) AND channel = of_channel AND slot = own_slot;
  GET DIAGNOSTICS counted = ROW_COUNT;
  IF counted = 2 THEN RETURN; END IF;
  -- The slot's first unit of the month, or its first at all.
  INSERT INTO sollecito.quota_counter AS c (tenant_id, month, channel, slot, reserved, used)
  SELECT tenant, missing.month, of_channel, own_slot, reserved_by, used_by
  FROM unnest(CASE counted WHEN 0 THEN ARRAY['-infinity', of_month] ELSE ARRAY[of_month] END) AS missing (month)
  ON CONFLICT ON CONSTRAINT quota_counter_pkey DO UPDATE SET reserved = c.reserved + excluded.reserved, used = c.used + excluded.used;
END $$;

CREATE OR REPLACE FUNCTION sollecito.tenant_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sollecito.tenant_turn (tenant_id, channel) VALUES (NEW.id, 'email'), (NEW.id, 'sms');
  RETURN NULL;
END $$;

-- As before; a unit that was given back and is reserved anew is one of the month in which that happens.
CREATE OR REPLACE FUNCTION sollecito.deliveries_moved() RETURNS trigger LANGUAGE plpgsql AS $$
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
      quota_month = CASE WHEN r.quota_state = 'released' AND sollecito.quota_state(derived.statuses) <> 'released'
        THEN (SELECT sollecito.month_of(derived.updated_at, t.time_zone) FROM sollecito.tenant t WHERE t.id = r.tenant_id) ELSE r.quota_month END,
      taken_at = coalesce(r.taken_at, derived.taken_at),
      updated_at = derived.updated_at
  FROM derived
  WHERE r.id = derived.reminder_id
    AND (r.status, r.quota_state) IS DISTINCT FROM (sollecito.reminder_status(derived.statuses), sollecito.quota_state(derived.statuses));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sollecito.quota_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sollecito.count_quota(
    NEW.tenant_id, NEW.channel, NEW.quota_month,
    (NEW.quota_state = 'reserved')::integer - (OLD.quota_state = 'reserved')::integer,
    (NEW.quota_state = 'used')::integer - (OLD.quota_state = 'used')::integer
  );
  IF OLD.quota_state = 'released' THEN PERFORM sollecito.warn_of_quota(NEW.tenant_id, NEW.updated_at); END IF;
  RETURN NULL;
END $$;

-- As before, under limits by period and channel. Answers for each item also which limit refused it.
DROP FUNCTION sollecito.accept_reminders(uuid, timestamptz, jsonb);
CREATE FUNCTION sollecito.accept_reminders(
  tenant uuid, now timestamptz, items jsonb,
  OUT n integer, OUT outcome text, OUT request_hash text, OUT status smallint, OUT body text, OUT location text, OUT exhausted jsonb
) RETURNS SETOF record LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
#variable_conflict use_column
DECLARE
  limited boolean;
  this_month date;
  -- Parallel arrays, in the items' order: their n, and their channels.
  fresh integer[];
  fresh_channels text[];
  taken integer[];
  taken_channels text[];
  least_left integer;
  near boolean;
  of_channel text;
  units integer;
BEGIN
  PERFORM set_config('sollecito.tenant', tenant::text, true);

  PERFORM pg_advisory_xact_lock_shared(sollecito.plan_key(tenant));
  SELECT EXISTS (SELECT FROM sollecito.plan_limit l WHERE l.plan = t.plan), sollecito.month_of(now, t.time_zone)
  INTO limited, this_month FROM sollecito.tenant t WHERE t.id = tenant;

  BEGIN
    -- An item's first use of a key in this batch is the one that counts.
    WITH asked AS (
      SELECT DISTINCT ON (i.key) i.key, i.n, i.hash, i.status, i.body, i.location, (i.reminder ->> 'id')::uuid AS reminder_id, i.reminder ->> 'channel' AS channel
      FROM jsonb_to_recordset(items) AS i (n integer, key text, hash text, status smallint, body text, location text, reminder jsonb)
      ORDER BY i.key, i.n
    ), inserted AS (
      INSERT INTO sollecito.idempotency_key (tenant_id, key, request_hash, status, body, location, reminder_id, created_at)
      SELECT tenant, asked.key, decode(asked.hash, 'hex'), asked.status, asked.body, asked.location, asked.reminder_id, now
      FROM asked ORDER BY asked.key
      ON CONFLICT DO NOTHING
      RETURNING key
    )
    SELECT coalesce(array_agg(asked.n ORDER BY asked.n), '{}'), coalesce(array_agg(asked.channel ORDER BY asked.n), '{}')
    INTO fresh, fresh_channels FROM asked JOIN inserted USING (key);
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'an equal key is still being worked on' USING ERRCODE = 'SO001';
  END;

  taken := fresh;
  taken_channels := fresh_channels;
  IF limited AND cardinality(fresh) > 0 THEN
    PERFORM pg_advisory_xact_lock(sollecito.quota_key(tenant));
    SELECT min(s.sends - s.used - s.reserved), bool_or((s.used + s.reserved + cardinality(fresh)) * 100::bigint >= s.sends * 80::bigint)
    INTO least_left, near FROM sollecito.quota_standing(tenant, now) s;
    IF cardinality(fresh) > least_left THEN
      -- In order: first what a channel's own limits leave of it, then what those of all channels leave of that.
      WITH standing AS MATERIALIZED (
        SELECT s.channel, s.sends - s.used - s.reserved AS remaining FROM sollecito.quota_standing(tenant, now) s
      ), within_channel AS (
        SELECT i.n, i.channel, row_number() OVER (PARTITION BY i.channel ORDER BY i.n) AS place FROM unnest(fresh, fresh_channels) AS i (n, channel)
      ), within_all AS (
        SELECT w.n, w.channel, row_number() OVER (ORDER BY w.n) AS place FROM within_channel w
        WHERE w.place <= ALL (SELECT s.remaining FROM standing s WHERE s.channel = w.channel)
      )
      SELECT coalesce(array_agg(w.n ORDER BY w.n), '{}'), coalesce(array_agg(w.channel ORDER BY w.n), '{}') INTO taken, taken_channels
      FROM within_all w WHERE w.place <= ALL (SELECT s.remaining FROM standing s WHERE s.channel IS NULL);
      -- A refused request does not use its key up.
      DELETE FROM sollecito.idempotency_key k
      USING jsonb_to_recordset(items) AS i (n integer, key text)
      WHERE k.tenant_id = tenant AND k.key = i.key AND i.n = ANY (fresh) AND NOT i.n = ANY (taken);
    END IF;
  END IF;
  IF cardinality(taken) > 0 THEN
    PERFORM sollecito.insert_reminders(tenant, now, CASE WHEN cardinality(taken) = jsonb_array_length(items) THEN items
      ELSE (SELECT jsonb_agg(item) FROM jsonb_array_elements(items) AS item WHERE (item ->> 'n')::integer = ANY (taken)) END);
    -- Last: a counter's row is locked until the commit, and others may wait for it.
    FOR of_channel, units IN SELECT i.channel, count(*) FROM unnest(taken_channels) AS i (channel) GROUP BY i.channel ORDER BY i.channel LOOP
      PERFORM sollecito.count_quota(tenant, of_channel, this_month, units, 0);
    END LOOP;
    IF near THEN PERFORM sollecito.warn_of_quota(tenant, now); END IF;
  END IF;

  -- The usual case: nothing to look up.
  IF cardinality(taken) = jsonb_array_length(items) THEN
    RETURN QUERY SELECT item.n, 'accepted', NULL::text, NULL::smallint, NULL::text, NULL::text, NULL::jsonb FROM unnest(taken) AS item (n) ORDER BY item.n;
    RETURN;
  END IF;

  RETURN QUERY
  WITH refused AS MATERIALIZED (
    SELECT c.channel, sollecito.exhausted_limit(tenant, c.channel, now) AS exhausted
    FROM (SELECT DISTINCT i.channel FROM unnest(fresh_channels) AS i (channel) WHERE cardinality(taken) < cardinality(fresh)) c
  )
  SELECT i.n,
         CASE WHEN i.n = ANY (taken) THEN 'accepted' WHEN k.key IS NULL THEN 'quota-exhausted' ELSE 'existing' END,
         encode(k.request_hash, 'hex'), k.status, k.body, k.location, CASE WHEN k.key IS NULL THEN r.exhausted END
  FROM jsonb_to_recordset(items) AS i (n integer, key text, reminder jsonb)
  LEFT JOIN sollecito.idempotency_key k ON k.tenant_id = tenant AND k.key = i.key
  LEFT JOIN refused r ON r.channel = i.reminder ->> 'channel'
  ORDER BY i.n;
END $$;

-- As before, with the month in which the unit is reserved.
CREATE OR REPLACE FUNCTION sollecito.insert_reminders(tenant uuid, now timestamptz, items jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, origin, actor, recipients, cc, reply_to, subject, message, template,
    locale, bank_account_id, attach_document, send_at, priority, override, metadata, quota_month, created_at, updated_at)
  SELECT r.id, tenant, r."customerId", r.channel, r.origin, r.actor, r.recipients, r.cc, r."replyTo", r.subject, r.message, r.template,
    r.locale, r."bankAccountId", r."attachDocument", r."sendAt", r.priority, r.override, r.metadata,
    (SELECT sollecito.month_of(now, t.time_zone) FROM sollecito.tenant t WHERE t.id = tenant), now, now
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
