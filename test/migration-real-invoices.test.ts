import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const before = ['001-schema', '002-rules', '003-walls', '004-accept', '005-claim'];

// Of three letters that stand for bytes, the padding, both ways to go without it, and a letter that stands for nothing.
const logos = ['iVBORw0KGgoA', 'iVBORw0KGgo=', 'iVBORw0KGgo', 'iVBORw0KGgoAAA', 'iVBORw0KGgoAAA==', 'iVBORw0KGgoAB'];

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
  await run('006-real-invoices');
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

/** Tenants with every form of a logo; a credit note and an invoice; due dates in each state. */
async function fill(): Promise<void> {
  const references = [
    { kind: 'order', number: 'A', date: null },
    { kind: 'invoice', number: '12', date: '2026-01-20' },
    { kind: 'invoice', number: '13', date: null },
  ];
  await client.query(
    `INSERT INTO sollecito.tenant (id, ref, name, plan, time_zone, country, locale, unknown_policy, contact_gap_days, binds_callers, version, logo, created_at, updated_at)
     SELECT uuidv7(), 't' || n, 'T', 'medium', 'Europe/Rome', 'IT', 'it', 'hold', 0, false, 1, logo, now(), now()
     FROM unnest($1::text[]) WITH ORDINALITY AS v (logo, n)`,
    [[...logos.map((letters) => `data:image/png;base64,${letters}`), 'https://example.com/logo.png', null]],
  );
  await client.query(
    `INSERT INTO sollecito.customer (id, tenant_id, ref, name, kind, created_at, updated_at)
     SELECT uuidv7(), id, 'c', 'C', 'business', now(), now() FROM sollecito.tenant WHERE ref = 't1'`,
  );
  await client.query(
    `INSERT INTO sollecito.invoice (id, tenant_id, seller, number, year, type, data, created_at, updated_at)
     SELECT uuidv7(), id, 'S', number, 2026, type, jsonb_build_object('references', $1::jsonb), now(), now()
     FROM sollecito.tenant, (VALUES ('N1', 'creditNote'), ('12', 'invoice')) AS v (number, type) WHERE ref = 't1'`,
    [JSON.stringify(references)],
  );
  await client.query(
    `INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, due_on, amount, paid, voided_at, currency, created_at, updated_at)
     SELECT uuidv7(), c.tenant_id, v.ref, c.id, 'receivable', '2026-02-20', 100, v.paid, v.voided_at, 'EUR', now(), now()
     FROM sollecito.customer c, (VALUES ('open', 0, NULL), ('part', 40, NULL), ('paid', 100, NULL), ('void', 0, now())) AS v (ref, paid, voided_at)`,
  );
  await client.query('ANALYZE sollecito.due_date');
}

test('a logo of before is kept as the image that it is, padded or not', async () => {
  const { rows } = await client.query<{ bytes: Buffer; media_type: string }>(
    `SELECT i.bytes, i.media_type FROM sollecito.tenant t JOIN sollecito.image i ON i.tenant_id = t.id AND i.sha256 = t.logo_sha256 ORDER BY t.ref`,
  );
  expect(rows).toEqual(logos.map((letters) => ({ bytes: Buffer.from(letters, 'base64'), media_type: 'image/png' })));
});

test('what credit notes of before name is known', async () => {
  const { rows } = await client.query<{ number: string; date: string | null }>(
    'SELECT number, date::text FROM sollecito.credited_invoice ORDER BY position',
  );
  expect(rows).toEqual([
    { number: '12', date: '2026-01-20' },
    { number: '13', date: null },
  ]);
});

test('due dates stand as they stood, and are planned for as before', async () => {
  const { rows } = await client.query('SELECT ref, state, outstanding::float FROM sollecito.due_date ORDER BY ref');
  expect(rows).toEqual([
    { ref: 'open', state: 'open', outstanding: 100 },
    { ref: 'paid', state: 'paid', outstanding: 0 },
    { ref: 'part', state: 'partlyPaid', outstanding: 60 },
    { ref: 'void', state: 'void', outstanding: 0 },
  ]);
  const { rows: known } = await client.query<{ attname: string }>(
    `SELECT attname FROM pg_stats WHERE schemaname = 'sollecito' AND tablename = 'due_date' AND attname IN ('state', 'outstanding', 'credited') ORDER BY 1`,
  );
  expect(known.map(({ attname }) => attname)).toEqual(['credited', 'outstanding', 'state']);
});

test('the document of one of very many instalments can be kept', async () => {
  await client.query(
    `WITH due AS (
       INSERT INTO sollecito.due_date (id, tenant_id, ref, customer_id, direction, due_on, amount, currency, invoice_id, instalment, document_version, created_at, updated_at)
       SELECT uuidv7(), c.tenant_id, 'many/' || n, c.id, 'receivable', '2026-02-20', 1, 'EUR', i.id, n, 1 + n * 7919 % 10007, now(), now()
       FROM sollecito.customer c, sollecito.invoice i, generate_series(1, 5000) AS n WHERE i.number = '12'
     ) SELECT`,
  );
  const edition = `sollecito.document_edition(d, NULL)`;
  await client.query(
    `INSERT INTO sollecito.document (id, tenant_id, due_date_id, origin, edition, name, sha256, bytes, created_at)
     SELECT uuidv7(), d.tenant_id, d.id, 'rendered', ${edition}, 'x', sha256('x'), 'x', now() FROM sollecito.due_date d WHERE d.ref = 'many/1'`,
  );
  const stands = `SELECT o.edition = ${edition} AS stands FROM sollecito.document o JOIN sollecito.due_date d ON d.id = o.due_date_id`;
  expect((await client.query(stands)).rows).toEqual([{ stands: true }]);
  await client.query(`UPDATE sollecito.due_date SET document_version = document_version + 1 WHERE ref = 'many/5000'`);
  expect((await client.query(stands)).rows).toEqual([{ stands: false }]);
});
