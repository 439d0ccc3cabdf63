-- Invoices of every format, and a tenant's own words.
-- vat_id, tax_code: who the tenant is, so that an invoice to it is told from one of its own. sms_max_segments: the most
-- parts that a text may take. active_templates: which of its own template versions stand, as {"overdue email it": 3};
-- what is not in it is ours. logo_sha256: a logo that came as an image (see image), not as an address.
ALTER TABLE sollecito.tenant
  ADD vat_id text,
  ADD tax_code text,
  ADD sms_max_segments smallint NOT NULL DEFAULT 10 CHECK (sms_max_segments BETWEEN 1 AND 10),
  ADD active_templates jsonb NOT NULL DEFAULT '{}',
  ADD logo_sha256 text CHECK (logo_sha256 ~ '^[0-9a-f]{64}$');
GRANT UPDATE (vat_id, tax_code, sms_max_segments, active_templates, logo_sha256) ON sollecito.tenant TO sollecito_api;

-- The images that stand in messages (logos), by their SHA-256: a message that was sent with one is rebuilt with it for ever.
CREATE TABLE sollecito.image (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sha256)
);
ALTER TABLE sollecito.image ALTER COLUMN bytes SET STORAGE EXTERNAL;
-- What was taken until now may lack its padding, or have a letter too many: decode wants neither.
WITH taken AS (
  SELECT id, substring(logo FROM '^data:([a-z/]+)') AS media_type, rtrim(split_part(logo, ',', 2), '=') AS letters
  FROM sollecito.tenant WHERE logo LIKE 'data:%'
), whole AS (
  SELECT id, media_type, left(letters, length(letters) - CASE length(letters) % 4 WHEN 1 THEN 1 ELSE 0 END) AS letters FROM taken
), logo AS (
  SELECT id, media_type, decode(rpad(letters, (length(letters) + 3) / 4 * 4, '='), 'base64') AS bytes FROM whole
), kept AS (
  INSERT INTO sollecito.image (tenant_id, sha256, media_type, bytes, created_at)
  SELECT id, encode(sha256(bytes), 'hex'), media_type, bytes, now() FROM logo RETURNING tenant_id, sha256
)
UPDATE sollecito.tenant t SET logo_sha256 = kept.sha256 FROM kept WHERE kept.tenant_id = t.id;

-- A tenant's key for signing its emails (RFC 6376). sealed_key: the private key (PKCS #8 PEM), sealed with the first of
-- the service's secret keys. public_key: what its DNS record holds (base64 of the SubjectPublicKeyInfo, or of the raw Ed25519 key).
CREATE TABLE sollecito.dkim_key (
  tenant_id uuid PRIMARY KEY REFERENCES sollecito.tenant,
  domain text NOT NULL,
  selector text NOT NULL,
  algorithm text NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
  sealed_key text NOT NULL,
  public_key text NOT NULL,
  created_at timestamptz NOT NULL
);

