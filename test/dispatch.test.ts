import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../src/domain/ids.ts';
import { backlog } from '../src/store/dispatch.ts';
import type { TestTenant } from './support/api.ts';
import { deliveryId, type ShownReminder, TestService } from './support/service.ts';

let service: TestService;
beforeEach(async () => {
  service = await TestService.start();
});
afterEach(async () => {
  await service.stop();
});

/** So many reminders of a tenant, in their order. @returns their deliveries. */
async function post(count: number, more: Record<string, unknown> = {}, tenant: TestTenant = service.api.tenant) {
  const reminders = Array.from({ length: count }, (_, n) => ({
    idempotencyKey: `${tenant.ref} ${newId('reminder')} ${n}`,
    dueDate: 'd1',
    channel: 'email',
    attachDocument: false,
    ...more,
  }));
  const { body } = await service.call<{ items: { reminder: ShownReminder }[] }>('POST', '/v1/reminders/batch', {
    body: { reminders },
    key: tenant.key,
  });
  return body.items.map(({ reminder }) => deliveryId(reminder.deliveries[0]?.id));
}

async function addTenant(name: string): Promise<TestTenant> {
  const tenant = await service.api.addTenant({ name });
  await service.call('PUT', '/v1/due-dates/d1', {
    key: tenant.key,
    body: {
      customer: { ref: 'c', name: 'C', email: ['c@other.example'], phone: ['+393331112222'] },
      dueOn: '2026-03-01',
      amount: { value: '1.00', currency: 'EUR' },
    },
  });
  return tenant;
}

const taken = async (window = 200, channel: 'email' | 'sms' = 'email') =>
  (await service.dispatch(channel, window)).map(({ delivery }) => delivery);
const tenantsOf = async (window: number): Promise<Record<string, number>> => {
  const items = await service.dispatch('email', window);
  return Object.fromEntries(
    Object.entries(Object.groupBy(items, ({ tenant }) => tenant)).map(([id, of]) => [id, of?.length ?? 0]),
  );
};

