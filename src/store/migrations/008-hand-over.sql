-- Who waits in the line of a recipient domain, by their turns.
CREATE INDEX delivery_line ON sollecito.delivery (sollecito.domain_of(recipient), line_at) WHERE line_at IS NOT NULL AND status IN ('accepted', 'retrying');
-- Who waits for a limit of the provider's account or of a tenant: few, for the dispatcher takes no more than may leave.
CREATE INDEX delivery_limited ON sollecito.delivery (channel, tenant_id) WHERE status = 'accepted' AND reason IN ('rate-limited', 'minute-limit', 'day-limit');

-- Hand-overs a second; null where neither a rate nor a gap is set.
CREATE FUNCTION sollecito.rate_of(held sollecito.send_limit) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN least(held.per_second, 1000.0 / nullif(held.gap_ms, 0));

-- What the bucket of a limit holds at that moment; null where none is set. It starts full, with a second's worth and a
-- quarter, at least one: so over a minute no more than 2 % above the rate may leave, and what is asked for a little late
-- is not lost. A domain that was slowed gives one at a time.
CREATE FUNCTION sollecito.tokens_at(held sollecito.send_limit, at timestamptz) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN
  -- Rounded, for a rate is seldom a whole part of a second: at the instant for which a token was promised it is there.
  CASE WHEN sollecito.rate_of(held) IS NOT NULL THEN round(least(
    CASE WHEN held.gap_ms > 0 THEN 1 ELSE greatest(1, 1.25 * held.per_second) END,
    held.tokens + sollecito.rate_of(held) * greatest(0, extract(epoch FROM at - held.refilled_at))
  ), 6) END;

