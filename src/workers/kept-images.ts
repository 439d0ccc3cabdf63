import type { TenantId } from '../domain/ids.ts';
import type { StoredImage } from '../store/images.ts';

export type FindImage = (tenant: TenantId, sha256: string) => Promise<StoredImage | undefined>;

// A logo is a few hundred kilobytes at most.
const mostImages = 50;

/** The images used last: a tenant's logo goes with each of its emails, and what has a SHA-256 never changes. */
export function keptImages(find: FindImage): FindImage {
  const kept = new Map<string, StoredImage>();
  return async (tenant, sha256) => {
    const key = `${tenant} ${sha256}`;
    const image = kept.get(key) ?? (await find(tenant, sha256));
    kept.delete(key);
    if (image) kept.set(key, image);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostImages) break;
      kept.delete(oldest);
    }
    return image;
  };
}
