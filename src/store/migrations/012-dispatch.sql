-- What the dispatcher asks: whose turn it is, what a limit still allows, what a delivery must wait for.

-- Who is in the middle of a turn: one for each channel at most.
CREATE INDEX tenant_turn_unfinished ON sollecito.tenant_turn (channel) WHERE deficit > 0;

-- A tenant's next deliveries that are due. Each level of priority is a head start of five minutes: who has less is
-- passed for 45 minutes at most. Rests on delivery_due, one probe for each level; what is due later costs nothing.
CREATE FUNCTION sollecito.next_due(of_channel text, of_tenant uuid, at timestamptz, most bigint, OUT id uuid, OUT reminder_id uuid, OUT turn_at timestamptz)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT d.id, d.reminder_id, d.turn_at
  FROM generate_series(9, 0, -1) AS level, LATERAL (
    SELECT w.id, w.reminder_id, w.next_attempt_at - make_interval(mins => 5 * level) AS turn_at
    FROM sollecito.delivery w
    WHERE w.channel = of_channel AND w.tenant_id = of_tenant AND w.priority = level AND w.status IN ('accepted', 'retrying') AND w.next_attempt_at <= at
    ORDER BY w.next_attempt_at, w.id LIMIT most
  ) d
  ORDER BY d.turn_at, d.id LIMIT most
$$;

-- How many hand-overs a limit allows now (the claim spends them); null where it sets none. zone: whose day it is.
CREATE FUNCTION sollecito.spendable(limits sollecito.send_limit, zone text, at timestamptz) RETURNS numeric LANGUAGE sql STABLE
RETURN floor(least(
  CASE WHEN limits.closed_until > at THEN 0 END,
  CASE WHEN limits.per_second IS NOT NULL THEN
    least(greatest(1, 1.25 * limits.per_second), limits.tokens + limits.per_second * greatest(0, extract(epoch FROM at - limits.refilled_at)))
  END,
  limits.per_minute - CASE WHEN limits.minute >= date_trunc('minute', at) THEN limits.minute_used ELSE 0 END,
  limits.per_day - CASE WHEN limits.day >= (at AT TIME ZONE zone)::date THEN limits.day_used ELSE 0 END
));

-- The due dates of a reminder whose document goes with it and is not there yet: it is rendered first.
CREATE FUNCTION sollecito.missing_documents(of_reminder uuid) RETURNS uuid[] LANGUAGE sql STABLE
RETURN ARRAY(
  SELECT u.id FROM sollecito.reminder r
  JOIN sollecito.reminder_due_date l ON l.reminder_id = r.id
  JOIN sollecito.due_date u ON u.id = l.due_date_id
  WHERE r.id = of_reminder AND r.attach_document AND (u.outstanding > 0 OR (r.template = 'thank-you' AND u.voided_at IS NULL)) AND u.own_document_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM sollecito.document k WHERE k.due_date_id = u.id AND k.edition = sollecito.document_edition(u, r.bank_account_id) AND k.origin = 'rendered'
  )
  ORDER BY l.position
);
