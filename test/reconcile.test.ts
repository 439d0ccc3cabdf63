import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { expireLeases, repeatUnknownSms, resendUnknown, returnLost } from '../src/store/reconcile.ts';
import type { Desk } from '../src/workers/delivery-worker.ts';
import { graceMs, leaseGraceMs, patience, sendTimeoutMs, type Slot, TestService } from './support/service.ts';

let service: TestService;
beforeEach(async () => {
  service = await TestService.start();
});
let gone: PromiseWithResolvers<never>;
beforeEach(() => {
  gone = Promise.withResolvers();
  gone.promise.catch(() => undefined);
});
afterEach(async () => {
  gone.reject(new Error('killed'));
  await service.stop();
});

const pastLease = { milliseconds: sendTimeoutMs + leaseGraceMs + 1 };
const windowMs = 3_600_000;

/** A worker whose process ends at some point: what it awaits there never comes. */
async function killed(
  at: 'before the hand-over' | 'after the hand-over',
  channel: 'email' | 'sms' = 'email',
): Promise<Desk<Slot>> {
  const desk = await service.desk(channel);
  return {
    channel,
    reserve: async (signal) => desk.reserve(signal),
    prepare: async (facts, dueDates, now) => {
      const prepared = await desk.prepare(facts, dueDates, now);
      return {
        ...prepared,
        handOver: async (slot, deadline) => {
          if (at === 'after the hand-over') await prepared.handOver(slot, deadline);
          return gone.promise;
        },
      };
    },
  };
}

/** Takes what is due up with a worker that never comes back. */
async function sendAndDie(desk: Desk<Slot>): Promise<void> {
  const [item] = await service.dispatch(desk.channel);
  if (!item) expect.fail('nothing is due');
  service.run(item, await service.worker(desk.channel, { desk })).catch(() => undefined);
  await expect
    .poll(async () => (await service.query("SELECT FROM sollecito.delivery WHERE status = 'sending'")).length, patience)
    .toBe(1);
}

async function reconcile(): Promise<number[]> {
  const now = service.clock.now();
  return [
    await expireLeases(service.database, now),
    await repeatUnknownSms(service.database, { now, graceMs, windowMs }),
    await resendUnknown(service.database, { now, graceMs }),
  ];
}

async function story(id: string): Promise<string[]> {
  const { body } = await service.call<{ items: { type: string; reason: string | null }[] }>(
    'GET',
    `/v1/reminders/${id}/events`,
  );
  return body.items.map(({ type, reason }) => (reason ? `${type} ${reason}` : type));
}

describe('a claim that nobody settled', () => {
  test.each(['before the hand-over', 'after the hand-over'] as const)(
    'by a worker killed %s: unknown once its lease is over, and never sent a second time',
    async (at) => {
      const { id } = await service.remind();
      await sendAndDie(await killed(at));
      const taken = at === 'after the hand-over' ? 1 : 0;
      await expect.poll(() => service.smtp.messages.length, patience).toBe(taken);
      service.clock.advance({ milliseconds: sendTimeoutMs + leaseGraceMs });
      expect(await reconcile()).toEqual([0, 0, 0]);
      service.clock.advance({ milliseconds: 1 });
      expect(await reconcile()).toEqual([1, 0, 0]);
      expect(await service.fates(id)).toEqual(['unknown claim-expired']);
      for (const hours of [1, 24, 240]) {
        service.clock.advance({ hours });
        expect(await reconcile()).toEqual([0, 0, 0]);
        expect(await service.sendDue()).toBe(0);
      }
      expect(service.smtp.messages.length).toBe(taken);
      expect(await story(id)).toEqual(['accepted', 'queued', 'sending', 'unknown claim-expired']);
    },
  );

  test('whose answer comes after the lease is settled by it: the truth is only late', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await reached;
    service.clock.advance(pastLease);
    expect(await reconcile()).toEqual([1, 0, 0]);
    release('250 ok: queued as M7');
    await sending;
    expect(await service.fates(id)).toEqual(['sent']);
    expect(await story(id)).toEqual(['accepted', 'queued', 'sending', 'unknown claim-expired', 'sent']);
    expect(await service.quota()).toMatchObject({ used: 1, reserved: 0 });
  });

  test('and that a person has resolved stays as it was resolved', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await reached;
    service.clock.advance(pastLease);
    await reconcile();
    await service.call('POST', `/v1/reminders/${id}/resolve`, { body: { outcome: 'failed' } });
    release('250 ok');
    await sending;
    expect(await service.fates(id)).toEqual(['failed by-request']);
  });
});

