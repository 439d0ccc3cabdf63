import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { templateKeys } from '../src/templates/locales/locale-texts.ts';
import { type Answer, TestApi } from './support/api.ts';
import { inColumn, shortMjml } from './support/own-template.ts';

type Template = {
  key: string;
  channel: string;
  locale: string;
  standing: number | null;
  version: number | null;
  subject: string | null;
  text: string;
  forSeveral: { subject: string | null; text: string } | null;
  mjml: string | null;
  versions: { version: number; actor: string; createdAt: string }[];
  activations: { version: number | null; actor: string; at: string }[];
  variables: { name: string; description: string; mjmlOnly: boolean }[];
};
type Problem = { type: string; errors: { path: string; code: string; message: string }[] };

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});
// Each test has a tenant of its own, so that its versions begin at one.
let tenants = 0;
beforeEach(async () => {
  tenants += 1;
  ({ key } = await api.addTenant({ name: `Tenant ${tenants}` }));
});

const content = {
  channel: 'email',
  locale: 'it',
  subject: 'Scaduto {{ documentTitle }}',
  text: 'Gentile {{ customer }}',
};
const put = async (more: Record<string, unknown> = {}, headers = {}): Promise<Answer<Template>> =>
  api.call<Template>('PUT', '/v1/templates/overdue', { key, body: { ...content, ...more }, headers });
const get = async (query = 'channel=email&locale=it'): Promise<Answer<Template>> =>
  api.call<Template>('GET', `/v1/templates/overdue?${query}`, { key });
const activate = async (version: number | null, headers = {}): Promise<Answer<Template>> =>
  api.call<Template>('POST', '/v1/templates/overdue/activate', {
    key,
    body: { channel: 'email', locale: 'it', version },
    headers,
  });
const errorsOf = (answer: Answer<unknown>) => (answer.body as Problem).errors;
const tenantVersion = async () => (await api.call('GET', '/v1/tenant', { key })).headers.get('etag');

describe('GET', () => {
  test('ours is shown until there is another, with its words for one and for several', async () => {
    const { body, status, headers } = await get();
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"v0"');
    expect(body).toMatchObject({
      key: 'overdue',
      standing: null,
      version: null,
      mjml: null,
      versions: [],
      activations: [],
    });
    expect(body.text).toContain('{{ customer }}');
    expect(body.forSeveral?.text).not.toBe(body.text);
    const names = body.variables.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['customer', 'dueDateRows', 'colour', 'message']));
    const sms = await get('channel=sms&locale=de');
    expect(sms.body.subject).toBeNull();
    expect(sms.body.variables.some(({ mjmlOnly }) => mjmlOnly)).toBe(false);
  });

  test('the list has every key, channel and language, and says which are own', async () => {
    await put();
    const { body } = await api.call<{ items: (Template & { versions: number })[] }>('GET', '/v1/templates', { key });
    expect(body.items).toHaveLength(templateKeys.length * 2 * 5);
    const own = body.items.filter(({ standing }) => standing !== null);
    expect(own).toMatchObject([{ key: 'overdue', channel: 'email', locale: 'it', standing: 1, versions: 1 }]);
  });

  test('what there is not', async () => {
    expect((await get('channel=email&locale=it&version=1')).status).toBe(404);
    expect((await api.call('GET', '/v1/templates/nothing?channel=email&locale=it', { key })).status).toBe(400);
    expect((await get('channel=email&locale=nl')).status).toBe(400);
    expect((await get('locale=it')).status).toBe(400);
  });
});

