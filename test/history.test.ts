import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { makeReminder } from './support/made-reminders.ts';

type Event = { at: string; type: string; reason: string | null; detail: Record<string, unknown> };
type Entry =
  | { kind: 'event'; at: string; event: Event }
  | {
      kind: 'reminder';
      at: string;
      reminder: {
        id: string;
        status: string;
        deliveries: { to: string; status: string; reason: string | null }[];
        events: Event[];
      };
    };
type Page = { items: Entry[]; nextCursor: string | null };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi' } });
});
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });

async function history(ref: string, query = ''): Promise<Page> {
  return (await api.call<Page>('GET', `/v1/due-dates/${ref}/history${query}`)).body;
}

function told(entry: Entry): string {
  if (entry.kind === 'reminder') return `reminder ${entry.reminder.status}`;
  return `${entry.event.type} ${entry.event.reason ?? ''}`.trim();
}

/** Everything that can happen to a due date, a minute apart. */
async function live(ref: string): Promise<{ reminder: string }> {
  const path = `/v1/due-dates/${ref}`;
  const minute = () => api.clock.advance({ minutes: 1 });
  await api.call('PUT', path, { body: { customer: 'rossi', dueOn: '2026-02-20', amount: eur('100.00') } });
  minute();
  const reminder = await makeReminder(api, {
    dueDates: [ref],
    deliveries: ['accepted', 'sent'],
    takenAt: '2026-03-02T09:01:00Z',
  });
  minute();
  await api.call('PUT', `${path}/hold`, {
    body: { reason: 'promised', until: '2026-03-20', note: 'Mrs Rossi on the phone' },
  });
  minute();
  await api.call('DELETE', `${path}/hold`);
  minute();
  await api.call('PATCH', path, { body: { amount: eur('90.00'), metadata: { a: 1 } } });
  minute();
  await api.call('POST', `${path}/payments`, { body: { ref: 'p1', amount: eur('90.00'), paidOn: '2026-03-01' } });
  minute();
  await api.call('DELETE', `${path}/payments/p1`);
  minute();
  await api.call('POST', `${path}/void`);
  return { reminder: reminder.shown };
}

test('everything that was sent or decided for a due date is told, newest first', async () => {
  const { reminder } = await live('told');
  const { items, nextCursor } = await history('told');
  expect(items.map(told)).toEqual([
    'voided',
    'paymentReversed',
    'paymentRecorded paid',
    'updated',
    'released promised',
    'held promised',
    'reminder sent',
  ]);
  expect(nextCursor).toBeNull();
  expect(items[2]).toMatchObject({
    event: { detail: { payment: 'p1', amount: eur('90.00'), outstanding: eur('0.00') } },
  });
  expect(items[3]).toMatchObject({
    event: {
      detail: { changed: ['amount', 'metadata'], from: { amount: eur('100.00') }, to: { amount: eur('90.00') } },
    },
  });
  expect(items[6]).toMatchObject({
    reminder: {
      id: reminder,
      deliveries: [
        { to: 'to1@example.com', status: 'canceled', reason: 'paid' },
        { to: 'to2@example.com', status: 'sent', reason: null },
      ],
      events: [{ type: 'accepted' }, { type: 'canceled', reason: 'paid' }],
    },
  });
});

test('who did it is told, what providers and people wrote is not', async () => {
  await live('private');
  const text = JSON.stringify(await history('private'));
  expect(text).toContain('"actor":"key:key_');
  expect(text).not.toContain('a secret of the provider');
  expect(text).not.toContain('Mrs Rossi');
});

test('its pages together are the whole of it, each entry once', async () => {
  await live('paged');
  const whole = await history('paged');
  const paged: Entry[] = [];
  for (let query: string | null = '?limit=2'; query !== null;) {
    const { items, nextCursor }: Page = await history('paged', query);
    paged.push(...items);
    query = nextCursor === null ? null : `?limit=2&cursor=${nextCursor}`;
  }
  expect(paged).toEqual(whole.items);
});

test('a repeated request leaves no second mark', async () => {
  const path = '/v1/due-dates/quiet';
  const body = { customer: 'rossi', dueOn: '2026-02-20', amount: eur('100.00') };
  for (let i = 0; i < 2; i++) {
    await api.call('PUT', path, { body });
    await api.call('PUT', `${path}/hold`, { body: { reason: 'paused' } });
    await api.call('POST', `${path}/payments`, { body: { ref: 'p1', amount: eur('1.00'), paidOn: '2026-03-01' } });
  }
  expect((await history('quiet')).items.map(told).sort()).toEqual(['held paused', 'paymentRecorded partlyPaid']);
});

test('of what is not there nothing is told', async () => {
  expect((await api.call('GET', '/v1/due-dates/nothing/history')).status).toBe(404);
  expect((await api.call('GET', '/v1/due-dates/quiet/history?cursor=abc')).status).toBe(400);
});

test.each(['2026-05-02T09:00:38Z', '2026-05-02T09:00:38.99Z', '2026-05-02T09:00:38.998877Z'])(
  'at %s every reply has three decimals in its instants',
  async (now) => {
    api.clock.set(now);
    const iban = 'IT60X0542811101000000123456';
    await api.call('PUT', `/v1/bank-accounts/${now}`, { body: { holder: 'Rossi', iban } });
    const body = { customer: { ref: now, name: 'N' }, dueOn: '2026-06-01', amount: eur('9.00') };
    await api.call('PUT', `/v1/due-dates/${now}`, { body });
    await api.call('POST', `/v1/due-dates/${now}/payments`, {
      body: { ref: 'p', amount: eur('1.00'), paidOn: '2026-03-01' },
    });
    await makeReminder(api, { dueDates: [now], deliveries: ['sent'], takenAt: now });
    const due = `/v1/due-dates/${now}`;
    const lists = ['/v1/tenant', '/v1/reminders', `${due}/history`, `${due}/payments`];
    for (const path of [due, `/v1/customers/${now}`, `/v1/bank-accounts/${now}`, ...lists]) {
      const { text } = await api.call('GET', path);
      const instants = text.match(/"\w+":"\d{4}-\d\d-\d\dT[^"]*"/g)?.filter((field) => /^"\w*At"|^"at"/.test(field));
      expect(instants, path).not.toEqual([]);
      for (const instant of instants ?? []) expect(instant).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z"$/);
    }
  },
);
