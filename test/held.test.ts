import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onClient } from './support/backups.ts';
import { sollecito } from './support/command-line.ts';
import type { TestDatabase } from './support/database.ts';
import { TwoHouses } from './support/two-houses.ts';

let houses: TwoHouses;
beforeEach(async () => {
  houses = await TwoHouses.build();
});
afterEach(async () => {
  await houses.tearDown();
});

describe('started held', () => {
  test('it accepts and shows, says so, and nothing is taken up before a start without', async () => {
    await houses.start(houses.old, { held: true });
    await houses.addDueDate();
    const id = await houses.remind();
    expect(await houses.ready()).toMatchObject({
      status: 'degraded',
      checks: { held: { ok: false, detail: expect.stringMatching(/sends nothing/) } },
    });
    expect(await onWork(houses.old)).toEqual([]);
    expect(await houses.status(id)).toBe('accepted');
    await houses.stop();
    const released = Temporal.Now.instant();
    await houses.start(houses.old);
    await houses.until(id, 'sent');
    expect((await houses.ready()).checks).not.toHaveProperty('held');
    const { items } = await houses.call<{ items: { type: string; at: string }[] }>('GET', `/v1/reminders/${id}/events`);
    const queued = items.find(({ type }) => type === 'queued');
    expect(Temporal.Instant.compare(queued?.at ?? '1970-01-01T00:00:00Z', released)).toBeGreaterThan(-1);
  });

  test('a process of other roles does nothing but answer for its health', async () => {
    await houses.start(houses.old, { held: true, roles: 'dispatcher,worker' });
    expect(await houses.ready()).toMatchObject({ status: 'degraded', checks: { held: { ok: false } } });
    expect(await onWork(houses.old)).toEqual([]);
    expect(await houses.knock('/v1/tenant')).toBe(404);
  });

  test('from the command line too', async () => {
    // A second signal would end it without order.
    let ended = false;
    const { code, stderr } = await sollecito(['start', '--held'], {
      env: { ...houses.environment(houses.old), LOG_LEVEL: 'info' },
      heard: (text, end) => void (!ended && (ended = /held: accepts and shows/.test(text)) && end('SIGTERM')),
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('held: accepts and shows, sends nothing'),
    });
  });
});

/** Which connections listen for work or take it: the dispatcher's bell, BullMQ's own. */
async function onWork(database: TestDatabase): Promise<string[]> {
  return onClient(database.url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sollecito bell'`,
    );
    return rows.map(({ name }) => name);
  });
}
