import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi, type TestTenant } from './support/api.ts';

type Customer = {
  inFlight?: string[];
  id: string;
  ref: string;
  name: string;
  email: string[];
  phone: string[];
  updatedAt: string;
};
type Page = { items: Customer[]; nextCursor: string | null };
type Batch = {
  items: { status: number; customer?: Customer; problem?: { type: string; errors?: { path: string }[] } }[];
};

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

describe('one customer', () => {
  const whole = {
    name: 'Bianchi S.r.l.',
    kind: 'business',
    email: ['amministrazione@bianchi.example'],
    phone: ['333 123 4567', '+44 20 7946 0958'],
    pec: 'bianchi@pec.example',
    address: { street: 'Via Roma 1', postalCode: '20121', city: 'Milano', province: 'MI', country: 'IT' },
    locale: 'en',
    timeZone: 'Europe/Rome',
    vatId: 'it 01234567897',
    taxCode: '01234567897',
    doNotRemind: true,
    pausedUntil: '2026-04-01',
  };

  test('is made with 201, and read as it was written, by ref and by id', async () => {
    const made = await api.call<Customer>('PUT', '/v1/customers/2026%2F12', { body: whole });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"v1"');
    expect(made.body).toMatchObject({
      ...whole,
      ref: '2026/12',
      phone: ['+393331234567', '+442079460958'],
      vatId: 'IT01234567897',
    });
    expect(made.body.id).toMatch(/^cus_/);
    for (const path of ['2026%2F12', made.body.id]) {
      const read = await api.call<Customer>('GET', `/v1/customers/${path}`);
      const { inFlight: _none, ...customer } = made.body;
      expect(read).toMatchObject({ status: 200, body: customer });
      expect(read.headers.get('etag')).toBe('"v1"');
    }
  });

  test('an equal PUT changes nothing: same version, same time', async () => {
    const before = await api.call<Customer>('GET', '/v1/customers/2026%2F12');
    api.clock.advance({ minutes: 5 });
    const again = await api.call<Customer>('PUT', '/v1/customers/2026%2F12', { body: whole });
    expect(again).toMatchObject({ status: 200, body: before.body });
    expect(again.headers.get('etag')).toBe('"v1"');
  });

  test('PUT replaces: what is not sent is empty', async () => {
    const replaced = await api.call<Customer>('PUT', '/v1/customers/2026%2F12', { body: { name: 'Bianchi' } });
    expect(replaced.headers.get('etag')).toBe('"v2"');
    expect(replaced.body).toMatchObject({
      name: 'Bianchi',
      kind: 'business',
      email: [],
      phone: [],
      address: null,
      doNotRemind: false,
    });
    expect(replaced.body.updatedAt).toBe('2026-03-02T09:05:00.000Z');
  });

  test('PATCH changes: what is not sent stays, null takes away', async () => {
    await api.call('PUT', '/v1/customers/patched', { body: whole });
    const answer = await api.call('PATCH', '/v1/customers/patched', { body: { vatId: null, email: [] } });
    expect(answer).toMatchObject({
      status: 200,
      body: { name: whole.name, vatId: null, email: [], taxCode: whole.taxCode },
    });
    expect((await api.call('PATCH', '/v1/customers/nobody', { body: { name: 'x' } })).status).toBe(404);
  });

  test('412 on another version, also for one that is not there', async () => {
    await api.call('PUT', '/v1/customers/matched', { body: { name: 'v1' } });
    const put = (ref: string, match: string, name: string) =>
      api.call('PUT', `/v1/customers/${ref}`, { body: { name }, headers: { 'if-match': match } });
    expect((await put('matched', '"v1"', 'v2')).status).toBe(200);
    expect((await put('matched', '"v1"', 'v3')).status).toBe(412);
    expect((await put('matched', 'W/"v2"', 'v3')).status).toBe(412);
    expect((await put('matched', '"v9", "v2"', 'v3')).status).toBe(200);
    expect((await put('absent', '*', 'x')).status).toBe(412);
    expect((await api.call('GET', '/v1/customers/absent')).status).toBe(404);
  });

  test('a phone number without a prefix belongs to the customer’s country', async () => {
    const body = { name: 'London Ltd', phone: ['020 7946 0958'], address: { country: 'GB' } };
    const answer = await api.call<Customer>('PUT', '/v1/customers/london', { body });
    expect(answer.body.phone).toEqual(['+442079460958']);
  });

  test('an id that is not there makes nothing', async () => {
    const id = 'cus_00000000000000000000000000';
    expect((await api.call('PUT', `/v1/customers/${id}`, { body: { name: 'x' } })).status).toBe(404);
  });

  test('a ref may be a word of the API', async () => {
    expect((await api.call('PUT', '/v1/customers/batch', { body: { name: 'Batch' } })).status).toBe(201);
    expect(await api.call('GET', '/v1/customers/batch')).toMatchObject({ status: 200, body: { name: 'Batch' } });
  });

  test('one of many that make the same ref at once makes it, the others find it', async () => {
    const puts = Array.from({ length: 8 }, (_, n) =>
      api.call('PUT', '/v1/customers/raced', { body: { name: `Name ${n}` } }),
    );
    const statuses = (await Promise.all(puts)).map((answer) => answer.status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect((await api.call('GET', '/v1/customers/raced')).headers.get('etag')).toBe('"v8"');
  });
});

describe('the list', () => {
  let tenant: TestTenant;
  const get = (query: string) => api.call<Page>('GET', `/v1/customers${query}`, { key: tenant.key });
  const refs = async (query: string) => (await get(query)).body.items.map((item) => item.ref);

  beforeAll(async () => {
    tenant = await api.addTenant({ name: 'Lists' });
    const customers = [
      { ref: 'a', name: 'Zeta 100%' },
      { ref: 'b', name: 'Yota', email: ['b@example.com'] },
      { ref: 'c', name: 'Yota', phone: ['+393331234567'] },
      { ref: 'd', name: 'Alfa_1', email: ['d@example.com'], phone: ['+393331234568'] },
      { ref: 'e', name: 'Beta' },
    ];
    await api.call('POST', '/v1/customers/batch', { key: tenant.key, body: { customers } });
  });

  test('goes page by page in the order of the sort, each customer once', async () => {
    for (const [sort, expected] of [
      ['ref', 'abcde'],
      ['-ref', 'edcba'],
      ['name', 'debca'],
      ['-name', 'acbed'],
    ] as const) {
      let seen = '';
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: Page } = await get(`?limit=2&sort=${sort}${cursor === '' ? '' : `&cursor=${cursor}`}`);
        seen += body.items.map((item) => item.ref).join('');
        cursor = body.nextCursor;
      }
      expect(seen, sort).toBe(expected);
    }
  });

  test('filters by the contacts there are', async () => {
    expect(await refs('?contact=none')).toEqual(['a', 'e']);
    expect(await refs('?contact=email')).toEqual(['b', 'd']);
    expect(await refs('?contact=phone')).toEqual(['c', 'd']);
    expect(await refs('?contact=any')).toEqual(['b', 'c', 'd']);
    expect(await refs('?contact=none,phone')).toEqual(['a', 'c', 'd', 'e']);
    expect((await get('?contact=fax')).status).toBe(400);
  });

  test('searches names and refs, and takes wildcards as letters', async () => {
    expect(await refs('?q=YOT')).toEqual(['b', 'c']);
    expect(await refs('?q=%25')).toEqual(['a']);
    expect(await refs('?q=_')).toEqual(['d']);
    expect(await refs('?q=%5C')).toEqual([]);
  });

  test('a cursor holds under its own sort alone', async () => {
    const { body } = await get('?limit=1&sort=name');
    expect((await get(`?limit=1&sort=ref&cursor=${body.nextCursor}`)).status).toBe(400);
  });
});

