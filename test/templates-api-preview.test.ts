import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { templateKeys } from '../src/templates/locales/locale-texts.ts';
import { type Answer, TestApi } from './support/api.ts';
import { inColumn, shortMjml } from './support/own-template.ts';

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

const put = async (more: Record<string, unknown>): Promise<void> => {
  const body = { channel: 'email', locale: 'it', text: 'Gentile {{ customer }}', ...more };
  expect(await api.call('PUT', '/v1/templates/overdue', { key, body })).toMatchObject({ status: 201 });
};
const errorsOf = (answer: Answer<unknown>) => (answer.body as { errors: unknown[] }).errors;

describe('a preview', () => {
  type Preview = {
    subject: string | null;
    html: string | null;
    text: string | null;
    sms: { text: string; encoding: string; segments: number } | null;
    warnings: { code: string }[];
  };
  const preview = async (more: Record<string, unknown> = {}, of = 'overdue'): Promise<Answer<Preview>> =>
    api.call<Preview>('POST', `/v1/templates/${of}/preview`, {
      key,
      body: { channel: 'email', locale: 'it', ...more },
    });

  test.each(templateKeys)('of ours, with made-up facts (%s)', async (of) => {
    for (const locale of ['it', 'en', 'de', 'fr', 'es']) {
      const email = await preview({ locale }, of);
      expect(email, email.text).toMatchObject({ status: 200, body: { sms: null, warnings: [] } });
      expect(email.body.text).toContain('2026/12');
      const sms = await preview({ locale, channel: 'sms' }, of);
      expect(sms.body).toMatchObject({ subject: null, html: null, sms: { text: expect.stringContaining('2026/12') } });
    }
  });

  test('of a draft, which is not kept', async () => {
    const draft = { subject: 'Oggi {{ today }}', text: 'Gentile {{ customer }}', mjml: shortMjml };
    const { body } = await preview(draft);
    expect(body.subject).toMatch(/^Oggi 17 marzo 2026$/);
    expect(body.html).toContain('EXAMPLE &amp; SONS');
    const kept = await api.call('GET', '/v1/templates/overdue?channel=email&locale=it', { key });
    expect(kept.body['versions']).toEqual([]);
    const wrong = await preview({ ...draft, text: '{{ nobody }}' });
    expect(errorsOf(wrong)).toMatchObject([{ path: '/text', code: 'unknown-variable' }]);
  });

  test('of a version, and of what stands', async () => {
    await put({ subject: 'first' });
    await put({ subject: 'second', activate: false });
    expect((await preview()).body.subject).toBe('first');
    expect((await preview({ version: 2 })).body.subject).toBe('second');
    expect((await preview({ version: null })).body.subject).toMatch(/^Pagamento/);
    expect((await preview({ version: 3 })).status).toBe(404);
    expect((await preview({ version: 1, text: 'a', subject: 'b' })).status).toBe(400);
    expect((await preview({ subject: 'b' })).status).toBe(400);
  });

  test('warns when the amount is not in it', async () => {
    const draft = { subject: 'a', text: 'b', mjml: inColumn('<mj-text>{{ customer }}</mj-text>') };
    expect((await preview(draft)).body.warnings).toMatchObject([{ code: 'amount-not-shown' }]);
    const sms = await preview({ channel: 'sms', text: '{{ sender }}' });
    expect(sms.body.warnings).toMatchObject([{ code: 'amount-not-shown' }]);
  });

  test('of a real due date, as a reminder of it would be', async () => {
    const amount = { value: '122.00', currency: 'EUR' };
    const customer = { ref: 'bianchi', name: 'Bianchi', email: ['conti@example.com'] };
    const body = { customer, document: { number: 'A/7', date: '2026-01-20' }, dueOn: '2026-02-20', amount };
    expect((await api.call('PUT', '/v1/due-dates/d1', { key, body })).status).toBe(201);
    const shown = await preview({
      dueDate: 'd1',
      subject: 'N. {{ documentNumber }}',
      text: 'Gentile {{ customer }}',
      locale: 'fr',
    });
    expect(shown.body).toMatchObject({ subject: 'N. A/7', text: expect.stringContaining('Gentile Bianchi') });
    expect(shown.body.text).toContain('20 février 2026');
    expect((await preview({ dueDate: 'nothing' })).status).toBe(404);
  });
});
