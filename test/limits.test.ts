import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestService } from './support/service.ts';

let service: TestService;
let tenant: string;
beforeAll(async () => {
  service = await TestService.start();
  tenant = (await service.query<{ id: string }>('SELECT id FROM sollecito.tenant'))[0]?.id ?? '';
});
beforeEach(async () => {
  await service.query('DELETE FROM sollecito.send_limit');
});
afterAll(async () => {
  await service.stop();
});

const start = Temporal.Instant.from('2026-03-02T09:00:00Z');

async function limit(columns: Record<string, unknown>): Promise<void> {
  const names = Object.keys(columns);
  await service.query(
    `INSERT INTO sollecito.send_limit (id, channel, updated_at, ${names.join(', ')}) VALUES (uuidv7(), 'email', now(), ${names.map((_, n) => `$${n + 1}`).join(', ')})`,
    Object.values(columns),
  );
}

/** Why it may not leave at that moment; undefined when it may, and is counted. */
async function spend(afterMs: number, to = 'a@bianchi.example', of = tenant): Promise<string | undefined> {
  const at = start.add({ milliseconds: afterMs }).toString();
  const [row] = await service.query<{ reason: string | null }>(
    "SELECT reason FROM sollecito.spend_limits('email', $1, $2, $3)",
    [of, to, at],
  );
  return row?.reason ?? undefined;
}

test('a provider’s rate is kept within 5 % over a minute, however many ask at once', async () => {
  await limit({ per_second: 10 });
  let taken = 0;
  for (let ms = 0; ms < 60_000; ms += 200) {
    const answers = await Promise.all(Array.from({ length: 4 }, async () => spend(ms)));
    taken += answers.filter((answer) => answer === undefined).length;
  }
  expect(taken).toBeGreaterThanOrEqual(570);
  expect(taken).toBeLessThanOrEqual(630);
});

test('so many a minute, by the clock’s minute', async () => {
  await limit({ per_minute: 3 });
  const first = [await spend(0), await spend(1), await spend(2), await spend(59_999)];
  expect(first).toEqual([undefined, undefined, undefined, 'minute-limit']);
  expect(await spend(60_000)).toBeUndefined();
});

test('so many a day: a tenant’s in its own zone, a provider’s in UTC', async () => {
  await limit({ tenant_id: tenant, per_day: 1 });
  expect(await spend(0)).toBeUndefined();
  // Rome's midnight is 23:00 UTC.
  expect(await spend(13.9 * 3_600_000)).toBe('day-limit');
  expect(await spend(14.1 * 3_600_000)).toBeUndefined();
  await service.query('DELETE FROM sollecito.send_limit');
  await limit({ per_day: 1 });
  expect(await spend(14.1 * 3_600_000)).toBeUndefined();
  expect(await spend(14.9 * 3_600_000)).toBe('day-limit');
  expect(await spend(15.1 * 3_600_000)).toBeUndefined();
});

test('a domain’s limit binds that domain alone, and what one limit refuses spends nothing of another', async () => {
  await limit({ domain: 'slow.example', per_minute: 1 });
  await limit({ per_minute: 3 });
  expect([await spend(0, 'a@Slow.example'), await spend(1, 'b@slow.example')]).toEqual([undefined, 'minute-limit']);
  expect([await spend(2), await spend(3), await spend(4)]).toEqual([undefined, undefined, 'minute-limit']);
});
