-- The schema as the migrations make it. Written by test/schema.test.ts (UPDATE_SCHEMA=1), compared by it.

-- Tables and their columns
TABLE api_key
  id uuid NOT NULL
  tenant_id uuid
  name text NOT NULL
  prefix text NOT NULL
  hash bytea NOT NULL
  scopes text[] NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone
  revoked_at timestamp with time zone
TABLE audit
  id uuid NOT NULL DEFAULT uuidv7()
  tenant_id uuid
  actor text NOT NULL
  action text NOT NULL
  target text
  detail jsonb NOT NULL DEFAULT '{}'::jsonb
  at timestamp with time zone NOT NULL
TABLE bank_account
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  ref text NOT NULL
  holder text NOT NULL
  iban text NOT NULL
  bic text
  label text
  is_default boolean NOT NULL DEFAULT false
  version integer NOT NULL DEFAULT 1
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
TABLE breaker
  provider text NOT NULL
  failures integer NOT NULL DEFAULT 0
  opens integer NOT NULL DEFAULT 0
  until timestamp with time zone
  opened_at timestamp with time zone
  reason text
  updated_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  WITH fillfactor=50
TABLE credit
  credit_note_id uuid NOT NULL
  due_date_id uuid NOT NULL
  tenant_id uuid NOT NULL
  amount numeric(18,3) NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE credited_invoice
  credit_note_id uuid NOT NULL
  position smallint NOT NULL
  tenant_id uuid NOT NULL
  number text NOT NULL
  date date
TABLE customer
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  ref text NOT NULL
  name text NOT NULL
  kind text NOT NULL
  email text[] NOT NULL DEFAULT '{}'::text[]
  phone text[] NOT NULL DEFAULT '{}'::text[]
  pec text
  address jsonb
  locale text
  time_zone text
  vat_id text
  tax_code text
  do_not_remind boolean NOT NULL DEFAULT false
  paused_until date
  version integer NOT NULL DEFAULT 1
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
TABLE delivery
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  reminder_id uuid NOT NULL
  channel text NOT NULL
  position smallint NOT NULL
  recipient text NOT NULL
  status text NOT NULL
  reason text
  priority smallint NOT NULL
  next_attempt_at timestamp with time zone NOT NULL
  dispatch_no integer NOT NULL DEFAULT 0
  generation integer NOT NULL DEFAULT 0
  attempts integer NOT NULL DEFAULT 0
  prepare_failures integer NOT NULL DEFAULT 0
  resends smallint NOT NULL DEFAULT 0
  in_doubt boolean NOT NULL DEFAULT false
  queued_at timestamp with time zone
  claim_no integer NOT NULL DEFAULT 0
  claim_token uuid
  claimed_at timestamp with time zone
  lease_until timestamp with time zone
  first_claimed_at timestamp with time zone
  taken_at timestamp with time zone
  provider_message_id text
  updated_at timestamp with time zone NOT NULL
  line_at timestamp with time zone
  WITH fillfactor=70
TABLE delivery_message
  delivery_id uuid NOT NULL
  claim_no integer NOT NULL
  tenant_id uuid NOT NULL
  recipient text NOT NULL
  sender text NOT NULL
  content text NOT NULL
  template text NOT NULL
  document_ids uuid[] NOT NULL DEFAULT '{}'::uuid[]
  created_at timestamp with time zone NOT NULL
TABLE dkim_key
  tenant_id uuid NOT NULL
  domain text NOT NULL
  selector text NOT NULL
  algorithm text NOT NULL
  sealed_key text NOT NULL
  public_key text NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE document
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  due_date_id uuid NOT NULL
  edition text
  origin text NOT NULL
  name text NOT NULL
  media_type text NOT NULL DEFAULT 'application/pdf'::text
  sha256 bytea NOT NULL
  bytes bytea NOT NULL
  created_at timestamp with time zone NOT NULL
  link_epoch smallint NOT NULL DEFAULT 0
TABLE due_date
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  ref text NOT NULL
  customer_id uuid NOT NULL
  direction text NOT NULL
  document_number text
  document_date date
  document_type text NOT NULL DEFAULT 'invoice'::text
  due_on date NOT NULL
  amount numeric(18,3) NOT NULL
  paid numeric(18,3) NOT NULL DEFAULT 0
  currency text NOT NULL
  voided_at timestamp with time zone
  state text NOT NULL GENERATED 
CASE
    WHEN (voided_at IS NOT NULL) THEN 'void'::text
    WHEN ((paid + credited) >= amount) THEN 'paid'::text
    WHEN ((paid + credited) > (0)::numeric) THEN 'partlyPaid'::text
    ELSE 'open'::text
END
  outstanding numeric(18,3) NOT NULL GENERATED 
CASE
    WHEN (voided_at IS NOT NULL) THEN (0)::numeric
    ELSE GREATEST(((amount - paid) - credited), (0)::numeric)
END
  hold_reason text
  hold_until date
  hold_note text
  payment_method text
  bank_account_id uuid
  payment_url text
  sequence text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  invoice_id uuid
  instalment smallint
  own_document_id uuid
  reminded boolean NOT NULL DEFAULT false
  version integer NOT NULL DEFAULT 1
  document_version integer NOT NULL DEFAULT 1
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  credited numeric(18,3) NOT NULL DEFAULT 0
  searched text NOT NULL GENERATED lower(((ref || ' '::text) || COALESCE(document_number, ''::text)))
  WITH fillfactor=80
TABLE event
  id uuid NOT NULL DEFAULT uuidv7()
  at timestamp with time zone NOT NULL
  tenant_id uuid NOT NULL
  reminder_id uuid
  delivery_id uuid
  due_date_id uuid
  type text NOT NULL
  reason text
  detail jsonb NOT NULL DEFAULT '{}'::jsonb
  private_detail jsonb
TABLE event_default (partition)
  id uuid NOT NULL DEFAULT uuidv7()
  at timestamp with time zone NOT NULL
  tenant_id uuid NOT NULL
  reminder_id uuid
  delivery_id uuid
  due_date_id uuid
  type text NOT NULL
  reason text
  detail jsonb NOT NULL DEFAULT '{}'::jsonb
  private_detail jsonb
TABLE idempotency_key
  tenant_id uuid NOT NULL
  key text NOT NULL
  request_hash bytea NOT NULL
  status smallint NOT NULL
  body text NOT NULL
  location text
  reminder_id uuid
  created_at timestamp with time zone NOT NULL
TABLE image
  tenant_id uuid NOT NULL
  sha256 text NOT NULL
  media_type text NOT NULL
  bytes bytea NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE invoice
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  seller text NOT NULL
  number text NOT NULL
  year smallint NOT NULL
  type text NOT NULL
  data jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  direction text
  pdf_sha256 text
TABLE migration
  id integer NOT NULL DEFAULT nextval('migration_id_seq'::regclass)
  name character varying(255) NOT NULL
  executed_at timestamp(6) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
TABLE operator
  id uuid NOT NULL
  email text NOT NULL
  password_hash text
  role text NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE operator_session
  hash bytea NOT NULL
  operator_id uuid NOT NULL
  csrf_token text NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
TABLE pause
  id uuid NOT NULL
  tenant_id uuid
  channel text
  owner text NOT NULL
  reason text NOT NULL
  until timestamp with time zone
  created_at timestamp with time zone NOT NULL
  ended_at timestamp with time zone
  provider text
  by_platform boolean NOT NULL DEFAULT true
