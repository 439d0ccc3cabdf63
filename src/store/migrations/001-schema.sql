-- The first schema. `sollecito` is ours alone; BullMQ keeps its own.
-- Two roles stand behind the two kinds of connection: sollecito_api sees the rows of the tenant that was set
-- and nothing else; sollecito_service (dispatcher, workers, command line) sees all tenants.
-- Roles belong to the whole server, so another database of it may have made them already, or be making them now.
DO $$ BEGIN CREATE ROLE sollecito_api NOLOGIN NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE sollecito_service NOLOGIN NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN EXECUTE format('GRANT sollecito_api, sollecito_service TO %I', current_user); EXCEPTION WHEN unique_violation OR internal_error THEN NULL; END $$;

CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- The tenant of this transaction; without one it is null, and null matches no row.
CREATE FUNCTION sollecito.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('sollecito.tenant', true), '')::uuid;

-- Plans are data. send_limit: sends in all, null for no limit.
CREATE TABLE sollecito.plan (
  key text PRIMARY KEY,
  send_limit integer CHECK (send_limit >= 0)
);
INSERT INTO sollecito.plan VALUES ('essential', 5), ('medium', NULL), ('large', NULL);

CREATE TABLE sollecito.tenant (
  id uuid PRIMARY KEY,
  ref text NOT NULL UNIQUE CHECK (length(ref) BETWEEN 1 AND 128),
  name text NOT NULL,
  plan text NOT NULL REFERENCES sollecito.plan,
  sender_email text,
  sender_name text,
  reply_to text,
  sms_sender text,
  logo text,
  colour text,
  time_zone text NOT NULL DEFAULT 'Europe/Rome',
  country text NOT NULL DEFAULT 'IT',
  locale text NOT NULL DEFAULT 'it',
  unknown_policy text NOT NULL DEFAULT 'hold' CHECK (unknown_policy IN ('hold', 'resend')),
  contact_gap_days integer NOT NULL DEFAULT 0 CHECK (contact_gap_days BETWEEN 0 AND 365),
  quiet_hours jsonb,
  binds_callers boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- Counters of quota units, in slots so that tenants without a limit don't queue for one row.
-- A slot may be negative; the sum over a tenant's slots is the truth.
CREATE TABLE sollecito.quota_counter (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 31),
  reserved integer NOT NULL DEFAULT 0,
  used integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, slot)
) WITH (fillfactor = 50);

-- Keys of other apps. Only the SHA-256 of the secret is kept; the prefix is what a person recognises it by.
-- A key without a tenant is a platform key.
CREATE TABLE sollecito.api_key (
  id uuid PRIMARY KEY,
  tenant_id uuid REFERENCES sollecito.tenant,
  name text NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_key_tenant ON sollecito.api_key (tenant_id);

CREATE TABLE sollecito.operator (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  password_hash text,
  role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
  created_at timestamptz NOT NULL
);
CREATE TABLE sollecito.operator_session (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  operator_id uuid NOT NULL REFERENCES sollecito.operator ON DELETE CASCADE,
  csrf_token text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX operator_session_operator ON sollecito.operator_session (operator_id);
-- One-time sign-in links: used once, then dead.
CREATE TABLE sollecito.sign_in_link (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  operator_id uuid NOT NULL REFERENCES sollecito.operator ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX sign_in_link_operator ON sollecito.sign_in_link (operator_id);

CREATE TABLE sollecito.customer (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  ref text NOT NULL CHECK (length(ref) BETWEEN 1 AND 128),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('business', 'public', 'consumer')),
  email text[] NOT NULL DEFAULT '{}',
  phone text[] NOT NULL DEFAULT '{}',
  pec text,
  address jsonb,
  locale text,
  time_zone text,
  vat_id text,
  tax_code text,
  do_not_remind boolean NOT NULL DEFAULT false,
  paused_until date,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, ref)
);
CREATE INDEX customer_vat_id ON sollecito.customer (tenant_id, vat_id) WHERE vat_id IS NOT NULL;
CREATE INDEX customer_tax_code ON sollecito.customer (tenant_id, tax_code) WHERE tax_code IS NOT NULL;
CREATE INDEX customer_no_contact ON sollecito.customer (tenant_id, id) WHERE email = '{}' AND phone = '{}';
CREATE INDEX customer_name ON sollecito.customer USING gin (name public.gin_trgm_ops);

CREATE TABLE sollecito.bank_account (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  ref text NOT NULL CHECK (length(ref) BETWEEN 1 AND 128),
  holder text NOT NULL,
  iban text NOT NULL,
  bic text,
  label text,
  is_default boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, ref)
);
CREATE UNIQUE INDEX bank_account_default ON sollecito.bank_account (tenant_id) WHERE is_default;

