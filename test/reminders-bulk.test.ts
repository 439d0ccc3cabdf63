import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { QuotaService, month, total } from './support/quota.ts';
import { patience, type ShownReminder, type TestService } from './support/service.ts';

type Told = {
  dryRun: boolean;
  matched: number;
  done: number;
  unchanged: number;
  refused: Record<string, number>;
  first: Record<string, string[]>;
  more: boolean;
  nextCursor: string | null;
};

let quota: QuotaService;
let service: TestService;
beforeEach(async () => {
  quota = await QuotaService.start();
  service = quota.service;
});
afterEach(async () => {
  await quota.stop();
});

const bulk = async (deed: 'retry' | 'cancel', body: unknown, key?: string): Promise<Told> => {
  const answer = await service.call<Told>('POST', `/v1/reminders/${deed}`, { body, ...(key ? { key } : {}) });
  expect(answer, answer.text).toMatchObject({ status: 200 });
  return answer.body;
};
const counts = ({ matched, done, unchanged, refused }: Told) => ({ matched, done, unchanged, refused });
/** Reminders that are refused for good, each a second after the one before. */
async function failed(count: number, more: Record<string, unknown> = {}): Promise<ShownReminder[]> {
  service.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' });
  const made: ShownReminder[] = [];
  for (let n = 0; n < count; n++) {
    made.push(await service.remind(more));
    service.clock.advance({ seconds: 1 });
  }
  await service.sendDue();
  await service.calm();
  expect(await service.fates(made[0]?.id ?? '')).toEqual(['failed recipient-refused']);
  return made;
}

describe('trying all of a filter again', () => {
  test('the dry run says what would become of them and does nothing; the real one does that, once', async () => {
    await service.addDueDate('paid');
    await service.addDueDate('gone');
    const [first, second] = await failed(2);
    const [paid] = await failed(1, { dueDate: 'paid' });
    const [gone] = await failed(1, { dueDate: 'gone' });
    const sent = await service.remind();
    await service.sendDue();
    await service.pay('paid');
    await service.call('POST', '/v1/due-dates/gone/void');
    const body = { filter: { customer: 'rossi' } };
    const before = await service.rowCounts();
    const foreseen = await bulk('retry', { ...body, dryRun: true });
    expect(await service.rowCounts()).toEqual(before);
    const becomes = {
      matched: 5,
      done: 2,
      unchanged: 0,
      refused: { 'due-date-settled': 1, 'due-date-void': 1, 'reminder-not-retryable': 1 },
      first: {
        done: [first?.id, second?.id],
        'due-date-settled': [paid?.id],
        'due-date-void': [gone?.id],
        'reminder-not-retryable': [sent.id],
      },
      more: false,
      nextCursor: null,
    };
    expect(foreseen).toEqual({ dryRun: true, ...becomes });
    expect(await bulk('retry', body)).toEqual({ dryRun: false, ...becomes });
    expect(await service.fates(first?.id ?? '')).toEqual(['accepted by-request']);
    expect(counts(await bulk('retry', body))).toMatchObject({
      done: 0,
      refused: { 'reminder-not-retryable': 3, 'due-date-settled': 1, 'due-date-void': 1 },
    });
    await service.sendDue();
    expect((await service.reminder(second?.id ?? '')).status).toBe('sent');
  });

  test('is a new attempt of the same: another generation, not before its own time, told and in the audit log', async () => {
    service.sms.fail({ kind: 'error', number: 13 });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    service.sms.behave();
    const later = await service.remind({ sendAt: '2026-04-01T09:00:00Z' });
    await quota.cancel(later.id);
    expect(await bulk('retry', { filter: { id: [id, later.id] } })).toMatchObject({ done: 2 });
    await service.sendDue('sms');
    expect(service.sms.messages.at(-1)?.idx).toMatch(/-1$/);
    const [waiting] = (await service.reminder(later.id)).deliveries;
    expect(waiting).toMatchObject({ status: 'accepted', nextAttemptAt: '2026-04-01T09:00:00.000Z' });
    const { body } = await service.call<{ items: unknown[] }>('GET', `/v1/reminders/${later.id}/events`);
    expect(body.items.at(-1)).toMatchObject({
      type: 'accepted',
      reason: 'by-request',
      detail: { actor: expect.stringMatching(/^key:key_/) },
    });
    expect(await service.query("SELECT actor FROM sollecito.audit WHERE action = 'reminder.retry'")).toEqual(
      [id, later.id].map(() => ({ actor: expect.stringMatching(/^key:key_/) })),
    );
  });

  test('obeys the quota, in order: what is left goes to the oldest, by channel and in all', async () => {
    const emails = await failed(4);
    service.sms.fail({ kind: 'error', number: 13 });
    const texts = [await service.remind({ channel: 'sms' }), await service.remind({ channel: 'sms' })];
    await service.sendDue('sms');
    await quota.limits(month(3), total(1, 'sms'));
    const filter = { status: 'failed' };
    const foreseen = await bulk('retry', { filter, dryRun: true });
    const done = await bulk('retry', { filter });
    expect(counts(foreseen)).toEqual({ matched: 6, done: 3, unchanged: 0, refused: { 'quota-exhausted': 3 } });
    expect(done).toEqual({ ...foreseen, dryRun: false });
    expect(done.first['done']).toEqual(emails.slice(0, 3).map(({ id }) => id));
    expect(await quota.standing()).toEqual({ 'month all': [0, 3, 0], 'total sms': [0, 0, 1] });
    await quota.change(month(10), total(1, 'sms'));
    const rest = await bulk('retry', { filter, dryRun: true });
    expect(rest.first['quota-exhausted']).toEqual([texts[1]?.id]);
    expect(await bulk('retry', { filter })).toEqual({ ...rest, dryRun: false });
  });

  test('obeys a pause: it is taken up when that ends', async () => {
    const [one] = await failed(1);
    const { tenant } = service.api;
    await service.query(
      `INSERT INTO sollecito.pause (id, tenant_id, owner, reason, created_at) VALUES (uuidv7(), $1, 'operator:test', 'test', $2)`,
      [tenant.id, service.clock.now().toString()],
    );
    await bulk('retry', { filter: { status: ['failed'] } });
    expect(await service.sendDue()).toBe(0);
    await service.query('UPDATE sollecito.pause SET ended_at = created_at');
    await service.sendDue();
    expect(await service.fates(one?.id ?? '')).toEqual(['sent']);
  });

  test('a bite that gives way to another is done once more', async () => {
    const [one] = await failed(1);
    const owner = new Client({ connectionString: service.api.databaseUrl });
    await owner.connect();
    try {
      await owner.query(
        `CREATE SEQUENCE public.tries; GRANT USAGE ON SEQUENCE public.tries TO PUBLIC;
         CREATE FUNCTION public.give_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('public.tries') = 1 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
           RETURN NEW;
         END $$;
         CREATE TRIGGER give_way BEFORE INSERT ON sollecito.audit FOR EACH ROW EXECUTE FUNCTION public.give_way()`,
      );
    } finally {
      await owner.end();
    }
    expect(await bulk('retry', { filter: { id: one?.id } })).toMatchObject({ matched: 1, done: 1 });
    expect(await service.query('SELECT DISTINCT generation FROM sollecito.delivery')).toEqual([{ generation: 1 }]);
  });

  test('two at once do each once', async () => {
    const made = await failed(30);
    const answers = await Promise.all([1, 2, 3].map(async () => bulk('retry', { filter: { customer: 'rossi' } })));
    expect(answers.reduce((sum, { done }) => sum + done, 0)).toBe(made.length);
    expect(await service.query('SELECT DISTINCT generation FROM sollecito.delivery')).toEqual([{ generation: 1 }]);
  });
});

