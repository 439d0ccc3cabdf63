import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { documentTokenLength } from '../src/domain/document-link.ts';
import { setPlan } from '../src/store/tenants.ts';
import { withoutChromium } from './support/browser.ts';
import { TestService } from './support/service.ts';

type Preview = {
  channel: string;
  to: string[];
  from: string | null;
  subject: string | null;
  message: string;
  html: string | null;
  text: string | null;
  sms: { text: string; encoding: string; segments: number } | null;
  attachments: { name: string; bytes: number }[];
  bankAccount: { holder: string; iban: string; bic: string | null } | null;
  warnings: { code: string }[];
  wouldSend: boolean;
  reasons: string[];
};

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
  await service.addDueDate('future', { dueOn: '2026-04-30' });
  await service.put('/v1/bank-accounts/german', {
    holder: 'Rossi GmbH',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFFXXX',
  });
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
});
afterAll(async () => {
  await service.stop();
});

const ask = async (body: Record<string, unknown>) =>
  service.call<Preview>('POST', '/v1/reminders/preview', { body: { attachDocument: false, ...body } });
const preview = async (body: Record<string, unknown>): Promise<Preview> => {
  const answer = await ask(body);
  expect(answer, answer.text).toMatchObject({ status: 200 });
  return answer.body;
};
const lines = (text: string | false | null | undefined): string => (text || '').replaceAll('\r\n', '\n').trimEnd();
const lastMail = async () => {
  const mail = await simpleParser(Buffer.from(service.smtp.messages.at(-1)?.raw ?? '', 'latin1'));
  return { subject: mail.subject, html: lines(mail.html), text: lines(mail.text), from: mail.from?.text };
};
const sent = async (body: Record<string, unknown>, channel: 'email' | 'sms' = 'email'): Promise<void> => {
  const { id } = await service.remind({ ...body, channel });
  await service.sendDue(channel);
  expect(await service.fates(id)).toEqual(['sent']);
};

const wishes: [string, Record<string, unknown>][] = [
  ['late, in Italian', { dueDate: 'd1', channel: 'email' }],
  ['not yet due', { dueDate: 'future', channel: 'email' }],
  ['in English', { dueDate: 'd1', channel: 'email', locale: 'en' }],
  ['of two due dates', { dueDates: ['d1', 'future'], channel: 'email' }],
  ['with a chosen bank account', { dueDate: 'd1', channel: 'email', bankAccount: 'german' }],
  [
    'with a text of one’s own',
    {
      dueDate: 'd1',
      channel: 'email',
      subject: 'Per {{ customer }}',
      message: 'Dovuti: {{ outstanding }}\n\n{{ bankDetails }} <b>&',
    },
  ],
];

describe('the preview of an email', () => {
  test.each(wishes)('%s: is what then leaves', async (_, body) => {
    const shown = await preview(body);
    expect(shown).toMatchObject({
      channel: 'email',
      wouldSend: true,
      reasons: [],
      sms: null,
      to: ['conti@bianchi.example'],
    });
    await sent(body);
    const left = await lastMail();
    expect(left.html).toBe(lines(shown.html));
    expect(left.text).toBe(lines(shown.text));
    expect(shown.from).toBe('Officine Rossi <reminders@example.com>');
    expect(left.from?.replaceAll('"', '')).toBe(shown.from);
  });

  test.each(wishes)('%s: posted back unchanged it gives the same to the byte', async (_, body) => {
    const shown = await preview(body);
    const back = { ...body, subject: shown.subject, message: shown.message };
    expect(await preview(back)).toEqual(shown);
    await sent(body);
    const plain = await lastMail();
    await sent(back);
    expect(await lastMail()).toEqual(plain);
  });

  test('keeps its placeholders, so that what was edited follows what is true when it is sent', async () => {
    await service.addDueDate('moving');
    const shown = await preview({ dueDate: 'moving', channel: 'email' });
    expect(shown.message).toMatch(/\{\{ ?\w+ ?\}\}/);
    expect(shown.message).not.toContain('1.220,00');
    await service.remind({ dueDate: 'moving', subject: shown.subject, message: `${shown.message}\n\nGrazie.` });
    await service.pay('moving', '1000.00');
    await service.sendDue();
    expect((await lastMail()).text).toContain('220,00');
    expect((await lastMail()).text).toContain('Grazie.');
  });

  test('shows the bank account that would stand in it', async () => {
    expect((await preview({ dueDate: 'd1', channel: 'email' })).bankAccount?.iban).toBe('IT60X0542811101000000123456');
    const chosen = await preview({ dueDate: 'd1', channel: 'email', bankAccount: 'german' });
    expect(chosen.bankAccount).toEqual({ holder: 'Rossi GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' });
    expect(chosen.text).toContain('Rossi GmbH');
  });
});

