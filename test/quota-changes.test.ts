import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listPlans } from '../src/store/plans.ts';
import { month, QuotaService, total } from './support/quota.ts';

let quota: QuotaService;
beforeEach(async () => {
  quota = await QuotaService.start();
});
afterEach(async () => {
  await quota.stop();
});

describe('a change of plan', () => {
  test('waits for those who reserve under the one before, and binds those who come after it', async () => {
    await quota.batch('email', 'email', 'email', 'email');
    const early = new Client({ connectionString: quota.service.api.databaseUrl });
    await early.connect();
    try {
      // An acceptance in the middle, under the plan without a limit.
      await early.query('BEGIN');
      await early.query('SELECT sollecito.refuse_unit($1, $2, $3)', [
        quota.service.api.tenant.id,
        'email',
        quota.service.clock.now().toString(),
      ]);
      const changed = quota.plan('essential');
      await quota.waitingForLocks(1);
      const late = quota.batch('email', 'email');
      await quota.waitingForLocks(2);
      await early.query('COMMIT');
      await changed;
      expect((await late).map(({ status }) => status)).toEqual([202, 402]);
    } finally {
      await early.end();
    }
  });

  test('racing with a hundred requests leaves nothing uncounted, and nothing beyond the smaller plan after it', async () => {
    const asking = quota.atOnce(100);
    await quota.plan('essential');
    const { used, reserved } = await quota.quota();
    const accepted = await asking;
    // Who came after the change found five used up, or fewer.
    expect(accepted).toBe(Math.max(used + reserved, 5));
    expect((await quota.service.ask()).status).toBe(402);
  });

  test('warns of what the new plan has left, at once', async () => {
    await quota.batch('email', 'email', 'email', 'email');
    expect(await quota.warningEvents()).toEqual([]);
    await quota.plan('essential');
    expect(await quota.warningEvents()).toEqual(['80-percent total 5']);
    await quota.plan('medium');
    await quota.plan('essential');
    expect(await quota.warningEvents()).toEqual(['80-percent total 5']);
  });

  test('a change of its limits binds those who are on it, at once', async () => {
    await quota.limits();
    await quota.batch('email', 'email', 'email');
    await quota.change(total(3));
    expect(await quota.warningEvents()).toEqual(['80-percent total 3', 'quota-exhausted total 3']);
    expect((await quota.service.ask()).status).toBe(402);
    await quota.change(total(9));
    expect((await quota.service.ask()).status).toBe(202);
    expect((await listPlans(quota.service.database)).find(({ key }) => key === 'ours')).toEqual({
      key: 'ours',
      limits: [total(9)],
    });
  });
});

describe('a warning', () => {
  test('comes at 80 % and at 100 % of a limit, once, whatever is given back; in the next month again', async () => {
    await quota.limits(month(5), total(100, 'email'));
    await quota.batch('email', 'email', 'email');
    expect(await quota.quota()).toMatchObject({ warnings: [] });
    const { id } = await quota.service.remind();
    expect(await quota.warningEvents()).toEqual(['80-percent month 5 2026-03']);
    await quota.cancel(id);
    await quota.service.remind();
    quota.service.clock.advance({ minutes: 1 });
    await quota.retry(id);
    const both = ['80-percent month 5 2026-03', 'quota-exhausted month 5 2026-03'];
    expect(await quota.warningEvents()).toEqual(both);
    expect((await quota.quota()).warnings).toEqual([
      { reason: '80-percent', period: 'month', channel: null, limit: 5, at: '2026-03-02T09:00:00.000Z' },
      { reason: 'quota-exhausted', period: 'month', channel: null, limit: 5, at: '2026-03-02T09:01:00.000Z' },
    ]);
    quota.service.clock.set('2026-04-01T09:00:00Z');
    expect((await quota.quota()).warnings).toEqual([]);
    await quota.batch('email', 'email', 'email', 'email');
    expect(await quota.warningEvents()).toEqual([...both, '80-percent month 5 2026-04']);
  });

  test('is not given on a plan without limits', async () => {
    await quota.batch('email', 'sms', 'email');
    expect(await quota.warningEvents()).toEqual([]);
    expect(await quota.quota()).toMatchObject({ limit: null, reserved: 3, remaining: null, limits: [], warnings: [] });
  });
});
