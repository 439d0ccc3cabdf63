import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operation } from '../src/api/operation.ts';
import { operations } from '../src/api/operations.ts';
import { revokeApiKey, createApiKey, ensureApiKey } from '../src/store/api-keys.ts';
import { TestApi } from './support/api.ts';

type ProblemBody = { type: string; status: number; requestId: string; errors: { path: string; code: string }[] };

let api: TestApi;

const broken = operation({
  method: 'get',
  path: '/v1/broken',
  id: 'broken',
  tag: 'Test',
  summary: 'Breaks',
  scope: 'data:read',
  query: z.strictObject({ address: z.string() }),
  replies: { 200: { description: 'Never' } },
  problems: [],
  handle: async ({ query }) => {
    throw new Error(`no mail for ${query.address}`);
  },
});

beforeAll(async () => {
  api = await TestApi.start({ operations: [...operations, broken] });
});
afterAll(async () => {
  await api.stop();
});

describe('who may call', () => {
  test('401 without a key, with a key that is none, and with another scheme', async () => {
    const answers = await Promise.all([
      api.call<ProblemBody>('GET', '/v1/tenant', { key: null }),
      api.call<ProblemBody>('GET', '/v1/tenant', { key: 'slk_00000000_not-a-key-of-ours' }),
      api.call<ProblemBody>('GET', '/v1/tenant', { key: null, headers: { authorization: 'Basic YTpi' } }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.body.type).toBe('urn:sollecito:problem:unauthorized');
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('401 once a key has expired, at that very instant', async () => {
    const key = await api.addKey({ expiresAt: api.clock.now().add({ hours: 1 }) });
    expect((await api.call('GET', '/v1/tenant', { key })).status).toBe(200);
    api.clock.advance({ hours: 1 });
    expect((await api.call('GET', '/v1/tenant', { key })).status).toBe(401);
  });

  test('401 for a revoked key', async () => {
    const { id, secret } = await createApiKey(api.service, api.clock, { tenant: api.tenant.id, name: 'revoked' });
    await revokeApiKey(api.service, api.clock, id);
    expect((await api.call('GET', '/v1/tenant', { key: secret })).status).toBe(401);
  });

  test('403 when the key lacks the scope', async () => {
    const key = await api.addKey({ scopes: ['data:read'] });
    expect((await api.call('GET', '/v1/tenant', { key })).status).toBe(200);
    const answer = await api.call<ProblemBody>('PATCH', '/v1/tenant', { key, body: { name: 'X' } });
    expect(answer).toMatchObject({ status: 403, body: { type: 'urn:sollecito:problem:forbidden' } });
  });

  test('403 for a platform key, which belongs to no tenant', async () => {
    const { secret } = await createApiKey(api.service, api.clock, {
      tenant: null,
      name: 'platform',
      scopes: ['platform', 'data:read'],
    });
    expect((await api.call('GET', '/v1/tenant', { key: secret })).status).toBe(403);
  });

  test('a key that was chosen outside works, made once however often it is asked for', async () => {
    const key = { tenant: api.tenant.id, name: 'bootstrap', secret: 'chosen by the compose file'.replaceAll(' ', '-') };
    await ensureApiKey(api.service, api.clock, key);
    await ensureApiKey(api.service, api.clock, key);
    expect((await api.call('GET', '/v1/tenant', { key: key.secret })).status).toBe(200);
  });

  test("another tenant's customer is not found, and cannot be told from one that is not there", async () => {
    const other = await api.addTenant({ name: 'Studio Bianchi' });
    const mine = await api.call<{ id: string }>('PUT', '/v1/customers/secret', { body: { name: 'Mine' } });
    for (const ref of ['secret', mine.body.id]) {
      const answer = await api.call<ProblemBody>('GET', `/v1/customers/${ref}`, { key: other.key });
      expect(answer).toMatchObject({ status: 404, body: { type: 'urn:sollecito:problem:not-found' } });
    }
  });
});

describe('what they may send', () => {
  test('400 lists every mistake with its JSON Pointer', async () => {
    const body = { name: '', kind: 'alien', email: ['ok@example.com', 'no'], 'a/b~c': 1 };
    const answer = await api.call<ProblemBody>('PUT', '/v1/customers/x', { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ path, code }) => [path, code])).toEqual([
      ['/name', 'invalid-text'],
      ['/kind', 'invalid-value'],
      ['/email/1', 'invalid-email'],
      ['/a~1b~0c', 'unknown-field'],
    ]);
  });

  test.each([
    ['a missing body', undefined, '', 'required'],
    ['a missing field', {}, '/name', 'required'],
    ['a wrong type', { name: 7 }, '/name', 'wrong-type'],
    ['a list for a body', [], '', 'wrong-type'],
    ['a control character', { name: 'a\u0007b' }, '/name', 'invalid-text'],
    ['a NUL', { name: 'a\u0000b' }, '/name', 'invalid-text'],
    ['half a surrogate pair', { name: 'a\ud800b' }, '/name', 'invalid-text'],
    ['a line break in an address', { name: 'x', email: ['a@b.it\r\nBcc: c@d.it'] }, '/email/0', 'invalid-email'],
    ['a day that does not exist', { name: 'x', pausedUntil: '2026-02-30' }, '/pausedUntil', 'invalid-date'],
    ['a phone number that does not exist', { name: 'x', phone: ['+39 1'] }, '/phone/0', 'invalid-phone'],
  ])('400 for %s', async (_name, body, path, code) => {
    const answer = await api.call<ProblemBody>('PUT', '/v1/customers/x', { body });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path, code }] } });
  });

  test.each([
    [{ name: 'x', email: 'a-long-address@bianchi.example' }, '/email', 'must be an array'],
    [{ name: 'x', email: Array.from({ length: 101 }, () => 'a@b.example') }, '/email', /^must have at most \d+ items$/],
    [{ name: 'x', kind: 7 }, '/kind', 'must be one of: business, public, consumer'],
    [{ name: 'x', doNotRemind: 'no' }, '/doNotRemind', 'must be a boolean'],
  ])('400 for %j says one thing, in plain words', async (body, path, message) => {
    const answer = await api.call<ProblemBody>('PUT', '/v1/customers/x', { body });
    expect(answer.body.errors).toEqual([
      expect.objectContaining({
        path,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    ]);
  });

  test.each([
    [{ to: 'a-long-address@bianchi.example' }, '/to', 'must be an array'],
    [{ to: [] }, '/to', 'must have at least 1 item'],
    [{ override: 'gap' }, '/override', 'must be an array'],
    [{ override: ['gap', 'gap', 'gap'] }, '/override', 'must have at most 2 items'],
    [{ priority: 10 }, '/priority', 'must be at most 9'],
    [{ priority: 0.5 }, '/priority', 'must be a whole number'],
    [{ metadata: 'x' }, '/metadata', 'must be an object'],
    [{ to: ['x'.repeat(255)] }, '/to/0', 'must have at most 254 characters'],
  ])('400 for a reminder with %j, too', async (wrong, path, message) => {
    const body = { dueDate: 'd', channel: 'email', ...wrong };
    const answer = await api.call<ProblemBody>('POST', '/v1/reminders/preview', { body });
    expect(answer.body.errors).toEqual([expect.objectContaining({ path, message })]);
  });

  test('400 for what is not JSON, not UTF-8, or a broken percent-encoding', async () => {
    const headers = { 'content-type': 'application/json' };
    const notJson = await api.call('PUT', '/v1/customers/x', { body: Buffer.from('{"name":'), headers });
    const notUtf8 = await api.call('PUT', '/v1/customers/x', { body: Buffer.from([0x22, 0xff, 0x22]), headers });
    const badPath = await api.call('GET', '/v1/customers/%E0%A4%A');
    expect([notJson.status, notUtf8.status, badPath.status]).toEqual([400, 400, 400]);
  });

  test('400 for an unknown query parameter, a wrong limit, and a cursor of another list', async () => {
    const paths = [
      '?limt=5',
      '?limit=0',
      '?limit=201',
      '?limit=1e2',
      '?limit=1&limit=2',
      '?cursor=abc',
      '?sort=nothing',
    ];
    for (const query of paths) {
      const answer = await api.call<ProblemBody>('GET', `/v1/customers${query}`);
      expect(answer.status, query).toBe(400);
      expect(answer.body.errors[0]?.path).toMatch(/^\/query\/(limt|limit|cursor|sort)/);
    }
    const unknown = await api.call<ProblemBody>('GET', '/v1/tenant?x=1');
    expect(unknown.body.errors).toMatchObject([{ path: '/query/x', code: 'unknown-field' }]);
  });

  test('400 for a ref that is too long, holds a control character, or can stand in no path', async () => {
    for (const ref of ['x'.repeat(129), 'a%00b', '%2E']) {
      const answer = await api.call<ProblemBody>('PUT', `/v1/customers/${ref}`, { body: { name: 'x' } });
      expect([400, 404, 405]).toContain(answer.status);
    }
    const answer = await api.call<ProblemBody>('GET', `/v1/customers/${'x'.repeat(129)}`);
    expect(answer.body.errors).toMatchObject([{ path: '/path/ref', code: 'invalid-ref' }]);
  });

  test('413 for a body over the limit, and for a small one that unfolds into a large one', async () => {
    const large = await api.call('PUT', '/v1/customers/x', { body: { name: 'x'.repeat(1024 * 1024) } });
    expect(large.status).toBe(413);
    const bomb = gzipSync(Buffer.from(JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) })));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await api.call('PUT', '/v1/customers/x', { body: bomb, headers })).status).toBe(413);
    const small = gzipSync(Buffer.from(JSON.stringify({ name: 'Zipped' })));
    expect((await api.call('PUT', '/v1/customers/zipped', { body: small, headers })).status).toBe(201);
  });

  test('415 for another media type and for an unknown encoding', async () => {
    const form = await api.call('PUT', '/v1/customers/x', {
      body: Buffer.from('name=x'),
      headers: { 'content-type': 'text/plain' },
    });
    const headers = { 'content-type': 'application/json', 'content-encoding': 'rot13' };
    const encoded = await api.call('PUT', '/v1/customers/x', { body: Buffer.from('{}'), headers });
    expect([form.status, encoded.status]).toEqual([415, 415]);
  });
});

