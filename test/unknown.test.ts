import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Channel } from '../src/domain/delivery-facts.ts';
import { Metrics } from '../src/metrics.ts';
import { backlog } from '../src/store/dispatch.ts';
import { expireLeases } from '../src/store/reconcile.ts';
import { type ShownReminder, TestService } from './support/service.ts';

type Shown = ShownReminder & { decisions: string[]; deliveries: { since: string | null; code: string | null }[] };

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await service.calm();
  service.clock.set('2026-03-02T09:00:00Z');
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
});
afterAll(async () => {
  await service.stop();
});

/** Handed over, and no answer came. */
async function doubtful(): Promise<string> {
  service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
  const { id } = await service.remind();
  await service.sendDue();
  expect(await service.fates(id)).toEqual(['unknown connection-lost']);
  return id;
}

const list = async (query: string) =>
  service.call<{ items: Shown[]; nextCursor: string | null }>('GET', `/v1/reminders?${query}`);

describe('the list of the unknown', () => {
  test('has each with since when and why, the oldest doubt first, page by page', async () => {
    // Asked for first, and in doubt last.
    const { id: late } = await service.remind({ sendAt: '2026-03-02T11:00:00Z' });
    const first = await doubtful();
    service.clock.advance({ hours: 1 });
    const second = await doubtful();
    service.clock.advance({ hours: 1 });
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
    await service.sendDue();
    await service.remind();
    const story = (id: string, since: string) => ({
      id,
      decisions: ['resolve'],
      deliveries: [{ reason: 'connection-lost', since }],
    });
    const doubts = [
      story(first, '2026-03-02T09:00:00.000Z'),
      story(second, '2026-03-02T10:00:00.000Z'),
      story(late, '2026-03-02T11:00:00.000Z'),
    ];
    expect((await list('status=unknown&sort=since')).body.items).toMatchObject(doubts);
    const seen: Shown[] = [];
    for (let cursor = ''; ;) {
      const { body } = await list(`status=unknown&sort=since&limit=1${cursor}`);
      seen.push(...body.items);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toMatchObject(doubts);
    expect((await list('status=unknown&sort=createdAt')).body.items.at(-1)?.id).not.toBe(late);
    await service.call('POST', `/v1/reminders/${first}/resolve`, { body: { outcome: 'failed' } });
    expect((await list(`id=${first}`)).body.items[0]?.deliveries[0]?.since).toBeNull();
  });

  test.each(['sort=since', 'sort=since&status=unknown,failed', 'sort=since&status=sent'])(
    '%s is refused: nothing else has been in doubt since',
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, body: { errors: [{ path: '/query/sort' }] } });
    },
  );
});

describe('the metrics', () => {
  const metricsOf = () => new Metrics(async () => backlog(service.database, service.clock.now()));
  async function sendWith(metrics: Metrics, channel: Channel = 'email'): Promise<void> {
    const worker = await service.worker(channel, { settled: (it) => metrics.settled({ ...it, seconds: null }) });
    for (const item of await service.dispatch(channel)) await service.run(item, worker);
  }

  test('show how many are unknown, and for how long the first has been', async () => {
    const read = async () => metricsOf().registry.metrics();
    expect(await read()).toContain('sollecito_oldest_unknown_seconds{channel="email"} 0');
    await doubtful();
    service.clock.advance({ minutes: 2 });
    await doubtful();
    service.clock.advance({ minutes: 1 });
    const text = await read();
    expect(text).toContain('sollecito_oldest_unknown_seconds{channel="email"} 180');
    expect(text).toContain('sollecito_oldest_unknown_seconds{channel="sms"} 0');
    expect(text).toContain('sollecito_deliveries_waiting{channel="email",state="unknown"} 2');
  });

  test('count by reason what became unknown, what failed and what is tried again', async () => {
    const metrics = metricsOf();
    const counted = /^sollecito_delivery_reasons_total\{channel="(.*)",status="(.*)",reason="(.*)"\} (\d+)$/gm;
    const reasons = async () =>
      [...(await metrics.registry.metrics()).matchAll(counted)].map((found) => found.slice(1).join(' ')).toSorted();
    for (const [stage, fault] of [
      ['afterBody', { kind: 'drop' }],
      ['rcpt', { kind: 'reply', line: '550 5.1.1 no' }],
      ['rcpt', { kind: 'reply', line: '451 4.2.0 later' }],
    ] as const) {
      service.smtp.fail(stage, fault, { times: 1 });
      await service.remind();
      await sendWith(metrics);
    }
    await service.remind({ channel: 'sms', message: '{{ dueDates }} '.repeat(60) });
    await sendWith(metrics, 'sms');
    expect(await reasons()).toEqual([
      'email failed recipient-refused 1',
      'email retrying recipient-deferred 1',
      'email unknown connection-lost 1',
      'sms failed not-preparable 1',
    ]);
    await service.query(
      `UPDATE sollecito.delivery SET status = 'sending', claim_token = uuidv7(), lease_until = '2026-03-02T08:00:00Z' WHERE status = 'retrying'`,
    );
    await expireLeases(service.database, service.clock.now(), (channel, count) => metrics.expired(channel, count));
    expect(await reasons()).toContain('email unknown claim-expired 1');
    const text = await metrics.registry.metrics();
    expect(text).toContain('sollecito_deliveries_unknown_total{channel="email"} 2');
    expect(text).toContain('sollecito_deliveries_failed_total{channel="email"} 1');
    expect(text).not.toMatch(/bianchi|example/);
  });
});
