import { createHash } from 'node:crypto';
import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';

/** An image that stands in messages. `sha256` is lower-case hex. */
export type StoredImage = { readonly sha256: string; readonly mediaType: string; readonly bytes: Uint8Array };

/** Keeps an image for as long as a message may hold it: for ever. The same bytes are kept once. @returns its SHA-256. */
export async function keepImage(
  client: Queryable,
  tenant: TenantId,
  image: Omit<StoredImage, 'sha256'>,
  now: Temporal.Instant,
): Promise<string> {
  const sha256 = createHash('sha256').update(image.bytes).digest('hex');
  await client.query(
    `INSERT INTO sollecito.image (tenant_id, sha256, media_type, bytes, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, sha256) DO NOTHING`,
    [tenant, sha256, image.mediaType, image.bytes, now.toString()],
  );
  return sha256;
}

export async function findImage(client: Queryable, tenant: TenantId, sha256: string): Promise<StoredImage | undefined> {
  const { rows } = await client.query<{ media_type: string; bytes: Buffer }>(
    'SELECT media_type, bytes FROM sollecito.image WHERE tenant_id = $1 AND sha256 = $2',
    [tenant, sha256],
  );
  return rows[0] && { sha256, mediaType: rows[0].media_type, bytes: rows[0].bytes };
}
