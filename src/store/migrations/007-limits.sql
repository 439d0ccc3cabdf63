-- Limits, turns, breakers, suppressions: what may leave now, how fast, and to whom not.

-- Which provider account carries a channel.
CREATE FUNCTION sollecito.provider_of(of_channel text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE of_channel WHEN 'email' THEN 'smtp' WHEN 'sms' THEN 'smsapi' END;
-- The domain of an email address; null for a phone number.
CREATE FUNCTION sollecito.domain_of(recipient text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(substring(recipient FROM '@([^@]+)$'));
-- Two spellings of one mailbox are one: a domain has no case (RFC 5321 §2.4), and no mailbox is known that has.
CREATE FUNCTION sollecito.mailbox_key(recipient text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(recipient);

-- How much may be handed over. Of a tenant (tenant_id), of a recipient domain (domain), or of the whole provider account
-- (neither). Every limit is optional. What stands below them is what was spent, counted at the hand-over under the row's
-- lock, so that it holds over all processes: a bucket for the second, calendar windows for the minute and the day (a
-- tenant's day is in its own zone, the others' in UTC).
-- gap_ms, closed_until: the other side asked this domain to be slower (421, 450, Retry-After). line_until: up to when
-- its next turns are given away.
CREATE TABLE sollecito.send_limit (
  id uuid PRIMARY KEY,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  tenant_id uuid REFERENCES sollecito.tenant,
  domain text CHECK (domain = lower(domain)),
  per_second numeric CHECK (per_second > 0),
  per_minute integer CHECK (per_minute > 0),
  per_day integer CHECK (per_day > 0),
  connections integer CHECK (connections > 0),
  tokens numeric NOT NULL DEFAULT 0,
  refilled_at timestamptz NOT NULL DEFAULT '-infinity',
  minute timestamptz NOT NULL DEFAULT '-infinity',
  minute_used integer NOT NULL DEFAULT 0,
  day date NOT NULL DEFAULT '-infinity',
  day_used integer NOT NULL DEFAULT 0,
  gap_ms integer NOT NULL DEFAULT 0,
  closed_until timestamptz NOT NULL DEFAULT '-infinity',
  line_until timestamptz NOT NULL DEFAULT '-infinity',
  updated_at timestamptz NOT NULL,
  CHECK (tenant_id IS NULL OR domain IS NULL),
  CHECK (domain IS NULL OR channel = 'email'),
  UNIQUE NULLS NOT DISTINCT (channel, tenant_id, domain)
) WITH (fillfactor = 50);
INSERT INTO sollecito.send_limit (id, channel, per_second, updated_at) SELECT uuidv7(), channel, per_second, now() FROM sollecito.provider_rate;
INSERT INTO sollecito.send_limit (id, channel, tenant_id, per_second, updated_at)
SELECT uuidv7(), channel, tenant_id, per_second, now() FROM sollecito.tenant_turn WHERE per_second IS NOT NULL;
DROP FUNCTION sollecito.spend_provider_token;
DROP TABLE sollecito.provider_rate;
-- weight: how many of its deliveries a tenant may send in one round of turns. deficit: what is left of its turn when the
-- window was full before its end (deficit round robin).
ALTER TABLE sollecito.tenant_turn
  DROP per_second, DROP tokens, DROP refilled_at,
  ADD weight smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100),
  ADD deficit smallint NOT NULL DEFAULT 0;
-- line_at: its turn in the line of a slow domain.
ALTER TABLE sollecito.delivery ADD line_at timestamptz;

-- A provider that does not work. until null: closed, all is well. Before until: open, nothing is handed over. After it:
-- half open, one delivery tries. failures, opens: in a row.
CREATE TABLE sollecito.breaker (
  provider text PRIMARY KEY CHECK (provider IN ('smtp', 'smsapi')),
  failures integer NOT NULL DEFAULT 0,
  opens integer NOT NULL DEFAULT 0,
  until timestamptz,
  opened_at timestamptz,
  reason text,
  updated_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO sollecito.breaker (provider) VALUES ('smtp'), ('smsapi');

ALTER TABLE sollecito.pause ADD provider text CHECK (provider IN ('smtp', 'smsapi'));

-- Who must not be written to any more, by tenant and channel. address: by its mailbox_key. until null: until it is lifted.
CREATE TABLE sollecito.suppression (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  address text NOT NULL,
  reason text NOT NULL CHECK (reason IN ('manual', 'hard-bounce', 'soft-bounces', 'complaint', 'stop')),
  note text,
  actor text NOT NULL,
  until timestamptz,
  created_at timestamptz NOT NULL,
  lifted_at timestamptz
);
CREATE UNIQUE INDEX suppression_active ON sollecito.suppression (tenant_id, channel, address) WHERE lifted_at IS NULL;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['send_limit', 'suppression'] LOOP
    EXECUTE format('ALTER TABLE sollecito.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_tenant ON sollecito.%I TO sollecito_api USING (tenant_id = (SELECT sollecito.current_tenant())) WITH CHECK (tenant_id = (SELECT sollecito.current_tenant()))', name);
    EXECUTE format('CREATE POLICY of_service ON sollecito.%I TO sollecito_service USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sollecito.%I TO sollecito_api, sollecito_service', name);
  END LOOP;
END $$;
-- Limits are the platform's to set: a tenant may see its own.
REVOKE INSERT, UPDATE, DELETE ON sollecito.send_limit FROM sollecito_api;
REVOKE INSERT, UPDATE, DELETE ON sollecito.tenant_turn FROM sollecito_api;
GRANT SELECT ON sollecito.breaker TO sollecito_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON sollecito.breaker TO sollecito_service;

-- Every claim holds this lock of its tenant, shared. Who changes something that no row lock of the claim covers (a
-- suppression, a template that stands, the default bank account) takes it alone, before any row: claims that came first
-- have then committed and are seen as in flight, later ones see the change.
CREATE FUNCTION sollecito.claims_key(of_tenant uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended('sollecito.claims.' || of_tenant::text, 0);
CREATE FUNCTION sollecito.hold_claims(of_tenant uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(sollecito.claims_key(of_tenant))
$$;

CREATE OR REPLACE FUNCTION sollecito.delivery_facts(wanted uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $$
  SELECT jsonb_build_object(
    'delivery', jsonb_build_object('id', d.id, 'status', d.status, 'recipient', d.recipient, 'position', d.position, 'dispatchNo', d.dispatch_no,
      'generation', d.generation, 'attempts', d.attempts, 'prepareFailures', d.prepare_failures, 'resends', d.resends),
    'reminder', jsonb_build_object('id', r.id, 'channel', r.channel, 'origin', r.origin, 'recipients', r.recipients, 'cc', r.cc, 'replyTo', r.reply_to,
      'subject', r.subject, 'message', r.message, 'template', r.template, 'locale', r.locale, 'bankAccountId', r.bank_account_id,
      'attachDocument', r.attach_document, 'override', r.override, 'createdAt', r.created_at,
      'addressed', (SELECT jsonb_agg(o.recipient ORDER BY o.position) FROM sollecito.delivery o WHERE o.reminder_id = r.id)),
    'tenant', jsonb_build_object('id', t.id, 'name', t.name, 'senderEmail', t.sender_email, 'senderName', t.sender_name, 'replyTo', t.reply_to,
      'smsSender', t.sms_sender, 'smsMaxSegments', t.sms_max_segments, 'logo', CASE WHEN t.logo LIKE 'https:%' THEN t.logo END, 'logoImage', t.logo_sha256, 'colour', t.colour, 'timeZone', t.time_zone, 'country', t.country, 'locale', t.locale,
      'contactGapDays', t.contact_gap_days, 'quietHours', t.quiet_hours, 'bindsCallers', t.binds_callers, 'templates', t.active_templates, 'version', t.version,
      'dkim', (SELECT jsonb_build_object('domain', k.domain, 'selector', k.selector, 'sealedKey', k.sealed_key) FROM sollecito.dkim_key k WHERE k.tenant_id = t.id)),
    'customer', jsonb_build_object('id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone, 'locale', c.locale, 'timeZone', c.time_zone,
      'doNotRemind', c.do_not_remind, 'pausedUntil', c.paused_until, 'version', c.version),
    'dueDates', (
      SELECT jsonb_agg(jsonb_build_object('id', u.id, 'ref', u.ref, 'customerId', u.customer_id, 'direction', u.direction, 'state', u.state, 'documentNumber', u.document_number,
        'documentDate', u.document_date, 'documentType', u.document_type, 'dueOn', u.due_on, 'amount', u.amount::text, 'outstanding', u.outstanding::text, 'paid', u.paid::text, 'credited', u.credited::text,
        'instalment', (SELECT jsonb_build_object('number', u.instalment, 'count', max(s.instalment)) FROM sollecito.due_date s
          WHERE s.invoice_id = u.invoice_id AND s.voided_at IS NULL HAVING max(s.instalment) > 1 AND max(s.instalment) >= u.instalment),
        'currency', u.currency, 'paymentUrl', u.payment_url, 'holdReason', u.hold_reason, 'holdUntil', u.hold_until, 'ownDocumentId', u.own_document_id, 'hasInvoice', u.invoice_id IS NOT NULL,
        'version', u.version, 'bankAccountChosen', coalesce(r.bank_account_id, u.bank_account_id) IS NOT NULL, 'bankAccount', (
          SELECT jsonb_build_object('holder', b.holder, 'iban', b.iban, 'bic', b.bic, 'version', b.version)
          FROM sollecito.bank_account b
          WHERE b.id = coalesce(r.bank_account_id, u.bank_account_id, (SELECT id FROM sollecito.bank_account WHERE tenant_id = r.tenant_id AND is_default))
        ), 'documentEdition', sollecito.document_edition(u, r.bank_account_id)) ORDER BY l.position)
      FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = r.id
    ),
    -- Where the thread of messages about its first due date goes on: what was last taken for the same recipient.
    'thread', (
      SELECT jsonb_build_object('rootDueDateId', l.due_date_id, 'previous', (
        SELECT jsonb_build_object('reminderId', o.reminder_id, 'position', o.position, 'generation', o.generation)
        FROM sollecito.reminder_due_date n JOIN sollecito.delivery o ON o.reminder_id = n.reminder_id
        WHERE n.due_date_id = l.due_date_id AND n.reminder_id <> r.id AND n.left_out IS NULL
          AND o.channel = d.channel AND o.recipient = d.recipient AND o.taken_at IS NOT NULL
        ORDER BY o.taken_at DESC, o.id DESC LIMIT 1
      ))
      FROM sollecito.reminder_due_date l WHERE l.reminder_id = r.id AND r.channel = 'email' ORDER BY l.position LIMIT 1
    ),
    'pauses', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'until', p.until)), '[]')
      FROM sollecito.pause p
      WHERE p.ended_at IS NULL AND (p.tenant_id IS NULL OR p.tenant_id = r.tenant_id) AND (p.channel IS NULL OR p.channel = r.channel)
        AND (p.provider IS NULL OR p.provider = sollecito.provider_of(r.channel))
    ),
    -- Null: all is well, and a success is no news. Until null: closed, after failures. Open: nothing may leave before it
    -- ends. Half open (past its end): what is on its way is the probe.
    'breaker', (SELECT jsonb_build_object('until', b.until) FROM sollecito.breaker b WHERE b.provider = sollecito.provider_of(r.channel) AND (b.until IS NOT NULL OR b.failures > 0)),
    'suppressed', (SELECT jsonb_build_object('reason', s.reason, 'until', s.until) FROM sollecito.suppression s WHERE s.tenant_id = r.tenant_id AND s.channel = r.channel AND s.address = sollecito.mailbox_key(d.recipient)
      AND s.lifted_at IS NULL),
    -- Whether any limit is set for it: the tenant's, the provider account's, the recipient domain's.
    'limited', EXISTS (SELECT 1 FROM sollecito.send_limit v WHERE v.channel = r.channel AND v.tenant_id IS NULL AND v.domain IS NULL)
      OR EXISTS (SELECT 1 FROM sollecito.send_limit v WHERE v.channel = r.channel AND v.tenant_id = r.tenant_id AND v.domain IS NULL)
      OR EXISTS (SELECT 1 FROM sollecito.send_limit v WHERE v.channel = r.channel AND v.tenant_id IS NULL AND v.domain = sollecito.domain_of(d.recipient)),
    -- What is being handed over now, or may have been taken, is a contact too.
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

CREATE OR REPLACE FUNCTION sollecito.lock_for_claim(wanted uuid, job_dispatch_no integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $$
DECLARE
  its_reminder uuid;
  its_tenant uuid;
BEGIN
  SELECT reminder_id, tenant_id INTO its_reminder, its_tenant FROM sollecito.delivery WHERE id = wanted AND status = 'queued' AND dispatch_no = job_dispatch_no;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock_shared(sollecito.claims_key(its_tenant));
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