describe('the preview of an SMS', () => {
  test.each([
    ['plain', {}],
    ['with a chosen bank account', { bankAccount: 'german' }],
    ['with a text of one’s own', { message: 'Dovuti {{ outstanding }} €' }],
  ])('%s: is what then leaves', async (_, more) => {
    const body = { dueDate: 'd1', channel: 'sms', ...more };
    const shown = await preview(body);
    await sent(body, 'sms');
    expect(service.sms.messages.at(-1)?.text).toBe(shown.sms?.text);
    expect(await preview({ ...body, message: shown.message })).toEqual(shown);
    expect(shown).toMatchObject({ to: ['+393331234567'], html: null, text: null, subject: null, from: 'Sollecito' });
  });

  test.skipIf(withoutChromium)('with a link: is as long as the real one, and differs in its token alone', async () => {
    const body = { dueDate: 'd1', channel: 'sms', attachDocument: true };
    const shown = await preview(body);
    await sent(body, 'sms');
    const token = new RegExp(`/d/[\\w-]{${documentTokenLength}}`);
    const left = service.sms.messages.at(-1)?.text ?? '';
    expect(left).toMatch(token);
    expect(left.replace(token, '/d/…')).toBe(shown.sms?.text.replace(token, '/d/…'));
    expect(shown.sms?.text.length).toBe(left.length);
  });
});