TABLE payment
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  due_date_id uuid NOT NULL
  ref text NOT NULL
  amount numeric(18,3) NOT NULL
  paid_on date NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE plan
  key text NOT NULL
TABLE plan_limit
  plan text NOT NULL
  period text NOT NULL
  channel text
  sends integer NOT NULL
TABLE quota_counter
  tenant_id uuid NOT NULL
  month date NOT NULL
  channel text NOT NULL
  slot smallint NOT NULL
  reserved integer NOT NULL
  used integer NOT NULL
  WITH fillfactor=50
TABLE quota_warning
  tenant_id uuid NOT NULL
  plan text NOT NULL
  period text NOT NULL
  channel text
  sends integer NOT NULL
  since date NOT NULL
  percent smallint NOT NULL
  at timestamp with time zone NOT NULL
TABLE reminder
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  customer_id uuid NOT NULL
  channel text NOT NULL
  status text NOT NULL DEFAULT 'accepted'::text
  origin text NOT NULL
  actor text NOT NULL
  recipients text NOT NULL
  cc text[] NOT NULL DEFAULT '{}'::text[]
  reply_to text
  subject text
  message text
  template text
  locale text
  bank_account_id uuid
  attach_document boolean NOT NULL DEFAULT true
  send_at timestamp with time zone NOT NULL
  priority smallint NOT NULL DEFAULT 5
  override text[] NOT NULL DEFAULT '{}'::text[]
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  quota_state text NOT NULL DEFAULT 'reserved'::text
  taken_at timestamp with time zone
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  quota_month date NOT NULL
  WITH fillfactor=80
TABLE reminder_due_date
  reminder_id uuid NOT NULL
  due_date_id uuid NOT NULL
  tenant_id uuid NOT NULL
  position smallint NOT NULL
  left_out text
TABLE send_limit
  id uuid NOT NULL
  channel text NOT NULL
  tenant_id uuid
  domain text
  per_second numeric
  per_minute integer
  per_day integer
  connections integer
  tokens numeric NOT NULL DEFAULT 0
  refilled_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  minute timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  minute_used integer NOT NULL DEFAULT 0
  day date NOT NULL DEFAULT '-infinity'::date
  day_used integer NOT NULL DEFAULT 0
  gap_ms integer NOT NULL DEFAULT 0
  closed_until timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  line_until timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  updated_at timestamp with time zone NOT NULL
  WITH fillfactor=50
TABLE sign_in_link
  hash bytea NOT NULL
  operator_id uuid NOT NULL
  expires_at timestamp with time zone NOT NULL
  used_at timestamp with time zone
TABLE suppression
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  channel text NOT NULL
  address text NOT NULL
  reason text NOT NULL
  note text
  actor text NOT NULL
  until timestamp with time zone
  created_at timestamp with time zone NOT NULL
  lifted_at timestamp with time zone
TABLE template_activation
  id uuid NOT NULL DEFAULT uuidv7()
  tenant_id uuid NOT NULL
  key text NOT NULL
  channel text NOT NULL
  locale text NOT NULL
  version integer
  actor text NOT NULL
  at timestamp with time zone NOT NULL
TABLE template_version
  id uuid NOT NULL
  tenant_id uuid NOT NULL
  key text NOT NULL
  channel text NOT NULL
  locale text NOT NULL
  version integer NOT NULL
  subject text
  text text NOT NULL
  mjml text
  html text
  actor text NOT NULL
  created_at timestamp with time zone NOT NULL
TABLE tenant
  id uuid NOT NULL
  ref text NOT NULL
  name text NOT NULL
  plan text NOT NULL
  sender_email text
  sender_name text
  reply_to text
  sms_sender text
  logo text
  colour text
  time_zone text NOT NULL DEFAULT 'Europe/Rome'::text
  country text NOT NULL DEFAULT 'IT'::text
  locale text NOT NULL DEFAULT 'it'::text
  unknown_policy text NOT NULL DEFAULT 'hold'::text
  contact_gap_days integer NOT NULL DEFAULT 0
  quiet_hours jsonb
  binds_callers boolean NOT NULL DEFAULT false
  version integer NOT NULL DEFAULT 1
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  vat_id text
  tax_code text
  sms_max_segments smallint NOT NULL DEFAULT 10
  active_templates jsonb NOT NULL DEFAULT '{}'::jsonb
  logo_sha256 text
TABLE tenant_turn
  tenant_id uuid NOT NULL
  channel text NOT NULL
  served_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
  weight smallint NOT NULL DEFAULT 1
  deficit smallint NOT NULL DEFAULT 0
  WITH fillfactor=50

