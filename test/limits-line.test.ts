import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limitsChanged } from '../src/store/spend-limits.ts';
import { addressesAt, fatesOf, secondsUntil, setLimit } from './support/domain-limits.ts';
import { TestService } from './support/service.ts';

let service: TestService;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  service.errors.length = 0;
  await service.calm();
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  await service.addDueDate(`due${++count}`);
});
afterAll(async () => {
  await service.stop();
});

const limit = async (columns: Record<string, unknown>) => setLimit(service, columns);
/** One delivery each. */
const remind = async (...to: string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const address of to) ids.push((await service.remind({ dueDate: `due${count}`, to: [address] })).id);
  return ids;
};
const fates = async (ids: string[]) => fatesOf(service, ids);
const dueIn = async (id: string) => secondsUntil(service, id);
describe('the line of a domain', () => {
  test('each is put off once and leaves at its turn; who comes later does not overtake', async () => {
    await limit({ domain: 'slow.example', per_second: 2 });
    const first = await remind(...addressesAt('slow.example', 20, 400));
    await service.sendDue();
    // A bucket of two and a half, then one each half second.
    expect((await fates(first)).filter((fate) => fate === 'sent')).toHaveLength(2);
    const later = await remind(...addressesAt('slow.example', 4, 500));
    const order: string[] = [];
    for (let half = 0; half < 24; half++) {
      service.clock.advance({ milliseconds: 500 });
      const before = service.smtp.messages.length;
      await service.sendDue();
      order.push(...service.smtp.messages.slice(before).map(({ to }) => to[0] ?? ''));
    }
    expect(new Set(await fates([...first, ...later]))).toEqual(new Set(['sent']));
    expect(new Set(order.slice(-4))).toEqual(new Set(addressesAt('slow.example', 4, 500)));
    const [row] = await service.query<{ most: number }>(
      `SELECT max(n)::integer AS most FROM (SELECT count(*) AS n FROM sollecito.event WHERE reason = 'rate-limited' AND delivery_id IN (
        SELECT id FROM sollecito.delivery WHERE recipient LIKE '%@slow.example' AND taken_at IS NOT NULL) GROUP BY delivery_id) x`,
    );
    expect(row?.most).toBe(1);
  });

  test('of ten thousand is a turn each, and nobody comes back but once an hour', async () => {
    await limit({ domain: 'slow.example', per_second: 4 });
    type Place = { reason: string | null; until: string; line_at: string };
    const places: Place[] = [];
    for (let from = 0; from < 10_000; from += 250) {
      const rows = await service.query<{ place: Place }>(
        `SELECT to_jsonb(s) AS place FROM generate_series($1::integer, $1 + 249) n,
          LATERAL sollecito.spend_limits('email', NULL, 'a@slow.example', '2026-03-02 09:00Z'::timestamptz + n * interval '0.0001 s') s`,
        [from],
      );
      places.push(...rows.map(({ place }) => place));
    }
    const put = places.filter(({ reason }) => reason !== null);
    expect(put.length).toBe(10_000 - 5);
    const turns = put.map(({ line_at }) => Date.parse(line_at));
    expect(new Set(turns).size).toBe(put.length);
    expect(turns.every((turn, n) => n === 0 || Math.abs(turn - (turns[n - 1] ?? 0) - 250) <= 1)).toBe(true);
    const hour = Date.parse('2026-03-02T10:00:01Z');
    expect(put.every(({ until }) => Date.parse(until) <= hour + 1)).toBe(true);
    // Its turn is in 40 minutes: at it, with no line before it, it goes; before it, it keeps it.
    const last = put.at(-1);
    const ask = async (now: string, turn: string | undefined): Promise<unknown> =>
      (
        await service.query(
          "SELECT reason, line_at FROM sollecito.spend_limits('email', NULL, 'a@slow.example', $1, $2)",
          [now, turn],
        )
      )[0];
    expect(await ask('2026-03-02 09:20Z', last?.line_at)).toMatchObject({ reason: 'rate-limited' });
    expect(await ask(last?.line_at ?? '', last?.line_at)).toMatchObject({ reason: null });
  });

  test('that was held up goes on in its order, each put off once more', async () => {
    await limit({ domain: 'slow.example', per_second: 1 });
    const ids = await remind(...addressesAt('slow.example', 10, 600));
    await service.sendDue();
    const turns = async (): Promise<string[]> =>
      (
        await service.query<{ recipient: string }>(
          "SELECT recipient FROM sollecito.delivery WHERE status = 'accepted' AND recipient LIKE '%slow.example' ORDER BY next_attempt_at",
        )
      ).map(({ recipient }) => recipient);
    const before = await turns();
    // Nothing was dispatched for a minute.
    service.clock.advance({ minutes: 1 });
    const worker = await service.worker('email');
    for (const item of await service.dispatch()) await service.run(item, worker);
    const after = await turns();
    expect(after).toEqual(before.filter((address) => after.includes(address)));
    const waits = (
      await Promise.all(ids.map(async (id) => ((await service.reminder(id)).status === 'sent' ? 0 : dueIn(id))))
    ).filter((wait) => wait > 0);
    expect(new Set(waits.map((wait) => Math.round(wait))).size).toBe(waits.length);
    for (let second = 0; second < 12; second++) {
      service.clock.advance({ seconds: 1 });
      await service.sendDue();
    }
    expect(new Set(await fates(ids))).toEqual(new Set(['sent']));
  });

  test('comes closer when the gap is halved', async () => {
    await limit({ domain: 'slow.example', per_second: 100, gap_ms: 60_000 });
    const ids = await remind(...addressesAt('slow.example', 5, 700));
    const worker = await service.worker('email');
    for (const item of await service.dispatch()) await service.run(item, worker);
    const waits = (
      await Promise.all(ids.map(async (id) => ((await service.reminder(id)).status === 'sent' ? 0 : dueIn(id))))
    ).sort((a, b) => a - b);
    // The first was taken and halved it before the others came; so did nobody since.
    expect(waits).toEqual([0, 30, 60, 90, 120]);
    service.clock.advance({ seconds: 30 });
    await service.sendDue();
    const closer = (
      await Promise.all(ids.map(async (id) => ((await service.reminder(id)).status === 'sent' ? 0 : dueIn(id))))
    ).sort((a, b) => a - b);
    expect(closer).toEqual([0, 0, 15, 30, 45]);
  });

  test('is due at once when an operator changes its limit', async () => {
    await limit({ domain: 'slow.example', per_day: 1 });
    const ids = await remind(...addressesAt('slow.example', 4, 800));
    await service.sendDue();
    expect((await fates(ids)).sort()).toEqual([
      'accepted day-limit',
      'accepted day-limit',
      'accepted day-limit',
      'sent',
    ]);
    expect(await service.sendDue()).toBe(0);
    await service.database.transaction(async (client) => {
      await client.query("UPDATE sollecito.send_limit SET per_day = 10 WHERE domain = 'slow.example'");
      expect(await limitsChanged(client, 'email', 'slow.example', service.clock.now())).toBe(3);
    });
    await service.sendDue();
    expect(new Set(await fates(ids))).toEqual(new Set(['sent']));
  });

  test('of the provider or a tenant is due at once as well when its limit is changed', async () => {
    const ids = await remind(...addressesAt('quick.example', 2, 900));
    const items = await service.dispatch();
    await limit({ per_day: 1 });
    const worker = await service.worker('email');
    for (const item of items) await service.run(item, worker);
    expect((await fates(ids)).sort()).toEqual(['accepted day-limit', 'sent']);
    await service.database.transaction(async (client) => {
      await client.query('DELETE FROM sollecito.send_limit');
      expect(await limitsChanged(client, 'email', null, service.clock.now())).toBe(1);
    });
    await service.sendDue();
    expect(await fates(ids)).toEqual(['sent', 'sent']);
  });

  test('of connections lets no more be under way than set', async () => {
    await limit({ domain: 'slow.example', connections: 2 });
    const ids = await remind(...addressesAt('slow.example', 4, 1_000));
    const held = [service.smtp.hold('rcpt'), service.smtp.hold('rcpt')];
    const sending = service.sendDue();
    await Promise.all(held.map(async ({ reached }) => reached));
    await expect
      .poll(async () => (await fates(ids)).sort())
      .toEqual(['accepted domain-connections', 'accepted domain-connections', 'sending', 'sending']);
    for (const { release } of held) release('250 ok');
    await sending;
    service.clock.advance({ seconds: 1 });
    await service.sendDue();
    expect(new Set(await fates(ids))).toEqual(new Set(['sent']));
  });
});
