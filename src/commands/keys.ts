import { usualScopes } from '../domain/scopes.ts';
import { createApiKey } from '../store/api-keys.ts';
import { oneOf, WrongUse } from './command.ts';
import { onFoundation, tenantNamed } from './on-foundation.ts';

/** Without a tenant: a platform key. */
type NewKey = { tenant: string | null; scopes: readonly string[]; name: string; expires: string | undefined };

/** `sollecito keys create`. The secret alone goes to stdout: nothing can show it again. */
export async function createKey({ tenant: ref, scopes: words, name, expires }: NewKey): Promise<number> {
  const scopes = words.map((word) => oneOf(word, usualScopes, '--scope'));
  const expiresAt = expires === undefined ? undefined : readExpiry(expires);
  return onFoundation(async (foundation) => {
    const { service, clock } = foundation;
    if (expiresAt && Temporal.Instant.compare(expiresAt, clock.now()) <= 0) {
      throw new WrongUse(`--expires is ${JSON.stringify(expires)}, which is over`);
    }
    const tenant = ref === null ? null : (await tenantNamed(foundation, ref)).id;
    const { secret } = await createApiKey(service, clock, {
      tenant,
      name,
      ...(scopes.length > 0 ? { scopes } : {}),
      ...(expiresAt ? { expiresAt } : {}),
    });
    process.stderr.write(`The key of ${ref ?? 'the platform'}, shown this once:\n`);
    process.stdout.write(`${secret}\n`);
    return 0;
  });
}

/** A day counts to its end in UTC. */
function readExpiry(text: string): Temporal.Instant {
  try {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.Instant.from(text);
    return Temporal.PlainDate.from(text).add({ days: 1 }).toZonedDateTime('UTC').toInstant();
  } catch {
    throw new WrongUse(`--expires is ${JSON.stringify(text)}: it takes 2030-01-31, or 2030-01-31T12:00:00Z`);
  }
}
