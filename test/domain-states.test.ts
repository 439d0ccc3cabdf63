import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deliveryStatuses,
  type DeliveryStatus,
  type Mover,
  moves,
  pendingStatuses,
  quotaStateOf,
  reminderStatus,
  statusPrecedence,
  takenStatuses,
  untakenStatuses,
} from '../src/domain/delivery-state.ts';
import { asId, type DeliveryId } from '../src/domain/ids.ts';
import { cancelSettled } from '../src/store/cancel-settled.ts';
import { moveDelivery } from '../src/store/move-delivery.ts';
import { expireLeases, repeatUnknownSms, resendUnknown, returnLost } from '../src/store/reconcile.ts';
import { cancelReminder, resolveReminder, retryReminder } from '../src/store/reminder-decisions.ts';
import { failUnpreparable, putBack } from '../src/store/put-back.ts';
import { settleDelivery } from '../src/store/settle.ts';
import { makeReminder, type MadeReminder } from './support/made-reminders.ts';
import { TestService } from './support/service.ts';

const movers: readonly Mover[] = [...new Set(moves.map((move) => move.by))];
const token = '00000000-0000-7000-8000-000000000001';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

/** A delivery by SMS that stands so, is due, and whose lease is over. */
async function makeDelivery(status: DeliveryStatus): Promise<{ reminder: MadeReminder; delivery: DeliveryId }> {
  const reminder = await makeReminder(service.api, { dueDates: ['d1'], deliveries: [status], channel: 'sms' });
  const [row] = await service.query<{ id: string }>(
    `UPDATE sollecito.delivery SET claim_token = $2, claim_no = 1, claimed_at = updated_at, first_claimed_at = updated_at,
       lease_until = updated_at - interval '1 minute', dispatch_no = 1, queued_at = updated_at WHERE reminder_id = $1 RETURNING id`,
    [reminder.id, token],
  );
  return { reminder, delivery: asId('delivery', row?.id ?? '') };
}

async function statusOf(delivery: DeliveryId): Promise<DeliveryStatus> {
  const [row] = await service.query<{ status: DeliveryStatus }>('SELECT status FROM sollecito.delivery WHERE id = $1', [
    delivery,
  ]);
  return row?.status ?? expect.fail('no such delivery');
}

