import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ShownReminder, TestService } from './support/service.ts';

type Page = { items: ShownReminder[]; nextCursor: string | null };
type Story = { items: { at: string; type: string; reason: string | null; delivery: string | null; detail: unknown }[] };

let service: TestService;
/** Reminders by name, in the order in which they were made. */
const made: Record<string, ShownReminder> = {};
beforeAll(async () => {
  service = await TestService.start();
  await service.put('/v1/customers/verdi', { name: 'Verdi 100% Impianti', email: ['a_b@verdi.example'] });
  await service.addDueDate('d2', { customer: 'verdi', document: { number: 'FT_77' } });
  made['sent'] = await service.remind();
  service.clock.advance({ hours: 1 });
  made['sms'] = await service.remind({ channel: 'sms' });
  service.clock.advance({ hours: 1 });
  made['verdi'] = await service.remind({ dueDate: 'd2' });
  service.smtp.fail('rcpt', { kind: 'reply', line: '550 no' }, { recipient: 'a_b@verdi.example' });
  await service.sendDue();
  service.smtp.behave();
  service.clock.advance({ hours: 1 });
  made['both'] = await service.remind({ dueDates: ['d1'], sendAt: '2026-04-01T09:00:00Z' });
  await service.query(
    "UPDATE sollecito.reminder SET origin = 'operator' WHERE id = (SELECT id FROM sollecito.reminder ORDER BY created_at DESC LIMIT 1)",
  );
});
afterAll(async () => {
  await service.stop();
});

const list = async (query: string): Promise<string[]> => {
  const { status, body } = await service.call<Page>('GET', `/v1/reminders?${query}`);
  expect(status).toBe(200);
  return body.items.map(({ id }) => Object.keys(made).find((name) => made[name]?.id === id) ?? id);
};

describe('the list of reminders', () => {
  test.each([
    ['', ['both', 'verdi', 'sms', 'sent']],
    ['sort=createdAt', ['sent', 'sms', 'verdi', 'both']],
    ['dueDate=d1', ['both', 'sms', 'sent']],
    ['dueDate=nothing', []],
    ['dueDate=d2,d1', ['both', 'verdi', 'sms', 'sent']],
    ['dueDate=d2,nothing', ['verdi']],
    ['customer=verdi', ['verdi']],
    ['customer=verdi,rossi', ['both', 'verdi', 'sms', 'sent']],
    ['customer=nobody,verdi&dueDate=d1', []],
    ['customer=nobody', []],
    ['status=sent', ['sent']],
    ['status=sent,failed', ['verdi', 'sent']],
    ['status=accepted', ['both', 'sms']],
    ['channel=sms', ['sms']],
    ['channel=sms,email', ['both', 'verdi', 'sms', 'sent']],
    ['origin=operator', ['both']],
    ['origin=sequence', []],
    ['createdFrom=2026-03-02T10:00:00Z', ['both', 'verdi', 'sms']],
    ['createdTo=2026-03-02T10:00:00Z', ['sent']],
    ['createdFrom=2026-03-02T11:00:00%2B01:00&createdTo=2026-03-02T11:00:00Z', ['sms']],
    ['q=ft_77', ['verdi']],
    ['q=a_b@', ['verdi']],
    ['q=100%25', ['verdi']],
    ['q=bianchi', ['both', 'sms', 'sent']],
    ['q=333123', ['sms']],
    ['q=_', ['verdi']],
    ['q=bianchi&status=accepted&channel=email', ['both']],
  ])('?%s', async (query, names) => {
    expect(await list(query)).toEqual(names);
  });

  test('comes in pages, in both directions, without a gap or a double', async () => {
    for (const sort of ['-createdAt', 'createdAt']) {
      const seen: string[] = [];
      let page: Page = { items: [], nextCursor: '' };
      while (page.nextCursor !== null) {
        const cursor = page.nextCursor && `&cursor=${encodeURIComponent(page.nextCursor)}`;
        page = (await service.call<Page>('GET', `/v1/reminders?limit=3&sort=${sort}${cursor}`)).body;
        seen.push(...page.items.map(({ id }) => id));
      }
      const all = Object.values(made).map(({ id }) => id);
      expect(seen).toEqual(sort === 'createdAt' ? all : all.toReversed());
    }
  });

  test.each(['status=gone', 'channel=fax', 'createdFrom=yesterday', 'limit=0', 'limit=201', 'cursor=x', 'colour=red'])(
    'refuses ?%s',
    async (query) => {
      expect((await service.call('GET', `/v1/reminders?${query}`)).status).toBe(400);
    },
  );

  test('another tenant sees none of it, by no way', async () => {
    const { key } = await service.api.addTenant({ name: 'Other' });
    expect((await service.call<Page>('GET', '/v1/reminders', { key })).body.items).toEqual([]);
    const id = made['sent']?.id ?? '';
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['GET', '/message'],
      ['POST', '/cancel'],
      ['POST', '/retry'],
      ['POST', '/resolve'],
    ] as const) {
      const body = path === '/resolve' ? { outcome: 'sent' } : undefined;
      expect((await service.call(method, `/v1/reminders/${id}${path}`, { key, body })).status, path).toBe(404);
    }
    for (const none of ['rem_01kc5v0x9qf0nrt8kq3v6y2h4d', 'd1', made['sent']?.deliveries[0]?.id ?? '']) {
      expect((await service.call('GET', `/v1/reminders/${none}`)).status).toBe(404);
    }
  });
});

