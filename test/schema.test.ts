import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOrm } from '../src/store/database.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { schemaDump } from './support/schema-dump.ts';

const file = path.join(import.meta.dirname, '../src/store/schema.sql');

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('the migrations make the schema that src/store/schema.sql shows', async () => {
  const dump = await schemaDump(client);
  if (process.env['UPDATE_SCHEMA'] === '1') await writeFile(file, dump);
  expect(dump).toBe(await readFile(file, 'utf8').catch(() => ''));
});

describe('the entities of MikroORM', () => {
  test('have every column of their tables, by its type and its nullability, and no other', async () => {
    const { rows } = await client.query<{
      table: string;
      column: string;
      type: string;
      nullable: boolean;
      generated: boolean;
    }>(
      `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable, a.attgenerated <> '' AS generated
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind = 'r'`,
    );
    const orm = await openOrm(database.url, { max: 1 });
    try {
      const entities = [...orm.getMetadata().getAll().values()];
      expect(entities.length).toBeGreaterThan(5);
      for (const entity of entities) {
        const properties = Object.values(entity.properties).map((property) => ({
          column: property.fieldNames[0],
          type: canonical(property.columnTypes[0] ?? ''),
          nullable: property.nullable ?? false,
          written: property.persist !== false,
        }));
        const columns = rows
          .filter((row) => row.table === entity.tableName)
          .map((row) => ({ column: row.column, type: row.type, nullable: row.nullable, written: !row.generated }));
        expect(byColumn(properties), entity.tableName).toEqual(byColumn(columns));
      }
    } finally {
      await orm.close(true);
    }
  });
});

describe('every table that holds a tenant’s rows', () => {
  test('has the second wall, forced, for both roles; its parts cannot be read past it', async () => {
    const { rows } = await client.query<{
      table: string;
      forced: boolean;
      policies: string[];
      part: boolean;
      api: boolean;
    }>(
      `SELECT c.relname AS table, c.relrowsecurity AND c.relforcerowsecurity AS forced, c.relispartition AS part,
         ARRAY(SELECT policyname::text FROM pg_policies p WHERE p.schemaname = 'sollecito' AND p.tablename = c.relname ORDER BY 1) AS policies,
         has_table_privilege('sollecito_api', c.oid, 'SELECT, INSERT, UPDATE, DELETE') AS api
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
       WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind IN ('r', 'p')`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { table, forced, policies, part, api } of rows) {
      if (part) expect(api, table).toBe(false);
      else {
        expect(forced, table).toBe(true);
        expect(policies, table).toEqual(expect.arrayContaining(['of_service', 'of_tenant']));
      }
    }
  });

  test('has an index for each of its foreign keys that rows are found by', async () => {
    // The tenant's own is left out: no tenant is ever deleted.
    const { rows } = await client.query<{ key: string }>(
      `SELECT k.conrelid::regclass || ' ' || pg_get_constraintdef(k.oid) AS key FROM pg_constraint k
       WHERE k.contype = 'f' AND k.connamespace = 'sollecito'::regnamespace AND k.confrelid IN ('sollecito.customer'::regclass,
         'sollecito.due_date'::regclass, 'sollecito.reminder'::regclass, 'sollecito.delivery'::regclass, 'sollecito.operator'::regclass)
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])`,
    );
    expect(rows.map(({ key }) => key)).toEqual([]);
  });
});

function byColumn<T extends { column: string | undefined }>(list: T[]): T[] {
  return list.sort((a, b) => ((a.column ?? '') < (b.column ?? '') ? -1 : 1));
}

// As PostgreSQL spells them.
function canonical(type: string): string {
  return type
    .replace(/^timestamptz(\(\d\))?$/, 'timestamp with time zone')
    .replace(/^int$/, 'integer')
    .replace(/^varchar\(\d+\)$/, 'character varying');
}
