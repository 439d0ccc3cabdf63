import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestTenant } from './support/api.ts';
import { everybodys, own, Pausing } from './support/pausing.ts';
import type { TestService } from './support/service.ts';

const long = 'x'.repeat(501);

let pausing: Pausing;
let service: TestService;
let other: TestTenant;
beforeAll(async () => {
  pausing = await Pausing.start();
  service = pausing.service;
  other = await service.api.addTenant({ name: 'Other' });
});
beforeEach(async () => {
  await pausing.begin();
});
afterAll(async () => {
  await service.stop();
});

describe("a tenant's pause", () => {
  test('of a channel stops that channel, until it is lifted', async () => {
    const made = await pausing.add(own, { channel: 'email' });
    expect(made).toMatchObject({
      status: 201,
      body: { tenant: service.api.tenant.ref, channel: 'email', provider: null, reason: 'Inventory', active: true },
    });
    expect(made.body).toMatchObject({ byPlatform: false, until: null, endedAt: null, inFlight: [] });
    expect(made.body.id).toMatch(/^pau_/);
    expect(made.body.owner).toMatch(/^key:key_/);
    const email = await service.remind();
    const sms = await service.remind({ channel: 'sms' });
    expect([await service.sendDue('email'), await service.sendDue('sms')]).toEqual([0, 1]);
    expect(await service.fates(sms.id)).toEqual(['sent']);
    const answer = await pausing.lift(own, made.body.id);
    expect(answer).toMatchObject({ status: 200, body: { active: false, endedAt: '2026-03-02T09:00:00.000Z' } });
    await service.sendDue();
    expect(await service.fates(email.id)).toEqual(['sent']);
  });

  test('ends by itself', async () => {
    const made = await pausing.add(own, { until: '2026-03-02T10:00:00.000Z' });
    const { id } = await service.remind();
    expect(await service.sendDue()).toBe(0);
    service.clock.advance({ hours: 1 });
    expect((await pausing.list(own, '?active=true')).items).toEqual([]);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect((await pausing.lift(own, made.body.id)).body.endedAt).toBe('2026-03-02T10:00:00.000Z');
  });

  test('is nobody else’s', async () => {
    const { id } = (await pausing.add(own, { reason: 'Ours alone' })).body;
    expect((await pausing.list(own, '', other.key)).items).toEqual([]);
    expect((await pausing.lift(own, id, other.key)).status).toBe(404);
    expect((await pausing.list(own)).items).toMatchObject([{ id, active: true }]);
  });

  test('lifted twice stays as it was', async () => {
    const { id } = (await pausing.add(own, {})).body;
    const first = await pausing.lift(own, id);
    service.clock.advance({ hours: 1 });
    expect(await pausing.lift(own, id)).toMatchObject({ status: 200, body: first.body });
  });

  test.each([
    [{}, '/reason', 'required'],
    [{ reason: ' ' }, '/reason', 'invalid-text'],
    [{ reason: long }, '/reason', 'invalid-text'],
    [{ reason: 'x', channel: 'post' }, '/channel', 'invalid-value'],
    [{ reason: 'x', until: '2026-03-02T09:00:00Z' }, '/until', 'past'],
    [{ reason: 'x', until: 'tomorrow' }, '/until', 'invalid-instant'],
    [{ reason: 'x', provider: 'smtp' }, '/provider', 'unknown-field'],
    [{ reason: 'x', tenant: 'other' }, '/tenant', 'unknown-field'],
  ])('400 for %j', async (body, path, code) => {
    const answer = await service.call('POST', own, { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path, code }] } });
    expect((await pausing.list(own)).items).toEqual([]);
  });

  test('403 without the scope for settings; reading needs none', async () => {
    const key = await service.api.addKey({ scopes: ['data:read', 'data:write', 'reminders:write'] });
    const { id } = (await pausing.add(own, {})).body;
    expect((await pausing.add(own, {}, key)).status).toBe(403);
    expect((await pausing.lift(own, id, key)).status).toBe(403);
    expect((await pausing.list(own, '', key)).items).toHaveLength(1);
  });

  test('404 for an id that there is not', async () => {
    for (const id of ['pau_01kc5v0x9qf0nrt8kq3v6y2h4d', 'nonsense']) {
      expect([(await pausing.lift(own, id)).status, (await pausing.lift(everybodys, id)).status]).toEqual([404, 404]);
    }
  });
});