describe('the table of moves', () => {
  test('holds on the real database: no mover gets a delivery anywhere else', async () => {
    const { delivery } = await makeDelivery('accepted');
    const wrong: string[] = [];
    for (const by of movers) {
      for (const from of deliveryStatuses) {
        for (const to of deliveryStatuses) {
          await service.query('UPDATE sollecito.delivery SET status = $2 WHERE id = $1', [delivery, from]);
          const at = service.clock.now();
          const moved = await moveDelivery(service.database.pool, { delivery, to, by, at, reason: null });
          const allowed = moves.some((move) => move.from === from && move.to === to && move.by === by);
          const stands = await statusOf(delivery);
          if (moved !== allowed || stands !== (allowed ? to : from)) wrong.push(`${from} → ${to} by ${by}: ${stands}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  type Act = { by: readonly Mover[]; act: (of: Awaited<ReturnType<typeof makeDelivery>>) => Promise<unknown> };
  const now = (): Temporal.Instant => service.clock.now();
  const decision = (reminder: MadeReminder) => ({
    reminder: reminder.id,
    tenant: service.api.tenant.id,
    actor: 'key:test',
    now: now(),
  });
  const settle =
    (settlement: Parameters<typeof settleDelivery>[1]['settlement']): Act['act'] =>
    async ({ delivery }) =>
      settleDelivery(service.database, {
        delivery,
        token,
        claimNo: 1,
        attempts: 0,
        now: now(),
        settlement,
        code: null,
        response: '',
      });
  const acts: Record<string, Act> = {
    dispatch: { by: ['dispatch'], act: async () => service.dispatch('sms') },
    expireLeases: { by: ['lease'], act: async () => expireLeases(service.database, now()) },
    resendUnknown: {
      by: ['resend'],
      act: async () => resendUnknown(service.database, { now: now(), graceMs: 10_000 }),
    },
    repeatUnknownSms: {
      by: ['resend'],
      act: async () => repeatUnknownSms(service.database, { now: now(), graceMs: 10_000, windowMs: 60_000 }),
    },
    returnLost: {
      by: ['return'],
      act: async ({ delivery }) => returnLost(service.database, { delivery, dispatchNo: 1, now: now() }),
    },
    putBack: {
      by: ['return'],
      act: async ({ delivery }) =>
        putBack(service.database, { delivery, dispatchNo: 1, now: now(), reason: 'test', delayMs: 1 }),
    },
    failUnpreparable: {
      by: ['prepare'],
      act: async ({ delivery }) =>
        failUnpreparable(service.database, { delivery, dispatchNo: 1, now: now(), code: 'test' }),
    },
    settleSent: { by: ['settle'], act: settle({ to: 'sent', providerMessageId: null, repeated: false }) },
    settleRetrying: { by: ['settle'], act: settle({ to: 'retrying', reason: 'test', delayMs: 1 }) },
    settleFailed: { by: ['settle'], act: settle({ to: 'failed', reason: 'test' }) },
    settleUnknown: { by: ['settle'], act: settle({ to: 'unknown', reason: 'test' }) },
    claim: {
      by: ['claim', 'settle', 'return'],
      act: async ({ delivery }) => service.run({ delivery, dispatchNo: 1 }, await service.worker('sms')),
    },
    cancel: {
      by: ['cancel'],
      act: async ({ reminder }) => service.database.transaction((client) => cancelReminder(client, decision(reminder))),
    },
    cancelSettled: {
      by: ['cancel'],
      act: async () =>
        service.database.transaction(async (client) => {
          const { rows } = await client.query<{ id: string }>(
            "UPDATE sollecito.due_date SET paid = amount WHERE ref = 'd1' RETURNING id",
          );
          const dueDates = rows.map((row) => asId('dueDate', row.id));
          await cancelSettled(client, { tenant: service.api.tenant.id, dueDates, reason: 'paid', now: now() });
          await client.query("UPDATE sollecito.due_date SET paid = 0 WHERE ref = 'd1'");
        }),
    },
    retry: {
      by: ['retry'],
      act: async ({ reminder }) => service.database.transaction((client) => retryReminder(client, decision(reminder))),
    },
    ...Object.fromEntries(
      (['sent', 'failed', 'resend'] as const).map((outcome): [string, Act] => [
        `resolve ${outcome}`,
        {
          by: ['operator', 'resend'],
          act: async ({ reminder }) =>
            service.database.transaction((client) => resolveReminder(client, { ...decision(reminder), outcome })),
        },
      ]),
    ),
  };

  test.each(Object.entries(acts))('binds %s, from whatever status', async (_, { by, act }) => {
    await service.query("UPDATE sollecito.tenant SET unknown_policy = 'resend'");
    for (const from of deliveryStatuses) {
      await service.query("UPDATE sollecito.delivery SET status = 'canceled'");
      const made = await makeDelivery(from);
      await act(made);
      const to = await statusOf(made.delivery);
      // Several moves in a row for the worker (claim, then settle).
      const reachable = new Set<DeliveryStatus>([from]);
      for (let step = 0; step < by.length; step++) {
        for (const move of moves) if (by.includes(move.by) && reachable.has(move.from)) reachable.add(move.to);
      }
      expect(reachable, `from ${from}`).toContain(to);
      const moved = moves.some((move) => by.includes(move.by) && move.from === from);
      if (!moved) expect(to).toBe(from);
    }
  });
});

const statuses = fc.array(fc.constantFrom(...deliveryStatuses), { minLength: 1, maxLength: 10 });

describe('a reminder’s status and its unit of quota', () => {
  test('are the same in TypeScript and in SQL', async () => {
    const property = fc.asyncProperty(statuses, async (list) => {
      const [row] = await service.query<{ status: string; quota: string }>(
        'SELECT sollecito.reminder_status($1) AS status, sollecito.quota_state($1) AS quota',
        [list],
      );
      expect(row).toEqual({ status: reminderStatus(list), quota: quotaStateOf(list) });
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('follow every move of a delivery in the database, and the counters with them', async () => {
    await service.query('UPDATE sollecito.quota_counter SET reserved = 0, used = 0');
    await service.query("UPDATE sollecito.reminder SET quota_state = 'released'");
    const before = await service.quota();
    const property = fc.asyncProperty(statuses, statuses, async (first, second) => {
      const { id } = await makeReminder(service.api, { dueDates: ['d1'], deliveries: first });
      for (const list of [first, second]) {
        await service.query(
          `UPDATE sollecito.delivery SET status = ($2::text[])[least(position, $3 - 1) + 1] WHERE reminder_id = $1`,
          [id, list, list.length],
        );
      }
      const now = first.map((_, position) => second[Math.min(position, second.length - 1)] ?? 'accepted');
      const rows = await service.query('SELECT status, quota_state FROM sollecito.reminder WHERE id = $1', [id]);
      expect(rows).toEqual([{ status: reminderStatus(now), quota_state: quotaStateOf(now) }]);
    });
    await fc.assert(property, { numRuns: 60 });
    const after = await service.quota();
    const [kept] = await service.query<{ used: number; reserved: number }>(
      `SELECT count(*) FILTER (WHERE quota_state = 'used')::integer AS used, count(*) FILTER (WHERE quota_state = 'reserved')::integer AS reserved
       FROM sollecito.reminder`,
    );
    expect(after).toEqual({ ...before, ...kept });
  });

  test('work under way comes before doubt, doubt before the best that was reached', () => {
    expect([...statusPrecedence].sort()).toEqual([...deliveryStatuses].sort());
    expect(reminderStatus(['sent', 'sending', 'unknown'])).toBe('sending');
    expect(reminderStatus(['sent', 'retrying', 'unknown'])).toBe('retrying');
    expect(reminderStatus(['sent', 'unknown', 'failed'])).toBe('unknown');
    expect(reminderStatus(['bounced', 'sent', 'failed'])).toBe('sent');
    expect(reminderStatus(['sent', 'delivered'])).toBe('delivered');
    expect(() => reminderStatus([])).toThrow('at least one');
  });

  test('every status is pending, taken, untaken, under way or unknown, and none is two of them', () => {
    const kinds = [...pendingStatuses, ...takenStatuses, ...untakenStatuses, 'sending', 'unknown'];
    expect(kinds.sort()).toEqual([...deliveryStatuses].sort());
  });
});