-- Constraints
api_key: api_key_hash_check CHECK ((length(hash) = 32))
api_key: api_key_hash_key UNIQUE (hash)
api_key: api_key_pkey PRIMARY KEY (id)
api_key: api_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
audit: audit_pkey PRIMARY KEY (id)
audit: audit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
bank_account: bank_account_pkey PRIMARY KEY (id)
bank_account: bank_account_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 128)))
bank_account: bank_account_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
bank_account: bank_account_tenant_id_ref_key UNIQUE (tenant_id, ref)
breaker: breaker_pkey PRIMARY KEY (provider)
breaker: breaker_provider_check CHECK ((provider = ANY (ARRAY['smtp'::text, 'smsapi'::text])))
credit: credit_amount_check CHECK ((amount > (0)::numeric))
credit: credit_credit_note_id_fkey FOREIGN KEY (credit_note_id) REFERENCES invoice(id)
credit: credit_due_date_id_fkey FOREIGN KEY (due_date_id) REFERENCES due_date(id)
credit: credit_pkey PRIMARY KEY (credit_note_id, due_date_id)
credit: credit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
credited_invoice: credited_invoice_credit_note_id_fkey FOREIGN KEY (credit_note_id) REFERENCES invoice(id)
credited_invoice: credited_invoice_pkey PRIMARY KEY (credit_note_id, "position")
credited_invoice: credited_invoice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
customer: customer_kind_check CHECK ((kind = ANY (ARRAY['business'::text, 'public'::text, 'consumer'::text])))
customer: customer_pkey PRIMARY KEY (id)
customer: customer_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 128)))
customer: customer_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
customer: customer_tenant_id_ref_key UNIQUE (tenant_id, ref)
delivery: delivery_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
delivery: delivery_check CHECK (((status <> 'sending'::text) OR ((claim_token IS NOT NULL) AND (lease_until IS NOT NULL))))
delivery: delivery_pkey PRIMARY KEY (id)
delivery: delivery_position_check CHECK ((("position" >= 0) AND ("position" <= 9)))
delivery: delivery_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES reminder(id)
delivery: delivery_reminder_id_position_key UNIQUE (reminder_id, "position")
delivery: delivery_status_check CHECK ((status = ANY (ARRAY['accepted'::text, 'queued'::text, 'sending'::text, 'retrying'::text, 'sent'::text, 'delivered'::text, 'bounced'::text, 'complained'::text, 'unknown'::text, 'failed'::text, 'skipped'::text, 'canceled'::text])))
delivery_message: delivery_message_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id)
delivery_message: delivery_message_pkey PRIMARY KEY (delivery_id, claim_no)
delivery_message: delivery_message_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
dkim_key: dkim_key_algorithm_check CHECK ((algorithm = ANY (ARRAY['rsa'::text, 'ed25519'::text])))
dkim_key: dkim_key_pkey PRIMARY KEY (tenant_id)
dkim_key: dkim_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
document: document_check CHECK (((origin = 'rendered'::text) = (edition IS NOT NULL)))
document: document_due_date_id_fkey FOREIGN KEY (due_date_id) REFERENCES due_date(id)
document: document_origin_check CHECK ((origin = ANY (ARRAY['rendered'::text, 'uploaded'::text, 'invoice'::text])))
document: document_pkey PRIMARY KEY (id)
document: document_sha256_check CHECK ((length(sha256) = 32))
document: document_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
due_date: due_date_amount_check CHECK ((amount >= (0)::numeric))
due_date: due_date_bank_account_id_fkey FOREIGN KEY (bank_account_id) REFERENCES bank_account(id)
due_date: due_date_credited_check CHECK ((credited >= (0)::numeric))
due_date: due_date_currency_check CHECK ((length(currency) = 3))
due_date: due_date_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer(id)
due_date: due_date_direction_check CHECK ((direction = ANY (ARRAY['receivable'::text, 'payable'::text])))
due_date: due_date_hold_reason_check CHECK ((hold_reason = ANY (ARRAY['disputed'::text, 'promised'::text, 'paused'::text])))
due_date: due_date_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoice(id)
due_date: due_date_own_document_id_fkey FOREIGN KEY (own_document_id) REFERENCES document(id)
due_date: due_date_paid_check CHECK ((paid >= (0)::numeric))
due_date: due_date_pkey PRIMARY KEY (id)
due_date: due_date_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 128)))
due_date: due_date_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
due_date: due_date_tenant_id_ref_key UNIQUE (tenant_id, ref)
event: event_pkey PRIMARY KEY (id, at)
event_default: event_default_pkey PRIMARY KEY (id, at)
idempotency_key: idempotency_key_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
idempotency_key: idempotency_key_pkey PRIMARY KEY (tenant_id, key)
idempotency_key: idempotency_key_request_hash_check CHECK ((length(request_hash) = 32))
image: image_pkey PRIMARY KEY (tenant_id, sha256)
image: image_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
image: image_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
invoice: invoice_direction_check CHECK ((direction = ANY (ARRAY['receivable'::text, 'payable'::text])))
invoice: invoice_pdf_sha256_check CHECK ((pdf_sha256 ~ '^[0-9a-f]{64}$'::text))
invoice: invoice_pkey PRIMARY KEY (id)
invoice: invoice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
invoice: invoice_tenant_id_seller_number_year_type_key UNIQUE (tenant_id, seller, number, year, type)
migration: migration_pkey PRIMARY KEY (id)
operator: operator_email_key UNIQUE (email)
operator: operator_pkey PRIMARY KEY (id)
operator: operator_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'viewer'::text])))
operator_session: operator_session_hash_check CHECK ((length(hash) = 32))
operator_session: operator_session_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operator(id) ON DELETE CASCADE
operator_session: operator_session_pkey PRIMARY KEY (hash)
pause: pause_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
pause: pause_pkey PRIMARY KEY (id)
pause: pause_provider_check CHECK ((provider = ANY (ARRAY['smtp'::text, 'smsapi'::text])))
pause: pause_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
payment: payment_amount_check CHECK ((amount > (0)::numeric))
payment: payment_due_date_id_fkey FOREIGN KEY (due_date_id) REFERENCES due_date(id)
payment: payment_due_date_id_ref_key UNIQUE (due_date_id, ref)
payment: payment_pkey PRIMARY KEY (id)
payment: payment_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 128)))
payment: payment_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
plan: plan_pkey PRIMARY KEY (key)
plan_limit: plan_limit_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
plan_limit: plan_limit_period_check CHECK ((period = ANY (ARRAY['total'::text, 'month'::text])))
plan_limit: plan_limit_plan_fkey FOREIGN KEY (plan) REFERENCES plan(key)
plan_limit: plan_limit_plan_period_channel_key UNIQUE NULLS NOT DISTINCT (plan, period, channel)
plan_limit: plan_limit_sends_check CHECK ((sends >= 0))
quota_counter: quota_counter_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
quota_counter: quota_counter_pkey PRIMARY KEY (tenant_id, month, channel, slot)
quota_counter: quota_counter_slot_check CHECK (((slot >= 0) AND (slot <= 31)))
quota_counter: quota_counter_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
quota_warning: quota_warning_percent_check CHECK ((percent = ANY (ARRAY[80, 100])))
quota_warning: quota_warning_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
quota_warning: quota_warning_tenant_id_since_plan_period_channel_sends_per_key UNIQUE NULLS NOT DISTINCT (tenant_id, since, plan, period, channel, sends, percent)
reminder: reminder_bank_account_id_fkey FOREIGN KEY (bank_account_id) REFERENCES bank_account(id)
reminder: reminder_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
reminder: reminder_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer(id)
reminder: reminder_origin_check CHECK ((origin = ANY (ARRAY['api'::text, 'operator'::text, 'sequence'::text])))
reminder: reminder_pkey PRIMARY KEY (id)
reminder: reminder_priority_check CHECK (((priority >= 0) AND (priority <= 9)))
reminder: reminder_quota_state_check CHECK ((quota_state = ANY (ARRAY['reserved'::text, 'used'::text, 'released'::text])))
reminder: reminder_recipients_check CHECK ((recipients = ANY (ARRAY['given'::text, 'customer'::text])))
reminder_due_date: reminder_due_date_due_date_id_fkey FOREIGN KEY (due_date_id) REFERENCES due_date(id)
reminder_due_date: reminder_due_date_pkey PRIMARY KEY (reminder_id, due_date_id)
reminder_due_date: reminder_due_date_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES reminder(id)
send_limit: send_limit_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
send_limit: send_limit_channel_tenant_id_domain_key UNIQUE NULLS NOT DISTINCT (channel, tenant_id, domain)
send_limit: send_limit_check CHECK (((tenant_id IS NULL) OR (domain IS NULL)))
send_limit: send_limit_check1 CHECK (((domain IS NULL) OR (channel = 'email'::text)))
send_limit: send_limit_connections_check CHECK ((connections > 0))
send_limit: send_limit_domain_check CHECK ((domain = lower(domain)))
send_limit: send_limit_per_day_check CHECK ((per_day > 0))
send_limit: send_limit_per_minute_check CHECK ((per_minute > 0))
send_limit: send_limit_per_second_check CHECK ((per_second > (0)::numeric))
send_limit: send_limit_pkey PRIMARY KEY (id)
send_limit: send_limit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
sign_in_link: sign_in_link_hash_check CHECK ((length(hash) = 32))
sign_in_link: sign_in_link_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operator(id) ON DELETE CASCADE
sign_in_link: sign_in_link_pkey PRIMARY KEY (hash)
suppression: suppression_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
suppression: suppression_pkey PRIMARY KEY (id)
suppression: suppression_reason_check CHECK ((reason = ANY (ARRAY['manual'::text, 'hard-bounce'::text, 'soft-bounces'::text, 'complaint'::text, 'stop'::text])))
suppression: suppression_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
template_activation: template_activation_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
template_activation: template_activation_pkey PRIMARY KEY (id)
template_activation: template_activation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
template_version: template_version_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
template_version: template_version_check CHECK (((channel = 'email'::text) = (subject IS NOT NULL)))
template_version: template_version_check1 CHECK (((mjml IS NULL) = (html IS NULL)))
template_version: template_version_pkey PRIMARY KEY (id)
template_version: template_version_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
template_version: template_version_tenant_id_key_channel_locale_version_key UNIQUE (tenant_id, key, channel, locale, version)
template_version: template_version_version_check CHECK ((version > 0))
tenant: tenant_contact_gap_days_check CHECK (((contact_gap_days >= 0) AND (contact_gap_days <= 365)))
tenant: tenant_logo_sha256_check CHECK ((logo_sha256 ~ '^[0-9a-f]{64}$'::text))
tenant: tenant_pkey PRIMARY KEY (id)
tenant: tenant_plan_fkey FOREIGN KEY (plan) REFERENCES plan(key)
tenant: tenant_ref_check CHECK (((length(ref) >= 1) AND (length(ref) <= 128)))
tenant: tenant_ref_key UNIQUE (ref)
tenant: tenant_sms_max_segments_check CHECK (((sms_max_segments >= 1) AND (sms_max_segments <= 10)))
tenant: tenant_unknown_policy_check CHECK ((unknown_policy = ANY (ARRAY['hold'::text, 'resend'::text])))
tenant_turn: tenant_turn_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text])))
tenant_turn: tenant_turn_pkey PRIMARY KEY (tenant_id, channel)
tenant_turn: tenant_turn_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
tenant_turn: tenant_turn_weight_check CHECK (((weight >= 1) AND (weight <= 100)))

