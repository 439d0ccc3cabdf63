-- All that a worker must know of a delivery, to compose its message and to judge it: one row, one round trip.
-- The bank account is the one chosen for the reminder, else the first due date's, else the tenant's default.
CREATE FUNCTION sollecito.delivery_facts(wanted uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'delivery', jsonb_build_object('id', d.id, 'status', d.status, 'recipient', d.recipient, 'position', d.position, 'dispatchNo', d.dispatch_no,
      'generation', d.generation, 'attempts', d.attempts, 'prepareFailures', d.prepare_failures, 'resends', d.resends),
    'reminder', jsonb_build_object('id', r.id, 'channel', r.channel, 'origin', r.origin, 'recipients', r.recipients, 'cc', r.cc, 'replyTo', r.reply_to,
      'subject', r.subject, 'message', r.message, 'template', r.template, 'locale', r.locale, 'bankAccountId', r.bank_account_id, 'bankAccountChosen', r.bank_account_id IS NOT NULL OR (
        SELECT u.bank_account_id IS NOT NULL FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id
        WHERE l.reminder_id = r.id ORDER BY l.position LIMIT 1
      ),
      'attachDocument', r.attach_document, 'override', r.override, 'createdAt', r.created_at,
      'addressed', (SELECT jsonb_agg(o.recipient ORDER BY o.position) FROM sollecito.delivery o WHERE o.reminder_id = r.id)),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'senderEmail', t.sender_email, 'senderName', t.sender_name, 'replyTo', t.reply_to,
      'smsSender', t.sms_sender, 'logo', CASE WHEN t.logo LIKE 'https:%' THEN t.logo END, 'colour', t.colour, 'timeZone', t.time_zone, 'country', t.country, 'locale', t.locale,
      'contactGapDays', t.contact_gap_days, 'quietHours', t.quiet_hours, 'bindsCallers', t.binds_callers, 'version', t.version),
    'customer', jsonb_build_object('id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone, 'locale', c.locale, 'timeZone', c.time_zone,
      'doNotRemind', c.do_not_remind, 'pausedUntil', c.paused_until, 'version', c.version),
    'dueDates', (
      SELECT jsonb_agg(jsonb_build_object('id', u.id, 'ref', u.ref, 'customerId', u.customer_id, 'direction', u.direction, 'state', u.state, 'documentNumber', u.document_number,
        'documentDate', u.document_date, 'documentType', u.document_type, 'dueOn', u.due_on, 'amount', u.amount::text, 'outstanding', u.outstanding::text,
        'currency', u.currency, 'paymentUrl', u.payment_url, 'holdReason', u.hold_reason, 'holdUntil', u.hold_until, 'ownDocumentId', u.own_document_id, 'hasInvoice', u.invoice_id IS NOT NULL,
        'version', u.version, 'documentEdition', sollecito.document_edition(u, r.bank_account_id)) ORDER BY l.position)
      FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = r.id
    ),
    'bankAccount', (
      SELECT jsonb_build_object('holder', b.holder, 'iban', b.iban, 'bic', b.bic, 'version', b.version)
      FROM sollecito.bank_account b
      WHERE b.id = coalesce(
        r.bank_account_id,
        (SELECT u.bank_account_id FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = r.id ORDER BY l.position LIMIT 1),
        (SELECT id FROM sollecito.bank_account WHERE tenant_id = r.tenant_id AND is_default)
      )
    ),
    'pauses', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'until', p.until)), '[]')
      FROM sollecito.pause p
      WHERE p.ended_at IS NULL AND (p.tenant_id IS NULL OR p.tenant_id = r.tenant_id) AND (p.channel IS NULL OR p.channel = r.channel)
    ),
    -- What is being handed over now, or may have been taken, is a contact too.
    'providerLimited', EXISTS (SELECT 1 FROM sollecito.provider_rate v WHERE v.channel = r.channel),
    'lastContactAt', (
      SELECT max(greatest(o.taken_at, h.claimed_at))
      FROM sollecito.reminder_due_date l
      JOIN sollecito.reminder_due_date m ON m.due_date_id = l.due_date_id AND m.left_out IS NULL AND m.reminder_id <> r.id
      JOIN sollecito.reminder o ON o.id = m.reminder_id AND o.channel = r.channel
      LEFT JOIN sollecito.delivery h ON h.reminder_id = o.id AND (h.status IN ('sending', 'unknown') OR h.in_doubt)
      WHERE l.reminder_id = r.id AND t.contact_gap_days > 0
    )
  )
  FROM sollecito.delivery d
  JOIN sollecito.reminder r ON r.id = d.reminder_id
  JOIN sollecito.tenant t ON t.id = r.tenant_id
  JOIN sollecito.customer c ON c.id = r.customer_id
  WHERE d.id = wanted
$$;

