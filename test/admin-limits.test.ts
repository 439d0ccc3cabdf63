import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setLimit } from './support/domain-limits.ts';
import { TestService } from './support/service.ts';

type Limit = { perSecond: number | null; perMinute: number | null; perDay: number | null; used?: unknown } | null;
type TenantLimits = { email: Limit; sms: Limit; weight: { email: number; sms: number } };
type Domain = { domain: string; perMinute: number | null; connections: number | null; slowed: unknown };
type All = { providers: { smtp: Limit; smsapi: Limit }; domains: Domain[]; nextCursor: string | null };

let service: TestService;
let key: string;
let ofTenant: string;
beforeAll(async () => {
  service = await TestService.start();
  key = await service.api.addPlatformKey();
  ofTenant = `/v1/admin/tenants/${service.api.tenant.ref}/limits`;
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  await service.calm();
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  await service.query('UPDATE sollecito.tenant_turn SET weight = 1');
});
afterAll(async () => {
  await service.stop();
});

const put = async <T>(path: string, body: unknown) => service.call<T>('PUT', path, { key, body });
const get = async <T>(path: string) => (await service.call<T>('GET', path, { key })).body;
const unused = { minute: 0, day: 0 };
const noLimit = { perSecond: null, perMinute: null, perDay: null };

