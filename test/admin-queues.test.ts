import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestService } from './support/service.ts';

type Breaker = { provider: string; state: string; until: string | null; reason: string | null; failures: number };
type Queue = { channel: string; breaker: Breaker; pauses: { id: string }[]; pausedTenants: number };

let service: TestService;
let key: string;
beforeAll(async () => {
  service = await TestService.start();
  key = await service.api.addPlatformKey();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  await service.calm();
  await service.query('DELETE FROM sollecito.pause');
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
});
afterAll(async () => {
  await service.stop();
});

const queues = async () => (await service.call<{ items: Queue[] }>('GET', '/v1/admin/queues', { key })).body.items;
const close = async (provider: string) =>
  service.call<Breaker>('POST', `/v1/admin/breakers/${provider}/close`, { key });
const closed = { state: 'closed', until: null, openedAt: null, reason: null, failures: 0 };

describe('the queues', () => {
  test('are one for each channel, all well and empty', async () => {
    const empty = { waiting: 0, scheduled: 0, queued: 0, sending: 0, unknown: 0, oldestDueSeconds: 0 };
    const nothing = { ...empty, pauses: [], pausedTenants: 0, limit: null };
    expect(await queues()).toEqual([
      { channel: 'email', ...nothing, breaker: { provider: 'smtp', ...closed } },
      { channel: 'sms', ...nothing, breaker: { provider: 'smsapi', ...closed } },
    ]);
  });

  test('tell what waits, what is under way and how old the oldest is', async () => {
    await service.remind();
    await service.dispatch();
    await service.remind();
    service.clock.advance({ seconds: 90 });
    await service.remind();
    await service.remind({ sendAt: '2026-03-03T09:00:00Z' });
    await service.remind({ channel: 'sms' });
    expect(await queues()).toMatchObject([
      { channel: 'email', waiting: 2, scheduled: 1, queued: 1, sending: 0, oldestDueSeconds: 90 },
      { channel: 'sms', waiting: 1, scheduled: 0, queued: 0, oldestDueSeconds: 0 },
    ]);
  });

  test('tell what stands in their way: pauses, limits, breakers', async () => {
    const pause = async (body: Record<string, unknown>) =>
      (await service.call<{ id: string }>('POST', '/v1/admin/pauses', { key, body: { reason: 'x', ...body } })).body.id;
    const all = await pause({});
    const email = await pause({ channel: 'email' });
    const smsapi = await pause({ provider: 'smsapi' });
    await pause({ tenant: service.api.tenant.ref, channel: 'sms' });
    await service.call('PUT', '/v1/admin/limits', { key, body: { providers: { smtp: { perDay: 5 } } } });
    const until = '2026-03-02T09:00:10.000Z';
    await service.query(
      "UPDATE sollecito.breaker SET failures = 5, until = $1, reason = 'connection-failed' WHERE provider = 'smtp'",
      [until],
    );
    const found = await queues();
    expect(found.map(({ pauses, pausedTenants }) => [pauses.map(({ id }) => id), pausedTenants])).toEqual([
      [[all, email], 0],
      [[all, smsapi], 1],
    ]);
    expect(found).toMatchObject([
      { limit: { perDay: 5 }, breaker: { state: 'open', until, reason: 'connection-failed', failures: 5 } },
      { limit: null, breaker: { state: 'closed' } },
    ]);
    service.clock.set(until);
    expect((await queues())[0]?.breaker.state).toBe('half-open');
  });
});

describe('a breaker', () => {
  test('that a person closes lets go at once what waits, and wakes the dispatchers', async () => {
    const { id } = await service.remind();
    const until = '2026-03-02T09:05:00.000Z';
    const desk = await service.changingDesk('email', async () =>
      service.query(
        "UPDATE sollecito.breaker SET failures = 5, opens = 3, until = $1, reason = 'x' WHERE provider = 'smtp'",
        [until],
      ),
    );
    await service.sendDue('email', { desk });
    expect(await service.fates(id)).toEqual(['accepted provider-down']);
    expect((await service.reminder(id)).deliveries[0]?.nextAttemptAt).toBe(until);
    await close('smsapi');
    expect(await service.sendDue()).toBe(0);
    let woken = 0;
    service.onWake = () => void (woken += 1);
    expect(await close('smtp')).toMatchObject({ status: 200, body: { provider: 'smtp', ...closed } });
    service.onWake = () => {};
    expect(woken).toBeGreaterThan(0);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('is in the audit when it was not closed already', async () => {
    const at = '2026-03-05T09:00:00Z';
    service.clock.set(at);
    await service.query("UPDATE sollecito.breaker SET failures = 2, reason = 'x' WHERE provider = 'smsapi'");
    await close('smsapi');
    await close('smsapi');
    const audit = await service.query('SELECT tenant_id, action, target, detail FROM sollecito.audit WHERE at = $1', [
      at,
    ]);
    expect(audit).toEqual([
      { tenant_id: null, action: 'breaker.close', target: 'smsapi', detail: { failures: 2, reason: 'x' } },
    ]);
  });

  test('400 for a provider that there is not', async () => {
    expect(await close('sendmail')).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/path/provider', code: 'invalid-value' }] },
    });
  });
});