-- The last look: locks what the verdict rests on, in the order that everyone keeps (customer, bank account, due dates
-- by id, reminder, delivery), then reads it. Each statement sees what was committed before it, so a payment that
-- committed while this waited is seen, and so is another claim of the same due date (the contact gap rests on it: hence
-- no shared lock). Null when the job is no longer the delivery's.
CREATE FUNCTION sollecito.lock_for_claim(wanted uuid, job_dispatch_no integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  its_reminder uuid;
BEGIN
  SELECT reminder_id INTO its_reminder FROM sollecito.delivery WHERE id = wanted AND status = 'queued' AND dispatch_no = job_dispatch_no;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM 1 FROM sollecito.customer WHERE id = (SELECT customer_id FROM sollecito.reminder WHERE id = its_reminder) FOR SHARE;
  PERFORM 1 FROM sollecito.bank_account WHERE id IN (
    SELECT bank_account_id FROM sollecito.reminder WHERE id = its_reminder
    UNION ALL
    SELECT u.bank_account_id FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = its_reminder
  ) ORDER BY id FOR SHARE;
  PERFORM 1 FROM sollecito.due_date WHERE id IN (SELECT due_date_id FROM sollecito.reminder_due_date WHERE reminder_id = its_reminder) ORDER BY id FOR NO KEY UPDATE;
  PERFORM 1 FROM sollecito.reminder WHERE id = its_reminder FOR NO KEY UPDATE;
  PERFORM 1 FROM sollecito.delivery WHERE id = wanted AND status = 'queued' AND dispatch_no = job_dispatch_no FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  RETURN sollecito.delivery_facts(wanted);
END $$;

-- What was perhaps taken before does not end as if it had not been: called off, skipped or given up, it is unknown.
CREATE FUNCTION sollecito.status_in_doubt(doubt boolean, target text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN doubt AND target IN ('canceled', 'skipped', 'failed') THEN 'unknown' ELSE target END;

-- Moves a delivery and writes its event: only from the statuses that the domain's table allows, and only while it is
-- still that claim's (token) or that dispatch's. Locks in the order of everyone: due dates, reminder, delivery.
-- False when it was not (or no longer) there to be moved; nothing has changed then.
-- A change of generation begins anew: the provider's memory of the first hand-over is of another message.
CREATE FUNCTION sollecito.move_delivery(
  wanted uuid, target text, sources text[], why text, now timestamptz, due_at timestamptz, token uuid, job_dispatch_no integer,
  new_attempts integer, new_prepare_failures integer, new_generation integer, new_resends integer, message_id text,
  is_taken boolean, shown jsonb, hidden jsonb
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  moved boolean;
BEGIN
  IF is_taken THEN
    PERFORM 1 FROM sollecito.due_date WHERE NOT reminded AND id IN (
      SELECT l.due_date_id FROM sollecito.delivery d JOIN sollecito.reminder_due_date l ON l.reminder_id = d.reminder_id WHERE d.id = wanted
    ) ORDER BY id FOR NO KEY UPDATE;
  END IF;
  -- A reminder's status follows from all its deliveries: whoever moves one holds its lock.
  PERFORM 1 FROM sollecito.reminder WHERE id = (SELECT reminder_id FROM sollecito.delivery WHERE id = wanted) FOR NO KEY UPDATE;
  WITH moved AS (
    UPDATE sollecito.delivery d
    SET status = sollecito.status_in_doubt(d.in_doubt, target), reason = why, updated_at = now,
        in_doubt = CASE WHEN target IN ('accepted', 'retrying') THEN d.in_doubt OR d.status = 'unknown' ELSE false END,
        next_attempt_at = coalesce(due_at, d.next_attempt_at),
        attempts = coalesce(new_attempts, d.attempts), prepare_failures = coalesce(new_prepare_failures, d.prepare_failures),
        generation = coalesce(new_generation, d.generation), resends = coalesce(new_resends, d.resends),
        first_claimed_at = CASE WHEN new_generation IS NULL THEN d.first_claimed_at END,
        provider_message_id = coalesce(message_id, d.provider_message_id),
        taken_at = CASE WHEN is_taken THEN coalesce(d.taken_at, now) ELSE d.taken_at END
    WHERE d.id = wanted AND d.status = ANY (sources)
      AND (token IS NULL OR d.claim_token = token) AND (job_dispatch_no IS NULL OR d.dispatch_no = job_dispatch_no)
    RETURNING d.id, d.tenant_id, d.reminder_id, d.status
  )
  INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail, private_detail)
  SELECT now, tenant_id, reminder_id, id, status, why, shown, hidden FROM moved;
  moved := FOUND;
  IF moved AND is_taken THEN
    -- The filter "not reminded yet" rests on this: it turns true once, with the first reminder that a provider takes.
    UPDATE sollecito.due_date SET reminded = true WHERE NOT reminded AND id IN (
      SELECT l.due_date_id FROM sollecito.delivery d JOIN sollecito.reminder_due_date l ON l.reminder_id = d.reminder_id
      WHERE d.id = wanted AND l.left_out IS NULL
    );
  END IF;
  RETURN moved;
END $$;

-- Spends one of a provider's tokens, over all processes (the row lock makes them take turns).
-- Null: go. Otherwise how many milliseconds until the next token. The bucket holds one second's worth, at least one.
CREATE FUNCTION sollecito.spend_provider_token(of_channel text, now timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  rate sollecito.provider_rate;
  available numeric;
BEGIN
  SELECT * INTO rate FROM sollecito.provider_rate WHERE channel = of_channel FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  available := CASE WHEN rate.refilled_at = '-infinity' THEN greatest(rate.per_second, 1)
    ELSE least(greatest(rate.per_second, 1), rate.tokens + rate.per_second * greatest(extract(epoch FROM now - rate.refilled_at), 0)) END;
  UPDATE sollecito.provider_rate SET tokens = available - CASE WHEN available >= 1 THEN 1 ELSE 0 END, refilled_at = greatest(now, rate.refilled_at)
  WHERE channel = of_channel;
  RETURN CASE WHEN available >= 1 THEN NULL ELSE ceil(1000 * (1 - available) / rate.per_second) END;
END $$;
