import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminRouter } from '../src/api/admin.ts';
import { networkOf } from '../src/api/try-limit.ts';
import type { OperatorRole } from '../src/domain/scopes.ts';
import { anyOperator, createOperator, createSignInLink, OperatorExists, openSession } from '../src/store/operators.ts';
import { TestApi } from './support/api.ts';

type SessionBody = { email: string; role: string; csrfToken: string; tenants: { ref: string; name: string }[] };

const password = 'correct horse battery';
let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start({ routers: (parts) => [adminRouter(parts, { secureCookies: false })] });
});
afterAll(async () => {
  await api.stop();
});

const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  api.call('POST', '/admin/sign-in', {
    key: null,
    body: Buffer.from(new URLSearchParams(fields).toString()),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

function cookieOf(answer: { headers: Headers }): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

let made = 0;
/** A signed-in operator: the headers that its browser sends. */
async function signedIn(role: OperatorRole) {
  const operator = await createOperator(api.service, api.clock, { email: `${role}-${(made += 1)}@example.com`, role });
  const token = await openSession(api.parts.database, api.clock, operator);
  const cookie = `sollecito_session=${token}`;
  const { body } = await api.call<SessionBody>('GET', '/admin/session', { key: null, headers: { cookie } });
  return { cookie, csrfToken: body.csrfToken };
}

describe('signing in', () => {
  test('by password sets a cookie that scripts cannot read and other sites cannot use', async () => {
    expect(await anyOperator(api.service)).toBe(false);
    await createOperator(api.service, api.clock, { email: 'Anna@example.com', role: 'admin', password });
    const answer = await form({ email: 'anna@Example.com', password });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/admin');
    expect(answer.headers.getSetCookie()[0]).toMatch(/HttpOnly.*SameSite=Lax/);
    const session = await api.call<SessionBody>('GET', '/admin/session', {
      key: null,
      headers: { cookie: cookieOf(answer) },
    });
    expect(session.body).toMatchObject({ email: 'anna@example.com', role: 'admin' });
    expect(session.body.tenants).toEqual([{ ref: 'officine-rossi', name: 'Officine Rossi' }]);
  });

  test('the same address has one operator', async () => {
    const again = createOperator(api.service, api.clock, { email: 'ANNA@example.com', role: 'viewer' });
    await expect(again).rejects.toThrow(OperatorExists);
  });

  test('a wrong password, an unknown address and an operator without a password read the same', async () => {
    await createOperator(api.service, api.clock, { email: 'link-only@example.com', role: 'viewer' });
    const answers = [
      await form({ email: 'anna@example.com', password: 'wrong' }),
      await form({ email: 'nobody@example.com', password: 'wrong' }),
      await form({ email: 'link-only@example.com', password: 'wrong' }),
      await form({ email: 'anna@example.com' }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers[0]?.headers.getSetCookie()).toEqual([]);
  });

  test('many wrong passwords are put off with 429, the right one too, until the window has passed', async () => {
    await createOperator(api.service, api.clock, { email: 'guessed@example.com', role: 'viewer', password });
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++)
      statuses.push((await form({ email: 'guessed@example.com', password: `guess ${n}` })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const locked = await form({ email: 'guessed@example.com', password });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    api.clock.advance({ minutes: 6 });
    expect((await form({ email: 'guessed@example.com', password })).status).toBe(303);
  });

  test('two passwords are looked at at a time, a third is put off at once', async () => {
    const holder = new Client({ connectionString: api.databaseUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE sollecito.operator');
      const two = ['a', 'b'].map(async (name) => form({ email: `${name}@example.com`, password }));
      const waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'sollecito.operator'::regclass";
      await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 30_000 }).toBe(2);
      const third = await form({ email: 'c@example.com', password });
      expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
      await holder.query('ROLLBACK');
      expect((await Promise.all(two)).map((answer) => answer.status)).toEqual([401, 401]);
      expect((await form({ email: 'c@example.com', password })).status).toBe(401);
    } finally {
      await holder.end();
    }
  });

  test('an IPv6 host counts as its /64, an IPv4 one as itself', () => {
    const same = ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:0:0:1', '2001:db8:1:2::5%eth0'].map(networkOf);
    expect(new Set(same)).toEqual(new Set(['2001:db8:1:2']));
    expect(networkOf('2001:db8:1:3::1')).toBe('2001:db8:1:3');
    expect(networkOf('::1')).toBe('0:0:0:0');
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('::ffff:192.0.2.1')).not.toBe(networkOf('::ffff:192.0.2.2'));
  });

  test('a form of another site signs nobody in', async () => {
    const fields = { email: 'anna@example.com', password };
    expect((await form(fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await form(fields, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await form(fields, { origin: 'null' })).status).toBe(403);
    expect((await form(fields, { origin: api.url })).status).toBe(303);
  });

  test('by link: looking at it signs nobody in, the button does, once', async () => {
    const operator = await createOperator(api.service, api.clock, { email: 'linked@example.com', role: 'operator' });
    const token = await createSignInLink(api.parts.database, api.clock, operator, 60);
    const look = () => api.call('GET', `/admin/sign-in?token=${token}`, { key: null });
    expect((await look()).text).toContain(`value="${token}"`);
    expect((await look()).headers.getSetCookie()).toEqual([]);
    const both = await Promise.all([form({ token }), form({ token })]);
    expect(both.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([303, 401]);
    expect((await form({ token })).status).toBe(401);
  });

  test('a link that has expired is dead', async () => {
    const operator = await createOperator(api.service, api.clock, { email: 'late@example.com', role: 'operator' });
    const token = await createSignInLink(api.parts.database, api.clock, operator, 60);
    api.clock.advance({ minutes: 60 });
    expect((await form({ token })).status).toBe(401);
  });

  test('what stands in the address is escaped on the page', async () => {
    const page = await api.call('GET', '/admin/sign-in?token=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E', { key: null });
    expect(page.text).not.toContain('<script>');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  });
});

describe('a session', () => {
  const headersFor = (session: { cookie: string; csrfToken: string }, more: Record<string, string> = {}) => ({
    cookie: session.cookie,
    'sollecito-tenant': 'officine-rossi',
    'x-csrf-token': session.csrfToken,
    ...more,
  });
  const body = { name: 'Renamed' };

  test('admins change settings, operators data, viewers nothing', async () => {
    const statuses: Record<string, number[]> = {};
    for (const role of ['admin', 'operator', 'viewer'] as const) {
      const headers = headersFor(await signedIn(role));
      const calls = [
        await api.call('GET', '/v1/tenant', { key: null, headers }),
        await api.call('PUT', `/v1/customers/${role}`, { key: null, headers, body }),
        await api.call('PATCH', '/v1/tenant', { key: null, headers, body }),
      ];
      statuses[role] = calls.map((answer) => answer.status);
    }
    expect(statuses).toEqual({ admin: [200, 201, 200], operator: [200, 201, 403], viewer: [200, 403, 403] });
  });

  test('changes need the CSRF token, reads do not', async () => {
    const session = await signedIn('admin');
    for (const token of ['', 'wrong', session.csrfToken.slice(1)]) {
      const headers = headersFor(session, { 'x-csrf-token': token });
      expect((await api.call('PUT', '/v1/customers/x', { key: null, headers, body })).status).toBe(403);
      expect((await api.call('GET', '/v1/tenant', { key: null, headers })).status).toBe(200);
    }
  });

  test('needs to name a tenant that there is', async () => {
    const session = await signedIn('viewer');
    const get = (headers: Record<string, string>) => api.call('GET', '/v1/tenant', { key: null, headers });
    expect(await get({ cookie: session.cookie })).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/header/sollecito-tenant' }] },
    });
    expect((await get(headersFor(session, { 'sollecito-tenant': 'nobody' }))).status).toBe(404);
    expect((await get(headersFor(session, { 'sollecito-tenant': '%E0%A4%A' }))).status).toBe(400);
  });

  test('sees the tenant that it names and no other', async () => {
    const other = await api.addTenant({ name: 'Città Bianca' });
    await api.call('PUT', '/v1/customers/theirs', { key: other.key, body });
    const session = await signedIn('viewer');
    const get = (tenant: string) =>
      api.call('GET', '/v1/customers/theirs', {
        key: null,
        headers: headersFor(session, { 'sollecito-tenant': encodeURIComponent(tenant) }),
      });
    expect((await get(other.ref)).status).toBe(200);
    expect((await get('officine-rossi')).status).toBe(404);
  });

  test('ends after 12 hours', async () => {
    const session = await signedIn('viewer');
    const get = () => api.call('GET', '/admin/session', { key: null, headers: { cookie: session.cookie } });
    api.clock.advance({ hours: 11, minutes: 59 });
    expect((await get()).status).toBe(200);
    api.clock.advance({ minutes: 1 });
    expect((await get()).status).toBe(401);
  });

  test('signing out ends it at once, and needs the CSRF token', async () => {
    const session = await signedIn('viewer');
    const out = (token: string) =>
      api.call('POST', '/admin/sign-out', { key: null, headers: headersFor(session, { 'x-csrf-token': token }) });
    expect((await out('wrong')).status).toBe(403);
    const answer = await out(session.csrfToken);
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/Max-Age=0/);
    expect((await api.call('GET', '/admin/session', { key: null, headers: { cookie: session.cookie } })).status).toBe(
      401,
    );
  });

  test('opens the admin page, which otherwise leads to the sign-in', async () => {
    const session = await signedIn('viewer');
    const page = await api.call('GET', '/admin', { key: null, headers: { cookie: session.cookie } });
    expect(page.text).toContain('<title>Sollecito</title>');
    const without = await api.call('GET', '/admin', { key: null });
    expect(without.status).toBe(303);
    expect(without.headers.get('location')).toBe('/admin/sign-in');
    for (const file of ['admin.js', 'admin.css', 'docs.css']) {
      expect((await api.call('GET', `/admin/files/${file}`, { key: null })).status).toBe(200);
    }
    expect((await api.call('GET', '/admin/files/..%2Fpackage.json', { key: null })).status).toBe(404);
  });
});

test('passwords and tokens stand nowhere in the database as they are', async () => {
  const { rows } = await api.service.pool.query<{ all: string }>(
    `SELECT (SELECT string_agg(o::text, '') FROM sollecito.operator o) || (SELECT string_agg(s::text, '') FROM sollecito.operator_session s)
       || (SELECT string_agg(k::text, '') FROM sollecito.api_key k) AS all`,
  );
  expect(rows[0]?.all).not.toContain(password);
  expect(rows[0]?.all).not.toContain(api.tenant.key);
  expect(api.logLines.join('')).not.toContain('@example.com');
});