describe('an unknown of a tenant whose policy is to resend', () => {
  beforeEach(async () => {
    await service.patch('/v1/tenant', { unknownPolicy: 'resend' });
  });
  const headersOf = (n: number): { id: string | undefined; resend: string | undefined } => {
    const raw = service.smtp.messages[n]?.raw ?? '';
    return { id: /^Message-ID: (.*)\r$/im.exec(raw)?.[1], resend: /^X-Sollecito-Resend: (.*)\r$/im.exec(raw)?.[1] };
  };

  test('is sent once more after the lease, marked as such, and not a third time', async () => {
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 2 });
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
    expect(await reconcile()).toEqual([0, 0, 0]);
    service.clock.advance(pastLease);
    expect(await reconcile()).toEqual([0, 0, 1]);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
    expect(headersOf(0).resend).toBeUndefined();
    expect(headersOf(1).resend).toBe('1');
    expect(headersOf(1).id).not.toBe(headersOf(0).id);
    service.clock.advance({ hours: 24 });
    expect(await reconcile()).toEqual([0, 0, 0]);
    expect(service.smtp.messages).toHaveLength(2);
  });

  test('waits for a settling that only waits for the database', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await reached;
    service.clock.advance(pastLease);
    expect(await reconcile()).toEqual([1, 0, 0]);
    service.clock.advance({ seconds: 9 });
    expect(await reconcile()).toEqual([0, 0, 0]);
    release('250 ok');
    await sending;
    service.clock.advance({ hours: 1 });
    expect(await reconcile()).toEqual([0, 0, 0]);
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('is not touched while another tenant’s is held', async () => {
    await service.patch('/v1/tenant', { unknownPolicy: 'hold' });
    service.smtp.fail('afterBody', { kind: 'silence' });
    const { id } = await service.remind();
    await service.sendDue('email', { sendTimeoutMs: 300 });
    expect(await service.fates(id)).toEqual(['unknown no-answer']);
    service.clock.advance({ hours: 1 });
    expect(await reconcile()).toEqual([0, 0, 0]);
  });
});

describe('an SMS whose fate is unknown', () => {
  const sms = { channel: 'sms' };
  test('that was taken is handed over again under its idx, which proves it', async () => {
    service.sms.fail({ kind: 'drop', when: 'taken' }, { times: 1 });
    const { id } = await service.remind(sms);
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
    service.clock.advance(pastLease);
    expect(await reconcile()).toEqual([0, 1, 0]);
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['sent taken-before']);
    expect([...service.sms.taken.values()]).toEqual([1]);
  });

  test('that was not taken is sent by the repeat', async () => {
    service.sms.fail({ kind: 'drop', when: 'request' }, { times: 1 });
    const { id } = await service.remind(sms);
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
    service.clock.advance(pastLease);
    await reconcile();
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['sent']);
    expect([...service.sms.taken.values()]).toEqual([1]);
  });

  test('is left to a person once the provider may have forgotten its idx', async () => {
    service.sms.fail({ kind: 'drop', when: 'taken' }, { times: 1 });
    const { id } = await service.remind(sms);
    await service.sendDue('sms');
    service.clock.advance({ milliseconds: windowMs });
    expect(await reconcile()).toEqual([0, 0, 0]);
    // A decision is a new idx, which the provider takes, with a window of its own.
    service.sms.fail({ kind: 'drop', when: 'taken' }, { times: 1 });
    await service.call('POST', `/v1/reminders/${id}/resolve`, { body: { outcome: 'resend' } });
    await service.sendDue('sms');
    expect(service.sms.messages.map(({ idx }) => idx?.slice(-2))).toEqual(['-0', '-1']);
    service.clock.advance(pastLease);
    expect(await reconcile()).toEqual([0, 1, 0]);
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['sent taken-before']);
    expect([...service.sms.taken.values()]).toEqual([2]);
  });

  test('is not repeated for ever', async () => {
    service.sms.fail({ kind: 'drop', when: 'request' });
    const { id } = await service.remind(sms);
    await service.sendDue('sms');
    let repeats = 0;
    for (let round = 0; round < 10; round++) {
      service.clock.advance(pastLease);
      repeats += (await reconcile())[1] ?? 0;
      await service.sendDue('sms');
    }
    expect(repeats).toBe(5);
    expect(await service.fates(id)).toEqual(['unknown connection-lost']);
  });
});

describe('what stands between PostgreSQL and a job', () => {
  test('a lost job comes back under another number, unless it has moved on', async () => {
    const { id } = await service.remind();
    const [item] = await service.dispatch();
    if (!item) expect.fail('nothing is due');
    const lost = { delivery: item.delivery, dispatchNo: item.dispatchNo, now: service.clock.now() };
    expect(await returnLost(service.database, lost)).toBe(true);
    expect(await service.fates(id)).toEqual(['accepted job-lost']);
    const [again] = await service.dispatch();
    expect(again?.dispatchNo).toBe(item.dispatchNo + 1);
    expect(await returnLost(service.database, lost)).toBe(false);
    expect(await service.fates(id)).toEqual(['queued']);
  });

  test('a settling that fails is tried again, the sending is not', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('afterBody');
    const sending = service.sendDue();
    await reached;
    const other = new Client({ connectionString: service.api.databaseUrl });
    await other.connect();
    await other.query('BEGIN; SELECT FROM sollecito.reminder FOR UPDATE').then(() => release('250 ok'));
    // The connection that waits for the lock is cut, as in a failover.
    await vi.waitFor(async () => {
      const cut = await other.query(
        `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
         WHERE NOT l.granted AND l.locktype = 'transactionid'`,
      );
      expect(cut.rowCount).toBe(1);
    }, patience);
    await expect.poll(() => service.errors.length, patience).toBeGreaterThan(0);
    await other.end();
    await sending;
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.smtp.messages).toHaveLength(1);
  });
});
