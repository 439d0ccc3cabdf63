import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const before = ['001-schema', '002-rules', '003-walls', '004-accept', '005-claim', '006-real-invoices', '007-limits'];

let client: Client;
let database: string;
beforeAll(async () => {
  const server = new Client({ connectionString: inject('postgresUrl') });
  database = `migrated_${randomBytes(8).toString('hex')}`;
  await server.connect();
  await server.query(`CREATE DATABASE ${database}`);
  await server.end();
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query('CREATE SCHEMA sollecito; CREATE TABLE sollecito.migration (id integer PRIMARY KEY)');
  for (const name of before) await run(name);
  await fill();
  await run('009-quota');
});
afterAll(async () => {
  await client.end();
  const server = new Client({ connectionString: inject('postgresUrl') });
  await server.connect();
  await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await server.end();
});

async function run(name: string): Promise<void> {
  const file = path.join(import.meta.dirname, `../src/store/migrations/${name}.sql`);
  await client.query(`BEGIN; ${await readFile(file, 'utf8')}; COMMIT`);
}

/** A tenant in Rome and one in New York, with the same reminders; the third was made when it was March in Rome alone. */
async function fill(): Promise<void> {
  await client.query(
    `INSERT INTO sollecito.tenant (id, ref, name, plan, time_zone, created_at, updated_at)
     SELECT uuidv7(), 'in ' || zone, 'T', 'essential', zone, now(), now() FROM unnest(ARRAY['Europe/Rome', 'America/New_York']) AS zone;
     INSERT INTO sollecito.customer (id, tenant_id, ref, name, kind, created_at, updated_at)
     SELECT uuidv7(), id, 'c', 'C', 'business', now(), now() FROM sollecito.tenant;
     INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, origin, actor, recipients, send_at, quota_state, created_at, updated_at)
     SELECT uuidv7(), c.tenant_id, c.id, r.channel, 'api', 'key:test', 'customer', r.at::timestamptz, r.state, r.at::timestamptz, now()
     FROM sollecito.customer c CROSS JOIN (VALUES
       ('email', '2026-02-10T09:00:00Z', 'used'), ('sms', '2026-02-11T09:00:00Z', 'reserved'), ('email', '2026-02-28T23:30:00Z', 'used'),
       ('email', '2026-03-10T09:00:00Z', 'reserved'), ('email', '2026-03-11T09:00:00Z', 'released')) AS r (channel, at, state)`,
  );
}

test('the counters are moved into channels and months of the tenant’s zone, beside their totals', async () => {
  const { rows } = await client.query<{ counted: string }>(
    `SELECT concat_ws(' ', t.ref, c.month, c.channel, c.reserved, c.used) AS counted FROM sollecito.quota_counter c JOIN sollecito.tenant t ON t.id = c.tenant_id
     ORDER BY t.ref DESC, c.month, c.channel`,
  );
  expect(rows.map(({ counted }) => counted)).toEqual([
    'in Europe/Rome -infinity email 1 2',
    'in Europe/Rome -infinity sms 1 0',
    'in Europe/Rome 2026-02-01 email 0 1',
    'in Europe/Rome 2026-02-01 sms 1 0',
    'in Europe/Rome 2026-03-01 email 1 1',
    'in America/New_York -infinity email 1 2',
    'in America/New_York -infinity sms 1 0',
    'in America/New_York 2026-02-01 email 0 2',
    'in America/New_York 2026-02-01 sms 1 0',
    'in America/New_York 2026-03-01 email 1 0',
  ]);
});

test('the plans keep their limits', async () => {
  const { rows } = await client.query(
    'SELECT p.key, l.period, l.channel, l.sends FROM sollecito.plan p LEFT JOIN sollecito.plan_limit l ON l.plan = p.key ORDER BY 1',
  );
  expect(rows).toEqual([
    { key: 'essential', period: 'total', channel: null, sends: 5 },
    { key: 'large', period: null, channel: null, sends: null },
    { key: 'medium', period: null, channel: null, sends: null },
  ]);
});
