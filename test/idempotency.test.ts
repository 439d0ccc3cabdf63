import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ShownReminder, TestService } from './support/service.ts';

type Item = { status: number; replayed: boolean; reminder?: ShownReminder; problem?: { type: string } };

let service: TestService;
let key: string;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(() => {
  count += 1;
  key = `order ${count}`;
});
afterAll(async () => {
  await service.stop();
});

const body = { dueDate: 'd1', channel: 'email', metadata: { a: 1, b: [1, { c: 2, d: 3 }] } };
const post = async (options: { key?: string; body?: unknown } = {}) =>
  service.call<ShownReminder>('POST', '/v1/reminders', { body, headers: { 'idempotency-key': key }, ...options });
const batch = async (reminders: unknown[]) =>
  (await service.call<{ items: Item[] }>('POST', '/v1/reminders/batch', { body: { reminders } })).body.items;
const typeOf = (answer: { body: unknown }): unknown => (answer.body as { type?: string }).type?.split(':').at(-1);

describe('a request with a key', () => {
  test('without one, or with one that cannot be read, is refused', async () => {
    const missing = await service.call('POST', '/v1/reminders', { body });
    expect([missing.status, typeOf(missing)]).toEqual([400, 'idempotency-key-missing']);
    for (const bad of ['x'.repeat(256), '""', 'caffè', '"abc', '"', '"a"b"', '"abc";a=1']) {
      const answer = await service.call('POST', '/v1/reminders', { body, headers: { 'idempotency-key': bad } });
      expect([answer.status, typeOf(answer)], bad).toEqual([400, 'idempotency-key-invalid']);
    }
  });

  test('again gets the first reply to the letter, also when the due date was paid meanwhile', async () => {
    await service.addDueDate(key.replace(' ', '-'));
    const asked = { ...body, dueDate: key.replace(' ', '-') };
    const first = await post({ body: asked });
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([202, null]);
    await service.call('POST', `/v1/due-dates/${asked.dueDate}/payments`, {
      body: { ref: 'p', amount: { value: '1220.00', currency: 'EUR' }, paidOn: '2026-03-01' },
    });
    service.clock.advance({ hours: 72 });
    const before = await service.rowCounts();
    const again = await post({ body: asked });
    expect([again.status, again.text]).toEqual([202, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await service.rowCounts()).toEqual(before);
  });

  test('nested until the stack is full is refused, alone: the others of its batch are taken', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const nested = `{"dueDate":"d1","channel":"email","metadata":${deep}}`;
    const headers = { 'idempotency-key': key, 'content-type': 'application/json' };
    const refused = await service.call<{ errors: unknown[] }>('POST', '/v1/reminders', {
      body: Buffer.from(nested),
      headers,
    });
    expect([refused.status, typeOf(refused)]).toEqual([400, 'invalid-request']);
    expect(refused.body.errors).toMatchObject([{ path: '', code: 'too-deep' }]);
    expect((await post()).status).toBe(202);
    // Also when its key has been used.
    const item = (of: string, rest: string) => `{"idempotencyKey":${JSON.stringify(of)},${rest.slice(1)}`;
    const reminders = [item(key, nested), item(`${key} good`, JSON.stringify(body))].join();
    const { body: answer } = await service.call<{ items: Item[] }>('POST', '/v1/reminders/batch', {
      body: Buffer.from(`{"reminders":[${reminders}]}`),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.items.map(({ status }) => status)).toEqual([400, 202]);
  });

  test('does not care for the order of the fields, bare or quoted', async () => {
    const first = await post();
    const turned = { metadata: { b: [1, { d: 3, c: 2 }], a: 1 }, channel: 'email', dueDate: 'd1' };
    expect((await post({ body: turned })).text).toBe(first.text);
    const quoted = await service.call('POST', '/v1/reminders', { body, headers: { 'idempotency-key': `"${key}"` } });
    expect(quoted.text).toBe(first.text);
  });

  test.each([
    ['another field', { ...body, priority: 9 }],
    ['another order of a list', { ...body, metadata: { a: 1, b: [{ c: 2, d: 3 }, 1] } }],
    ['a body that would be refused', { ...body, colour: 'red' }],
    ['no body', undefined],
  ])('for %s is refused as reused', async (_, other) => {
    await post();
    const answer = await post({ body: other });
    expect([answer.status, typeOf(answer)]).toEqual([422, 'idempotency-key-reused']);
  });

  test.each([
    ['invalid-request', { ...body, channel: 'fax' }],
    ['not-found', { ...body, dueDate: 'nothing' }],
    ['no-recipient', { ...body, dueDate: 'silent' }],
  ])('that was refused (%s) did not use its key up', async (problem, refused) => {
    await service.put('/v1/customers/silent', { name: 'Silent' });
    await service.addDueDate('silent', { customer: 'silent' });
    expect(typeOf(await post({ body: refused }))).toBe(problem);
    const answer = await post();
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
  });

  test('is the tenant’s own: another tenant’s equal key is another', async () => {
    const other = await service.api.addTenant({ name: `Other ${count}` });
    await service.call('PUT', '/v1/due-dates/d1', {
      key: other.key,
      body: {
        customer: { ref: 'c', name: 'C', email: ['c@other.example'] },
        dueOn: '2026-03-01',
        amount: { value: '1.00', currency: 'EUR' },
      },
    });
    const [first, theirs] = [await post(), await post({ key: other.key })];
    expect(theirs.status).toBe(202);
    expect(theirs.headers.get('idempotent-replayed')).toBeNull();
    expect(theirs.body.id).not.toBe(first.body.id);
  });
});

describe('equal requests at the same time', () => {
  test('fifty of them make one reminder and get fifty equal replies', async () => {
    const before = await service.rowCounts();
    const answers = await Promise.all(Array.from({ length: 50 }, async () => post()));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    const after = await service.rowCounts();
    expect(after['reminder']).toBe((before['reminder'] ?? 0) + 1);
    expect(after['delivery']).toBe((before['delivery'] ?? 0) + 1);
  });

  test('one whose twin is still being worked on waits for it, and replays its reply', async () => {
    // The twin has its key and waits for the quota.
    const holder = await hold('LOCK TABLE sollecito.quota_counter IN SHARE MODE');
    try {
      const first = post();
      await waiting(1);
      const second = post();
      await waiting(2);
      await holder.end();
      expect((await second).text).toBe((await first).text);
      expect((await second).headers.get('idempotent-replayed')).toBe('true');
    } finally {
      await holder.end();
    }
  });

  test('and after five seconds is told to come back', async () => {
    const holder = await hold(
      `INSERT INTO sollecito.idempotency_key (tenant_id, key, request_hash, status, body, created_at)
       VALUES ('${service.api.tenant.id}', '${key}', sha256('other'), 202, '{}', now())`,
    );
    try {
      const answer = await post();
      expect([answer.status, typeOf(answer)]).toEqual([409, 'idempotency-key-in-flight']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await holder.end();
    }
    expect((await post()).status).toBe(202);
  });
});

describe('a batch', () => {
  test('has its keys in the space of single requests', async () => {
    const first = await post();
    const [item] = await batch([{ idempotencyKey: key, ...body }]);
    expect(item).toEqual({ status: 202, replayed: true, reminder: first.body });
    const [made] = await batch([{ idempotencyKey: `${key} b`, ...body }]);
    const single = await service.call('POST', '/v1/reminders', { body, headers: { 'idempotency-key': `${key} b` } });
    expect(single.body).toEqual(made?.reminder);
    expect(single.headers.get('idempotent-replayed')).toBe('true');
  });

  test('reads a key in quotes as the header does', async () => {
    const first = await post();
    const items = await batch([
      { idempotencyKey: `"${key}"`, ...body },
      { idempotencyKey: `"${key}`, ...body },
    ]);
    expect(items.map(({ status, replayed }) => [status, replayed])).toEqual([
      [202, true],
      [400, false],
    ]);
    expect(items[0]?.reminder?.id).toBe(first.body.id);
  });

  test('with the same key twice: an equal item replays the first, another one is refused', async () => {
    const items = await batch([
      { idempotencyKey: key, ...body },
      { idempotencyKey: key, ...body },
      { idempotencyKey: key, ...body, priority: 9 },
    ]);
    expect(items.map(({ status, replayed }) => [status, replayed])).toEqual([
      [202, false],
      [202, true],
      [422, false],
    ]);
    expect(items[1]?.reminder).toEqual(items[0]?.reminder);
    expect(items[2]?.problem?.type).toBe('urn:sollecito:problem:idempotency-key-reused');
  });

  test('stands item by item, in order; a refused one leaves its key to the next', async () => {
    const items = await batch([
      { ...body },
      { idempotencyKey: '', ...body },
      { idempotencyKey: key, ...body, dueDate: 'nothing' },
      'no object',
      { idempotencyKey: key, ...body },
      { idempotencyKey: `${key} b`, ...body, colour: 'red' },
    ]);
    const told = items.map(({ status, problem }) => [status, problem?.type.split(':').at(-1)]);
    expect(told).toEqual([
      [400, 'idempotency-key-missing'],
      [400, 'idempotency-key-invalid'],
      [404, 'not-found'],
      [400, 'invalid-request'],
      [202, undefined],
      [400, 'invalid-request'],
    ]);
  });

  test('two of them with the same keys in opposite order do not stand in each other’s way', async () => {
    const keys = Array.from({ length: 200 }, (_, n) => ({ idempotencyKey: `${key} ${n}`, ...body }));
    const [a, b] = await Promise.all([batch(keys), batch(keys.toReversed())]);
    expect(a.map(({ status, reminder }) => [status, reminder?.id])).toEqual(
      b.toReversed().map(({ status, reminder }) => [status, reminder?.id]),
    );
    expect(a.every(({ status }) => status === 202)).toBe(true);
    expect([...a, ...b].filter(({ replayed }) => !replayed)).toHaveLength(200);
  });

  test('takes 1 to 1,000', async () => {
    for (const reminders of [[], Array.from({ length: 1_001 }, () => ({ idempotencyKey: key, ...body }))]) {
      expect((await service.call('POST', '/v1/reminders/batch', { body: { reminders } })).status).toBe(400);
    }
  });
});

/** Another process in the middle of a transaction; its end takes it back. */
async function hold(statement: string): Promise<Client> {
  const client = new Client({ connectionString: service.api.databaseUrl });
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  return client;
}

/** Until so many requests wait for a lock. */
async function waiting(count: number): Promise<void> {
  const watcher = new Client({ connectionString: service.api.databaseUrl });
  await watcher.connect();
  const look = async () =>
    watcher.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%accept_reminders%'",
    );
  try {
    await expect.poll(async () => (await look()).rowCount, { timeout: 10_000, interval: 10 }).toBe(count);
  } finally {
    await watcher.end();
  }
}