describe('PUT', () => {
  test('makes a version that stands, and says by whom', async () => {
    const before = await tenantVersion();
    const made = await put({ mjml: shortMjml });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({
      standing: 1,
      version: 1,
      subject: content.subject,
      text: content.text,
      mjml: shortMjml,
      forSeveral: null,
      versions: [{ version: 1, actor: expect.stringMatching(/^key:key_/), createdAt: '2026-03-02T09:00:00.000Z' }],
      activations: [{ version: 1, actor: expect.stringMatching(/^key:key_/), at: '2026-03-02T09:00:00.000Z' }],
    });
    expect({ ...(await get()).body, inFlight: [] }).toEqual(made.body);
    // Documents are rendered for a version of the tenant's settings: words of messages are none of their business.
    expect(await tenantVersion()).toBe(before);
  });

  test('the same content again makes no other version', async () => {
    const made = await put({ mjml: shortMjml });
    const before = await tenantVersion();
    const again = await put({ mjml: shortMjml });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(made.body);
    expect(await tenantVersion()).toBe(before);
    expect((await put()).body).toMatchObject({ version: 2, standing: 2 });
  });

  test('two at once get two numbers', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map(async (text) => put({ text })));
    expect(new Set(answers.map(({ body }) => body.version))).toEqual(new Set([1, 2, 3]));
    expect((await get()).body.activations).toHaveLength(3);
  });

  test('as a draft it does not stand', async () => {
    const before = await tenantVersion();
    const made = await put({ activate: false });
    expect(made.body).toMatchObject({ version: 1, standing: null, activations: [] });
    expect((await get()).body).toMatchObject({ version: null });
    expect(await tenantVersion()).toBe(before);
    // What is uploaded again to stand, stands.
    expect(await put()).toMatchObject({ status: 200, body: { version: 1, standing: 1 } });
  });

  test('an SMS has a text alone', async () => {
    const sms = { channel: 'sms', subject: undefined, text: '{{ sender }}: {{ outstanding }}' };
    expect((await put(sms)).body).toMatchObject({ channel: 'sms', subject: null, mjml: null });
    expect(errorsOf(await put({ ...sms, subject: 'a', mjml: 'b' })).map(({ path }) => path)).toEqual([
      '/subject',
      '/mjml',
    ]);
    expect(errorsOf(await put({ subject: null }))).toMatchObject([{ path: '/subject', code: 'required' }]);
  });

  test('keeps nothing of what is wrong, and says where', async () => {
    const mjml = inColumn('<mj-text>a</mj-text>\n<mj-text>{{ nobody }}</mj-text>\n<mj-include path="/etc/passwd" />');
    const answer = await put({ mjml, subject: '{{ nothing }}' });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toEqual([
      { path: '/subject', code: 'unknown-variable', message: 'knows no variable nothing (line 1)' },
      { path: '/mjml', code: 'unknown-variable', message: 'knows no variable nobody (line 3)' },
      { path: '/mjml', code: 'include-refused', message: 'has mj-include: a template stands alone (line 4)' },
    ]);
    expect((await get()).body).toMatchObject({ standing: null, versions: [] });
  });

  test('100 kB of MJML at most', async () => {
    const large = inColumn(`<mj-text>${'à'.repeat(60_000)}</mj-text>`);
    expect(errorsOf(await put({ mjml: large }))).toMatchObject([{ path: '/mjml', code: 'too-big' }]);
  });

  test('412 when it has changed since it was read', async () => {
    const read = (await get()).headers.get('etag') ?? '';
    const made = await put({}, { 'if-match': read });
    expect(made.status).toBe(201);
    expect((await put({ text: 'other' }, { 'if-match': read })).status).toBe(412);
    expect((await put({ text: 'other' }, { 'if-match': made.headers.get('etag') ?? '' })).status).toBe(201);
  });

  test('needs the scope settings', async () => {
    const reader = await api.addKey({ scopes: ['data:read', 'data:write', 'reminders:write'] });
    expect((await api.call('PUT', '/v1/templates/overdue', { key: reader, body: content })).status).toBe(403);
    expect((await api.call('GET', '/v1/templates/overdue?channel=email&locale=it', { key: reader })).status).toBe(200);
  });
});

describe('activating', () => {
  test('rolls back, goes on, and takes ours again; all of it is noted', async () => {
    await put({ text: 'first' });
    await put({ text: 'second' });
    expect((await activate(1)).body).toMatchObject({ standing: 1, version: 1, text: 'first' });
    expect((await activate(2)).body).toMatchObject({ standing: 2, text: 'second' });
    const ours = await activate(null);
    expect(ours.body).toMatchObject({ standing: null, version: null });
    expect(ours.body.activations.map(({ version }) => version)).toEqual([null, 2, 1, 2, 1]);
    expect((await get('channel=email&locale=it&version=1')).body).toMatchObject({
      version: 1,
      standing: null,
      text: 'first',
    });
    const { rows } = await api.service.pool.query<{ action: string; detail: unknown }>(
      "SELECT action, detail FROM sollecito.audit WHERE target = 'overdue email it' AND tenant_id = (SELECT tenant_id FROM sollecito.template_version ORDER BY id DESC LIMIT 1) ORDER BY id",
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'template-uploaded',
      'template-activated',
      'template-uploaded',
      'template-activated',
      'template-activated',
      'template-activated',
      'template-activated',
    ]);
  });

  test('what stands already changes nothing', async () => {
    await put();
    const before = await tenantVersion();
    expect((await activate(1)).body.activations).toHaveLength(1);
    expect(await tenantVersion()).toBe(before);
  });

  test('what there is not', async () => {
    expect((await activate(1)).status).toBe(404);
    await put();
    expect((await activate(2)).status).toBe(404);
    expect((await activate(1, { 'if-match': '"v0"' })).status).toBe(412);
  });

  test('is each language’s own', async () => {
    await put();
    await put({ locale: 'fr', text: 'Madame, Monsieur' });
    await activate(null);
    expect((await get('channel=email&locale=fr')).body).toMatchObject({ standing: 1, text: 'Madame, Monsieur' });
  });
});
