import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asId, type DeliveryId } from '../src/domain/ids.ts';
import { Database } from '../src/store/database.ts';
import { dispatchDue } from '../src/store/dispatch.ts';
import { lockDeliveryFacts } from '../src/store/delivery-facts.ts';
import { expireLeases, repeatUnknownSms, resendUnknown } from '../src/store/reconcile.ts';
import { resolveReminder } from '../src/store/reminder-decisions.ts';
import { settleDelivery } from '../src/store/settle.ts';
import { backUp, onClient, restoreInto } from './support/backups.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { makeReminder, type MadeReminder } from './support/made-reminders.ts';
import { TestService } from './support/service.ts';

const open = ['accepted', 'queued', 'sending', 'retrying', 'unknown'] as const;
const settled = ['sent', 'delivered', 'bounced', 'complained', 'failed', 'skipped', 'canceled'] as const;
const channels = ['email', 'sms'] as const;
type Row = {
  status: string;
  reason: string | null;
  dispatch_no: number;
  claim_no: number;
  reserved: string;
  events: string[];
  id: DeliveryId;
  reminder: string;
};

let service: TestService;
let target: TestDatabase;
let database: Database;
const made = new Map<string, MadeReminder>();
let restored: Awaited<ReturnType<typeof restoreInto>>;

beforeAll(async () => {
  service = await TestService.start();
  await service.query("UPDATE sollecito.tenant SET unknown_policy = 'resend'");
  for (const channel of channels) {
    for (const status of [...open, ...settled]) {
      const name = `${status} ${channel}`;
      made.set(name, await makeReminder(service.api, { dueDates: ['d1'], deliveries: [status], channel }));
    }
    // Accepted for a time to come; and put off to a time to come, of which somebody may have thought better.
    made.set(
      `scheduled ${channel}`,
      await makeReminder(service.api, { dueDates: ['d1'], deliveries: ['accepted'], channel }),
    );
    made.set(
      `put off ${channel}`,
      await makeReminder(service.api, { dueDates: ['d1'], deliveries: ['accepted'], channel }),
    );
    await service.query("UPDATE sollecito.reminder SET send_at = '2999-01-01' WHERE id = $1", [
      made.get(`scheduled ${channel}`)?.id,
    ]);
    await service.query("UPDATE sollecito.delivery SET next_attempt_at = '2999-01-01' WHERE reminder_id = ANY ($1)", [
      [made.get(`scheduled ${channel}`)?.id, made.get(`put off ${channel}`)?.id],
    ]);
  }
  await service.query(
    'UPDATE sollecito.delivery SET dispatch_no = 3, claim_no = 2, first_claimed_at = now(), claimed_at = now()',
  );
  const file = await backUp(service.api.databaseUrl);
  target = await createTestDatabase();
  restored = await restoreInto(target.url, file);
  database = new Database({ url: target.url, role: 'service', poolMax: 4 });
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await target.drop();
  await service.stop();
});

async function row(name: string): Promise<Row> {
  const { rows } = await database.pool.query<Row>(
    `SELECT d.id, d.status, d.reason, d.dispatch_no, d.claim_no, r.quota_state AS reserved, r.status AS reminder,
       ARRAY(SELECT e.type || coalesce(' ' || e.reason, '') FROM sollecito.event e WHERE e.delivery_id = d.id ORDER BY at, id) AS events
     FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id WHERE d.reminder_id = $1`,
    [made.get(name)?.id],
  );
  const [found] = rows;
  if (!found) throw new Error(`no ${name}`);
  return { ...found, id: asId('delivery', found.id) };
}

async function statuses(): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(
      [...made.keys()].map(async (name): Promise<[string, string]> => {
        const { status, reason } = await row(name);
        return [name, `${status} ${reason ?? ''}`.trim()];
      }),
    ),
  );
}

const expected = Object.fromEntries(
  channels.flatMap((channel) => [
    ...[...open, 'put off'].map((status) => [`${status} ${channel}`, 'unknown restored']),
    ...settled.map((status) => [`${status} ${channel}`, status]),
    [`scheduled ${channel}`, 'accepted'],
  ]),
);