describe("a tenant's limits", () => {
  test('are none, with the weight 1, until they are set', async () => {
    expect(await get(ofTenant)).toEqual({ email: null, sms: null, weight: { email: 1, sms: 1 } });
    const answer = await put<TenantLimits>(ofTenant, {
      email: { perSecond: 0.5, perDay: 2_000 },
      weight: { email: 3 },
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({
      email: { ...noLimit, perSecond: 0.5, perDay: 2_000, used: unused },
      sms: null,
      weight: { email: 3, sms: 1 },
    });
    expect(await get(ofTenant)).toEqual(answer.body);
  });

  test('are replaced: what is left out is gone', async () => {
    await put(ofTenant, { email: { perDay: 1 }, sms: { perDay: 1 }, weight: { sms: 9 } });
    expect((await put(ofTenant, { sms: { perMinute: 5 } })).body).toEqual({
      email: null,
      sms: { ...noLimit, perMinute: 5, used: unused },
      weight: { email: 1, sms: 1 },
    });
    await put(ofTenant, { sms: {} });
    expect(await service.query('SELECT FROM sollecito.send_limit')).toEqual([]);
  });

  test('bind it alone, and tell what is used of them', async () => {
    await put(ofTenant, { email: { perMinute: 2 } });
    const made = await Promise.all([1, 2, 3].map(async () => service.remind()));
    await service.sendDue();
    await service.sendDue();
    const statuses = await Promise.all(made.map(async ({ id }) => (await service.reminder(id)).status));
    expect(statuses.sort()).toEqual(['accepted', 'sent', 'sent']);
    expect((await get<TenantLimits>(ofTenant)).email?.used).toEqual({ minute: 2, day: 2 });
    service.clock.advance({ minutes: 1 });
    expect((await get<TenantLimits>(ofTenant)).email?.used).toEqual({ minute: 0, day: 2 });
    // Rome's midnight.
    service.clock.set('2026-03-02T23:00:00Z');
    expect((await get<TenantLimits>(ofTenant)).email?.used).toEqual(unused);
  });

  test.each([
    ['raised', { email: { perDay: 10 } }],
    ['taken away', {}],
  ])('%s let go at once what waits for them, and wake the dispatchers', async (_, body) => {
    const { id } = await service.remind();
    // Between the dispatch and the claim there comes a limit, and another message spends all of it.
    const desk = await service.changingDesk('email', async () => {
      await put(ofTenant, { email: { perDay: 1 } });
      await service.query("UPDATE sollecito.send_limit SET day = '2026-03-02', day_used = 1");
    });
    await service.sendDue('email', { desk });
    expect(await service.fates(id)).toEqual(['accepted day-limit']);
    expect((await service.reminder(id)).deliveries[0]?.nextAttemptAt).toBe('2026-03-02T23:00:00.000Z');
    let woken = 0;
    service.onWake = () => void (woken += 1);
    await put(ofTenant, body);
    service.onWake = () => {};
    expect(woken).toBeGreaterThan(0);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test.each([
    [{ email: { perSecond: 0 } }, '/email/perSecond', 'too-small'],
    [{ email: { perSecond: '5' } }, '/email/perSecond', 'wrong-type'],
    [{ sms: { perMinute: 1.5 } }, '/sms/perMinute', 'wrong-type'],
    [{ sms: { perDay: -1 } }, '/sms/perDay', 'too-small'],
    [{ sms: { connections: 1 } }, '/sms/connections', 'unknown-field'],
    [{ weight: { email: 101 } }, '/weight/email', 'too-big'],
    [{ post: null }, '/post', 'unknown-field'],
  ])('400 for %j', async (body, path, code) => {
    expect(await put(ofTenant, body)).toMatchObject({ status: 400, body: { errors: [{ path, code }] } });
    expect(await service.query('SELECT FROM sollecito.send_limit')).toEqual([]);
  });

  test('404 for a tenant that there is not', async () => {
    const path = '/v1/admin/tenants/nobody/limits';
    expect([(await put(path, {})).status, (await service.call('GET', path, { key })).status]).toEqual([404, 404]);
  });
});

describe('the limits of providers and domains', () => {
  test('of a provider bind everybody', async () => {
    expect(await get('/v1/admin/limits')).toEqual({
      providers: { smtp: null, smsapi: null },
      domains: [],
      nextCursor: null,
    });
    const answer = await put<All>('/v1/admin/limits', { providers: { smtp: { perMinute: 1 } } });
    expect(answer.body.providers).toEqual({ smtp: { ...noLimit, perMinute: 1, used: unused }, smsapi: null });
    const made = [await service.remind(), await service.remind()];
    await service.sendDue();
    const left = await Promise.all(made.map(async ({ id }) => (await service.reminder(id)).status));
    expect(left.filter((status) => status === 'sent')).toHaveLength(1);
    expect((await get<All>('/v1/admin/limits')).providers.smtp?.used).toEqual({ minute: 1, day: 1 });
  });

  test('of a domain are set by its name, however it is written, and taken away', async () => {
    const body = { perMinute: 30, connections: 2 };
    const made = await put<Domain>('/v1/admin/limits/domains/Slow.Example', body);
    expect(made.body).toEqual({ ...noLimit, domain: 'slow.example', ...body, used: unused, slowed: null });
    await put('/v1/admin/limits/domains/m%C3%BCller.example', { perSecond: 1 });
    expect((await get<All>('/v1/admin/limits')).domains.map(({ domain }) => domain)).toEqual([
      'slow.example',
      'xn--mller-kva.example',
    ]);
    const path = '/v1/admin/limits/domains/slow.example';
    expect((await service.call<Domain>('DELETE', path, { key })).body).toMatchObject({
      perMinute: null,
      connections: null,
    });
    expect((await service.call('DELETE', path, { key })).status).toBe(404);
    expect((await get<All>('/v1/admin/limits')).domains).toHaveLength(1);
  });

  test('of a slowed domain come and go beside its slowness', async () => {
    const closed = '2026-03-02T09:00:10Z';
    await setLimit(service, { domain: 'slow.example', gap_ms: 2_000, closed_until: closed });
    await setLimit(service, { domain: 'quick.example', per_minute: 5 });
    const slowed = { gapSeconds: 2, closedUntil: '2026-03-02T09:00:10.000Z', lineUntil: null };
    expect((await get<All>('/v1/admin/limits?slowed=true')).domains).toMatchObject([
      { domain: 'slow.example', slowed },
    ]);
    expect((await get<All>('/v1/admin/limits?slowed=false')).domains).toMatchObject([{ domain: 'quick.example' }]);
    const path = '/v1/admin/limits/domains/slow.example';
    expect((await put(path, { perMinute: 5 })).body).toMatchObject({ perMinute: 5, slowed });
    expect((await service.call('DELETE', path, { key })).body).toMatchObject({ perMinute: null, slowed });
    expect((await get<All>('/v1/admin/limits?slowed=true')).domains).toHaveLength(1);
  });

  test('are shown page by page', async () => {
    for (const name of ['c', 'a', 'b']) await put(`/v1/admin/limits/domains/${name}.example`, { perDay: 9 });
    const first = await get<All>('/v1/admin/limits?limit=2');
    const cursor = first.nextCursor ?? expect.fail('one page alone');
    expect(first.domains.map(({ domain }) => domain)).toEqual(['a.example', 'b.example']);
    const second = await get<All>(`/v1/admin/limits?limit=2&cursor=${cursor}`);
    expect([second.domains.map(({ domain }) => domain), second.nextCursor]).toEqual([['c.example'], null]);
  });

  test.each([
    ['/v1/admin/limits/domains/nonsense', {}, '/path/domain', 'invalid-domain'],
    ['/v1/admin/limits/domains/x@example.com', {}, '/path/domain', 'invalid-domain'],
    ['/v1/admin/limits/domains/example.com', { connections: 0 }, '/connections', 'too-small'],
    ['/v1/admin/limits', {}, '/providers', 'required'],
    ['/v1/admin/limits', { providers: { smtp: { perSecond: 1e9 } } }, '/providers/smtp/perSecond', 'too-big'],
  ])('400 for %s %j', async (path, body, at, code) => {
    expect(await put(path, body)).toMatchObject({ status: 400, body: { errors: [{ path: at, code }] } });
    expect(await service.query('SELECT FROM sollecito.send_limit')).toEqual([]);
  });
});

test('who changed which limit is in the audit; what changes nothing is not', async () => {
  service.clock.set('2026-03-05T09:00:00Z');
  await put(ofTenant, { email: { perDay: 7 }, weight: { sms: 2 } });
  await put(ofTenant, { email: { perDay: 7 }, weight: { sms: 2 } });
  await put('/v1/admin/limits', { providers: { smsapi: { perSecond: 3 } } });
  await put('/v1/admin/limits/domains/example.com', { connections: 1 });
  const audit = await service.query(
    `SELECT tenant_id IS NULL AS all, actor LIKE 'key:key_%' AS by_key, action, target, detail -> 'after' AS after FROM sollecito.audit
     WHERE at = '2026-03-05T09:00:00Z' ORDER BY id`,
  );
  const limits = { ...noLimit, connections: null };
  expect(audit).toEqual([
    { all: false, by_key: true, action: 'limits.set', target: 'email', after: { ...limits, perDay: 7 } },
    { all: false, by_key: true, action: 'weight.set', target: 'sms', after: null },
    { all: true, by_key: true, action: 'limits.set', target: 'sms', after: { ...limits, perSecond: 3 } },
    { all: true, by_key: true, action: 'limits.set', target: 'example.com', after: { ...limits, connections: 1 } },
  ]);
});
