import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestService } from './support/service.ts';

type Shown = {
  id: string;
  channel: string;
  address: string;
  reason: string;
  note: string | null;
  actor: string;
  active: boolean;
  until: string | null;
  createdAt: string;
  liftedAt: string | null;
  inFlight: string[];
};
type Page = { items: Shown[]; nextCursor: string | null };
type Preview = { wouldSend: boolean; reasons: string[]; warnings: { code: string; message: string }[] };

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await service.query('DELETE FROM sollecito.suppression');
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status IN ('accepted', 'queued')");
});
afterAll(async () => {
  await service.stop();
});

const suppress = (body: Record<string, unknown>, key?: string) =>
  service.call<Shown>('POST', '/v1/suppressions', { body, ...(key === undefined ? {} : { key }) });
const list = async (query = '') => (await service.call<Page>('GET', `/v1/suppressions${query}`)).body.items;
const addresses = async (query: string) => (await list(query)).map(({ address }) => address);
const preview = async (more: Record<string, unknown>) =>
  (await service.call<Preview>('POST', '/v1/reminders/preview', { body: { dueDate: 'd1', channel: 'email', ...more } }))
    .body;

describe('an address is suppressed', () => {
  test('with what was said of it, and is found by its id', async () => {
    const until = '2026-06-01T00:00:00.000Z';
    const body = { channel: 'email', address: 'Conti@Bianchi.example', reason: 'complaint', until, note: 'By phone.' };
    const made = await suppress(body);
    expect(made).toMatchObject({
      status: 201,
      body: { ...body, address: 'conti@bianchi.example', active: true, liftedAt: null, inFlight: [] },
    });
    expect(made.body.id).toMatch(/^sup_/);
    expect(made.body.actor).toMatch(/^key:key_/);
    const { inFlight: _, ...kept } = made.body;
    expect(await service.call('GET', `/v1/suppressions/${made.body.id}`)).toMatchObject({ status: 200, body: kept });
  });

  test('once: the same address again, however it is written, is answered with the one that is there', async () => {
    const first = await suppress({ channel: 'email', address: 'conti@bianchi.example' });
    const again = await suppress({
      channel: 'email',
      address: ' CONTI@bianchi.EXAMPLE',
      reason: 'stop',
      note: 'Again.',
    });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(first.body).toMatchObject({ reason: 'manual', until: null, note: null });
    expect(await list()).toHaveLength(1);
  });

  test('once, when many say so at the same moment', async () => {
    const asked = Array.from({ length: 20 }, async () => suppress({ channel: 'email', address: 'many@example.com' }));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test.each(['333 123 4567', '+39 333 1234567', '0039-333-1234567'])('as a number: %s', async (address) => {
    expect((await suppress({ channel: 'sms', address })).body.address).toBe('+393331234567');
  });

  test.each([
    [{ channel: 'email', address: 'nobody' }, '/address', 'invalid-email'],
    [{ channel: 'sms', address: '12' }, '/address', 'invalid-phone'],
    [{ channel: 'post', address: 'a@example.com' }, '/channel', 'invalid-value'],
    [{ channel: 'email', address: 'a@example.com', reason: 'whim' }, '/reason', 'invalid-value'],
    [{ channel: 'email', address: 'a@example.com', until: '2026-03-02T09:00:00Z' }, '/until', 'past'],
  ])('400 for %o', async (body, path, code) => {
    expect(await suppress(body)).toMatchObject({ status: 400, body: { errors: [{ path, code }] } });
    expect(await list()).toEqual([]);
  });

  test('403 without the scope for settings; reading needs none', async () => {
    const key = await service.api.addKey({ scopes: ['data:read', 'data:write', 'reminders:write'] });
    const { id } = (await suppress({ channel: 'email', address: 'a@example.com' })).body;
    expect((await suppress({ channel: 'email', address: 'b@example.com' }, key)).status).toBe(403);
    expect((await service.call('DELETE', `/v1/suppressions/${id}`, { key })).status).toBe(403);
    expect((await service.call('GET', `/v1/suppressions/${id}`, { key })).status).toBe(200);
  });
});

describe('what is sent', () => {
  test('is skipped for that recipient; the others of the same reminder get theirs', async () => {
    await suppress({ channel: 'email', address: 'gone@bianchi.example' });
    const { id } = await service.remind({ to: ['Gone@bianchi.example', 'here@bianchi.example'] });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['skipped suppressed', 'sent']);
    expect([service.smtp.taken.get('Gone@bianchi.example'), service.smtp.taken.get('here@bianchi.example')]).toEqual([
      undefined,
      1,
    ]);
    expect((await service.reminder(id)).status).toBe('sent');
  });

  test('by one channel goes by the other', async () => {
    await suppress({ channel: 'email', address: 'conti@bianchi.example' });
    const email = await service.remind();
    const sms = await service.remind({ channel: 'sms' });
    await service.sendDue();
    await service.sendDue('sms');
    expect([await service.fates(email.id), await service.fates(sms.id)]).toEqual([['skipped suppressed'], ['sent']]);
  });

  test("goes to an address that another tenant doesn't write to", async () => {
    const other = await service.api.addTenant({ name: 'Other' });
    expect((await suppress({ channel: 'email', address: 'conti@bianchi.example' }, other.key)).status).toBe(201);
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('goes again once it is lifted, which may be said twice', async () => {
    const { id } = (await suppress({ channel: 'email', address: 'conti@bianchi.example' })).body;
    const lifted = await service.call<Shown>('DELETE', `/v1/suppressions/${id}`);
    expect(lifted).toMatchObject({ status: 200, body: { id, active: false, liftedAt: '2026-03-02T09:00:00.000Z' } });
    expect(await service.call('DELETE', `/v1/suppressions/${id}`)).toMatchObject({ status: 200, body: lifted.body });
    const reminder = await service.remind();
    await service.sendDue();
    expect(await service.fates(reminder.id)).toEqual(['sent']);
    const again = await suppress({ channel: 'email', address: 'conti@bianchi.example' });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
  });

  test('goes again after its end, which makes room for another', async () => {
    const until = '2026-03-02T10:00:00.000Z';
    const { id } = (await suppress({ channel: 'email', address: 'conti@bianchi.example', until })).body;
    service.clock.advance({ hours: 1 });
    const reminder = await service.remind();
    await service.sendDue();
    expect(await service.fates(reminder.id)).toEqual(['sent']);
    expect(await list('?active=true')).toEqual([]);
    expect((await suppress({ channel: 'email', address: 'conti@bianchi.example' })).status).toBe(201);
    expect((await service.call('GET', `/v1/suppressions/${id}`)).body).toMatchObject({
      active: false,
      liftedAt: until,
    });
    service.clock.set('2026-03-02T09:00:00Z');
  });
});

describe('the preview', () => {
  test('says that it would not be sent, and why', async () => {
    expect((await preview({})).wouldSend).toBe(true);
    await suppress({ channel: 'email', address: 'conti@bianchi.example' });
    const shown = await preview({});
    expect(shown).toMatchObject({ wouldSend: false, reasons: ['suppressed'] });
    expect(shown.warnings.find(({ code }) => code === 'suppressed')?.message).toContain('conti@bianchi.example');
  });

  test('names who would be left out while the others get theirs', async () => {
    await suppress({ channel: 'email', address: 'a@bianchi.example' });
    const shown = await preview({ to: ['a@bianchi.example', 'b@bianchi.example'] });
    expect(shown).toMatchObject({ wouldSend: true, reasons: [] });
    expect(shown.warnings.find(({ code }) => code === 'suppressed')?.message).toContain('a@bianchi.example.');
  });

  test('sees the end that it has by the day on which it should leave', async () => {
    await suppress({ channel: 'email', address: 'conti@bianchi.example', until: '2026-03-10T00:00:00Z' });
    expect((await preview({ sendAt: '2026-03-09T09:00:00Z' })).wouldSend).toBe(false);
    expect((await preview({ sendAt: '2026-03-11T09:00:00Z' })).wouldSend).toBe(true);
  });
});

describe('the list', () => {
  test('has filters, newest first, page by page', async () => {
    for (const address of ['one@example.com', 'two@example.com', 'o_e@example.com']) {
      await suppress({ channel: 'email', address });
    }
    const { id } = (await suppress({ channel: 'sms', address: '+393331234567' })).body;
    await service.call('DELETE', `/v1/suppressions/${id}`);
    expect(await addresses('')).toEqual(['+393331234567', 'o_e@example.com', 'two@example.com', 'one@example.com']);
    expect(await addresses('?active=true')).toEqual(['o_e@example.com', 'two@example.com', 'one@example.com']);
    expect(await addresses('?active=false')).toEqual(['+393331234567']);
    expect(await addresses('?channel=sms')).toEqual(['+393331234567']);
    expect(await addresses('?q=O_E')).toEqual(['o_e@example.com']);
    const first = (await service.call<Page>('GET', '/v1/suppressions?limit=3')).body;
    const cursor = first.nextCursor ?? expect.fail('one page alone');
    const second = (await service.call<Page>('GET', `/v1/suppressions?limit=3&cursor=${cursor}`)).body;
    expect([first.items.length, second.items.map(({ address }) => address)]).toEqual([3, ['one@example.com']]);
    expect(second.nextCursor).toBeNull();
  });

  test('404 for an id that there is not', async () => {
    for (const id of ['sup_01kc5v0x9qf0nrt8kq3v6y2h4d', 'nonsense']) {
      for (const method of ['GET', 'DELETE']) {
        expect((await service.call(method, `/v1/suppressions/${id}`)).status).toBe(404);
      }
    }
  });
});

test('who suppressed and who lifted is in the audit, without the address', async () => {
  const { id, actor } = (await suppress({ channel: 'email', address: 'secret@bianchi.example', note: 'Secret.' })).body;
  await suppress({ channel: 'email', address: 'secret@bianchi.example' });
  await service.call('DELETE', `/v1/suppressions/${id}`);
  await service.call('DELETE', `/v1/suppressions/${id}`);
  const audit = await service.query('SELECT actor, action, detail FROM sollecito.audit WHERE target = $1 ORDER BY id', [
    id,
  ]);
  const detail = { channel: 'email', reason: 'manual' };
  expect(audit).toEqual([
    { actor, action: 'address-suppressed', detail },
    { actor, action: 'suppression-lifted', detail },
  ]);
});
