import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { openSecret } from '../../domain/sealed-secret.ts';
import { onConnection, type OpenDatabase } from './database.ts';
import { type Finding, ok, skipped, warning, wrong } from './finding.ts';

type SealedKey = { tenant: string; sealed_key: string };

const again = "put those tenants' DKIM keys again (PUT /v1/tenant/dkim)";

/** Whether the service's secret keys open what tenants sign their emails with: an email whose key stays shut never leaves. */
export async function checkSigningKeys({ secretKeys, dataDir }: Config, { url }: OpenDatabase): Promise<Finding> {
  const sealed = await onConnection(url, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('sollecito.dkim_key') IS NOT NULL AS there`,
    );
    if (rows[0]?.there !== true) return undefined;
    await client.query('SET ROLE sollecito_service');
    const keys = await client.query<SealedKey>(
      `SELECT t.ref AS tenant, k.sealed_key FROM sollecito.dkim_key k JOIN sollecito.tenant t ON t.id = k.tenant_id ORDER BY t.ref`,
    );
    return keys.rows;
  });
  if (sealed === undefined) return skipped('it needs the schema');
  if (sealed.length === 0) return ok('no tenant signs its emails by a key of its own');
  const keys = secretKeys ?? (await kept(dataDir));
  const shut = sealed.filter(({ sealed_key: key }) => openSecret(key, keys) === undefined);
  if (shut.length > 0) {
    return wrong(`the secret keys do not open those of ${named(shut)}: their emails wait, and fail in the end`, again);
  }
  const older = sealed.filter(({ sealed_key: key }) => openSecret(key, keys.slice(0, 1)) === undefined);
  if (older.length > 0) {
    return warning(`those of ${named(older)} are sealed by an older secret key`, `before you take it away, ${again}`);
  }
  return ok(`${sealed.length} of tenants, all sealed by the first secret key`);
}

async function kept(dataDir: string): Promise<string[]> {
  const text = await readFile(path.join(dataDir, 'secret-key'), 'utf8').catch(() => undefined);
  return text === undefined ? [] : [text.trim()];
}

const mostNamed = 5;

function named(keys: readonly SealedKey[]): string {
  const first = keys.slice(0, mostNamed).map(({ tenant }) => tenant);
  const more = keys.length - first.length;
  return more > 0 ? `${first.join(', ')} and ${more} more` : first.join(', ');
}
