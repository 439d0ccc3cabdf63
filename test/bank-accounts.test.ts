import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';

type Account = { id: string; ref: string; iban: string; default: boolean };
type Page = { items: Account[]; nextCursor: string | null };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

const account = { holder: 'Officine Rossi', iban: 'IT60 X054 2811 1010 0000 0123 456', bic: 'BLOPIT22', label: 'Main' };
const put = (ref: string, body: unknown) => api.call<Account>('PUT', `/v1/bank-accounts/${ref}`, { body });

test('an account is made, read by ref and id, and an equal PUT changes nothing', async () => {
  const made = await put('main', account);
  expect(made).toMatchObject({
    status: 201,
    body: { ...account, iban: 'IT60X0542811101000000123456', default: false },
  });
  const again = await put('main', account);
  expect(again).toMatchObject({ status: 200, body: made.body });
  expect(again.headers.get('etag')).toBe('"v1"');
  for (const ref of ['main', made.body.id]) {
    expect({ ...(await api.call('GET', `/v1/bank-accounts/${ref}`)).body, inFlight: [] }).toEqual(made.body);
  }
  expect((await api.call('GET', '/v1/bank-accounts/none')).status).toBe(404);
});

test.each([
  [{ ...account, iban: 'IT60X0542811101000000123457' }, '/iban', 'invalid-iban'],
  [{ ...account, iban: 'XX00' }, '/iban', 'invalid-iban'],
  [{ ...account, bic: 'NOPE' }, '/bic', 'invalid-bic'],
  [{ iban: account.iban }, '/holder', 'required'],
])('400 for %o', async (body, path, code) => {
  expect(await put('wrong', body)).toMatchObject({ status: 400, body: { errors: [{ path, code }] } });
});

test('a new default takes the place of the old one', async () => {
  await put('first', { ...account, default: true });
  await put('second', { ...account, default: true });
  const { body } = await api.call<Page>('GET', '/v1/bank-accounts');
  expect(body.items.filter((item) => item.default).map((item) => item.ref)).toEqual(['second']);
  expect((await api.call('GET', '/v1/bank-accounts/first')).headers.get('etag')).toBe('"v2"');
});

test('of many that become the default at once, one is', async () => {
  const refs = Array.from({ length: 40 }, (_, n) => `raced-${n}`);
  const made = await Promise.all(refs.map((ref) => put(ref, { ...account, default: true })));
  expect(made.map((answer) => answer.status)).toEqual(refs.map(() => 201));
  const { body } = await api.call<Page>('GET', '/v1/bank-accounts');
  expect(body.items.filter((item) => item.default)).toHaveLength(1);
});

test('a few new refs that become the default again and again at once all get their turn', async () => {
  for (let round = 0; round < 5; round++) {
    const refs = Array.from({ length: 40 }, (_, n) => `turns-${round}-${n % 4}`);
    const made = await Promise.all(refs.map((ref) => put(ref, { ...account, default: true })));
    expect(made.filter((answer) => answer.status === 201)).toHaveLength(4);
    expect(made.filter((answer) => answer.status === 200)).toHaveLength(36);
  }
  const { body } = await api.call<Page>('GET', '/v1/bank-accounts?limit=200');
  expect(body.items.filter((item) => item.default)).toHaveLength(1);
});

test('the list goes page by page', async () => {
  const first = await api.call<Page>('GET', '/v1/bank-accounts?limit=2');
  const second = await api.call<Page>('GET', `/v1/bank-accounts?limit=200&cursor=${first.body.nextCursor}`);
  const refs = [...first.body.items, ...second.body.items].map((item) => item.ref);
  expect(refs).toEqual([...refs].sort());
  expect(new Set(refs).size).toBe(63);
  expect(second.body.nextCursor).toBeNull();
});

test('412 on another version', async () => {
  const headers = { 'if-match': '"v7"' };
  expect((await api.call('PUT', '/v1/bank-accounts/main', { body: account, headers })).status).toBe(412);
});