describe('the story of a reminder', () => {
  test('is told oldest first, each step with its reason and whom it concerned', async () => {
    const { body } = await service.call<Story>('GET', `/v1/reminders/${made['verdi']?.id}/events`);
    const delivery = made['verdi']?.deliveries[0]?.id;
    expect(body.items.map(({ type, reason, delivery: of }) => [type, reason, of])).toEqual([
      ['accepted', null, null],
      ['queued', null, delivery],
      ['sending', null, delivery],
      ['failed', 'recipient-refused', delivery],
    ]);
    expect(body.items.map(({ at }) => at)).toEqual(Array.from({ length: 4 }, () => '2026-03-02T11:00:00.000Z'));
    expect(body.items.at(-1)?.detail).toEqual({ attempt: 1, code: '550' });
  });
});

describe('what left the house', () => {
  test('is shown byte for byte, the attachment included', async () => {
    const pdf = Buffer.from(`%PDF-1.7\n% ${'own bytes '.repeat(50)}\nstartxref\n9\n%%EOF\n`);
    await service.addDueDate('own');
    await service.call('PUT', '/v1/due-dates/own/pdf', { body: pdf, headers: { 'content-type': 'application/pdf' } });
    const { id, deliveries } = await service.remind({
      dueDate: 'own',
      attachDocument: true,
      to: ['a@bianchi.example', 'b@bianchi.example'],
      message: '.una riga che comincia con un punto\n\nÈ così: {{ outstanding }}\n\n..',
    });
    expect((await service.call('GET', `/v1/reminders/${id}/message`)).status).toBe(404);
    await service.sendDue();
    for (const { id: delivery, to } of deliveries) {
      const response = await fetch(`${service.api.url}/v1/reminders/${id}/message?delivery=${delivery}`, {
        headers: { authorization: `Bearer ${service.api.tenant.key}` },
      });
      expect(response.headers.get('content-type')).toBe('message/rfc822');
      const shown = Buffer.from(await response.arrayBuffer()).toString('latin1');
      const taken = service.smtp.messages.find((mail) => mail.to[0] === to)?.raw;
      expect(shown).toBe(taken);
      expect(shown.replaceAll('\r\n', '')).toContain(pdf.toString('base64'));
    }
    const first = await service.call('GET', `/v1/reminders/${id}/message`);
    expect(first.text).toContain('To: a@bianchi.example');
    expect((await service.call('GET', `/v1/reminders/${id}/message?delivery=dlv_x`)).status).toBe(404);
  });

  test('is the text of an SMS, and of several attempts the last', async () => {
    service.clock.set('2026-03-02T13:00:00Z');
    service.sms.fail({ kind: 'error', number: 999 }, { times: 1 });
    await service.sendDue('sms');
    service.clock.advance({ hours: 24 });
    await service.sendDue('sms');
    expect(await service.fates(made['sms']?.id ?? '')).toEqual(['sent']);
    const answer = await service.call('GET', `/v1/reminders/${made['sms']?.id}/message`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.text).toBe(service.sms.messages.at(-1)?.text);
    // A day went by between the two.
    const kept = await service.query<{ claim_no: number; content: string }>(
      'SELECT m.claim_no, m.content FROM sollecito.delivery_message m JOIN sollecito.delivery d ON d.id = m.delivery_id WHERE d.channel = $1 ORDER BY 1',
      ['sms'],
    );
    expect(kept.map(({ claim_no }) => claim_no)).toEqual([1, 2]);
    expect(kept[1]?.content).toBe(answer.text);
  });
});
