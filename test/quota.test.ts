import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setPlan } from '../src/store/tenants.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeEach(async () => {
  service = await TestService.start();
  await plan('essential');
});
afterEach(async () => {
  await service.stop();
});

async function plan(name: string): Promise<void> {
  expect(await setPlan(service.database, service.clock, service.api.tenant.ref, name)).toBe(true);
}

async function counted(): Promise<number[]> {
  const { used, reserved, remaining } = await service.quota();
  return [used, reserved, remaining ?? -1];
}

async function pay(): Promise<void> {
  const body = { ref: 'p', amount: { value: '1220.00', currency: 'EUR' }, paidOn: '2026-03-01' };
  expect((await service.call('POST', '/v1/due-dates/d1/payments', { body })).status).toBe(201);
}

const batch = async (count: number) =>
  service.call<{ items: { status: number }[] }>('POST', '/v1/reminders/batch', {
    body: {
      reminders: Array.from({ length: count }, (_, n) => ({
        idempotencyKey: `b${n}`,
        dueDate: 'd1',
        channel: 'email',
      })),
    },
  });

describe('the plan essential', () => {
  test('has five sends in all; the sixth is refused and nothing of it is stored', async () => {
    expect((await service.call('GET', '/v1/quota')).body).toEqual({
      plan: 'essential',
      limit: 5,
      used: 0,
      reserved: 0,
      remaining: 5,
      resetsAt: null,
      limits: [{ period: 'total', channel: null, limit: 5, used: 0, reserved: 0, remaining: 5, resetsAt: null }],
      warnings: [],
    });
    for (let n = 0; n < 5; n++) await service.remind();
    const before = await service.rowCounts();
    const answer = await service.ask({}, { headers: { 'idempotency-key': 'sixth' } });
    expect(answer.status).toBe(402);
    expect(answer.body).toMatchObject({ type: 'urn:sollecito:problem:quota-exhausted' });
    expect(await service.rowCounts()).toEqual(before);
    // Its key is not used up: on a larger plan the same request is accepted.
    await plan('large');
    const again = await service.ask({}, { headers: { 'idempotency-key': 'sixth' } });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, null]);
  });

  test('the last unit goes to exactly one of fifty who ask at once', async () => {
    for (let n = 0; n < 4; n++) await service.remind();
    const answers = await Promise.all(Array.from({ length: 50 }, async () => service.ask()));
    const told = Object.groupBy(answers, ({ status }) => status);
    expect(told[202]).toHaveLength(1);
    expect(told[402]).toHaveLength(49);
    expect(await counted()).toEqual([0, 5, 0]);
    expect((await service.rowCounts())['reminder']).toBe(5);
  });

  test('one reminder is one unit, however many recipients it has', async () => {
    await service.remind({ to: ['a@bianchi.example', 'b@bianchi.example', 'c@bianchi.example'] });
    expect(await counted()).toEqual([0, 1, 4]);
    await service.sendDue();
    expect(await counted()).toEqual([1, 0, 4]);
  });

  test('a batch takes what is left in order', async () => {
    await service.remind();
    const { body } = await batch(7);
    expect(body.items.map(({ status }) => status)).toEqual([202, 202, 202, 202, 402, 402, 402]);
    expect(await counted()).toEqual([0, 5, 0]);
    // What was accepted is replayed, the others ask anew.
    expect((await batch(7)).body.items.map(({ status }) => status)).toEqual([202, 202, 202, 202, 402, 402, 402]);
  });

  test('two batches that race for it get five together', async () => {
    const ask = async (name: string) =>
      service.call<{ items: { status: number }[] }>('POST', '/v1/reminders/batch', {
        body: {
          reminders: Array.from({ length: 20 }, (_, n) => ({
            idempotencyKey: `${name}${n}`,
            dueDate: 'd1',
            channel: 'email',
          })),
        },
      });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(ask));
    const accepted = answers.flatMap(({ body }) => body.items).filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(5);
  });
});