describe('a batch', () => {
  const post = (customers: unknown[]) => api.call<Batch>('POST', '/v1/customers/batch', { body: { customers } });

  test('answers in order, and a wrong item is that item’s problem', async () => {
    const answer = await post([
      { ref: 'batch-2', name: 'Two' },
      { ref: 'batch-1', name: 'One', email: ['nonsense'] },
      { ref: 'batch-3', name: 'Three', phone: ['12'] },
      'not a customer',
      { ref: 'batch-0', name: 'Zero' },
      { ref: 'batch-2', name: 'Two again' },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.items.map((item) => item.status)).toEqual([201, 400, 400, 400, 201, 200]);
    expect(answer.body.items.map((item) => item.problem?.errors?.[0]?.path)).toEqual([
      undefined,
      '/email/0',
      '/phone/0',
      '',
      undefined,
      undefined,
    ]);
    expect(answer.body.items[5]?.customer?.name).toBe('Two again');
    expect((await api.call('GET', '/v1/customers/batch-1')).status).toBe(404);
  });

  test('takes 1 to 1,000', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ ref: `many-${n}`, name: `Customer ${n}` }));
    expect((await post([])).status).toBe(400);
    expect((await post(many(1_001))).status).toBe(400);
    const answer = await post(many(1_000));
    expect(answer.body.items.every((item) => item.status === 201)).toBe(true);
  });

  test('two batches of the same customers in opposite orders do not block each other', async () => {
    const customers = Array.from({ length: 100 }, (_, n) => ({ ref: `crossed-${n}`, name: 'Crossed' }));
    const answers = await Promise.all([post(customers), post([...customers].reverse()), post(customers)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const made = answers.flatMap((answer) => answer.body.items).filter((item) => item.status === 201);
    expect(made).toHaveLength(100);
  });
});