describe('a preview', () => {
  test.skipIf(withoutChromium)(
    'names what would be attached, and says when there is no invoice behind it',
    async () => {
      const shown = await preview({ dueDate: 'd1', channel: 'email', attachDocument: true });
      const { id } = await service.remind({ dueDate: 'd1', attachDocument: true });
      await service.sendDue();
      expect(await service.fates(id)).toEqual(['sent']);
      const mail = await simpleParser(Buffer.from(service.smtp.messages.at(-1)?.raw ?? '', 'latin1'));
      // What the HTML shows is no attachment.
      const attached = mail.attachments.filter(({ related }) => !related);
      expect(shown.attachments).toEqual(attached.map(({ filename, size }) => ({ name: filename, bytes: size })));
      expect(shown.attachments).toHaveLength(1);
      expect(shown.warnings.map(({ code }) => code)).toEqual(['no-invoice', 'no-reply-address']);
    },
  );

  test('leaves no row behind, costs nothing, and is possible with an empty quota', async () => {
    await setPlan(service.database, service.clock, service.api.tenant.ref, 'essential');
    const before = [await service.rowCounts(), await service.quota()];
    for (const [, body] of wishes) {
      expect((await preview(body)).warnings.map(({ code }) => code)).toContain('quota-exhausted');
      await preview({ ...body, subject: undefined, message: undefined, channel: 'sms' });
    }
    expect([await service.rowCounts(), await service.quota()]).toEqual(before);
    await setPlan(service.database, service.clock, service.api.tenant.ref, 'medium');
  });

  test('is one of many at once', async () => {
    const shown = await Promise.all(
      Array.from({ length: 20 }, async () => preview({ dueDate: 'd1', channel: 'email' })),
    );
    expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>, string]>([
    [
      'a hold',
      async () => service.put('/v1/due-dates/d1/hold', { reason: 'promised', until: '2026-03-20' }),
      async () => service.call('DELETE', '/v1/due-dates/d1/hold'),
      'hold-promised',
    ],
    [
      'an exclusion',
      async () => service.patch('/v1/customers/rossi', { doNotRemind: true }),
      async () => service.patch('/v1/customers/rossi', { doNotRemind: false }),
      'customer-excluded',
    ],
    [
      'quiet hours',
      async () => service.patch('/v1/tenant', { quietHours: { from: '08:00', to: '20:00' }, bindsCallers: true }),
      async () => service.patch('/v1/tenant', { quietHours: null, bindsCallers: false }),
      'quiet-hours',
    ],
  ])('says that %s stands in the way', async (_, set, lift, reason) => {
    await set();
    const shown = await preview({ dueDate: 'd1', channel: 'email' });
    expect(shown).toMatchObject({ wouldSend: false, reasons: [reason], to: ['conti@bianchi.example'] });
    expect(shown.text).toContain('1.220,00');
    await lift();
    expect((await preview({ dueDate: 'd1', channel: 'email' })).wouldSend).toBe(true);
  });

  test('shows the message although there is nobody to send it to', async () => {
    await service.put('/v1/customers/silent', { name: 'Silent' });
    await service.addDueDate('silent', { customer: 'silent' });
    for (const channel of ['email', 'sms']) {
      const shown = await preview({ dueDate: 'silent', channel });
      expect(shown).toMatchObject({ to: [], wouldSend: false, reasons: ['no-recipient'] });
      expect(shown.warnings.map(({ code }) => code)).toContain('no-recipient');
      expect(JSON.stringify(shown)).not.toMatch(/nobody@|3331234567/);
    }
  });

  test.each([
    ['a last notice of what is not late yet', { dueDate: 'future', template: 'final-notice' }, true],
    ['one that leaves when it is late', { dueDate: 'future', template: 'final-notice', sendAt: '2026-05-10' }, false],
    ['one of several, of which one is late', { dueDates: ['d1', 'future'], template: 'overdue' }, false],
    ['the friendly one', { dueDate: 'future', template: 'courtesy' }, false],
  ])('%s: warns of a reproach that is too early', async (_, { sendAt, ...body }: Record<string, unknown>, warns) => {
    const planned = typeof sendAt === 'string' ? { sendAt: `${sendAt}T09:00:00Z` } : {};
    const { warnings } = await preview({ ...body, ...planned, channel: 'email' });
    expect(warnings.some(({ code }) => code === 'not-late')).toBe(warns);
  });

  test('warns where a customer would find no way to pay, and nobody to ask', async () => {
    const codes = async (body: Record<string, unknown>) =>
      (await preview({ channel: 'email', ...body })).warnings
        .map(({ code }) => code)
        .filter((code) => /^no-(?:way|reply)/.test(code));
    expect(await codes({ dueDate: 'd1' })).toEqual(['no-reply-address']);
    expect(await codes({ dueDate: 'd1', replyTo: 'conti@rossi.example' })).toEqual([]);
    await service.query('UPDATE sollecito.bank_account SET is_default = false');
    await service.addDueDate('nowhere');
    await service.addDueDate('online', { paymentUrl: 'https://pay.example.com/1' });
    expect(await codes({ dueDate: 'nowhere' })).toContain('no-way-to-pay');
    expect(await codes({ dueDates: ['online', 'nowhere'] })).toContain('no-way-to-pay');
    expect(await codes({ dueDate: 'online' })).not.toContain('no-way-to-pay');
    await service.query("UPDATE sollecito.bank_account SET is_default = true WHERE ref <> 'german'");
  });

  test('shows what would be true on the day for which it is planned', async () => {
    const now = await preview({ dueDate: 'future', channel: 'email' });
    const later = await preview({ dueDate: 'future', channel: 'email', sendAt: '2026-05-10T09:00:00Z' });
    expect(later.text).toContain('10 giorni');
    expect(later.subject).not.toBe(now.subject);
  });

  test.each([
    ['nothing', 404],
    ['paid', 409],
    ['payable', 409],
  ])('of %s is refused as the reminder would be', async (dueDate, status) => {
    if (dueDate !== 'nothing')
      await service.addDueDate(dueDate, { direction: dueDate === 'payable' ? dueDate : 'receivable' });
    if (dueDate === 'paid') await service.pay(dueDate);
    expect((await ask({ dueDate, channel: 'email' })).status).toBe(status);
    expect((await ask({ dueDate: 'd1', channel: 'email', message: '{{ x }}' })).status).toBe(400);
  });
});