describe('how it answers', () => {
  test('404 for an unknown address and 405 with Allow for an unknown method', async () => {
    expect(await api.call('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: { type: 'urn:sollecito:problem:not-found' },
    });
    const answer = await api.call('DELETE', '/v1/tenant');
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, PATCH');
  });

  test('the request id is the caller’s when it is a sane one, else ours', async () => {
    const given = await api.call<ProblemBody>('GET', '/v1/nothing', { headers: { 'x-request-id': 'import-7:3' } });
    expect(given.headers.get('x-request-id')).toBe('import-7:3');
    expect(given.body.requestId).toBe('import-7:3');
    const made = await api.call('GET', '/v1/nothing', { headers: { 'x-request-id': 'a b' } });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a bug is 500, and neither the reply nor the log says what it said', async () => {
    const answer = await api.call('GET', '/v1/broken?address=mario%40example.com');
    expect(answer).toMatchObject({ status: 500, body: { type: 'urn:sollecito:problem:internal-error' } });
    expect(answer.text + api.logLines.join('')).not.toContain('mario');
    expect(api.logLines.join('')).toContain('"route":"/v1/broken"');
  });

  test('the log tells routes and tenants, not refs, addresses or keys', async () => {
    await api.call('PUT', '/v1/customers/rossi-secret-ref', {
      body: { name: 'Mario Segreto', email: ['segreto@example.com'] },
    });
    const log = api.logLines.join('');
    expect(log).toContain('"route":"/v1/customers/{ref}","status":201');
    expect(log).toMatch(/"tenant":"ten_/);
    for (const secret of ['rossi-secret-ref', 'Segreto', 'segreto@example.com', api.tenant.key])
      expect(log).not.toContain(secret);
  });
});