describe('after an older backup was restored', () => {
  test('whatever may have left since is unknown; what is settled or whose time is to come stands', async () => {
    expect(await statuses()).toEqual(expected);
    expect(restored.doubt).toEqual([{ tenant: 'officine-rossi', deliveries: 12, reminders: 12 }]);
  });

  test.each([...open, 'put off'])(
    'what was %s tells of it, speaks for its reminder and keeps its unit of quota',
    async (status) => {
      expect(await row(`${status} email`)).toMatchObject({
        events: ['unknown restored'],
        reserved: 'reserved',
        reminder: 'unknown',
      });
      const { rows } = await database.pool.query('SELECT detail FROM sollecito.event WHERE delivery_id = $1', [
        (await row(`${status} email`)).id,
      ]);
      expect(rows).toEqual([
        { detail: { was: status === 'put off' ? 'accepted' : status, backupTakenAt: restored.header.takenAt } },
      ]);
    },
  );

  test('neither the policy "resend" nor the repeat of an SMS touches it, however long it stands', async () => {
    const start = Temporal.Now.instant();
    for (const hours of [0, 0.5, 24, 24 * 365]) {
      const now = start.add({ seconds: Math.round(hours * 3600) });
      await expireLeases(database, now);
      await resendUnknown(database, { now, graceMs: 0 });
      await repeatUnknownSms(database, { now, graceMs: 0, windowMs: 24 * 3_600_000 });
      for (const channel of channels) expect(await dispatchDue(database, { channel, window: 200, now })).toEqual([]);
    }
    expect(await statuses()).toEqual(expected);
  });

  test('no job and no settling of the lost time matches it', async () => {
    for (const name of ['queued email', 'scheduled email', 'failed sms', 'unknown sms']) {
      const { id, dispatch_no: dispatchNo, claim_no: claimNo } = await row(name);
      expect({ dispatchNo, claimNo }, name).toEqual({ dispatchNo: 1_003, claimNo: 1_002 });
      for (const lost of [3, 4, 5]) {
        expect(await database.transaction(async (client) => lockDeliveryFacts(client, id, lost)), name).toBeFalsy();
      }
    }
    const { rows } = await onClient(service.api.databaseUrl, async (client) =>
      client.query<{ claim_token: string }>('SELECT claim_token FROM sollecito.delivery WHERE reminder_id = $1', [
        made.get('sending sms')?.id,
      ]),
    );
    const { id } = await row('sending sms');
    const settlement = { to: 'retrying', reason: 'provider-busy', delayMs: 1 } as const;
    const late = {
      delivery: id,
      token: rows[0]?.claim_token ?? '',
      claimNo: 2,
      attempts: 0,
      now: Temporal.Now.instant(),
      settlement,
      code: null,
      response: '',
    };
    expect(await settleDelivery(database, late)).toBe(false);
    expect((await row('sending sms')).status).toBe('unknown');
  });

  test('a reminder whose time is to come leaves then, under a number that was never used', async () => {
    const now = Temporal.Instant.from('2999-01-02T00:00:00Z');
    const [taken, ...more] = await dispatchDue(database, { channel: 'email', window: 200, now });
    expect({ taken, more }).toMatchObject({
      taken: { delivery: (await row('scheduled email')).id, dispatchNo: 1_004 },
      more: [],
    });
  });

  test.each([
    ['sent', 'accepted email', { status: 'sent', reserved: 'used' }],
    ['failed', 'queued email', { status: 'failed', reserved: 'released' }],
    ['resend', 'retrying sms', { status: 'accepted', reserved: 'reserved' }],
  ] as const)('a person may still resolve it as %s', async (outcome, name, becomes) => {
    const reminder = made.get(name)?.id ?? expect.fail();
    const now = Temporal.Now.instant();
    const decision = { reminder, tenant: service.api.tenant.id, actor: 'key:test', now, outcome };
    expect(await database.transaction(async (client) => resolveReminder(client, decision))).toBe('done');
    expect(await row(name)).toMatchObject(becomes);
    const due = await dispatchDue(database, { channel: 'sms', window: 200, now: now.add({ seconds: 1 }) });
    expect(due.map(({ delivery }) => delivery)).toEqual(outcome === 'resend' ? [(await row(name)).id] : []);
  });
});