-- Indexes
CREATE UNIQUE INDEX api_key_hash_key ON sollecito.api_key USING btree (hash)
CREATE UNIQUE INDEX api_key_pkey ON sollecito.api_key USING btree (id)
CREATE INDEX api_key_tenant ON sollecito.api_key USING btree (tenant_id)
CREATE UNIQUE INDEX audit_pkey ON sollecito.audit USING btree (id)
CREATE INDEX audit_tenant ON sollecito.audit USING btree (tenant_id, at)
CREATE UNIQUE INDEX bank_account_default ON sollecito.bank_account USING btree (tenant_id) WHERE is_default
CREATE UNIQUE INDEX bank_account_pkey ON sollecito.bank_account USING btree (id)
CREATE UNIQUE INDEX bank_account_tenant_id_ref_key ON sollecito.bank_account USING btree (tenant_id, ref)
CREATE UNIQUE INDEX breaker_pkey ON sollecito.breaker USING btree (provider)
CREATE INDEX credit_due_date ON sollecito.credit USING btree (due_date_id)
CREATE UNIQUE INDEX credit_pkey ON sollecito.credit USING btree (credit_note_id, due_date_id)
CREATE INDEX credited_invoice_number ON sollecito.credited_invoice USING btree (tenant_id, number)
CREATE UNIQUE INDEX credited_invoice_pkey ON sollecito.credited_invoice USING btree (credit_note_id, "position")
CREATE INDEX customer_name ON sollecito.customer USING gin (name gin_trgm_ops)
CREATE INDEX customer_no_contact ON sollecito.customer USING btree (tenant_id, id) WHERE ((email = '{}'::text[]) AND (phone = '{}'::text[]))
CREATE UNIQUE INDEX customer_pkey ON sollecito.customer USING btree (id)
CREATE INDEX customer_tax_code ON sollecito.customer USING btree (tenant_id, tax_code) WHERE (tax_code IS NOT NULL)
CREATE UNIQUE INDEX customer_tenant_id_ref_key ON sollecito.customer USING btree (tenant_id, ref)
CREATE INDEX customer_vat_id ON sollecito.customer USING btree (tenant_id, vat_id) WHERE (vat_id IS NOT NULL)
CREATE INDEX delivery_due ON sollecito.delivery USING btree (channel, tenant_id, priority DESC, next_attempt_at, id) WHERE (status = ANY (ARRAY['accepted'::text, 'retrying'::text]))
CREATE INDEX delivery_limited ON sollecito.delivery USING btree (channel, tenant_id) WHERE ((status = 'accepted'::text) AND (reason = ANY (ARRAY['rate-limited'::text, 'minute-limit'::text, 'day-limit'::text])))
CREATE INDEX delivery_line ON sollecito.delivery USING btree (domain_of(recipient), line_at) WHERE ((line_at IS NOT NULL) AND (status = ANY (ARRAY['accepted'::text, 'retrying'::text])))
CREATE UNIQUE INDEX delivery_pkey ON sollecito.delivery USING btree (id)
CREATE INDEX delivery_provider_message ON sollecito.delivery USING btree (provider_message_id) WHERE (provider_message_id IS NOT NULL)
CREATE INDEX delivery_put_off ON sollecito.delivery USING btree (channel, tenant_id) WHERE ((status = 'accepted'::text) AND (reason = ANY (ARRAY['paused'::text, 'provider-down'::text])))
CREATE INDEX delivery_queued ON sollecito.delivery USING btree (channel, queued_at) WHERE (status = 'queued'::text)
CREATE INDEX delivery_reason ON sollecito.delivery USING btree (tenant_id, reason, reminder_id) WHERE (reason IS NOT NULL)
CREATE UNIQUE INDEX delivery_reminder_id_position_key ON sollecito.delivery USING btree (reminder_id, "position")
CREATE INDEX delivery_sending ON sollecito.delivery USING btree (channel, lease_until) WHERE (status = 'sending'::text)
CREATE INDEX delivery_unknown ON sollecito.delivery USING btree (tenant_id, updated_at) WHERE (status = 'unknown'::text)
CREATE UNIQUE INDEX delivery_message_pkey ON sollecito.delivery_message USING btree (delivery_id, claim_no)
CREATE UNIQUE INDEX dkim_key_pkey ON sollecito.dkim_key USING btree (tenant_id)
CREATE INDEX document_due_date ON sollecito.document USING btree (due_date_id)
CREATE UNIQUE INDEX document_pkey ON sollecito.document USING btree (id)
CREATE UNIQUE INDEX document_rendered ON sollecito.document USING btree (due_date_id, edition) WHERE (origin = 'rendered'::text)
CREATE INDEX due_date_amount ON sollecito.due_date USING btree (tenant_id, amount, id)
CREATE INDEX due_date_customer ON sollecito.due_date USING btree (customer_id, due_on, id)
CREATE INDEX due_date_direction ON sollecito.due_date USING btree (tenant_id, direction, due_on, id)
CREATE INDEX due_date_due_on ON sollecito.due_date USING btree (tenant_id, due_on, id) INCLUDE (customer_id, amount, updated_at, searched)
CREATE INDEX due_date_hold ON sollecito.due_date USING btree (tenant_id, hold_reason, due_on, id) WHERE (hold_reason IS NOT NULL)
CREATE INDEX due_date_invoice ON sollecito.due_date USING btree (invoice_id) WHERE (invoice_id IS NOT NULL)
CREATE INDEX due_date_not_reminded ON sollecito.due_date USING btree (tenant_id, due_on, id) WHERE ((outstanding > (0)::numeric) AND (NOT reminded))
CREATE INDEX due_date_open ON sollecito.due_date USING btree (tenant_id, direction, due_on, id) WHERE (outstanding > (0)::numeric)
CREATE UNIQUE INDEX due_date_pkey ON sollecito.due_date USING btree (id)
CREATE INDEX due_date_state ON sollecito.due_date USING btree (tenant_id, state, due_on, id)
CREATE UNIQUE INDEX due_date_tenant_id_ref_key ON sollecito.due_date USING btree (tenant_id, ref)
CREATE INDEX due_date_updated ON sollecito.due_date USING btree (tenant_id, updated_at, id)
CREATE INDEX event_due_date ON ONLY sollecito.event USING btree (due_date_id, at, id) WHERE (due_date_id IS NOT NULL)
CREATE UNIQUE INDEX event_pkey ON ONLY sollecito.event USING btree (id, at)
CREATE INDEX event_reminder ON ONLY sollecito.event USING btree (reminder_id, at, id) WHERE (reminder_id IS NOT NULL)
CREATE INDEX event_tenant ON ONLY sollecito.event USING btree (tenant_id, at, id)
CREATE INDEX event_default_due_date_id_at_id_idx ON sollecito.event_default USING btree (due_date_id, at, id) WHERE (due_date_id IS NOT NULL)
CREATE UNIQUE INDEX event_default_pkey ON sollecito.event_default USING btree (id, at)
CREATE INDEX event_default_reminder_id_at_id_idx ON sollecito.event_default USING btree (reminder_id, at, id) WHERE (reminder_id IS NOT NULL)
CREATE INDEX event_default_tenant_id_at_id_idx ON sollecito.event_default USING btree (tenant_id, at, id)
CREATE INDEX idempotency_key_age ON sollecito.idempotency_key USING btree (created_at)
CREATE UNIQUE INDEX idempotency_key_pkey ON sollecito.idempotency_key USING btree (tenant_id, key)
CREATE UNIQUE INDEX image_pkey ON sollecito.image USING btree (tenant_id, sha256)
CREATE INDEX invoice_number ON sollecito.invoice USING btree (tenant_id, number)
CREATE UNIQUE INDEX invoice_pkey ON sollecito.invoice USING btree (id)
CREATE UNIQUE INDEX invoice_tenant_id_seller_number_year_type_key ON sollecito.invoice USING btree (tenant_id, seller, number, year, type)
CREATE UNIQUE INDEX migration_pkey ON sollecito.migration USING btree (id)
CREATE UNIQUE INDEX operator_email_key ON sollecito.operator USING btree (email)
CREATE UNIQUE INDEX operator_pkey ON sollecito.operator USING btree (id)
CREATE INDEX operator_session_operator ON sollecito.operator_session USING btree (operator_id)
CREATE UNIQUE INDEX operator_session_pkey ON sollecito.operator_session USING btree (hash)
CREATE INDEX pause_active ON sollecito.pause USING btree (channel, tenant_id) WHERE (ended_at IS NULL)
CREATE UNIQUE INDEX pause_pkey ON sollecito.pause USING btree (id)
CREATE UNIQUE INDEX payment_due_date_id_ref_key ON sollecito.payment USING btree (due_date_id, ref)
CREATE UNIQUE INDEX payment_pkey ON sollecito.payment USING btree (id)
CREATE UNIQUE INDEX plan_pkey ON sollecito.plan USING btree (key)
CREATE UNIQUE INDEX plan_limit_plan_period_channel_key ON sollecito.plan_limit USING btree (plan, period, channel) NULLS NOT DISTINCT
CREATE UNIQUE INDEX quota_counter_pkey ON sollecito.quota_counter USING btree (tenant_id, month, channel, slot)
CREATE UNIQUE INDEX quota_warning_tenant_id_since_plan_period_channel_sends_per_key ON sollecito.quota_warning USING btree (tenant_id, since, plan, period, channel, sends, percent) NULLS NOT DISTINCT
CREATE INDEX reminder_channel ON sollecito.reminder USING btree (tenant_id, channel, created_at, id)
CREATE INDEX reminder_created ON sollecito.reminder USING btree (tenant_id, created_at, id)
CREATE INDEX reminder_customer ON sollecito.reminder USING btree (customer_id, created_at, id)
CREATE UNIQUE INDEX reminder_pkey ON sollecito.reminder USING btree (id)
CREATE INDEX reminder_status ON sollecito.reminder USING btree (tenant_id, status, created_at, id)
CREATE INDEX reminder_due_date_due_date ON sollecito.reminder_due_date USING btree (due_date_id, reminder_id)
CREATE UNIQUE INDEX reminder_due_date_pkey ON sollecito.reminder_due_date USING btree (reminder_id, due_date_id)
CREATE UNIQUE INDEX send_limit_channel_tenant_id_domain_key ON sollecito.send_limit USING btree (channel, tenant_id, domain) NULLS NOT DISTINCT
CREATE UNIQUE INDEX send_limit_pkey ON sollecito.send_limit USING btree (id)
CREATE INDEX sign_in_link_operator ON sollecito.sign_in_link USING btree (operator_id)
CREATE UNIQUE INDEX sign_in_link_pkey ON sollecito.sign_in_link USING btree (hash)
CREATE UNIQUE INDEX suppression_active ON sollecito.suppression USING btree (tenant_id, channel, address) WHERE (lifted_at IS NULL)
CREATE UNIQUE INDEX suppression_pkey ON sollecito.suppression USING btree (id)
CREATE INDEX template_activation_of ON sollecito.template_activation USING btree (tenant_id, key, channel, locale, at)
CREATE UNIQUE INDEX template_activation_pkey ON sollecito.template_activation USING btree (id)
CREATE UNIQUE INDEX template_version_pkey ON sollecito.template_version USING btree (id)
CREATE UNIQUE INDEX template_version_tenant_id_key_channel_locale_version_key ON sollecito.template_version USING btree (tenant_id, key, channel, locale, version)
CREATE UNIQUE INDEX tenant_pkey ON sollecito.tenant USING btree (id)
CREATE UNIQUE INDEX tenant_ref_key ON sollecito.tenant USING btree (ref)
CREATE UNIQUE INDEX tenant_turn_pkey ON sollecito.tenant_turn USING btree (tenant_id, channel)
CREATE INDEX tenant_turn_unfinished ON sollecito.tenant_turn USING btree (channel) WHERE (deficit > 0)

