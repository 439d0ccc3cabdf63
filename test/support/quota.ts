import { expect } from 'vitest';
import { type PlanLimit, setPlanLimits } from '../../src/store/plans.ts';
import { setPlan } from '../../src/store/tenants.ts';
import { patience, TestService } from './service.ts';

type Shown = {
  limit: number | null;
  used: number;
  reserved: number;
  remaining: number | null;
  resetsAt: string | null;
  limits: { period: string; channel: string | null; used: number; reserved: number; remaining: number }[];
  warnings: { reason: string; period: string; channel: string | null; limit: number; at: string }[];
};
type Items = { items: { status: number; problem?: { type: string; detail: string } }[] };

export const month = (limit: number, channel: PlanLimit['channel'] = null): PlanLimit => ({
  period: 'month',
  channel,
  limit,
});
export const total = (limit: number, channel: PlanLimit['channel'] = null): PlanLimit => ({
  period: 'total',
  channel,
  limit,
});

/** A service whose tenant is put on plans; at its end the counters must be what the reminders say. */
export class QuotaService {
  readonly service: TestService;
  #keys = 0;

  private constructor(service: TestService) {
    this.service = service;
  }

  static async start(): Promise<QuotaService> {
    return new QuotaService(await TestService.start());
  }

  async stop(): Promise<void> {
    try {
      await this.#expectCountersToAgree();
    } finally {
      await this.service.stop();
    }
  }

  /** Puts the tenant on a plan with these limits. */
  async limits(...limits: PlanLimit[]): Promise<void> {
    await this.change(...limits);
    await this.plan('ours');
  }

  /** Gives that plan other limits. */
  async change(...limits: PlanLimit[]): Promise<void> {
    await setPlanLimits(this.service.database, this.service.clock, { key: 'ours', limits });
  }

  async plan(name: string): Promise<void> {
    expect(await setPlan(this.service.database, this.service.clock, this.service.api.tenant.ref, name)).toBe(true);
  }

  async quota(): Promise<Shown> {
    return (await this.service.call<Shown>('GET', '/v1/quota')).body;
  }

  /** Of each limit: used, reserved, remaining. */
  async standing(): Promise<Record<string, number[]>> {
    const { limits } = await this.quota();
    return Object.fromEntries(
      limits.map((of) => [`${of.period} ${of.channel ?? 'all'}`, [of.used, of.reserved, of.remaining]]),
    );
  }

  async batch(...channels: ('email' | 'sms')[]): Promise<Items['items']> {
    const reminders = channels.map((channel) => ({ idempotencyKey: `b${++this.#keys}`, dueDate: 'd1', channel }));
    return (await this.service.call<Items>('POST', '/v1/reminders/batch', { body: { reminders } })).body.items;
  }

  /** As many requests at once, each a transaction of its own. @returns how many were accepted. */
  async atOnce(count: number, channel: 'email' | 'sms' = 'email'): Promise<number> {
    const answers = await Promise.all(Array.from({ length: count }, async () => this.batch(channel)));
    const told = answers.flat().map(({ status }) => status);
    expect(new Set(told).difference(new Set([202, 402]))).toEqual(new Set());
    return told.filter((status) => status === 202).length;
  }

  async cancel(id: string): Promise<void> {
    expect((await this.service.call('POST', `/v1/reminders/${id}/cancel`)).status).toBe(200);
  }

  async retry(id: string) {
    return this.service.call('POST', `/v1/reminders/${id}/retry`);
  }

  /** Reserved and used of a month's emails. */
  async counted(of: string): Promise<number[]> {
    const [row] = await this.service.query<{ units: number[] }>(
      `SELECT ARRAY[coalesce(sum(reserved), 0), coalesce(sum(used), 0)]::integer[] AS units
       FROM sollecito.quota_counter WHERE month = $1 AND channel = 'email'`,
      [of],
    );
    return row?.units ?? [];
  }

  async warningEvents(): Promise<string[]> {
    const rows = await this.service.query<{ said: string }>(
      `SELECT concat_ws(' ', reason, detail ->> 'period', detail ->> 'channel', detail ->> 'limit', detail ->> 'month') AS said
       FROM sollecito.event WHERE type = 'quotaWarning' AND reminder_id IS NULL ORDER BY at, id`,
    );
    return rows.map(({ said }) => said);
  }

  /** Until so many transactions wait for an advisory lock. */
  async waitingForLocks(count: number): Promise<void> {
    const waiting = async () =>
      this.service.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
    await expect.poll(waiting, patience).toHaveLength(count);
  }

  // Of every month and channel, and their running totals.
  async #expectCountersToAgree(): Promise<void> {
    const rows = await this.service.query(
      `WITH counted AS (
         SELECT tenant_id, month, channel, sum(reserved)::integer AS reserved, sum(used)::integer AS used FROM sollecito.quota_counter GROUP BY 1, 2, 3
       ), true_ones AS (
         SELECT tenant_id, coalesce(quota_month, '-infinity') AS month, channel,
           count(*) FILTER (WHERE quota_state = 'reserved')::integer AS reserved, count(*) FILTER (WHERE quota_state = 'used')::integer AS used
         FROM sollecito.reminder GROUP BY GROUPING SETS ((tenant_id, channel, quota_month), (tenant_id, channel))
       )
       SELECT * FROM counted FULL JOIN true_ones USING (tenant_id, month, channel)
       WHERE (coalesce(counted.reserved, 0), coalesce(counted.used, 0)) <> (coalesce(true_ones.reserved, 0), coalesce(true_ones.used, 0))`,
    );
    expect(rows).toEqual([]);
  }
}
