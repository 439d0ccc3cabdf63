import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkSigningKeys } from '../src/commands/doctor/signing-keys.ts';
import { readConfig } from '../src/config.ts';
import { sealSecret } from '../src/domain/sealed-secret.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const [first, older, foreign] = ['first', 'older', 'foreign'].map(
  (name) => `a ${name} secret key for these tests, long`,
);

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-doctor-test-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function asOwner(text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(text, values);
  await client.end();
}

async function keyOf(tenant: string, secretKey = ''): Promise<void> {
  await asOwner(
    `WITH made AS (INSERT INTO sollecito.tenant (id, ref, name, plan, created_at, updated_at) VALUES (uuidv7(), $1, 'A', 'medium', now(), now()) RETURNING id)
     INSERT INTO sollecito.dkim_key (tenant_id, domain, selector, algorithm, sealed_key, public_key, created_at)
     SELECT id, 'a.example', 's', 'rsa', $2, '', now() FROM made`,
    [tenant, sealSecret('a private key', [secretKey])],
  );
}

async function look() {
  const config = { ...readConfig(), secretKeys: [first ?? '', older ?? ''], dataDir: folder };
  return checkSigningKeys(config, { url: database.url, embedded: false, note: '', close: async () => undefined });
}

test('keys of tenants that open are well, those of an older secret key a warning, and those that stay shut wrong', async () => {
  expect(await look()).toMatchObject({ state: 'ok' });
  await keyOf('new', first);
  expect(await look()).toMatchObject({ state: 'ok' });
  await keyOf('old', older);
  const warned = await look();
  expect(warned).toMatchObject({ state: 'warning', detail: expect.stringMatching(/^those of old are/) });
  expect(warned.mend).toContain('PUT /v1/tenant/dkim');
  for (const tenant of ['s1', 's2', 's3', 's4', 's5', 's6']) await keyOf(tenant, foreign);
  expect(await look()).toMatchObject({
    state: 'wrong',
    detail: expect.stringContaining('s1, s2, s3, s4, s5 and 1 more:'),
  });
});

test('without a schema there is nothing to look at', async () => {
  await asOwner('DROP TABLE sollecito.dkim_key');
  expect(await look()).toMatchObject({ state: 'skipped' });
});