-- Functions
CREATE OR REPLACE FUNCTION sollecito.accept_reminders(tenant uuid, now timestamp with time zone, items jsonb, OUT n integer, OUT outcome text, OUT request_hash text, OUT status smallint, OUT body text, OUT location text, OUT exhausted jsonb)
 RETURNS SETOF record
 LANGUAGE plpgsql
 SET lock_timeout TO '5s'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.admission_facts(tenant uuid, keys text[], due_refs text[], due_ids uuid[], bank_refs text[], bank_ids uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.authenticate_key(secret_hash bytea, OUT key_id uuid, OUT tenant_id uuid, OUT scopes text[], OUT expires_at timestamp with time zone, OUT revoked_at timestamp with time zone)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'sollecito', 'pg_temp'
AS $function$
  SELECT id, tenant_id, scopes, expires_at, revoked_at FROM sollecito.api_key WHERE hash = secret_hash
$function$

CREATE OR REPLACE FUNCTION sollecito.claims_key(of_tenant uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(('sollecito.claims.'::text || (of_tenant)::text), (0)::bigint)

CREATE OR REPLACE FUNCTION sollecito.count_quota(tenant uuid, of_channel text, of_month date, reserved_by integer, used_by integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('sollecito.tenant'::text, true), ''::text))::uuid

CREATE OR REPLACE FUNCTION sollecito.deliveries_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.delivery_facts(wanted uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
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
$function$

CREATE OR REPLACE FUNCTION sollecito.document_edition(due due_date, chosen_account uuid)
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN (SELECT (format('%s t%s c%s b%s'::text, (document_edition.due).document_version, t.version, c.version, COALESCE((((b.id)::text || ' '::text) || b.version), '-'::text)) || COALESCE((SELECT (' i'::text || "left"(encode(sha256(convert_to(string_agg((s.document_version || CASE WHEN (s.voided_at IS NULL) THEN ''::text ELSE 'v'::text END), '.'::text ORDER BY s.instalment, s.id), 'UTF8'::name)), 'hex'::text), 24)) FROM due_date s WHERE ((s.invoice_id = (document_edition.due).invoice_id) AND (s.id <> (document_edition.due).id))), ''::text)) FROM ((tenant t JOIN customer c ON ((c.id = (document_edition.due).customer_id))) LEFT JOIN bank_account b ON ((b.id = COALESCE(document_edition.chosen_account, (document_edition.due).bank_account_id, (SELECT u.id FROM bank_account u WHERE ((u.tenant_id = t.id) AND u.is_default)))))) WHERE (t.id = (document_edition.due).tenant_id))

CREATE OR REPLACE FUNCTION sollecito.domain_of(recipient text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN lower("substring"(recipient, '@([^@]+)$'::text))

CREATE OR REPLACE FUNCTION sollecito.ease_domain(of_domain text, began timestamp with time zone, at timestamp with time zone, first_ms integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.ensure_event_partitions(today date, months_ahead integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'sollecito', 'pg_temp'
 SET lock_timeout TO '5s'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.exhausted_limit(tenant uuid, of_channel text, now timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  SELECT jsonb_build_object('period', s.period, 'channel', s.channel, 'limit', s.sends, 'used', s.used, 'reserved', s.reserved, 'resetsAt', s.resets_at)
  FROM sollecito.quota_standing(tenant, now) s
  WHERE (s.channel IS NULL OR s.channel = of_channel) AND s.used + s.reserved >= s.sends
  ORDER BY s.resets_at DESC NULLS FIRST, s.channel NULLS FIRST LIMIT 1
$function$

CREATE OR REPLACE FUNCTION sollecito.hold_claims(of_tenant uuid)
 RETURNS void
 LANGUAGE sql
AS $function$
  SELECT pg_advisory_xact_lock(sollecito.claims_key(of_tenant))
$function$

CREATE OR REPLACE FUNCTION sollecito.insert_reminders(tenant uuid, now timestamp with time zone, items jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.limit_wait(held send_limit, zone text, at timestamp with time zone, OUT reason text, OUT until timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.linked_document(wanted uuid, OUT name text, OUT media_type text, OUT sha256 bytea, OUT bytes bytea, OUT link_epoch smallint)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'sollecito', 'pg_temp'
AS $function$
  SELECT name, media_type, sha256, bytes, link_epoch FROM sollecito.document WHERE id = wanted
$function$

CREATE OR REPLACE FUNCTION sollecito.lock_for_claim(wanted uuid, job_dispatch_no integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.mailbox_key(recipient text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN lower(recipient)

CREATE OR REPLACE FUNCTION sollecito.missing_documents(of_reminder uuid)
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
RETURN ARRAY(SELECT u.id FROM ((reminder r JOIN reminder_due_date l ON ((l.reminder_id = r.id))) JOIN due_date u ON ((u.id = l.due_date_id))) WHERE ((r.id = missing_documents.of_reminder) AND r.attach_document AND ((u.outstanding > (0)::numeric) OR ((r.template = 'thank-you'::text) AND (u.voided_at IS NULL))) AND (u.own_document_id IS NULL) AND (NOT (EXISTS (SELECT 1 FROM document k WHERE ((k.due_date_id = u.id) AND (k.edition = document_edition(u.*, r.bank_account_id)) AND (k.origin = 'rendered'::text)))))) ORDER BY l."position")

CREATE OR REPLACE FUNCTION sollecito.month_of(at timestamp with time zone, time_zone text)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (date_trunc('month'::text, (at AT TIME ZONE time_zone)))::date

CREATE OR REPLACE FUNCTION sollecito.move_delivery(wanted uuid, target text, sources text[], why text, now timestamp with time zone, due_at timestamp with time zone, token uuid, job_dispatch_no integer, new_attempts integer, new_prepare_failures integer, new_generation integer, new_resends integer, message_id text, is_taken boolean, shown jsonb, hidden jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.next_due(of_channel text, of_tenant uuid, at timestamp with time zone, most bigint, OUT id uuid, OUT reminder_id uuid, OUT turn_at timestamp with time zone)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE
AS $function$
  SELECT d.id, d.reminder_id, d.turn_at
  FROM generate_series(9, 0, -1) AS level, LATERAL (
    SELECT w.id, w.reminder_id, w.next_attempt_at - make_interval(mins => 5 * level) AS turn_at
    FROM sollecito.delivery w
    WHERE w.channel = of_channel AND w.tenant_id = of_tenant AND w.priority = level AND w.status IN ('accepted', 'retrying') AND w.next_attempt_at <= at
    ORDER BY w.next_attempt_at, w.id LIMIT most
  ) d
  ORDER BY d.turn_at, d.id LIMIT most
$function$

CREATE OR REPLACE FUNCTION sollecito.plan_key(of_tenant uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(('sollecito.plan.'::text || (of_tenant)::text), (0)::bigint)

CREATE OR REPLACE FUNCTION sollecito.provider_of(of_channel text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE of_channel WHEN 'email'::text THEN 'smtp'::text WHEN 'sms'::text THEN 'smsapi'::text ELSE NULL::text END

CREATE OR REPLACE FUNCTION sollecito.quota_key(of_tenant uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(('sollecito.quota.'::text || (of_tenant)::text), (0)::bigint)

CREATE OR REPLACE FUNCTION sollecito.quota_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM sollecito.count_quota(
    NEW.tenant_id, NEW.channel, NEW.quota_month,
    (NEW.quota_state = 'reserved')::integer - (OLD.quota_state = 'reserved')::integer,
    (NEW.quota_state = 'used')::integer - (OLD.quota_state = 'used')::integer
  );
  IF OLD.quota_state = 'released' THEN PERFORM sollecito.warn_of_quota(NEW.tenant_id, NEW.updated_at); END IF;
  RETURN NULL;
END $function$

CREATE OR REPLACE FUNCTION sollecito.quota_standing(tenant uuid, now timestamp with time zone, OUT plan text, OUT period text, OUT channel text, OUT sends integer, OUT since date, OUT resets_at timestamp with time zone, OUT used integer, OUT reserved integer)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE
AS $function$
  SELECT l.plan, l.period, l.channel, l.sends, s.since, CASE l.period WHEN 'month' THEN (s.since + interval '1 month') AT TIME ZONE t.time_zone END,
    coalesce(sum(c.used), 0)::integer, coalesce(sum(c.reserved), 0)::integer
  FROM sollecito.tenant t
  JOIN sollecito.plan_limit l ON l.plan = t.plan
  CROSS JOIN LATERAL (SELECT CASE l.period WHEN 'month' THEN sollecito.month_of(now, t.time_zone) ELSE '-infinity' END AS since) s
  LEFT JOIN sollecito.quota_counter c ON c.tenant_id = t.id AND c.month = s.since AND (l.channel IS NULL OR c.channel = l.channel)
  WHERE t.id = tenant
  GROUP BY l.plan, l.period, l.channel, l.sends, s.since, t.time_zone
$function$

CREATE OR REPLACE FUNCTION sollecito.quota_state(statuses text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (statuses && ARRAY['sent'::text, 'delivered'::text, 'bounced'::text, 'complained'::text]) THEN 'used'::text WHEN (statuses <@ ARRAY['failed'::text, 'skipped'::text, 'canceled'::text]) THEN 'released'::text ELSE 'reserved'::text END

CREATE OR REPLACE FUNCTION sollecito.rate_of(held send_limit)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
RETURN LEAST((held).per_second, (1000.0 / (NULLIF((held).gap_ms, 0))::numeric))

CREATE OR REPLACE FUNCTION sollecito.refuse_unit(tenant uuid, of_channel text, now timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(sollecito.plan_key(tenant));
  IF NOT EXISTS (SELECT FROM sollecito.tenant t JOIN sollecito.plan_limit l ON l.plan = t.plan WHERE t.id = tenant) THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(sollecito.quota_key(tenant));
  RETURN sollecito.exhausted_limit(tenant, of_channel, now);
END $function$

CREATE OR REPLACE FUNCTION sollecito.reminder_status(statuses text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT precedence.candidate FROM unnest(ARRAY['sending'::text, 'queued'::text, 'retrying'::text, 'accepted'::text, 'unknown'::text, 'delivered'::text, 'sent'::text, 'complained'::text, 'bounced'::text, 'failed'::text, 'skipped'::text, 'canceled'::text]) WITH ORDINALITY precedence(candidate, rank) WHERE (precedence.candidate = ANY (reminder_status.statuses)) ORDER BY precedence.rank LIMIT 1)

CREATE OR REPLACE FUNCTION sollecito.slow_domain(of_domain text, began timestamp with time zone, at timestamp with time zone, doubles boolean, wish_ms integer, first_ms integer, longest_ms integer, most integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.spend_limits(of_channel text, of_tenant uuid, recipient text, at timestamp with time zone, turn timestamp with time zone DEFAULT NULL::timestamp with time zone, OUT reason text, OUT until timestamp with time zone, OUT line_at timestamp with time zone, OUT slowed boolean)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.spendable(limits send_limit, zone text, at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 STABLE
RETURN floor(LEAST((CASE WHEN ((limits).closed_until > at) THEN 0 ELSE NULL::integer END)::numeric, CASE WHEN ((limits).per_second IS NOT NULL) THEN LEAST(GREATEST((1)::numeric, (1.25 * (limits).per_second)), ((limits).tokens + ((limits).per_second * GREATEST((0)::numeric, EXTRACT(epoch FROM (at - (limits).refilled_at)))))) ELSE NULL::numeric END, (((limits).per_minute - CASE WHEN ((limits).minute >= date_trunc('minute'::text, at)) THEN (limits).minute_used ELSE 0 END))::numeric, (((limits).per_day - CASE WHEN ((limits).day >= ((at AT TIME ZONE zone))::date) THEN (limits).day_used ELSE 0 END))::numeric))

CREATE OR REPLACE FUNCTION sollecito.status_in_doubt(doubt boolean, target text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (doubt AND (target = ANY (ARRAY['canceled'::text, 'skipped'::text, 'failed'::text]))) THEN 'unknown'::text ELSE target END

CREATE OR REPLACE FUNCTION sollecito.take_turn(held send_limit, at timestamp with time zone, turn timestamp with time zone, OUT reason text, OUT until timestamp with time zone, OUT line_at timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION sollecito.tenant_for_operators(wanted text, OUT id uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'sollecito', 'pg_temp'
AS $function$
  SELECT id FROM sollecito.tenant WHERE ref = wanted
$function$

CREATE OR REPLACE FUNCTION sollecito.tenant_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO sollecito.tenant_turn (tenant_id, channel) VALUES (NEW.id, 'email'), (NEW.id, 'sms');
  RETURN NULL;
END $function$

CREATE OR REPLACE FUNCTION sollecito.tenants_for_operators(OUT id uuid, OUT ref text, OUT name text)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'sollecito', 'pg_temp'
AS $function$
  SELECT id, ref, name FROM sollecito.tenant ORDER BY ref
$function$

CREATE OR REPLACE FUNCTION sollecito.tokens_at(held send_limit, at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
RETURN CASE WHEN (rate_of(held) IS NOT NULL) THEN round(LEAST(CASE WHEN ((held).gap_ms > 0) THEN (1)::numeric ELSE GREATEST((1)::numeric, (1.25 * (held).per_second)) END, ((held).tokens + (rate_of(held) * GREATEST((0)::numeric, EXTRACT(epoch FROM (at - (held).refilled_at)))))), 6) ELSE NULL::numeric END

CREATE OR REPLACE FUNCTION sollecito.warn_of_quota(tenant uuid, now timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
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
$function$


-- Triggers
CREATE TRIGGER deliveries_moved AFTER UPDATE ON sollecito.delivery REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION deliveries_moved()
CREATE TRIGGER quota_moved AFTER UPDATE OF quota_state ON sollecito.reminder FOR EACH ROW WHEN ((old.quota_state IS DISTINCT FROM new.quota_state)) EXECUTE FUNCTION quota_moved()
CREATE TRIGGER tenant_made AFTER INSERT ON sollecito.tenant FOR EACH ROW EXECUTE FUNCTION tenant_made()

-- Row-level security
api_key: on, forced
audit: on, forced
bank_account: on, forced
breaker: off
credit: on, forced
credited_invoice: on, forced
customer: on, forced
delivery: on, forced
delivery_message: on, forced
dkim_key: on, forced
document: on, forced
due_date: on, forced
event: on, forced
event_default: off
idempotency_key: on, forced
image: on, forced
invoice: on, forced
migration: off
operator: off
operator_session: off
pause: on, forced
payment: on, forced
plan: off
plan_limit: off
quota_counter: on, forced
quota_warning: on, forced
reminder: on, forced
reminder_due_date: on, forced
send_limit: on, forced
sign_in_link: off
suppression: on, forced
template_activation: on, forced
template_version: on, forced
tenant: on, forced
tenant_turn: on, forced

-- Policies
api_key: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
api_key: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
audit: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
audit: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
bank_account: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
bank_account: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
credit: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
credit: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
credited_invoice: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
credited_invoice: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
customer: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
customer: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
delivery: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
delivery: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
delivery_message: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
delivery_message: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
dkim_key: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
dkim_key: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
document: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
document: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
due_date: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
due_date: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
event: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
event: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
idempotency_key: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
idempotency_key: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
image: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
image: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
invoice: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
invoice: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
pause: of_all FOR SELECT TO sollecito_api USING ((tenant_id IS NULL)) CHECK ()
pause: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
pause: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
pause: own_delete FOR DELETE TO sollecito_api USING ((NOT by_platform)) CHECK ()
pause: own_insert FOR INSERT TO sollecito_api USING () CHECK ((NOT by_platform))
pause: own_update FOR UPDATE TO sollecito_api USING ((NOT by_platform)) CHECK ((NOT by_platform))
payment: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
payment: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
quota_counter: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
quota_counter: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
quota_warning: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
quota_warning: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
reminder: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
reminder: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
reminder_due_date: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
reminder_due_date: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
send_limit: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
send_limit: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
suppression: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
suppression: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
template_activation: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
template_activation: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
template_version: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
template_version: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
tenant: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
tenant: of_tenant FOR ALL TO sollecito_api USING ((id = ( SELECT current_tenant() AS current_tenant))) CHECK ((id = ( SELECT current_tenant() AS current_tenant)))
tenant_turn: of_service FOR ALL TO sollecito_service USING (true) CHECK (true)
tenant_turn: of_tenant FOR ALL TO sollecito_api USING ((tenant_id = ( SELECT current_tenant() AS current_tenant))) CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)))

-- What the roles may do with tables
api_key: sollecito_api may DELETE, INSERT, SELECT, UPDATE
api_key: sollecito_service may DELETE, INSERT, SELECT, UPDATE
audit: sollecito_api may INSERT, SELECT
audit: sollecito_service may INSERT, SELECT
bank_account: sollecito_api may DELETE, INSERT, SELECT, UPDATE
bank_account: sollecito_service may DELETE, INSERT, SELECT, UPDATE
breaker: sollecito_api may SELECT
breaker: sollecito_service may DELETE, INSERT, SELECT, UPDATE
credit: sollecito_api may DELETE, INSERT, SELECT, UPDATE
credit: sollecito_service may DELETE, INSERT, SELECT, UPDATE
credited_invoice: sollecito_api may DELETE, INSERT, SELECT, UPDATE
credited_invoice: sollecito_service may DELETE, INSERT, SELECT, UPDATE
customer: sollecito_api may DELETE, INSERT, SELECT, UPDATE
customer: sollecito_service may DELETE, INSERT, SELECT, UPDATE
delivery: sollecito_api may DELETE, INSERT, SELECT, UPDATE
delivery: sollecito_service may DELETE, INSERT, SELECT, UPDATE
delivery_message: sollecito_api may DELETE, INSERT, SELECT, UPDATE
delivery_message: sollecito_service may DELETE, INSERT, SELECT, UPDATE
dkim_key: sollecito_api may DELETE, INSERT, SELECT, UPDATE
dkim_key: sollecito_service may DELETE, INSERT, SELECT, UPDATE
document: sollecito_api may DELETE, INSERT, SELECT, UPDATE
document: sollecito_service may DELETE, INSERT, SELECT, UPDATE
due_date: sollecito_api may DELETE, INSERT, SELECT, UPDATE
due_date: sollecito_service may DELETE, INSERT, SELECT, UPDATE
event: sollecito_api may INSERT, SELECT
event: sollecito_service may INSERT, SELECT
idempotency_key: sollecito_api may DELETE, INSERT, SELECT, UPDATE
idempotency_key: sollecito_service may DELETE, INSERT, SELECT, UPDATE
image: sollecito_api may INSERT, SELECT
image: sollecito_service may INSERT, SELECT
invoice: sollecito_api may DELETE, INSERT, SELECT, UPDATE
invoice: sollecito_service may DELETE, INSERT, SELECT, UPDATE
migration: sollecito_api may SELECT
migration: sollecito_service may DELETE, INSERT, SELECT, UPDATE
operator: sollecito_api may DELETE, INSERT, SELECT, UPDATE
operator: sollecito_service may DELETE, INSERT, SELECT, UPDATE
operator_session: sollecito_api may DELETE, INSERT, SELECT, UPDATE
operator_session: sollecito_service may DELETE, INSERT, SELECT, UPDATE
pause: sollecito_api may DELETE, INSERT, SELECT, UPDATE
pause: sollecito_service may DELETE, INSERT, SELECT, UPDATE
payment: sollecito_api may DELETE, INSERT, SELECT, UPDATE
payment: sollecito_service may DELETE, INSERT, SELECT, UPDATE
plan: sollecito_api may SELECT
plan: sollecito_service may DELETE, INSERT, SELECT, UPDATE
plan_limit: sollecito_api may SELECT
plan_limit: sollecito_service may DELETE, INSERT, SELECT, UPDATE
quota_counter: sollecito_api may DELETE, INSERT, SELECT, UPDATE
quota_counter: sollecito_service may DELETE, INSERT, SELECT, UPDATE
quota_warning: sollecito_api may INSERT, SELECT
quota_warning: sollecito_service may INSERT, SELECT
reminder: sollecito_api may DELETE, INSERT, SELECT, UPDATE
reminder: sollecito_service may DELETE, INSERT, SELECT, UPDATE
reminder_due_date: sollecito_api may DELETE, INSERT, SELECT, UPDATE
reminder_due_date: sollecito_service may DELETE, INSERT, SELECT, UPDATE
send_limit: sollecito_api may SELECT
send_limit: sollecito_service may DELETE, INSERT, SELECT, UPDATE
sign_in_link: sollecito_api may DELETE, INSERT, SELECT, UPDATE
sign_in_link: sollecito_service may DELETE, INSERT, SELECT, UPDATE
suppression: sollecito_api may DELETE, INSERT, SELECT, UPDATE
suppression: sollecito_service may DELETE, INSERT, SELECT, UPDATE
template_activation: sollecito_api may INSERT, SELECT
template_activation: sollecito_service may INSERT, SELECT
template_version: sollecito_api may INSERT, SELECT
template_version: sollecito_service may INSERT, SELECT
tenant: sollecito_api may SELECT
tenant: sollecito_service may DELETE, INSERT, SELECT, UPDATE
tenant_turn: sollecito_api may SELECT
tenant_turn: sollecito_service may DELETE, INSERT, SELECT, UPDATE

-- Who may call a function
accept_reminders: everyone
admission_facts: everyone
authenticate_key: sollecito_api, sollecito_service
claims_key: everyone
count_quota: everyone
current_tenant: everyone
deliveries_moved: everyone
delivery_facts: everyone
document_edition: everyone
domain_of: everyone
ease_domain: everyone
ensure_event_partitions: sollecito_service
exhausted_limit: everyone
hold_claims: everyone
insert_reminders: everyone
limit_wait: everyone
linked_document: sollecito_api, sollecito_service
lock_for_claim: everyone
mailbox_key: everyone
missing_documents: everyone
month_of: everyone
move_delivery: everyone
next_due: everyone
plan_key: everyone
provider_of: everyone
quota_key: everyone
quota_moved: everyone
quota_standing: everyone
quota_state: everyone
rate_of: everyone
refuse_unit: everyone
reminder_status: everyone
slow_domain: everyone
spend_limits: everyone
spendable: everyone
status_in_doubt: everyone
take_turn: everyone
tenant_for_operators: sollecito_api, sollecito_service
tenant_made: everyone
tenants_for_operators: sollecito_api, sollecito_service
tokens_at: everyone
warn_of_quota: everyone
