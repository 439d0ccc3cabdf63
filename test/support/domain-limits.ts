import { expect } from 'vitest';
import type { TestService } from './service.ts';

type Pace = { gap_ms: number; closed_until: string; line_until: string };

/** How slow a recipient domain was made; undefined when it was not. */
export async function paceOf(service: TestService, domain = 'slow.example'): Promise<Pace | undefined> {
  const text = 'SELECT gap_ms, closed_until, line_until FROM sollecito.send_limit WHERE domain = $1';
  return (await service.query<Pace>(text, [domain]))[0];
}

export async function setLimit(service: TestService, columns: Record<string, unknown>): Promise<void> {
  const names = Object.keys(columns);
  const places = names.map((_, n) => `$${n + 1}`);
  await service.query(
    `INSERT INTO sollecito.send_limit (id, channel, updated_at, ${names.join(', ')}) VALUES (uuidv7(), 'email', now(), ${places.join(', ')})`,
    Object.values(columns),
  );
}

export async function fatesOf(service: TestService, ids: readonly string[]): Promise<string[]> {
  return (await Promise.all(ids.map(async (id) => service.fates(id)))).flat();
}

/** Seconds from now. */
export async function secondsUntil(service: TestService, id: string): Promise<number> {
  const [delivery] = (await service.reminder(id)).deliveries;
  const next = Temporal.Instant.from(delivery?.nextAttemptAt ?? expect.fail('nothing is planned'));
  return next.since(service.clock.now()).total('seconds');
}

export function addressesAt(domain: string, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, n) => `n${from + n}@${domain}`);
}
