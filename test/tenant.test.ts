import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTenant, setPlan, TenantExists, UnknownPlan } from '../src/store/tenants.ts';
import { TestApi } from './support/api.ts';

type Tenant = Record<string, unknown> & { updatedAt: string };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

test('a new tenant has the usual settings', async () => {
  const answer = await api.call<Tenant>('GET', '/v1/tenant');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('etag')).toBe('"v1"');
  expect(answer.body).toMatchObject({
    ref: 'officine-rossi',
    name: 'Officine Rossi',
    plan: 'medium',
    sender: { email: null, name: null },
    timeZone: 'Europe/Rome',
    country: 'IT',
    locale: 'it',
    unknownPolicy: 'hold',
    contactGapDays: 0,
    quietHours: null,
    bindsCallers: false,
  });
});

test('a change keeps what it does not name, counts the version up and takes the time', async () => {
  api.clock.advance({ minutes: 1 });
  const first = await api.call<Tenant>('PATCH', '/v1/tenant', {
    body: {
      sender: { email: 'Conti@Rossi.example', name: 'Officine Rossi' },
      quietHours: { from: '21:00', to: '08:00' },
    },
  });
  expect(first.headers.get('etag')).toBe('"v2"');
  expect(first.body.updatedAt).toBe('2026-03-02T09:01:00.000Z');
  const second = await api.call<Tenant>('PATCH', '/v1/tenant', {
    body: { sender: { name: null }, smsSender: 'Rossi', colour: '#0B6E4F' },
  });
  expect(second.body).toMatchObject({
    sender: { email: 'Conti@rossi.example', name: null },
    smsSender: 'Rossi',
    colour: '#0b6e4f',
    quietHours: { from: '21:00', to: '08:00' },
  });
  expect({ ...(await api.call<Tenant>('GET', '/v1/tenant')).body, inFlight: [] }).toEqual(second.body);
});

test('a change that changes nothing leaves the version and the time alone', async () => {
  const before = await api.call<Tenant>('GET', '/v1/tenant');
  api.clock.advance({ minutes: 1 });
  const after = await api.call<Tenant>('PATCH', '/v1/tenant', {
    body: { timeZone: 'Europe/Rome', quietHours: { to: '08:00', from: '21:00' } },
  });
  expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  expect(after.body).toEqual({ ...before.body, inFlight: [] });
});

test('412 when it has changed since it was read', async () => {
  const headers = { 'if-match': '"v1"' };
  const answer = await api.call('PATCH', '/v1/tenant', { body: { name: 'Late' }, headers });
  expect(answer).toMatchObject({ status: 412, body: { type: 'urn:sollecito:problem:precondition-failed' } });
});

const png = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64')}`;

test.each([
  [{ timeZone: 'Europe/Roma' }, '/timeZone'],
  [{ country: 'it' }, '/country'],
  [{ locale: 'pt' }, '/locale'],
  [{ quietHours: { from: '21:00', to: '24:00' } }, '/quietHours/to'],
  [{ quietHours: { from: '21:00', to: '21:00' } }, '/quietHours/to'],
  [{ smsSender: 'Officine Rossi' }, '/smsSender'],
  [{ smsSender: '12345' }, '/smsSender'],
  [{ colour: 'green' }, '/colour'],
  [{ contactGapDays: 1.5 }, '/contactGapDays'],
  [{ sender: { email: 'Rossi <a@rossi.example>' } }, '/sender/email'],
  [{ logo: png.replace('png', 'svg+xml') }, '/logo'],
  [{ logo: png.replace('png', 'jpeg') }, '/logo'],
  [{ logo: `${png.slice(0, -2)}${'A'.repeat(200_000)}` }, '/logo'],
  [{ plan: 'large' }, '/plan'],
])('400 for %o', async (body, path) => {
  const answer = await api.call('PATCH', '/v1/tenant', { body });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
});

test('a logo is an image in the reply to the letter', async () => {
  expect((await api.call<Tenant>('PATCH', '/v1/tenant', { body: { logo: png } })).body['logo']).toBe(png);
});

test('the quota is that of the plan, and follows it', async () => {
  const { key, ref } = await api.addTenant({ name: 'Prova', plan: 'essential' });
  const limited = await api.call('GET', '/v1/quota', { key });
  expect(limited.body).toMatchObject({
    plan: 'essential',
    limit: 5,
    used: 0,
    reserved: 0,
    remaining: 5,
    resetsAt: null,
  });
  expect(await setPlan(api.service, api.clock, ref, 'large')).toBe(true);
  const unlimited = await api.call('GET', '/v1/quota', { key });
  expect(unlimited.body).toEqual({
    plan: 'large',
    limit: null,
    used: 0,
    reserved: 0,
    remaining: null,
    resetsAt: null,
    limits: [],
    warnings: [],
  });
});

test('a tenant’s ref is taken once, and its plan must exist', async () => {
  const make = (name: string, plan: string) => createTenant(api.service, api.clock, { name, plan });
  await expect(make('Officine Rossi', 'medium')).rejects.toThrow(TenantExists);
  await expect(make('Nuova', 'gigantic')).rejects.toThrow(UnknownPlan);
  await expect(setPlan(api.service, api.clock, 'officine-rossi', 'gigantic')).rejects.toThrow('essential');
  expect(await setPlan(api.service, api.clock, 'nobody', 'large')).toBe(false);
  expect((await make('Società Più & Co.', 'medium')).ref).toBe('societa-piu-co');
});
