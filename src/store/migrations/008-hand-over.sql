-- Spends one hand-over of every limit that applies to it: the provider account's, the tenant's, the recipient domain's.
-- All or none, under the rows' locks (by id), so that what was spent is exact over all processes. Answers no row when it
-- may leave; else why not, and when to ask again.
CREATE FUNCTION sollecito.spend_limits(of_channel text, of_tenant uuid, recipient text, at timestamptz, OUT reason text, OUT until timestamptz)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
  held sollecito.send_limit;
  zone text := (SELECT t.time_zone FROM sollecito.tenant t WHERE t.id = of_tenant);
  its_zone text;
  tokens_now numeric;
BEGIN
  FOR held IN
    SELECT * FROM sollecito.send_limit v
    WHERE v.channel = of_channel AND (v.tenant_id IS NULL OR v.tenant_id = of_tenant) AND (v.domain IS NULL OR v.domain = sollecito.domain_of(recipient))
    ORDER BY v.id FOR UPDATE
  LOOP
    its_zone := CASE WHEN held.tenant_id IS NULL THEN 'UTC' ELSE zone END;
    tokens_now := least(greatest(1, 1.25 * held.per_second), held.tokens + held.per_second * greatest(0, extract(epoch FROM at - held.refilled_at)));
    SELECT v.reason, v.until INTO reason, until FROM (VALUES
      ('domain-slowed', CASE WHEN held.closed_until > at THEN held.closed_until END),
      ('rate-limited', CASE WHEN tokens_now < 1 THEN at + make_interval(secs => ((1 - tokens_now) / held.per_second)::float8) END),
      ('minute-limit', CASE WHEN held.minute >= date_trunc('minute', at) AND held.minute_used >= held.per_minute THEN date_trunc('minute', at) + interval '1 minute' END),
      ('day-limit', CASE WHEN held.day >= (at AT TIME ZONE its_zone)::date AND held.day_used >= held.per_day
        THEN ((at AT TIME ZONE its_zone)::date + 1)::timestamp AT TIME ZONE its_zone END),
      ('domain-connections', CASE WHEN held.connections <= (
        SELECT count(*) FROM sollecito.delivery d WHERE d.channel = of_channel AND d.status = 'sending' AND sollecito.domain_of(d.recipient) = held.domain
      ) THEN at + interval '1 second' END)
    ) AS v (reason, until) WHERE v.until IS NOT NULL ORDER BY v.until DESC LIMIT 1;
    IF FOUND THEN RETURN NEXT; RETURN; END IF;
  END LOOP;

  UPDATE sollecito.send_limit v SET
    tokens = CASE WHEN v.per_second IS NULL THEN 0
      ELSE least(greatest(1, 1.25 * v.per_second), v.tokens + v.per_second * greatest(0, extract(epoch FROM at - v.refilled_at))) - 1 END,
    refilled_at = greatest(at, v.refilled_at),
    minute = greatest(date_trunc('minute', at), v.minute),
    minute_used = CASE WHEN v.minute >= date_trunc('minute', at) THEN v.minute_used + 1 ELSE 1 END,
    day = greatest((at AT TIME ZONE CASE WHEN v.tenant_id IS NULL THEN 'UTC' ELSE zone END)::date, v.day),
    day_used = CASE WHEN v.day >= (at AT TIME ZONE CASE WHEN v.tenant_id IS NULL THEN 'UTC' ELSE zone END)::date THEN v.day_used + 1 ELSE 1 END
  WHERE v.channel = of_channel AND (v.tenant_id IS NULL OR v.tenant_id = of_tenant) AND (v.domain IS NULL OR v.domain = sollecito.domain_of(recipient));
END $$;
