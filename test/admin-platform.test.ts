import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../src/api/operations.ts';
import { createApiKey } from '../src/store/api-keys.ts';
import { TestApi } from './support/api.ts';

type Tenants = { items: { ref: string; name: string; plan: string; createdAt: string }[]; nextCursor: string | null };

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await TestApi.start();
  key = await api.addPlatformKey();
});
afterAll(async () => {
  await api.stop();
});

const ofPlatform = operations.filter(({ scope }) => scope === 'platform');

describe('who may do what concerns all tenants', () => {
  test('it is what stands under /v1/admin', () => {
    expect(ofPlatform.map(({ path }) => path)).toEqual(
      operations.map(({ path }) => path).filter((path) => path.startsWith('/v1/admin/')),
    );
    expect(ofPlatform.length).toBeGreaterThan(10);
  });

  test('a platform key without more, and it speaks for no tenant', async () => {
    expect((await api.call('GET', '/v1/admin/tenants', { key })).status).toBe(200);
    expect((await api.call('GET', '/v1/tenant', { key })).status).toBe(403);
    const { secret } = await createApiKey(api.service, api.clock, { tenant: null, name: 'idle', scopes: [] });
    expect((await api.call('GET', '/v1/admin/tenants', { key: secret })).status).toBe(403);
  });

  test('no tenant’s key, not even one with that scope', async () => {
    const scoped = await api.addKey({ scopes: ['platform', 'settings', 'data:read'] });
    for (const own of [api.tenant.key, scoped]) {
      expect((await api.call('GET', '/v1/admin/tenants', { key: own })).status).toBe(403);
    }
  });

  test('an admin, without naming a tenant; no other operator', async () => {
    const called = async (role: 'admin' | 'operator' | 'viewer') =>
      (await api.call('GET', '/v1/admin/tenants', { key: null, headers: await api.signedIn(role) })).status;
    expect([await called('admin'), await called('operator'), await called('viewer')]).toEqual([200, 403, 403]);
    expect((await api.call('GET', '/v1/admin/tenants', { key: null })).status).toBe(401);
  });
});

describe('tenants', () => {
  test('are listed by ref, page by page', async () => {
    for (const name of ['Beta', 'Alfa']) await api.addTenant({ name, plan: 'essential' });
    const first = (await api.call<Tenants>('GET', '/v1/admin/tenants?limit=2', { key })).body;
    const cursor = first.nextCursor ?? expect.fail('one page alone');
    expect(first.items).toEqual([
      { ref: 'alfa', name: 'Alfa', plan: 'essential', createdAt: '2026-03-02T09:00:00.000Z' },
      { ref: 'beta', name: 'Beta', plan: 'essential', createdAt: '2026-03-02T09:00:00.000Z' },
    ]);
    const second = (await api.call<Tenants>('GET', `/v1/admin/tenants?limit=2&cursor=${cursor}`, { key })).body;
    expect([second.items.map(({ ref }) => ref), second.nextCursor]).toEqual([['officine-rossi'], null]);
  });

  test('are put on another plan, which is in the audit', async () => {
    const { ref, id, key: own } = await api.addTenant({ name: 'Gamma', plan: 'essential' });
    const answer = await api.call('PUT', `/v1/admin/tenants/${ref}/plan`, { key, body: { plan: 'large' } });
    expect(answer).toMatchObject({ status: 200, body: { ref, plan: 'large' } });
    expect((await api.call('GET', '/v1/quota', { key: own })).body).toMatchObject({ plan: 'large', limit: null });
    const { rows } = await api.service.pool.query(
      'SELECT actor, action, target, detail FROM sollecito.audit WHERE tenant_id = $1',
      [id],
    );
    expect(rows).toEqual([
      {
        actor: expect.stringMatching(/^key:key_/),
        action: 'tenant.set-plan',
        target: ref,
        detail: { from: 'essential', to: 'large' },
      },
    ]);
  });

  test.each([
    ['officine-rossi', { plan: 'gigantic' }, 400, '/plan', 'unknown-plan'],
    ['officine-rossi', {}, 400, '/plan', 'required'],
    ['officine-rossi', { plan: null }, 400, '/plan', 'wrong-type'],
    ['nobody', { plan: 'large' }, 404, '/path/ref', 'not-found'],
  ])('%s %j is refused', async (ref, body, status, path, code) => {
    const answer = await api.call('PUT', `/v1/admin/tenants/${ref}/plan`, { key, body });
    expect(answer).toMatchObject({ status, body: { errors: [{ path, code }] } });
  });
});