-- An invoice as it was read; each instalment of it is a due date. `data` is the domain's Invoice as JSON.
CREATE TABLE sollecito.invoice (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  seller text NOT NULL,
  number text NOT NULL,
  year smallint NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, seller, number, year, type)
);

-- Documents as they leave: stored once, never changed. edition: of what a rendered one was made (document_edition).
CREATE TABLE sollecito.document (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  due_date_id uuid NOT NULL,
  edition text,
  origin text NOT NULL CHECK (origin IN ('rendered', 'uploaded', 'invoice')),
  name text NOT NULL,
  media_type text NOT NULL DEFAULT 'application/pdf',
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  bytes bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK ((origin = 'rendered') = (edition IS NOT NULL))
);
-- A PDF is compressed already.
ALTER TABLE sollecito.document ALTER COLUMN bytes SET STORAGE EXTERNAL;
-- Two renderings of one edition race here: the first stays, the other is thrown away.
CREATE UNIQUE INDEX document_rendered ON sollecito.document (due_date_id, edition) WHERE origin = 'rendered';
CREATE INDEX document_due_date ON sollecito.document (due_date_id);

-- A due date: who owes what, and when. `state` and `outstanding` follow from amount, paid and voided_at alone.
-- version counts every change (ETag, the claim's comparison), document_version those that show in the document.
CREATE TABLE sollecito.due_date (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  ref text NOT NULL CHECK (length(ref) BETWEEN 1 AND 128),
  customer_id uuid NOT NULL REFERENCES sollecito.customer,
  direction text NOT NULL CHECK (direction IN ('receivable', 'payable')),
  document_number text,
  document_date date,
  document_type text NOT NULL DEFAULT 'invoice',
  due_on date NOT NULL,
  amount numeric(18, 3) NOT NULL CHECK (amount >= 0),
  paid numeric(18, 3) NOT NULL DEFAULT 0 CHECK (paid >= 0),
  currency text NOT NULL CHECK (length(currency) = 3),
  voided_at timestamptz,
  state text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN voided_at IS NOT NULL THEN 'void' WHEN paid >= amount THEN 'paid' WHEN paid > 0 THEN 'partlyPaid' ELSE 'open' END
  ) STORED,
  outstanding numeric(18, 3) NOT NULL GENERATED ALWAYS AS (
    CASE WHEN voided_at IS NOT NULL THEN 0 ELSE greatest(amount - paid, 0) END
  ) STORED,
  hold_reason text CHECK (hold_reason IN ('disputed', 'promised', 'paused')),
  hold_until date,
  hold_note text,
  payment_method text,
  bank_account_id uuid REFERENCES sollecito.bank_account,
  payment_url text,
  sequence text,
  metadata jsonb NOT NULL DEFAULT '{}',
  invoice_id uuid REFERENCES sollecito.invoice,
  instalment smallint,
  own_document_id uuid REFERENCES sollecito.document,
  reminded boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  document_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, ref)
) WITH (fillfactor = 80);
ALTER TABLE sollecito.document ADD FOREIGN KEY (due_date_id) REFERENCES sollecito.due_date;
CREATE INDEX due_date_due_on ON sollecito.due_date (tenant_id, due_on, id);
CREATE INDEX due_date_direction ON sollecito.due_date (tenant_id, direction, due_on, id);
CREATE INDEX due_date_open ON sollecito.due_date (tenant_id, direction, due_on, id) WHERE outstanding > 0;
CREATE INDEX due_date_not_reminded ON sollecito.due_date (tenant_id, due_on, id) WHERE outstanding > 0 AND NOT reminded;
CREATE INDEX due_date_state ON sollecito.due_date (tenant_id, state, due_on, id);
CREATE INDEX due_date_hold ON sollecito.due_date (tenant_id, hold_reason, due_on, id) WHERE hold_reason IS NOT NULL;
CREATE INDEX due_date_customer ON sollecito.due_date (customer_id, due_on, id);
CREATE INDEX due_date_amount ON sollecito.due_date (tenant_id, amount, id);
CREATE INDEX due_date_updated ON sollecito.due_date (tenant_id, updated_at, id);
CREATE INDEX due_date_invoice ON sollecito.due_date (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX due_date_search ON sollecito.due_date USING gin ((ref || ' ' || coalesce(document_number, '')) public.gin_trgm_ops);

CREATE TABLE sollecito.payment (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  due_date_id uuid NOT NULL REFERENCES sollecito.due_date,
  ref text NOT NULL CHECK (length(ref) BETWEEN 1 AND 128),
  amount numeric(18, 3) NOT NULL CHECK (amount > 0),
  paid_on date NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (due_date_id, ref)
);

-- What was asked for: one channel, one text, one or more due dates of one customer.
-- status follows from the deliveries (trigger below) and quota_state from the status.
CREATE TABLE sollecito.reminder (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  customer_id uuid NOT NULL REFERENCES sollecito.customer,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  status text NOT NULL DEFAULT 'accepted',
  origin text NOT NULL CHECK (origin IN ('api', 'operator', 'sequence')),
  actor text NOT NULL,
  recipients text NOT NULL CHECK (recipients IN ('given', 'customer')),
  cc text[] NOT NULL DEFAULT '{}',
  reply_to text,
  subject text,
  message text,
  template text,
  locale text,
  bank_account_id uuid REFERENCES sollecito.bank_account,
  attach_document boolean NOT NULL DEFAULT true,
  send_at timestamptz NOT NULL,
  priority smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
  override text[] NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  quota_state text NOT NULL DEFAULT 'reserved' CHECK (quota_state IN ('reserved', 'used', 'released')),
  taken_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX reminder_created ON sollecito.reminder (tenant_id, created_at, id);
CREATE INDEX reminder_status ON sollecito.reminder (tenant_id, status, created_at, id);
CREATE INDEX reminder_customer ON sollecito.reminder (customer_id, created_at, id);
CREATE INDEX reminder_channel ON sollecito.reminder (tenant_id, channel, created_at, id);

-- left_out: why the message that left did not speak of it (paid or held in the meantime); null: it did, or will.
CREATE TABLE sollecito.reminder_due_date (
  reminder_id uuid NOT NULL REFERENCES sollecito.reminder,
  due_date_id uuid NOT NULL REFERENCES sollecito.due_date,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  position smallint NOT NULL,
  left_out text,
  PRIMARY KEY (reminder_id, due_date_id)
);
CREATE INDEX reminder_due_date_due_date ON sollecito.reminder_due_date (due_date_id, reminder_id);

-- One recipient of a reminder: its own claim, settle, retries, evidence.
-- next_attempt_at: due from then on. dispatch_no names its job, generation its repeats by decision,
-- claim_no its hand-overs. in_doubt: it is on its way again, though an earlier hand-over may have been taken: until one
-- is answered it counts as a contact, and what calls it off makes it unknown again. attempts counts hand-overs that the provider put off; prepare_failures what broke before one.
CREATE TABLE sollecito.delivery (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  reminder_id uuid NOT NULL REFERENCES sollecito.reminder,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  position smallint NOT NULL CHECK (position BETWEEN 0 AND 9),
  recipient text NOT NULL,
  status text NOT NULL CHECK (status IN ('accepted', 'queued', 'sending', 'retrying', 'sent', 'delivered', 'bounced', 'complained', 'unknown', 'failed', 'skipped', 'canceled')),
  reason text,
  priority smallint NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  dispatch_no integer NOT NULL DEFAULT 0,
  generation integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  prepare_failures integer NOT NULL DEFAULT 0,
  resends smallint NOT NULL DEFAULT 0,
  in_doubt boolean NOT NULL DEFAULT false,
  queued_at timestamptz,
  claim_no integer NOT NULL DEFAULT 0,
  claim_token uuid,
  claimed_at timestamptz,
  lease_until timestamptz,
  first_claimed_at timestamptz,
  taken_at timestamptz,
  provider_message_id text,
  updated_at timestamptz NOT NULL,
  UNIQUE (reminder_id, position),
  CHECK (status <> 'sending' OR (claim_token IS NOT NULL AND lease_until IS NOT NULL))
) WITH (fillfactor = 70);
-- The dispatcher's backlog, by tenant in the order of its turns.
CREATE INDEX delivery_due ON sollecito.delivery (channel, tenant_id, priority DESC, next_attempt_at, id) WHERE status IN ('accepted', 'retrying');
-- The window, the reconciler and the lease.
CREATE INDEX delivery_queued ON sollecito.delivery (channel, queued_at) WHERE status = 'queued';
CREATE INDEX delivery_sending ON sollecito.delivery (channel, lease_until) WHERE status = 'sending';
CREATE INDEX delivery_unknown ON sollecito.delivery (tenant_id, updated_at) WHERE status = 'unknown';
CREATE INDEX delivery_provider_message ON sollecito.delivery (provider_message_id) WHERE provider_message_id IS NOT NULL;

-- What rebuilds a message byte for byte: written by the claim, so it stands before the first byte leaves.
-- content: the MIME with a marker in place of the attachment's body, or the SMS text.
CREATE TABLE sollecito.delivery_message (
  delivery_id uuid NOT NULL REFERENCES sollecito.delivery,
  claim_no integer NOT NULL,
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  recipient text NOT NULL,
  sender text NOT NULL,
  content text NOT NULL,
  template text NOT NULL,
  document_ids uuid[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  PRIMARY KEY (delivery_id, claim_no)
);

-- Everything that was decided or happened. detail may be shown to the tenant; private_detail holds providers' texts
-- and addresses. Partitioned by month; ensure_event_partitions makes them ahead, the default one is a net.
CREATE TABLE sollecito.event (
  id uuid NOT NULL DEFAULT uuidv7(),
  at timestamptz NOT NULL,
  tenant_id uuid NOT NULL,
  reminder_id uuid,
  delivery_id uuid,
  due_date_id uuid,
  type text NOT NULL,
  reason text,
  detail jsonb NOT NULL DEFAULT '{}',
  private_detail jsonb,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX event_reminder ON sollecito.event (reminder_id, at, id) WHERE reminder_id IS NOT NULL;
CREATE INDEX event_due_date ON sollecito.event (due_date_id, at, id) WHERE due_date_id IS NOT NULL;
CREATE INDEX event_tenant ON sollecito.event (tenant_id, at, id);
CREATE TABLE sollecito.event_default PARTITION OF sollecito.event DEFAULT;

-- Makes this month's partition and those of the months ahead. Cheap when they stand already. What the net has caught of
-- such a month goes over into its partition first: PostgreSQL refuses a partition whose rows stand in the default one.
-- Attaching holds up nobody who writes to other months. Only for a month that is being written to is the whole table
-- locked (an insert must not choose the net while this goes on), and not for long: a backup may be reading.
CREATE FUNCTION sollecito.ensure_event_partitions(today date, months_ahead integer) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = sollecito, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  month date;
  name text;
  since timestamptz;
  until timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sollecito.event_partitions'));
  FOR i IN 0..months_ahead LOOP
    month := (date_trunc('month', today) + make_interval(months => i))::date;
    name := 'event_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass('sollecito.' || name) IS NOT NULL;
    since := month::timestamp AT TIME ZONE 'UTC';
    until := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    EXECUTE format('CREATE TABLE sollecito.%I (LIKE sollecito.event INCLUDING DEFAULTS)', name);
    IF i = 0 OR EXISTS (SELECT FROM sollecito.event_default WHERE at >= since AND at < until) THEN
      LOCK TABLE sollecito.event IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('WITH caught AS (DELETE FROM sollecito.event_default WHERE at >= $1 AND at < $2 RETURNING *) INSERT INTO sollecito.%I SELECT * FROM caught', name)
        USING since, until;
    END IF;
    EXECUTE format('ALTER TABLE sollecito.event ATTACH PARTITION sollecito.%I FOR VALUES FROM (%L) TO (%L)', name, since, until);
  END LOOP;
END $$;

-- A key stands from the transaction that accepted its request, with the reply to the letter.
CREATE TABLE sollecito.idempotency_key (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  status smallint NOT NULL,
  body text NOT NULL,
  location text,
  reminder_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_key_age ON sollecito.idempotency_key (created_at);

-- Pauses and breakers: a scope left null means all of it. Ended ones stay for the record.
CREATE TABLE sollecito.pause (
  id uuid PRIMARY KEY,
  tenant_id uuid REFERENCES sollecito.tenant,
  channel text CHECK (channel IN ('email', 'sms')),
  owner text NOT NULL,
  reason text NOT NULL,
  until timestamptz,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX pause_active ON sollecito.pause (channel, tenant_id) WHERE ended_at IS NULL;

-- Whose turn it is, per channel: the tenant served longest ago comes first. per_second null: no limit of its own.
CREATE TABLE sollecito.tenant_turn (
  tenant_id uuid NOT NULL REFERENCES sollecito.tenant,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  served_at timestamptz NOT NULL DEFAULT '-infinity',
  per_second numeric CHECK (per_second > 0),
  tokens numeric NOT NULL DEFAULT 0,
  refilled_at timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (tenant_id, channel)
) WITH (fillfactor = 50);

-- How fast a provider may be given messages, over all processes. No row: as fast as they go.
CREATE TABLE sollecito.provider_rate (
  channel text PRIMARY KEY CHECK (channel IN ('email', 'sms')),
  per_second numeric NOT NULL CHECK (per_second > 0),
  tokens numeric NOT NULL DEFAULT 0,
  refilled_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- What a person or a key did beyond the ordinary: overrides, retries, resolutions.
CREATE TABLE sollecito.audit (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  tenant_id uuid REFERENCES sollecito.tenant,
  actor text NOT NULL,
  action text NOT NULL,
  target text,
  detail jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL
);
CREATE INDEX audit_tenant ON sollecito.audit (tenant_id, at);
