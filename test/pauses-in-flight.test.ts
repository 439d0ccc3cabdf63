import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Queryable } from '../src/store/database.ts';
import { lockDeliveryFacts } from '../src/store/delivery-facts.ts';
import type { Dispatched } from '../src/store/dispatch.ts';
import { moveDelivery } from '../src/store/move-delivery.ts';
import { everybodys, own, Pausing } from './support/pausing.ts';
import { patience, type TestService } from './support/service.ts';

const nextWeek = '2026-03-09T09:00:00.000Z';

let pausing: Pausing;
let service: TestService;
beforeAll(async () => {
  pausing = await Pausing.start();
  service = pausing.service;
  await service.api.addTenant({ name: 'Other' });
});
beforeEach(async () => {
  await pausing.begin();
});
afterAll(async () => {
  await service.stop();
});

async function nextAttemptOf(id: string): Promise<string | null | undefined> {
  return (await service.reminder(id)).deliveries[0]?.nextAttemptAt;
}

/** Until somebody waits for claims that are under way. */
async function waitingForClaims(): Promise<void> {
  const waiting = async () =>
    service.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
  await expect.poll(waiting, patience).toHaveLength(1);
}

/** A claim that has locked what it needs and looked, before it says what becomes of it. */
async function claiming(work: (client: Queryable, item: Dispatched) => Promise<void>): Promise<void> {
  const [item] = await service.dispatch();
  if (!item) return expect.fail('nothing is due');
  await service.database.transaction(async (client) => {
    expect(await lockDeliveryFacts(client, item.delivery, item.dispatchNo)).toBeDefined();
    await work(client, item);
  });
}

describe('what a pause put off', () => {
  test.each([own, everybodys])('is due at once when it is lifted, and the dispatchers hear of it: %s', async (path) => {
    const { reminder, pause } = await pausing.putOff({ until: nextWeek }, path);
    expect(await nextAttemptOf(reminder)).toBe(nextWeek);
    service.clock.advance({ hours: 1 });
    let woken = 0;
    service.onWake = () => void (woken += 1);
    await pausing.lift(path, pause.id);
    service.onWake = () => {};
    expect(woken).toBeGreaterThan(0);
    expect(await nextAttemptOf(reminder)).toBe('2026-03-02T10:00:00.000Z');
    await service.sendDue();
    expect(await service.fates(reminder)).toEqual(['sent']);
  });

  test('in another scope stays put off', async () => {
    const { reminder } = await pausing.putOff({ channel: 'email', until: nextWeek });
    for (const body of [{ channel: 'sms' }, { tenant: 'other' }, { provider: 'smsapi' }]) {
      await pausing.lift(everybodys, (await pausing.add(everybodys, body)).body.id);
    }
    expect(await nextAttemptOf(reminder)).toBe(nextWeek);
  });

  test('waits on under another pause, and goes when that is lifted', async () => {
    const { reminder, pause } = await pausing.putOff({ until: nextWeek });
    const second = (await pausing.add(everybodys, {})).body;
    await pausing.lift(own, pause.id);
    expect(await service.sendDue()).toBe(0);
    await pausing.lift(everybodys, second.id);
    await service.sendDue();
    expect(await service.fates(reminder)).toEqual(['sent']);
  });

  test('by a claim that was under way while it was lifted is due at once as well', async () => {
    const { id } = await service.remind();
    let lifting: Promise<unknown> | undefined;
    await claiming(async (client, item) => {
      const pause = (await pausing.add(everybodys, { channel: 'sms' })).body;
      await service.query('UPDATE sollecito.pause SET channel = NULL');
      lifting = pausing.lift(everybodys, pause.id);
      await waitingForClaims();
      const at = service.clock.now();
      const nextAttemptAt = Temporal.Instant.from(nextWeek);
      const move = { to: 'accepted', by: 'return', reason: 'paused', at, nextAttemptAt } as const;
      expect(await moveDelivery(client, { delivery: item.delivery, ...move })).toBe(true);
    });
    await lifting;
    expect(await nextAttemptOf(id)).toBe('2026-03-02T09:00:00.000Z');
  });
});

describe('what was being handed over', () => {
  test('is told, and goes out', async () => {
    const { id } = await service.remind();
    const body = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await body.reached;
    expect((await pausing.add(everybodys, { channel: 'sms' })).body.inFlight).toEqual([]);
    expect((await pausing.add(own, {})).body.inFlight).toEqual([id]);
    expect((await pausing.add(everybodys, {})).body.inFlight).toEqual([id]);
    body.release('250 taken');
    await sending;
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test.each([
    [own, {}],
    [everybodys, {}],
    [everybodys, { provider: 'smtp' }],
  ])('is told of a claim too that had looked before the pause: %s %j', async (path, body) => {
    const { id } = await service.remind();
    let made: Promise<unknown> | undefined;
    await claiming(async (client, item) => {
      made = pausing.add(path, body);
      await waitingForClaims();
      await client.query(
        `UPDATE sollecito.delivery SET status = 'sending', claim_token = uuidv7(), claimed_at = $2, lease_until = $2 WHERE id = $1`,
        [item.delivery, service.clock.now().toString()],
      );
    });
    expect(await made).toMatchObject({ status: 201, body: { inFlight: [id] } });
  });
});

test('pauses, limits and breakers that come and go while messages leave get in nobody’s way', async () => {
  const key = await service.api.addPlatformKey();
  const ids: string[] = [];
  for (let n = 0; n < 40; n++) ids.push((await service.remind({ to: [`n${n}@bianchi.example`] })).id);
  const statuses: number[] = [];
  const over = new AbortController();
  const sending = (async () => {
    while (!over.signal.aborted) await service.sendDue();
  })();
  const ofTenant = `/v1/admin/tenants/${service.api.tenant.ref}/limits`;
  const limit = { perSecond: 5, perMinute: 3 };
  const asked = async (method: string, path: string, body?: unknown) => {
    statuses.push((await service.call(method, path, { key, ...(body === undefined ? {} : { body }) })).status);
  };
  const pauseAndLift = async (path: string, body: Record<string, unknown>) => {
    const made = await pausing.add(path, body);
    statuses.push(made.status, (await pausing.lift(path, made.body.id)).status);
  };
  const turns = [
    async () => pauseAndLift(everybodys, {}),
    async () => pauseAndLift(own, { until: nextWeek }),
    async () => asked('PUT', '/v1/admin/limits', { providers: { smtp: limit } }),
    async () => asked('PUT', '/v1/admin/limits', { providers: {} }),
    async () => asked('PUT', ofTenant, { email: limit, sms: limit, weight: { email: 2 } }),
    async () => asked('PUT', ofTenant, {}),
    async () => asked('POST', '/v1/admin/breakers/smtp/close'),
  ];
  await Promise.all(
    turns.map(async (turn) => {
      for (let n = 0; n < 15; n++) await turn();
    }),
  );
  over.abort();
  await sending;
  expect(new Set(statuses)).toEqual(new Set([200, 201]));
  expect(service.errors).toEqual([]);
  await asked('PUT', '/v1/admin/limits', { providers: {} });
  await asked('PUT', ofTenant, {});
  service.clock.advance({ hours: 1 });
  await service.sendDue();
  const taken = ids.map((_, n) => service.smtp.taken.get(`n${n}@bianchi.example`));
  expect(taken).toEqual(ids.map(() => 1));
});
