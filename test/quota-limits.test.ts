import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { month, QuotaService, total } from './support/quota.ts';

// In Rome: one minute to April, and April.
const endOfMarch = '2026-03-31T21:59:00Z';
const april = '2026-03-31T22:00:00Z';

let quota: QuotaService;
beforeEach(async () => {
  quota = await QuotaService.start();
});
afterEach(async () => {
  await quota.stop();
});

describe('a limit a month', () => {
  test('begins anew at the midnight of the tenant’s zone', async () => {
    await quota.limits(month(2));
    quota.service.clock.set(endOfMarch);
    await quota.service.remind();
    await quota.service.remind();
    expect(await quota.quota()).toMatchObject({
      limit: 2,
      reserved: 2,
      remaining: 0,
      resetsAt: '2026-03-31T22:00:00.000Z',
    });
    const refused = await quota.service.ask();
    expect(refused.status).toBe(402);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('2 a month') });
    quota.service.clock.set(april);
    expect((await quota.service.ask()).status).toBe(202);
    expect(await quota.quota()).toMatchObject({
      limit: 2,
      reserved: 1,
      remaining: 1,
      resetsAt: '2026-04-30T22:00:00.000Z',
    });
  });

  test('counts a unit where it was reserved, though it is used or given back in the next month', async () => {
    await quota.limits(month(3), total(10));
    quota.service.clock.set(endOfMarch);
    const [sent, called] = [await quota.service.remind(), await quota.service.remind()];
    quota.service.clock.set(april);
    await quota.cancel(called.id);
    await quota.service.sendDue();
    expect(await quota.service.fates(sent.id)).toEqual(['sent']);
    expect([await quota.counted('2026-03-01'), await quota.counted('2026-04-01')]).toEqual([
      [0, 1],
      [0, 0],
    ]);
    expect(await quota.standing()).toEqual({ 'month all': [0, 0, 3], 'total all': [1, 0, 9] });
  });

  test('and though the tenant has moved to a zone where the month is still the one before', async () => {
    await quota.limits(month(3));
    quota.service.clock.set(endOfMarch);
    await quota.service.remind();
    quota.service.clock.set('2026-03-31T23:00:00Z');
    const { id } = await quota.service.remind();
    await quota.service.patch('/v1/tenant', { timeZone: 'America/New_York' });
    expect(await quota.quota()).toMatchObject({ reserved: 1, remaining: 2, resetsAt: '2026-04-01T04:00:00.000Z' });
    await quota.cancel(id);
    expect([await quota.counted('2026-03-01'), await quota.counted('2026-04-01')]).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  test('a retry reserves anew in the month in which it happens', async () => {
    await quota.limits(month(1));
    quota.service.clock.set(endOfMarch);
    const { id } = await quota.service.remind();
    await quota.cancel(id);
    quota.service.clock.set(april);
    expect((await quota.retry(id)).status).toBe(200);
    expect([await quota.counted('2026-03-01'), await quota.counted('2026-04-01')]).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect((await quota.service.ask()).status).toBe(402);
    await quota.cancel(id);
    expect((await quota.service.ask()).status).toBe(202);
    const again = await quota.retry(id);
    expect(again).toMatchObject({ status: 402, body: { detail: expect.stringContaining('1 a month') } });
  });
});

describe('limits of a channel', () => {
  test('bind it alone, beside those of all channels; a batch takes what they leave, in order', async () => {
    await quota.limits(total(4), total(1, 'sms'));
    const items = await quota.batch('sms', 'sms', 'email', 'sms', 'email', 'email', 'email', 'sms');
    expect(items.map(({ status }) => status)).toEqual([202, 402, 202, 402, 202, 202, 402, 402]);
    expect(items[6]?.problem?.detail).toBe('No sends are left in the plan: it has 4 in all. Nothing was accepted.');
    expect(await quota.standing()).toEqual({ 'total all': [0, 4, 0], 'total sms': [0, 1, 0] });
  });

  test('are what a refusal of that channel names while the others have some left', async () => {
    await quota.limits(month(5), month(1, 'sms'));
    expect((await quota.batch('sms', 'sms', 'email')).map(({ status }) => status)).toEqual([202, 402, 202]);
    const refused = await quota.service.ask({ channel: 'sms' });
    expect(refused.body).toMatchObject({
      detail:
        'No sms sends are left in the plan: it has 1 a month, and the next begins at 2026-03-31T22:00:00Z. Nothing was accepted.',
    });
    // The tightest stands at the top.
    expect(await quota.quota()).toMatchObject({ limit: 1, remaining: 0, resetsAt: '2026-03-31T22:00:00.000Z' });
    const warned = async (channel: string) => {
      const body = { dueDate: 'd1', channel, attachDocument: false };
      const answer = await quota.service.call<{ reasons: string[] }>('POST', '/v1/reminders/preview', { body });
      return answer.body.reasons;
    };
    expect(await warned('sms')).toContain('quota-exhausted');
    expect(await warned('email')).not.toContain('quota-exhausted');
  });

  test('a limit of none keeps the channel out of the plan, and warns of nothing', async () => {
    await quota.limits(total(0, 'sms'));
    expect((await quota.batch('sms', 'email')).map(({ status }) => status)).toEqual([402, 202]);
    expect(await quota.warningEvents()).toEqual([]);
  });
});

describe('a hundred who ask at once for the last unit', () => {
  test.each([
    ['of a total', total(3), 'email'],
    ['of a month', month(3), 'email'],
    ['of a channel’s total', total(3, 'sms'), 'sms'],
    ['of a channel’s month', month(3, 'sms'), 'sms'],
  ] as const)('%s: one gets it', async (_, limit, channel) => {
    const others = [total(1_000), month(1_000)].filter(({ period }) => period !== limit.period);
    await quota.limits(limit, ...others);
    await quota.batch(channel, channel);
    expect(await quota.atOnce(100, channel)).toBe(1);
    expect(await quota.quota()).toMatchObject({ limit: 3, reserved: 3, remaining: 0 });
    expect((await quota.warningEvents()).map((said) => said.split(' ')[0])).toEqual(['80-percent', 'quota-exhausted']);
  });

  test('retries among them', async () => {
    await quota.limits(month(40));
    const made = await Promise.all(Array.from({ length: 20 }, async () => quota.service.remind()));
    for (const { id } of made) await quota.cancel(id);
    await quota.batch(...Array.from({ length: 39 }, () => 'email' as const));
    const [accepted, ...retries] = await Promise.all([
      quota.atOnce(50),
      ...made.map(async ({ id }) => (await quota.retry(id)).status),
    ]);
    expect(accepted + retries.filter((status) => status === 200).length).toBe(1);
    expect(await quota.standing()).toEqual({ 'month all': [0, 40, 0] });
  });
});