describe("the platform's pause", () => {
  test.each([
    [{}, [0, 0, 0]],
    [{ channel: 'email' }, [0, 0, 1]],
    [{ provider: 'smsapi' }, [1, 1, 0]],
    [{ tenant: 'other' }, [1, 0, 1]],
    [{ tenant: 'other', channel: 'sms' }, [1, 1, 1]],
  ])('%j stops what is in its scope and no more', async (body, sent) => {
    const made = await pausing.add(everybodys, body);
    expect(made).toMatchObject({ status: 201, body: { tenant: null, channel: null, provider: null, ...body } });
    await service.call('PUT', '/v1/customers/verdi', { key: other.key, body: { name: 'Verdi' } });
    const amount = { value: '10.00', currency: 'EUR' };
    const dueDate = { customer: 'verdi', dueOn: '2026-02-20', amount };
    await service.call('PUT', '/v1/due-dates/v1', { key: other.key, body: dueDate });
    const mine = await service.remind();
    const theirs = (await service.ask({ dueDate: 'v1', to: ['conti@verdi.example'] }, { key: other.key })).body;
    const sms = await service.remind({ channel: 'sms' });
    await service.sendDue('email');
    await service.sendDue('sms');
    const statuses = await service.query<{ status: string }>(
      'SELECT status FROM sollecito.reminder ORDER BY id DESC LIMIT 3',
    );
    expect([mine.id, theirs.id, sms.id]).toHaveLength(3);
    expect(statuses.map(({ status }) => (status === 'sent' ? 1 : 0)).reverse()).toEqual(sent);
  });

  test('is seen by the tenants that it concerns, who cannot lift it', async () => {
    const all = (await pausing.add(everybodys, { reason: 'Maintenance' })).body;
    const one = (await pausing.add(everybodys, { tenant: service.api.tenant.ref })).body;
    expect((await pausing.list(own)).items).toMatchObject([
      { id: one.id, byPlatform: true, tenant: service.api.tenant.ref },
      { id: all.id, byPlatform: true, tenant: null, reason: 'Maintenance' },
    ]);
    expect((await pausing.list(own, '', other.key)).items.map(({ id }) => id)).toEqual([all.id]);
    for (const { id } of [all, one]) expect((await pausing.lift(own, id)).status).toBe(403);
    expect((await pausing.list(everybodys, '?active=true')).items.map(({ id }) => id)).toEqual([one.id, all.id]);
    for (const { id } of [all, one]) expect((await pausing.lift(everybodys, id)).status).toBe(200);
  });

  test('and no statement of the API can touch it', async () => {
    const { id } = (await pausing.add(everybodys, { tenant: service.api.tenant.ref })).body;
    const { database } = service.api.parts;
    const changed = await database.tenantTransaction(service.api.tenant.id, (client) =>
      client.query('UPDATE sollecito.pause SET ended_at = now()'),
    );
    expect(changed.rowCount).toBe(0);
    const forged = database.tenantTransaction(service.api.tenant.id, (client) =>
      client.query(
        `INSERT INTO sollecito.pause (id, tenant_id, owner, reason, created_at) VALUES (uuidv7(), '${service.api.tenant.id}', 'x', 'x', now())`,
      ),
    );
    await expect(forged).rejects.toThrow(/row-level security/);
    expect((await pausing.list(everybodys)).items).toMatchObject([{ id, active: true }]);
  });

  test("of a tenant's own it can lift as well", async () => {
    const { id } = (await pausing.add(own, {})).body;
    expect((await pausing.lift(everybodys, id)).body).toMatchObject({ active: false, byPlatform: false });
  });

  test('is a page in the list, newest first', async () => {
    for (const reason of ['one', 'two', 'three']) await pausing.add(everybodys, { reason });
    const first = await pausing.list(everybodys, '?limit=2');
    const cursor = first.nextCursor ?? expect.fail('one page alone');
    expect(first.items).toMatchObject([{ reason: 'three' }, { reason: 'two' }]);
    expect(await pausing.list(everybodys, `?limit=2&cursor=${cursor}`)).toMatchObject({
      items: [{ reason: 'one' }],
      nextCursor: null,
    });
  });

  test.each([
    [{ provider: 'smtp', channel: 'sms' }, 400, '/provider', 'contradiction'],
    [{ provider: 'sendmail' }, 400, '/provider', 'invalid-value'],
    [{ until: '2020-01-01T00:00:00Z' }, 400, '/until', 'past'],
    [{ tenant: 'nobody' }, 404, '/tenant', 'not-found'],
  ])('%j is refused', async (body, status, path, code) => {
    expect(await pausing.add(everybodys, body)).toMatchObject({ status, body: { errors: [{ path, code }] } });
    expect((await pausing.list(everybodys)).items).toEqual([]);
  });

  test('is an admin’s to make and to lift as well', async () => {
    const admin = await service.api.signedIn('admin');
    const made = await service.call<{ id: string }>('POST', everybodys, {
      key: null,
      headers: admin,
      body: { reason: 'x' },
    });
    expect(made).toMatchObject({ status: 201, body: { owner: expect.stringMatching(/^operator:opr_/) } });
    const { 'x-csrf-token': _, ...withoutToken } = admin;
    const path = `${everybodys}/${made.body.id}`;
    expect((await service.call('DELETE', path, { key: null, headers: withoutToken })).status).toBe(403);
    expect((await service.call('DELETE', path, { key: null, headers: admin })).status).toBe(200);
  });
});

test('who paused and who lifted is in the audit, without the reason', async () => {
  const mine = (await pausing.add(own, { channel: 'sms' })).body;
  await pausing.lift(own, mine.id);
  const theirs = (await pausing.add(everybodys, { provider: 'smtp' })).body;
  await pausing.lift(everybodys, theirs.id);
  await pausing.lift(everybodys, theirs.id);
  const audit = await service.query(
    'SELECT tenant_id AS tenant, actor, action, target, detail FROM sollecito.audit WHERE target = ANY ($1) ORDER BY id',
    [[mine.id, theirs.id]],
  );
  const ofMine = { tenant: service.api.tenant.id, actor: mine.owner, target: mine.id };
  const ofTheirs = { tenant: null, actor: theirs.owner, target: theirs.id };
  expect(audit).toEqual([
    { ...ofMine, action: 'pause.add', detail: { channel: 'sms', provider: null } },
    { ...ofMine, action: 'pause.lift', detail: { channel: 'sms', provider: null } },
    { ...ofTheirs, action: 'pause.add', detail: { channel: null, provider: 'smtp' } },
    { ...ofTheirs, action: 'pause.lift', detail: { channel: null, provider: 'smtp' } },
  ]);
});
