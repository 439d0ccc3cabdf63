import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { dkimRecord, newDkimKey, readDkimKey, signsFor } from '../src/domain/dkim-key.ts';
import { openSecret, sealedByFirst, sealSecret } from '../src/domain/sealed-secret.ts';
import { TestApi } from './support/api.ts';
import { patience } from './support/service.ts';

type Dkim = {
  domain: string;
  selector: string;
  algorithm: string;
  record: { name: string; value: string };
  signs: boolean;
};

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

const put = async (body: Record<string, unknown>) => api.call<Dkim>('PUT', '/v1/tenant/dkim', { body });
const pem = (type: 'rsa' | 'ed25519', bits = 2_048): string => {
  const made = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: bits }) : generateKeyPairSync('ed25519');
  return made.privateKey.export({ type: 'pkcs8', format: 'pem' });
};

describe('a tenant’s signing key', () => {
  test('is made for it, shown with its DNS record and never with its private part, and removed', async () => {
    expect(await api.call('GET', '/v1/tenant/dkim')).toMatchObject({ status: 404 });
    const made = await put({ domain: 'Rossi.example', selector: 'Sollecito' });
    expect(made).toMatchObject({
      status: 200,
      body: { domain: 'rossi.example', selector: 'sollecito', algorithm: 'rsa' },
    });
    expect(made.body.record.name).toBe('sollecito._domainkey.rossi.example');
    expect(made.body.record.value).toMatch(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{390,}={0,2}$/);
    expect(made.text).not.toMatch(/PRIVATE|sealed/);
    expect({ ...(await api.call('GET', '/v1/tenant/dkim')).body, inFlight: [] }).toEqual(made.body);
    const { rows } = await api.service.pool.query<{ sealed_key: string }>('SELECT sealed_key FROM sollecito.dkim_key');
    expect(rows[0]?.sealed_key).toMatch(/^sealed:1:/);
    expect(openSecret(rows[0]?.sealed_key ?? '', api.parts.sender.secretKeys)).toContain('PRIVATE KEY');
    expect(await api.call('DELETE', '/v1/tenant/dkim')).toMatchObject({ status: 204 });
    expect(await api.call('DELETE', '/v1/tenant/dkim')).toMatchObject({ status: 404 });
    const audit = await api.service.pool.query('SELECT action, target FROM sollecito.audit ORDER BY at, id');
    expect(audit.rows).toEqual([
      { action: 'dkim-set', target: 'rossi.example' },
      { action: 'dkim-removed', target: 'rossi.example' },
    ]);
  });

  test('stays the same when it is put again, and is another under another selector', async () => {
    const first = await put({ domain: 'rossi.example', selector: 'a' });
    expect((await put({ domain: 'rossi.example', selector: 'a' })).body).toEqual(first.body);
    const second = await put({ domain: 'rossi.example', selector: 'b' });
    expect(second.body.record.value).not.toBe(first.body.record.value);
  });

  test('is one key, however many ask for it at once', async () => {
    const asked = await api.service.transaction(async (client) => {
      await client.query('SELECT FROM sollecito.tenant FOR NO KEY UPDATE');
      const answers = Array.from({ length: 3 }, async () => put({ domain: 'rossi.example', selector: 'once' }));
      const waiting =
        'SELECT count(*)::integer AS n FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()';
      const { pool } = api.service;
      await expect.poll(async () => (await pool.query<{ n: number }>(waiting)).rows[0]?.n, patience).toBe(3);
      return { answers };
    });
    const answers = await Promise.all(asked.answers);
    const shown = await api.call('GET', '/v1/tenant/dkim');
    for (const { body } of answers) expect(body).toEqual({ ...shown.body, inFlight: [] });
  });

  test('is sealed anew by what has become the first secret key, and stays the same', async () => {
    const first = await put({ domain: 'rossi.example', selector: 'anew' });
    const sealed = async () =>
      (await api.service.pool.query<{ sealed_key: string }>('SELECT sealed_key FROM sollecito.dkim_key')).rows[0]
        ?.sealed_key ?? '';
    const [usual] = api.parts.sender.secretKeys;
    const old = 'an older key for tests, of thirty-two or more letters';
    const pem = openSecret(await sealed(), [usual ?? '']) ?? '';
    await api.service.pool.query('UPDATE sollecito.dkim_key SET sealed_key = $1', [sealSecret(pem, [old])]);
    const keys = vi.spyOn(api.parts.sender, 'secretKeys', 'get').mockReturnValue([usual ?? '', old]);
    expect((await put({ domain: 'rossi.example', selector: 'anew' })).body).toEqual(first.body);
    keys.mockRestore();
    expect(openSecret(await sealed(), [usual ?? ''])).toBe(pem);
  });

  test('may be the tenant’s own', async () => {
    const own = pem('ed25519');
    const answer = await put({ domain: 'rossi.example', selector: 'c', privateKey: own });
    expect(answer.body.algorithm).toBe('ed25519');
    expect(answer.body.record.value).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
    expect(answer.text).not.toContain(own.split('\n')[1] ?? 'nothing');
  });

  test('signs only for a sender of its domain, and says so', async () => {
    await api.call('PATCH', '/v1/tenant', { body: { sender: { email: 'conti@posta.rossi.example' } } });
    expect((await put({ domain: 'rossi.example', selector: 'd' })).body.signs).toBe(true);
    expect((await put({ domain: 'bianchi.example', selector: 'd' })).body.signs).toBe(false);
    expect(signsFor('rossi.example', 'a@otherrossi.example')).toBe(false);
  });

  test.each([
    ['no domain', { domain: 'rossi' }, '/domain', 'invalid-domain'],
    ['an address as a domain', { domain: 'a@rossi.example' }, '/domain', 'invalid-domain'],
    ['a selector with a space', { selector: 'a b' }, '/selector', 'invalid-selector'],
    ['text as a key', { privateKey: 'secret' }, '/privateKey', 'key-unreadable'],
    ['a short key', { privateKey: pem('rsa', 1_024) }, '/privateKey', 'key-wrong-size'],
    [
      'a key on another curve',
      {
        privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      },
      '/privateKey',
      'key-wrong-kind',
    ],
  ])('is refused with %s', async (_, over, path, code) => {
    const answer = await api.call('PUT', '/v1/tenant/dkim', {
      body: { domain: 'rossi.example', selector: 'x', ...over },
    });
    expect([answer.status, answer.body['errors']]).toEqual([400, [expect.objectContaining({ path, code })]]);
    expect(answer.text).not.toContain('PRIVATE');
  });
});

