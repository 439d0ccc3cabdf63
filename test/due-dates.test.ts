import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, TestApi } from './support/api.ts';

type DueDate = {
  id: string;
  ref: string;
  customer: string;
  status: string;
  state: string;
  timing: string;
  daysLate: number;
  amount: { value: string; currency: string };
  outstanding: { value: string };
  overpaid: { value: string };
  document: { number: string | null; date: string | null; type: string };
  bankAccount: string | null;
  hold: unknown;
  metadata: Record<string, unknown>;
  reminders: { count: number; failed: number; lastAt: string | null; lastStatus: string | null };
  updatedAt: string;
  inFlight?: string[];
};
type ProblemBody = { type: string; status: number; errors?: { path: string; code: string }[] };
type Batch = { items: { status: number; dueDate?: DueDate; problem?: ProblemBody }[] };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi', email: ['rossi@example.com'] } });
});
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });
// The clock of these tests stands at 2026-03-02 in Rome.
const invoice = { customer: 'rossi', dueOn: '2026-02-20', amount: eur('122.00') };

async function put(ref: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<DueDate>> {
  return api.call<DueDate>('PUT', `/v1/due-dates/${encodeURIComponent(ref)}`, { body, headers });
}

async function refusal(answer: Promise<Answer<unknown>>): Promise<[number, string, string[]]> {
  const { status, body } = await answer;
  const problem = body as ProblemBody;
  const errors = (problem.errors ?? []).map((error) => `${error.path} ${error.code}`);
  return [status, problem.type.replace('urn:sollecito:problem:', ''), errors];
}

describe('PUT', () => {
  test('a new due date is made, with everything that follows from it', async () => {
    const answer = await put('2026/12', { ...invoice, document: { number: '2026/12', date: '2026-01-20' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"v1"');
    expect(answer.body).toMatchObject({
      ref: '2026/12',
      customer: 'rossi',
      direction: 'receivable',
      document: { number: '2026/12', date: '2026-01-20', type: 'invoice' },
      amount: eur('122.00'),
      outstanding: eur('122.00'),
      overpaid: eur('0.00'),
      state: 'open',
      timing: 'overdue',
      status: 'overdue',
      daysLate: 10,
      hold: null,
      reminders: { count: 0, failed: 0, lastAt: null, lastStatus: null },
      inFlight: [],
    });
  });

  test('the same again changes nothing', async () => {
    const first = await put('same', { ...invoice, metadata: { b: 1, a: [2] } });
    api.clock.advance({ minutes: 1 });
    const again = await put('same', { ...invoice, metadata: { a: [2], b: 1 } });
    expect(again.status).toBe(200);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(again.body).toEqual(first.body);
  });

  test('what is not sent is emptied, and every change counts the version up', async () => {
    await put('replaced', { ...invoice, document: { number: 'A 1' }, metadata: { a: 1 }, paymentMethod: 'MP05' });
    const answer = await put('replaced', { ...invoice, amount: eur('100.00') });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"v2"');
    expect(answer.body).toMatchObject({ amount: eur('100.00'), metadata: {}, document: { number: null } });
  });

  test('a customer and a bank account may come with it', async () => {
    const answer = await put('whole', {
      ...invoice,
      customer: { ref: 'bianchi', name: 'Bianchi', email: ['a@example.com'] },
      bankAccount: { ref: 'main', holder: 'Officine Rossi', iban: 'IT60X0542811101000000123456' },
    });
    expect(answer.body).toMatchObject({ customer: 'bianchi', bankAccount: 'main' });
    await api.call('PATCH', '/v1/customers/bianchi', { body: { doNotRemind: true } });
    await put('whole', { ...invoice, customer: { ref: 'bianchi', name: 'Bianchi S.r.l.' } });
    const customer = await api.call('GET', '/v1/customers/bianchi');
    expect(customer.body).toMatchObject({ name: 'Bianchi S.r.l.', email: ['a@example.com'], doNotRemind: true });
  });

  test('If-Match holds a change to what was read', async () => {
    await put('matched', invoice);
    expect(await refusal(put('matched', { ...invoice, amount: eur('1.00') }, { 'if-match': '"v9"' }))).toEqual([
      412,
      'precondition-failed',
      [],
    ]);
    expect((await put('matched', { ...invoice, amount: eur('1.00') }, { 'if-match': '"v1"' })).status).toBe(200);
    expect((await refusal(put('not-there', invoice, { 'if-match': '*' })))[0]).toBe(412);
  });

  test('an amount lowered to what was paid settles it, and its currency stays what was paid in', async () => {
    await put('lowered', invoice);
    await pay('lowered', { ref: 'p1', amount: eur('50.00'), paidOn: '2026-03-01' });
    const foreign = { ...invoice, amount: { value: '122.00', currency: 'USD' } };
    expect(await refusal(put('lowered', foreign))).toEqual([
      409,
      'conflict',
      ['/amount/currency currency-of-payments'],
    ]);
    const answer = await put('lowered', { ...invoice, amount: eur('40.00') });
    expect(answer.body).toMatchObject({
      status: 'paid',
      outstanding: eur('0.00'),
      overpaid: eur('10.00'),
      daysLate: 0,
    });
  });

  test.each([
    ['an unknown field', { ...invoice, dueDate: '2026-01-01' }, ['/dueDate unknown-field']],
    ['three decimals', { ...invoice, amount: eur('1.005') }, ['/amount/value too-many-decimals']],
    ['nothing to pay', { ...invoice, amount: eur('0.00') }, ['/amount/value too-small']],
    ['a number for an amount', { ...invoice, amount: { value: 1, currency: 'EUR' } }, ['/amount/value wrong-type']],
    ['a day that does not exist', { ...invoice, dueOn: '2026-02-30' }, ['/dueOn invalid-date']],
    [
      'a currency that does not exist',
      { ...invoice, amount: { value: '1.00', currency: 'EUX' } },
      ['/amount/currency unknown-currency'],
    ],
    ['no customer', { dueOn: '2026-02-20', amount: eur('1.00') }, ['/customer required']],
    ['control characters', { ...invoice, document: { number: 'A\u0007' } }, ['/document/number invalid-text']],
    [
      'an address that is no web address',
      { ...invoice, paymentUrl: 'javascript:alert(1)' },
      ['/paymentUrl invalid-url'],
    ],
    [
      'a wrong IBAN inside',
      { ...invoice, bankAccount: { ref: 'x', holder: 'X', iban: 'IT60X0542811101000000123457' } },
      ['/bankAccount/iban invalid-iban'],
    ],
    [
      'a phone inside that does not exist',
      { ...invoice, customer: { ref: 'never', name: 'Never', phone: ['12'] } },
      ['/customer/phone/0 invalid-phone'],
    ],
  ])('%s is one clear problem, and nothing is stored', async (_, body, errors) => {
    expect(await refusal(put('bad', body))).toEqual([400, 'invalid-request', errors]);
    expect((await api.call('GET', '/v1/due-dates/bad')).status).toBe(404);
    expect((await api.call('GET', '/v1/customers/never')).status).toBe(404);
  });

  test('a customer or bank account that is not there is named with its path', async () => {
    expect(await refusal(put('bad', { ...invoice, customer: 'nobody' }))).toEqual([
      404,
      'not-found',
      ['/customer not-found'],
    ]);
    const withCustomer = { ...invoice, customer: { ref: 'never', name: 'Never' }, bankAccount: 'nowhere' };
    expect(await refusal(put('bad', withCustomer))).toEqual([404, 'not-found', ['/bankAccount not-found']]);
    expect((await api.call('GET', '/v1/customers/never')).status).toBe(404);
  });
});

describe('PATCH and GET', () => {
  test('only what is sent changes, null takes away', async () => {
    await put('patched', { ...invoice, document: { number: 'N 1', date: '2026-01-01' }, paymentMethod: 'cash' });
    const answer = await api.call<DueDate>('PATCH', '/v1/due-dates/patched', {
      body: { document: { number: 'N 2' }, paymentMethod: null, dueOn: '2026-03-02' },
    });
    expect(answer.body).toMatchObject({
      document: { number: 'N 2', date: '2026-01-01', type: 'invoice' },
      paymentMethod: null,
      status: 'today',
      amount: eur('122.00'),
    });
  });

  test('what is not there is not made', async () => {
    expect((await api.call('PATCH', '/v1/due-dates/nothing', { body: { dueOn: '2026-03-02' } })).status).toBe(404);
    expect((await api.call('GET', '/v1/due-dates/nothing')).status).toBe(404);
    expect((await put('due_01kc5v0x9qf0nrt8kq3v6y2h4d', invoice)).status).toBe(404);
  });

  test('its id names it as its ref does', async () => {
    const { body } = await put('by id', invoice);
    expect((await api.call<DueDate>('GET', `/v1/due-dates/${body.id}`)).body.ref).toBe('by id');
    expect((await put(body.id, { ...invoice, amount: eur('9.00') })).body).toMatchObject({
      ref: 'by id',
      amount: eur('9.00'),
    });
  });
});

describe('a batch', () => {
  test('each item stands alone, in order', async () => {
    const answer = await api.call<Batch>('POST', '/v1/due-dates/batch', {
      body: {
        dueDates: [
          { ref: 'b1', ...invoice },
          { ref: 'b2', ...invoice, amount: eur('-1.00') },
          { ref: 'b3', ...invoice, customer: 'nobody' },
          { ref: 'b1', ...invoice, amount: eur('7.00') },
          { ref: 'b4', ...invoice, customer: { ref: 'verdi', name: 'Verdi' } },
          { ref: 'b5', ...invoice, customer: { ref: 'ghost', name: 'Ghost' }, bankAccount: 'nowhere' },
          'nonsense',
        ],
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.items.map((item) => item.status)).toEqual([201, 400, 404, 200, 201, 404, 400]);
    expect(answer.body.items[1]?.problem?.errors).toEqual([expect.objectContaining({ path: '/amount/value' })]);
    expect(answer.body.items[3]?.dueDate).toMatchObject({ ref: 'b1', amount: eur('7.00') });
    expect(answer.body.items[4]?.dueDate?.customer).toBe('verdi');
    expect((await api.call('GET', '/v1/customers/verdi')).status).toBe(200);
    // What came with a refused item is not kept either.
    expect((await api.call('GET', '/v1/customers/ghost')).status).toBe(404);
  });

  test('a thousand are taken, one more is not', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ref: `many-${i}`, ...invoice }));
    const answer = await api.call<Batch>('POST', '/v1/due-dates/batch', { body: { dueDates: many(1_000) } });
    expect(answer.body.items.every((item) => item.status === 201)).toBe(true);
    const tooMany = await api.call('POST', '/v1/due-dates/batch', { body: { dueDates: many(1_001) } });
    expect(tooMany.status).toBe(400);
  });

  test('the same ref from many requests at once is made once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => put('contended', { ...invoice, amount: eur(`${i + 1}.00`) })),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(19);
  });
});

async function pay(ref: string, body: unknown) {
  return api.call('POST', `/v1/due-dates/${ref}/payments`, { body });
}