describe('the dispatcher’s choice', () => {
  test('goes by the time when a reminder became due, with a head start of five minutes for each level of priority', async () => {
    const [early] = await post(1, { sendAt: '2026-03-02T09:30:00Z' });
    const [low] = await post(1, { sendAt: '2026-03-02T09:31:00Z', priority: 0 });
    const [ordinary] = await post(1, { sendAt: '2026-03-02T09:40:00Z' });
    const [urgent] = await post(1, { sendAt: '2026-03-02T09:49:00Z', priority: 9 });
    const [late] = await post(1, { sendAt: '2026-03-02T09:57:00Z', priority: 9 });
    service.clock.set('2026-03-02T10:00:00Z');
    const inOrder = [urgent, early, late, ordinary, low];
    expect(await taken(2)).toEqual(inOrder.slice(0, 2));
    expect(await taken(5)).toEqual(inOrder.slice(2));
  });

  test('leaves what is for later, and takes up what is to be tried again when its time has come', async () => {
    await post(1, { sendAt: '2026-03-02T09:00:01Z' });
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 later' }, { times: 1 });
    const [deferred] = await post(1);
    expect(await service.sendDue()).toBe(1);
    expect(await taken()).toEqual([]);
    service.clock.advance({ milliseconds: 4_999 });
    expect(await taken()).toHaveLength(1);
    service.clock.advance({ milliseconds: 1 });
    expect(await taken()).toEqual([deferred]);
  });

  test('keeps the queue’s window, counting what waits and what is being sent', async () => {
    await post(30);
    expect(await taken(10)).toHaveLength(10);
    expect(await taken(10)).toEqual([]);
    expect(await taken(25)).toHaveLength(15);
    await service.query(
      "UPDATE sollecito.delivery SET status = 'sending', claim_token = uuidv7(), lease_until = now() WHERE status = 'queued'",
    );
    expect(await taken(25)).toEqual([]);
    expect(await taken(26)).toHaveLength(1);
    await post(1, { channel: 'sms' });
    expect(await taken(1, 'sms')).toHaveLength(1);
  });

  test('gives tenants their turns: one with thousands does not hold up one with two', async () => {
    await post(1_000);
    const small = await addTenant('Small');
    const middle = await addTenant('Middle');
    await post(2, {}, small);
    await post(20, {}, middle);
    const big = service.api.tenant.id;
    expect(await tenantsOf(12)).toEqual({ [big]: 5, [small.id]: 2, [middle.id]: 5 });
    expect(await tenantsOf(22)).toEqual({ [big]: 5, [middle.id]: 5 });
    expect(await tenantsOf(62)).toEqual({ [big]: 30, [middle.id]: 10 });
  });

  test('goes on with whoever was served longest ago when the window is smaller than the tenants are many', async () => {
    const tenants = await Promise.all(['A', 'B', 'C'].map(addTenant));
    for (const tenant of tenants) await post(3, {}, tenant);
    const served: string[] = [];
    for (let window = 1; window <= 6; window++) {
      service.clock.advance({ milliseconds: 1 });
      served.push(...Object.keys(await tenantsOf(window)));
    }
    expect(new Set(served.slice(0, 3)).size).toBe(3);
    expect(served.slice(3)).toEqual(served.slice(0, 3));
  });

  test.each([
    ['everything', null, null, 0],
    ['a channel', null, 'email', 0],
    ['another channel', null, 'sms', 1],
    ['the tenant', 'tenant', null, 0],
    ['the tenant’s channel', 'tenant', 'email', 0],
  ])('a pause of %s', async (_, tenant, channel, expected) => {
    await post(1);
    await service.query(
      `INSERT INTO sollecito.pause (id, tenant_id, channel, owner, reason, until, created_at)
       VALUES ($1, $2, $3, 'test', 'test', '2026-03-02T10:00:00Z', now())`,
      [newId('pause'), tenant && service.api.tenant.id, channel],
    );
    expect(await taken()).toHaveLength(expected);
    service.clock.set('2026-03-02T10:00:00Z');
    expect(await taken()).toHaveLength(1 - expected);
  });

  test('a pause of another tenant, and one that was lifted, hold up nobody', async () => {
    const other = await addTenant('Other');
    await post(1);
    await service.query(
      `INSERT INTO sollecito.pause (id, tenant_id, owner, reason, created_at, ended_at) VALUES ($1, $3, 't', 't', now(), NULL), ($2, NULL, 't', 't', now(), now())`,
      [newId('pause'), newId('pause'), other.id],
    );
    expect(await taken()).toHaveLength(1);
  });

  test('leaves what somebody else holds for the next round', async () => {
    const made = await post(3);
    const other = new Client({ connectionString: service.api.databaseUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query(
      'SELECT FROM sollecito.reminder WHERE id = (SELECT reminder_id FROM sollecito.delivery WHERE id = $1) FOR UPDATE',
      [made[0]],
    );
    expect((await taken()).sort()).toEqual(made.slice(1).sort());
    await other.end();
    expect(await taken()).toEqual(made.slice(0, 1));
  });

  test('ten dispatchers at once share the backlog without a double', async () => {
    await post(200);
    const shares = await Promise.all(Array.from({ length: 10 }, async () => taken(200)));
    expect(new Set(shares.flat()).size).toBe(200);
    expect(shares.flat()).toHaveLength(200);
  });

  test('gives every dispatch a number of its own and tells of it', async () => {
    const [delivery] = await post(1);
    const [first] = await service.dispatch();
    await service.query("UPDATE sollecito.delivery SET status = 'accepted'");
    const [second] = await service.dispatch();
    expect([first, second]).toMatchObject([
      { delivery, dispatchNo: 1 },
      { delivery, dispatchNo: 2 },
    ]);
    const events = await service.query("SELECT detail FROM sollecito.event WHERE type = 'queued' ORDER BY id");
    expect(events).toEqual([{ detail: { dispatch: 1 } }, { detail: { dispatch: 2 } }]);
  });

  test('says what is waiting, since when', async () => {
    await post(2);
    await post(1, { sendAt: '2026-03-03T09:00:00Z' });
    await post(1, { channel: 'sms' });
    await service.dispatch('sms');
    service.clock.advance({ minutes: 5 });
    const counts = await backlog(service.database, service.clock.now());
    expect(counts.find(({ channel }) => channel === 'email')).toMatchObject({
      due: 2,
      scheduled: 1,
      queued: 0,
      oldestSeconds: 300,
    });
    expect(counts.find(({ channel }) => channel === 'sms')).toMatchObject({ due: 0, queued: 1, oldestSeconds: 0 });
  });
});

describe('the documents that a dispatched reminder waits for', () => {
  const missing = async (more: Record<string, unknown>): Promise<number> => {
    await post(1, { attachDocument: true, ...more });
    const [item] = await service.dispatch();
    return item?.missingDocuments.length ?? expect.fail('nothing is due');
  };

  test('are those that go with it and are not stored yet', async () => {
    await service.addDueDate('d2');
    await service.addDueDate('settled');
    await service.pay('settled');
    expect(await missing({ attachDocument: false })).toBe(0);
    expect(await missing({ dueDate: undefined, dueDates: ['d1', 'd2'] })).toBe(2);
    const pdf = Buffer.from('%PDF-1.7\n% own\nstartxref\n9\n%%EOF\n');
    const own = await service.call('PUT', '/v1/due-dates/d1/pdf', {
      body: pdf,
      headers: { 'content-type': 'application/pdf' },
    });
    expect(own.status).toBeLessThan(300);
    expect(await missing({ dueDate: undefined, dueDates: ['d1', 'd2'] })).toBe(1);
    expect(await missing({})).toBe(0);
  });
});
