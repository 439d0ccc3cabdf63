import type { Client } from 'pg';

/** How much of it there is: of all tenants together, and of the largest alone. */
type LedgerSize = { tenants: number; dueDates: number; largest: number; events: number };

/**
 * Fills the database with the due dates of many tenants as years of work leave them: paid, owed, held and void, reminded
 * or not, of companies and persons with and without an address. The tenant with the ref `largest` is there already.
 * @param day today.
 */
export async function fillLedger(client: Client, size: LedgerSize, largest: string, day: string): Promise<void> {
  await client.query(
    `INSERT INTO sollecito.tenant (id, ref, name, plan, created_at, updated_at)
     SELECT uuidv7(), 'tenant-' || n, 'Tenant ' || n, 'large', now(), now() FROM generate_series(2, $1::integer) AS n`,
    [size.tenants],
  );
  await client.query(
    `CREATE TEMP TABLE owner AS
     SELECT t.id AS tenant_id, row_number() OVER (ORDER BY t.ref <> $1) AS place, 0 AS many FROM sollecito.tenant t`,
    [largest],
  );
  const each = Math.ceil((size.dueDates - size.largest) / (size.tenants - 1));
  await client.query('UPDATE owner SET many = CASE place WHEN 1 THEN $1::integer ELSE $2::integer END', [
    size.largest,
    each,
  ]);
  for (const statement of [customers, dueDates(day), reminders, links]) await client.query(statement);
  await client.query(events, [size.events / size.dueDates]);
  await client.query('VACUUM ANALYZE');
}

// Ten due dates a customer. random() decides once a row: what follows from it stands in a subquery.
const customers = `
  INSERT INTO sollecito.customer (id, tenant_id, ref, kind, name, email, phone, created_at, updated_at)
  SELECT uuidv7(), tenant_id, 'CL-' || lpad(n::text, 6, '0'), CASE WHEN person THEN 'consumer' ELSE 'business' END,
    CASE WHEN person THEN given || ' ' || family ELSE trade || ' ' || family || ' ' || form END,
    CASE WHEN contact < 0.8 THEN ARRAY['customer-' || n || '@bench.example'] ELSE '{}' END,
    CASE WHEN contact BETWEEN 0.4 AND 0.9 THEN ARRAY['+39333' || lpad(n::text, 7, '0')] ELSE '{}' END, now(), now()
  FROM (
    SELECT o.tenant_id, n, random() < 0.2 AS person, random() AS contact,
      (ARRAY['Anna','Bruno','Carla','Dario','Elena','Fabio','Giulia','Hans','Irene','Luca','Marta','Nicola'])[1 + floor(random() * 12)] AS given,
      (ARRAY['Rossi','Bianchi','Ferrari','Esposito','Russo','Colombo','Ricci','Marino','Greco','Bruno','Gallo','Conti','Costa','Giordano','Mancini','Rizzo','Lombardi','Moretti','Barbieri','Fontana','Santoro','Mariani','Rinaldi','Caruso','Ferrara','Galli','Martini','Leone','Longo','Gentile','Martinelli','Vitale','Lombardo','Serra','Coppola','Villa','Conte','Ferretti','Pellegrini','Palumbo'])[1 + floor(random() * 40)]
        || CASE WHEN random() < 0.3 THEN ' ' || chr(65 + floor(random() * 26)::integer) || chr(97 + floor(random() * 26)::integer) || 'a' ELSE '' END AS family,
      (ARRAY['Officine','Fonderie','Autotrasporti','Edilizia','Forniture','Studio','Cantine','Panificio','Tessitura','Grafiche','Impianti','Carpenteria'])[1 + floor(random() * 12)] AS trade,
      (ARRAY['S.r.l.','S.p.A.','S.n.c.','S.a.s.'])[1 + floor(random() * 4)] AS form
    FROM owner o, generate_series(1, greatest(1, o.many / 10)) AS n
  ) c`;

// From two years back to four months ahead. What fell due long ago is mostly paid.
const dueDates = (day: string): string => `
  CREATE TEMP TABLE customer_no AS
    SELECT id AS customer_id, tenant_id, row_number() OVER (PARTITION BY tenant_id ORDER BY ref) AS n FROM sollecito.customer;
  CREATE UNIQUE INDEX ON customer_no (tenant_id, n);
  ANALYZE customer_no;
  INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, document_number, document_date, due_on, amount, paid,
    currency, voided_at, hold_reason, hold_until, reminded, created_at, updated_at)
  SELECT uuidv7(), d.tenant_id, 'SC-' || lpad(d.n::text, 7, '0'), c.customer_id, direction,
    'FT/' || extract(year FROM due_on - 30) || '/' || lpad((d.n % 100000)::text, 6, '0'), due_on - 30, due_on, amount,
    CASE WHEN voided OR due_on > '${day}' THEN 0 WHEN settled < 0.85 - 0.6 * (due_on > '${day}'::date - 60)::integer THEN amount WHEN settled > 0.97 THEN round(amount / 2, 2) ELSE 0 END,
    'EUR', CASE WHEN voided THEN now() END, hold, CASE WHEN hold = 'promised' THEN '${day}'::date + 10 WHEN hold = 'paused' AND d.n % 2 = 0 THEN '${day}'::date - 5 END,
    direction = 'receivable' AND NOT voided AND due_on < '${day}' AND told < 0.5,
    (due_on - 30)::timestamptz, least(now(), (due_on - 30)::timestamptz + make_interval(secs => told * 86400 * 90))
  FROM (
    SELECT o.tenant_id, n, o.many, '${day}'::date - 730 + floor(random() * 850)::integer AS due_on, round((10 ^ (1.5 + 3 * random()))::numeric, 2) AS amount,
      CASE WHEN random() < 0.75 THEN 'receivable' ELSE 'payable' END AS direction, random() < 0.02 AS voided, random() AS settled, random() AS told,
      (ARRAY['disputed','promised','paused'])[1 + floor(random() * 100)] AS hold
    FROM owner o, generate_series(1, o.many) AS n
  ) d JOIN customer_no c ON c.tenant_id = d.tenant_id AND c.n = 1 + (d.n % greatest(1, d.many / 10))`;

const reminders = `
  CREATE TEMP TABLE told AS SELECT uuidv7() AS reminder_id, id, tenant_id, customer_id, due_on FROM sollecito.due_date WHERE reminded;
  INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, status, origin, actor, recipients, send_at, quota_state, quota_month, taken_at, created_at, updated_at)
  SELECT reminder_id, tenant_id, customer_id, 'email', 'delivered', 'api', 'key:bench', 'customer', due_on + 3, 'used', date_trunc('month', due_on + 3), due_on + 3, due_on + 3, due_on + 3
  FROM told`;

const links = `
  INSERT INTO sollecito.reminder_due_date (reminder_id, due_date_id, tenant_id, position)
  SELECT reminder_id, id, tenant_id, 0 FROM told`;

const events = `
  INSERT INTO sollecito.event (at, tenant_id, due_date_id, type, detail)
  SELECT d.created_at + make_interval(days => n), d.tenant_id, d.id, 'due-date.changed', '{"by":"key:bench"}'
  FROM sollecito.due_date d, generate_series(1, $1::integer) AS n`;