-- Why nothing may leave under a limit now, and from when on something may; null, null when it may.
CREATE FUNCTION sollecito.limit_wait(held sollecito.send_limit, zone text, at timestamptz, OUT reason text, OUT until timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
  today date := (at AT TIME ZONE zone)::date;
  this_minute timestamptz := date_trunc('minute', at, 'UTC');
  tokens numeric := sollecito.tokens_at(held, at);
BEGIN
  SELECT w.reason, w.until INTO reason, until FROM (VALUES
    ('domain-slowed', CASE WHEN held.closed_until > at THEN held.closed_until END),
    (CASE WHEN held.gap_ms > 0 THEN 'domain-slowed' ELSE 'rate-limited' END,
      CASE WHEN tokens < 1 THEN greatest(at, held.refilled_at) + make_interval(secs => ((1 - tokens) / sollecito.rate_of(held))::float8) END),
    ('minute-limit', CASE WHEN held.minute >= this_minute AND held.minute_used >= held.per_minute THEN held.minute + interval '1 minute' END),
    ('day-limit', CASE WHEN held.day >= today AND held.day_used >= held.per_day THEN (held.day + 1)::timestamp AT TIME ZONE zone END)
  ) AS w (reason, until) WHERE w.until IS NOT NULL ORDER BY w.until DESC LIMIT 1;
END $$;

-- Spends one hand-over of every limit that applies to it: the provider account's, the tenant's, the recipient domain's.
-- All or none, under the rows' locks (by id), so that what was spent is exact over all processes. reason null: it may
-- leave; else why not, and when to come again.
--
-- For a domain, turns are given away in a line: each that is put off gets one of its own, as far behind the last as the
-- domain takes them, and comes back at it (line_at, kept at the delivery), or in an hour to look how things stand. Who
-- comes while there is a line goes to its end. Who finds the domain still closed at its own turn is told to come behind
-- those that were before it and are put off as well.
--
-- slowed: the domain was asked to be slower, so a success is news.
CREATE FUNCTION sollecito.spend_limits(of_channel text, of_tenant uuid, recipient text, at timestamptz, turn timestamptz DEFAULT NULL,
  OUT reason text, OUT until timestamptz, OUT line_at timestamptz, OUT slowed boolean) LANGUAGE plpgsql AS $$
DECLARE
  held sollecito.send_limit;
  its_domain sollecito.send_limit;
  zone text := (SELECT t.time_zone FROM sollecito.tenant t WHERE t.id = of_tenant);
  found_reason text;
  found_until timestamptz;
  spent uuid[] := '{}';
BEGIN
  slowed := false;
  FOR held IN
    SELECT * FROM sollecito.send_limit v
    -- A probe of the index for each kind: there may be ten thousand slowed domains.
    WHERE (v.channel = of_channel AND v.tenant_id IS NULL AND v.domain IS NULL)
      OR (v.channel = of_channel AND v.tenant_id = of_tenant AND v.domain IS NULL)
      OR (v.channel = of_channel AND v.tenant_id IS NULL AND v.domain = sollecito.domain_of(recipient))
    ORDER BY v.id FOR UPDATE
  LOOP
    spent := spent || held.id;
    IF held.domain IS NOT NULL THEN
      its_domain := held;
      CONTINUE;
    END IF;
    SELECT w.reason, w.until INTO found_reason, found_until FROM sollecito.limit_wait(held, CASE WHEN held.tenant_id IS NULL THEN 'UTC' ELSE zone END, at) w;
    IF found_until > coalesce(until, '-infinity') THEN
      reason := found_reason;
      until := found_until;
    END IF;
  END LOOP;
  -- A turn in the line is given only to who could leave otherwise.
  IF reason IS NULL AND its_domain.id IS NOT NULL THEN
    slowed := its_domain.gap_ms > 0;
    SELECT w.reason, w.until, w.line_at INTO reason, until, line_at FROM sollecito.take_turn(its_domain, at, turn) w;
  END IF;
  IF reason IS NOT NULL THEN RETURN; END IF;

  UPDATE sollecito.send_limit v SET
    tokens = coalesce(sollecito.tokens_at(v, at) - 1, 0),
    refilled_at = greatest(at, v.refilled_at),
    minute = greatest(date_trunc('minute', at, 'UTC'), v.minute),
    minute_used = CASE WHEN v.minute >= date_trunc('minute', at, 'UTC') THEN v.minute_used + 1 ELSE 1 END,
    day = greatest((at AT TIME ZONE its_zone)::date, v.day),
    day_used = CASE WHEN v.day >= (at AT TIME ZONE its_zone)::date THEN v.day_used + 1 ELSE 1 END
  FROM (SELECT u.id, CASE WHEN u.tenant_id IS NULL THEN 'UTC' ELSE zone END AS its_zone FROM sollecito.send_limit u WHERE u.id = ANY (spent)) z
  WHERE v.id = z.id;
END $$;

-- A place in the line of a domain whose row the caller has locked; reason null: it may leave at once.
CREATE FUNCTION sollecito.take_turn(held sollecito.send_limit, at timestamptz, turn timestamptz, OUT reason text, OUT until timestamptz, OUT line_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
  longest CONSTANT interval := interval '1 hour';
  -- A hand-over takes a fraction of a second where nothing is known; those under way are half through.
  least_held CONSTANT float8 := 0.2;
  under_way bigint := 0;
  free_at timestamptz;
  held_for float8;
  spacing interval;
  -- Turns beyond the line's end were given in a line that is no more.
  its_turn timestamptz := CASE WHEN turn <= greatest(held.line_until, at) THEN turn END;
BEGIN
  SELECT w.reason, w.until INTO reason, until FROM sollecito.limit_wait(held, 'UTC', at) w;
  IF held.connections IS NOT NULL THEN
    SELECT count(*), avg(extract(epoch FROM at - d.claimed_at)) INTO under_way, held_for
    FROM sollecito.delivery d WHERE d.channel = held.channel AND d.status = 'sending' AND sollecito.domain_of(d.recipient) = held.domain;
  END IF;
  spacing := make_interval(secs => greatest(
    1 / sollecito.rate_of(held), 60.0 / held.per_minute, 86400.0 / held.per_day,
    greatest(least_held, 2 * held_for) / held.connections, 0.001
  )::float8);
  IF reason IS NULL AND under_way >= held.connections THEN
    reason := 'domain-connections';
    until := at + spacing;
  END IF;

  IF its_turn IS NULL THEN
    IF reason IS NULL AND held.line_until <= at THEN RETURN; END IF;
    line_at := greatest(until, held.line_until + spacing, at);
  ELSE
    IF reason IS NULL AND its_turn <= at THEN RETURN; END IF;
    line_at := its_turn;
  END IF;
  reason := coalesce(reason, CASE
    WHEN held.gap_ms > 0 THEN 'domain-slowed' WHEN held.per_second IS NOT NULL THEN 'rate-limited'
    WHEN held.connections IS NOT NULL THEN 'domain-connections' WHEN held.per_minute IS NOT NULL THEN 'minute-limit' ELSE 'day-limit' END);
  free_at := coalesce(until, at);
  IF line_at > at THEN
    until := greatest(free_at, least(line_at, at + longest));
  ELSE
    until := free_at + spacing * (
      SELECT count(*) FROM sollecito.delivery d
      WHERE sollecito.domain_of(d.recipient) = held.domain AND d.line_at < take_turn.line_at AND d.line_at IS NOT NULL
        AND d.status IN ('accepted', 'retrying') AND d.next_attempt_at > at
        AND d.reason IN ('rate-limited', 'minute-limit', 'day-limit', 'domain-slowed', 'domain-connections')
    );
    until := greatest(free_at, least(until, at + longest));
  END IF;
  UPDATE sollecito.send_limit v SET line_until = greatest(v.line_until, CASE WHEN take_turn.line_at > at THEN take_turn.line_at ELSE take_turn.until END) WHERE v.id = held.id;
END $$;

-- The other side asked for less: the domain is closed for its gap (doubled from the first to the longest; greylisted: not
-- doubled) or for as long as was asked. Says nothing new when the hand-over began before the last such answer: then the
-- gap stays. No more than `most` domains without limits of their own are known.
CREATE FUNCTION sollecito.slow_domain(of_domain text, began timestamptz, at timestamptz, doubles boolean, wish_ms integer, first_ms integer, longest_ms integer, most integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  closing timestamptz := at + make_interval(secs => greatest(first_ms, wish_ms) / 1000.0);
BEGIN
  INSERT INTO sollecito.send_limit AS v (id, channel, domain, gap_ms, closed_until, tokens, refilled_at, updated_at)
  SELECT uuidv7(), 'email', of_domain, first_ms, closing, 1, closing, at
  WHERE EXISTS (SELECT FROM sollecito.send_limit u WHERE u.channel = 'email' AND u.tenant_id IS NULL AND u.domain = of_domain)
    OR (SELECT count(*) FROM sollecito.send_limit u WHERE u.domain IS NOT NULL AND u.gap_ms > 0) < most
  ON CONFLICT (channel, tenant_id, domain) DO UPDATE SET (gap_ms, closed_until, tokens, refilled_at) = (
    SELECT s.gap, s.closed, CASE WHEN s.gap = v.gap_ms AND s.closed = v.closed_until THEN v.tokens ELSE 1 END, greatest(v.refilled_at, s.closed)
    FROM (
      SELECT g.gap, greatest(v.closed_until, at + make_interval(secs => greatest(CASE WHEN g.is_new THEN g.gap ELSE 0 END, wish_ms) / 1000.0)) AS closed
      FROM (
        SELECT v.closed_until <= began AS is_new, CASE
          WHEN v.closed_until > began THEN greatest(v.gap_ms, first_ms)
          -- It was long ago.
          WHEN v.closed_until < at - interval '1 hour' THEN first_ms
          WHEN doubles THEN least(longest_ms, greatest(first_ms, 2 * v.gap_ms))
          ELSE greatest(v.gap_ms, first_ms)
        END AS gap
      ) g
    ) s
  );
END $$;

-- A slowed domain took one that began after it was last slowed: the gap is halved until it is gone, and the line comes
-- closer by as much. Locked deliveries are left where they are: to wait for them here would be against the order of locks.
CREATE FUNCTION sollecito.ease_domain(of_domain text, began timestamptz, at timestamptz, first_ms integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  before sollecito.send_limit;
  after sollecito.send_limit;
  shrink float8;
BEGIN
  SELECT * INTO before FROM sollecito.send_limit v
  WHERE v.channel = 'email' AND v.tenant_id IS NULL AND v.domain = of_domain AND v.gap_ms > 0 AND v.closed_until <= began FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE sollecito.send_limit v SET gap_ms = CASE WHEN v.gap_ms / 2 < first_ms THEN 0 ELSE v.gap_ms / 2 END WHERE v.id = before.id RETURNING * INTO after;
  IF after.gap_ms = 0 AND coalesce(after.per_second, after.per_minute, after.per_day, after.connections) IS NULL THEN
    DELETE FROM sollecito.send_limit v WHERE v.id = before.id;
  END IF;
  shrink := CASE WHEN sollecito.rate_of(after) IS NULL THEN 0 ELSE least(1, sollecito.rate_of(before) / sollecito.rate_of(after)) END;
  UPDATE sollecito.send_limit v SET line_until = at + (v.line_until - at) * shrink WHERE v.id = before.id AND v.line_until > at;
  UPDATE sollecito.delivery d SET line_at = at + (d.line_at - at) * shrink, next_attempt_at = least(at + (d.line_at - at) * shrink, d.next_attempt_at)
  FROM (
    SELECT w.id FROM sollecito.delivery w
    WHERE sollecito.domain_of(w.recipient) = of_domain AND w.line_at > at AND w.status IN ('accepted', 'retrying')
      AND w.reason IN ('rate-limited', 'minute-limit', 'day-limit', 'domain-slowed', 'domain-connections')
    FOR NO KEY UPDATE SKIP LOCKED
  ) waiting
  WHERE d.id = waiting.id;
END $$;