describe('a unit', () => {
  test('is used when a provider takes the reminder, and stays used after a bounce', async () => {
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect(await counted()).toEqual([1, 0, 4]);
    await service.query("UPDATE sollecito.delivery SET status = 'bounced'");
    expect(await counted()).toEqual([1, 0, 4]);
  });

  test('is given back when the reminder fails', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '550 no such user' });
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['failed recipient-refused']);
    expect(await counted()).toEqual([0, 0, 5]);
  });

  test('is given back when the last look skips it', async () => {
    const { id } = await service.remind();
    await service.call('PUT', '/v1/due-dates/d1/hold', { body: { reason: 'disputed' } });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['skipped hold-disputed']);
    expect(await counted()).toEqual([0, 0, 5]);
  });

  test('is given back when it is canceled, by a person or by a payment', async () => {
    const { id } = await service.remind();
    await service.remind();
    await service.call('POST', `/v1/reminders/${id}/cancel`);
    expect(await counted()).toEqual([0, 1, 4]);
    await pay();
    expect(await counted()).toEqual([0, 0, 5]);
  });

  test('is kept while the reminder is tried again, and while its fate is unknown', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 later' }, { times: 1 });
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['retrying recipient-deferred']);
    expect(await counted()).toEqual([0, 1, 4]);
    service.clock.advance({ minutes: 1 });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
    expect(await counted()).toEqual([0, 1, 4]);
    await service.call('POST', `/v1/reminders/${id}/resolve`, { body: { outcome: 'failed' } });
    expect(await counted()).toEqual([0, 0, 5]);
  });

  test('is used by one recipient where the others fail', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '550 no such user' }, { recipient: 'b@bianchi.example' });
    await service.remind({ to: ['a@bianchi.example', 'b@bianchi.example'] });
    await service.sendDue();
    expect(await counted()).toEqual([1, 0, 4]);
  });

  test('is reserved again by a retry, and refused when none is left', async () => {
    const { id } = await service.remind();
    await service.call('POST', `/v1/reminders/${id}/cancel`);
    expect((await service.call('POST', `/v1/reminders/${id}/retry`)).status).toBe(200);
    expect(await counted()).toEqual([0, 1, 4]);
    await service.call('POST', `/v1/reminders/${id}/cancel`);
    for (let n = 0; n < 5; n++) await service.remind();
    const before = await service.rowCounts();
    const answer = await service.call('POST', `/v1/reminders/${id}/retry`);
    expect([answer.status, answer.body['type']]).toEqual([402, 'urn:sollecito:problem:quota-exhausted']);
    expect(await service.rowCounts()).toEqual(before);
    expect(await service.fates(id)).toEqual(['canceled by-request']);
  });

  test('twenty retries that race for the last one: one wins', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, async () => service.remind()));
    for (const { id } of made) await service.call('POST', `/v1/reminders/${id}/cancel`);
    for (let n = 0; n < 4; n++) await service.remind();
    const answers = await Promise.all([
      ...made.map(async ({ id }) => service.call('POST', `/v1/reminders/${id}/retry`)),
      ...Array.from({ length: 16 }, async () => service.ask()),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(19);
    expect(await counted()).toEqual([0, 5, 0]);
  });
});

describe('a change of plan', () => {
  test('takes effect at once, and what was sent before counts', async () => {
    await plan('medium');
    for (let n = 0; n < 7; n++) await service.remind();
    await service.sendDue();
    expect((await service.call('GET', '/v1/quota')).body).toMatchObject({ limit: null, used: 7, remaining: null });
    await plan('essential');
    expect(await counted()).toEqual([7, 0, 0]);
    expect((await service.ask()).status).toBe(402);
    await plan('large');
    expect((await service.ask()).status).toBe(202);
  });

  test('leaves what was reserved under the other plan countable', async () => {
    await plan('medium');
    const made = await Promise.all(Array.from({ length: 6 }, async () => service.remind()));
    await plan('essential');
    expect(await counted()).toEqual([0, 6, 0]);
    for (const { id } of made.slice(0, 2)) await service.call('POST', `/v1/reminders/${id}/cancel`);
    expect(await counted()).toEqual([0, 4, 1]);
    expect((await service.ask()).status).toBe(202);
    expect((await service.ask()).status).toBe(402);
  });
});