-- A tenant's own templates: every version that was uploaded and found right, never changed. Email: subject, text and
-- perhaps MJML (html: what it compiled to, Liquid tags kept); SMS: text alone.
CREATE TABLE sollecito.template_version (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  key text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  locale text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  subject text,
  text text NOT NULL,
  mjml text,
  html text,
  actor text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, key, channel, locale, version),
  CHECK ((channel = 'email') = (subject IS NOT NULL)),
  CHECK ((mjml IS NULL) = (html IS NULL))
);
-- Who made which version stand, and when; version null: ours again. tenant.active_templates is the sum of it.
CREATE TABLE sollecito.template_activation (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  key text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  locale text NOT NULL,
  version integer,
  actor text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX template_activation_of ON sollecito.template_activation (tenant_id, key, channel, locale, at);

-- What credit notes took off a due date. It is not money that came: texts say so.
ALTER TABLE sollecito.due_date
  ADD credited numeric(18, 3) NOT NULL DEFAULT 0 CHECK (credited >= 0);
ALTER TABLE sollecito.due_date
  ALTER COLUMN state SET EXPRESSION AS (
    CASE WHEN voided_at IS NOT NULL THEN 'void' WHEN paid + credited >= amount THEN 'paid' WHEN paid + credited > 0 THEN 'partlyPaid' ELSE 'open' END
  ),
  ALTER COLUMN outstanding SET EXPRESSION AS (
    CASE WHEN voided_at IS NOT NULL THEN 0 ELSE greatest(amount - paid - credited, 0) END
  );
CREATE TABLE sollecito.credit (
  credit_note_id uuid NOT NULL REFERENCES sollecito.invoice,
  due_date_id uuid NOT NULL REFERENCES sollecito.due_date,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  amount numeric(18, 3) NOT NULL CHECK (amount > 0),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (credit_note_id, due_date_id)
);
CREATE INDEX credit_due_date ON sollecito.credit (due_date_id);
-- Which invoices of its seller a credit note names: it may be imported before them. date: as it states it, or null.
CREATE TABLE sollecito.credited_invoice (
  credit_note_id uuid NOT NULL REFERENCES sollecito.invoice,
  position smallint NOT NULL,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  number text NOT NULL,
  date date,
  PRIMARY KEY (credit_note_id, position)
);
CREATE INDEX credited_invoice_number ON sollecito.credited_invoice (tenant_id, number);
CREATE INDEX invoice_number ON sollecito.invoice (tenant_id, number);
INSERT INTO sollecito.credited_invoice (credit_note_id, position, tenant_id, number, date)
SELECT i.id, r.n - 1, i.tenant_id, r.named->>'number', (r.named->>'date')::date
FROM sollecito.invoice i, jsonb_array_elements(i.data->'references') WITH ORDINALITY AS r (named, n)
WHERE i.type = 'creditNote' AND r.named->>'kind' = 'invoice';
-- direction: whose money it speaks of, as it was judged at its last import; null: before that was judged. pdf_sha256: the
-- PDF that came with it, if one did. Either may change while the file says the same.
ALTER TABLE sollecito.invoice
  ADD direction text CHECK (direction IN ('receivable', 'payable')),
  ADD pdf_sha256 text CHECK (pdf_sha256 ~ '^[0-9a-f]{64}$');

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['image', 'dkim_key', 'template_version', 'template_activation', 'credit', 'credited_invoice'] LOOP
    EXECUTE format('ALTER TABLE sollecito.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_tenant ON sollecito.%I TO sollecito_api USING (tenant_id = (SELECT sollecito.current_tenant())) WITH CHECK (tenant_id = (SELECT sollecito.current_tenant()))', name);
    EXECUTE format('CREATE POLICY of_service ON sollecito.%I TO sollecito_service USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sollecito.%I TO sollecito_api, sollecito_service', name);
  END LOOP;
END $$;
-- What stands is never rewritten.
REVOKE UPDATE, DELETE ON sollecito.image, sollecito.template_version, sollecito.template_activation FROM sollecito_api, sollecito_service;

-- The links of a document that were sent before this count was raised are dead (see document-link in the domain).
ALTER TABLE sollecito.document ADD link_epoch smallint NOT NULL DEFAULT 0;
DROP FUNCTION sollecito.linked_document(uuid);
CREATE FUNCTION sollecito.linked_document(wanted uuid, OUT name text, OUT media_type text, OUT sha256 bytea, OUT bytes bytea, OUT link_epoch smallint)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sollecito, pg_temp AS $$
  SELECT name, media_type, sha256, bytes, link_epoch FROM sollecito.document WHERE id = wanted
$$;
GRANT CREATE ON SCHEMA sollecito TO sollecito_service;
ALTER FUNCTION sollecito.linked_document OWNER TO sollecito_service;
REVOKE CREATE ON SCHEMA sollecito FROM sollecito_service;
REVOKE ALL ON FUNCTION sollecito.linked_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sollecito.linked_document TO sollecito_api, sollecito_service;

-- As before, and the other instalments of its invoice: its document shows what is open of each. As a hash: it is part of
-- an index, and thousands of instalments would not fit there.
CREATE OR REPLACE FUNCTION sollecito.document_edition(due sollecito.due_date, chosen_account uuid) RETURNS text LANGUAGE sql STABLE RETURN (
  SELECT format('%s t%s c%s b%s', due.document_version, t.version, c.version, coalesce(b.id::text || ' ' || b.version, '-')) || coalesce((
    SELECT ' i' || left(encode(sha256(convert_to(
      string_agg(s.document_version || CASE WHEN s.voided_at IS NULL THEN '' ELSE 'v' END, '.' ORDER BY s.instalment, s.id), 'UTF8'
    )), 'hex'), 24)
    FROM sollecito.due_date s WHERE s.invoice_id = due.invoice_id AND s.id <> due.id
  ), '')
  FROM sollecito.tenant t
  JOIN sollecito.customer c ON c.id = due.customer_id
  LEFT JOIN sollecito.bank_account b ON b.id = coalesce(
    chosen_account, due.bank_account_id, (SELECT u.id FROM sollecito.bank_account u WHERE u.tenant_id = t.id AND u.is_default)
  )
  WHERE t.id = due.tenant_id
);

-- All that a worker must know of a delivery, to compose its message and to judge it: one row, one round trip.
-- The bank account is the one chosen for the reminder, else the first due date's, else the tenant's default.
CREATE OR REPLACE FUNCTION sollecito.delivery_facts(wanted uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
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

-- As before, the most parts that an SMS may take, and whether money came for a due date.
CREATE OR REPLACE FUNCTION sollecito.admission_facts(tenant uuid, keys text[], due_refs text[], due_ids uuid[], bank_refs text[], bank_ids uuid[])
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
      'timeZone', t.time_zone, 'country', t.country, 'smsMaxSegments', t.sms_max_segments, 'contactGapDays', t.contact_gap_days, 'bindsCallers', t.binds_callers,
      'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', k.key, 'hash', encode(k.request_hash, 'hex'), 'status', k.status, 'body', k.body, 'location', k.location)), '[]')
        FROM sollecito.idempotency_key k WHERE k.tenant_id = tenant AND k.key = ANY (keys)),
      'dueDates', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'ref', w.ref, 'customerId', w.customer_id, 'direction', w.direction, 'state', w.state, 'received', w.paid > 0,
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

-- The table was written anew, without its statistics, and nothing changes in it that would have them gathered.
ANALYZE sollecito.due_date;