describe('calling off all of a filter', () => {
  test('leaves what has left, and what was called off before', async () => {
    const sent = await service.remind();
    await service.sendDue();
    const called = await service.remind();
    await quota.cancel(called.id);
    const queued = await service.remind();
    await service.dispatch();
    const waiting = await service.remind({ channel: 'sms' });
    const body = { filter: { createdFrom: '2026-01-01T00:00:00Z' } };
    const becomes = { matched: 4, done: 2, unchanged: 1, refused: { 'reminder-not-cancelable': 1 } };
    expect(counts(await bulk('cancel', { ...body, dryRun: true }))).toEqual(becomes);
    expect(counts(await bulk('cancel', body))).toEqual(becomes);
    for (const { id } of [queued, waiting]) expect(await service.fates(id)).toEqual(['canceled by-request']);
    expect(await service.fates(sent.id)).toEqual(['sent']);
    expect(counts(await bulk('cancel', body))).toEqual({ ...becomes, done: 0, unchanged: 3 });
    expect((await quota.quota()).reserved).toBe(0);
  });

  test('goes bite by bite: what one cannot lock holds up neither those before it nor new ones', async () => {
    const made = await Promise.all(Array.from({ length: 150 }, async () => service.remind()));
    const last =
      made
        .map(({ id }) => id)
        .toSorted()
        .at(-1) ?? '';
    const holder = new Client({ connectionString: service.api.databaseUrl });
    await holder.connect();
    try {
      await holder.query(`BEGIN; SELECT FROM sollecito.reminder ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE`);
      const canceling = bulk('cancel', { filter: { status: 'accepted' } });
      const canceled = async () =>
        (await service.query("SELECT FROM sollecito.reminder WHERE status = 'canceled'")).length;
      await expect.poll(canceled, patience).toBe(100);
      await service.remind({ channel: 'sms' });
      expect(await service.dispatch('sms')).toHaveLength(1);
      await holder.query('ROLLBACK');
      expect(counts(await canceling)).toMatchObject({ done: 150 });
    } finally {
      await holder.end();
    }
    expect(await service.fates(last)).toEqual(['canceled by-request']);
  });

  test('looks at ten thousand in a call, and goes on where it stopped', async () => {
    await service.query(
      `WITH made AS (
         INSERT INTO sollecito.reminder (id, tenant_id, customer_id, channel, status, origin, actor, recipients, send_at, quota_state, quota_month, created_at, updated_at)
         SELECT uuidv7(), c.tenant_id, c.id, 'email', 'failed', 'api', 'key:test', 'customer', '2026-01-01', 'released', '2026-01-01',
           '2026-01-01'::timestamptz + n * interval '1 s', '2026-01-01'
         FROM sollecito.customer c, generate_series(1, 10001) n WHERE c.ref = 'rossi' RETURNING id, tenant_id
       )
       INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, reason, priority, next_attempt_at, updated_at)
       SELECT uuidv7(), tenant_id, id, 'email', 0, 'a@example.com', 'failed', 'exhausted', 5, '2026-01-01', '2026-01-01' FROM made`,
    );
    const filter = { reason: 'exhausted' };
    const refused = (n: number) => ({ 'reminder-not-cancelable': n });
    expect(await bulk('cancel', { filter, dryRun: true })).toMatchObject({ refused: refused(10_001), more: false });
    const first = await bulk('cancel', { filter });
    expect(first).toMatchObject({ matched: 10_000, refused: refused(10_000), more: true });
    expect(await bulk('cancel', { filter, cursor: first.nextCursor })).toMatchObject({ matched: 1, more: false });
  });
});