describe('a sealed secret', () => {
  const keys = ['a first key for tests, of thirty-two letters', 'a second key for tests, of thirty-two letters'];

  test('is opened by any of the keys, sealed by the first, and by no other', () => {
    const sealed = sealSecret('a text', keys);
    expect(sealed).not.toContain('a text');
    expect(openSecret(sealed, keys)).toBe('a text');
    expect(openSecret(sealed, keys.toReversed())).toBe('a text');
    expect(openSecret(sealed, keys.slice(1))).toBeUndefined();
    expect(sealSecret('a text', keys)).not.toBe(sealed);
  });

  test('is sealed anew only where the first key is not the one that sealed it', () => {
    const sealed = sealSecret('a text', keys.slice(1));
    expect(sealedByFirst(sealed, keys.slice(1))).toBe(sealed);
    expect(openSecret(sealedByFirst(sealed, keys) ?? '', keys.slice(0, 1))).toBe('a text');
    expect(sealedByFirst(sealed, keys.slice(0, 1))).toBeUndefined();
  });

  test('that was changed, cut or never was one opens as nothing', () => {
    const sealed = sealSecret('a text', keys);
    const at = 'sealed:1:'.length + 5;
    const changed = sealed.slice(0, at) + (sealed.charAt(at) === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    for (const text of [changed, sealed.slice(0, 20), '', 'sealed:1:', sealed.slice(1), 'sealed:1:AAAA']) {
      expect(openSecret(text, keys)).toBeUndefined();
    }
  });
});

test('a key of ours reads back as itself', async () => {
  const key = await newDkimKey();
  expect(readDkimKey(key.privateKey)).toEqual(key);
  expect(dkimRecord({ ...key, domain: 'a.example', selector: 's' }).name).toBe('s._domainkey.a.example');
});
