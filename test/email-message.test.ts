import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { qrPng } from '../src/channels/email/qr-png.ts';
import { sealSecret } from '../src/domain/sealed-secret.ts';
import { dkimVerdict } from './support/dkim-verdict.ts';
import { TestService } from './support/service.ts';

// A PNG's first bytes are all that is looked at.
const logo = Buffer.concat([qrPng('a logo'), Buffer.from('…'.repeat(5_000))]);
const pdf = Buffer.from(`%PDF-1.7\n${'a page, and another\n'.repeat(3_000)}startxref\n0\n%%EOF\n`);

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
  await service.patch('/v1/tenant', {
    sender: { email: 'conti@rossi.example', name: 'Officine Rossi' },
    logo: `data:image/png;base64,${logo.toString('base64')}`,
  });
  const put = await service.call('PUT', '/v1/due-dates/d1/pdf', {
    body: pdf,
    headers: { 'content-type': 'application/pdf' },
  });
  expect(put.status, put.text).toBeLessThan(300);
});
beforeEach(() => {
  service.errors.length = 0;
});
afterAll(async () => {
  await service.stop();
});

async function sent(more: Record<string, unknown> = {}): Promise<{ id: string; raw: string }> {
  const { id } = await service.remind({ attachDocument: true, ...more });
  await service.sendDue();
  expect(await service.fates(id)).toEqual(['sent']);
  return { id, raw: service.smtp.messages.at(-1)?.raw ?? '' };
}

describe('an email that was sent', () => {
  test('shows the logo and the square to pay with, attaches the document, and comes back to the byte', async () => {
    const { id, raw } = await sent();
    const mail = await simpleParser(raw);
    expect(mail.attachments.map(({ related, contentType }) => [related === true, contentType])).toEqual([
      [true, 'image/png'],
      [true, 'image/png'],
      [false, 'application/pdf'],
    ]);
    expect(mail.attachments[0]?.content).toEqual(logo);
    expect(mail.attachments[2]?.content).toEqual(pdf);
    expect(mail.html).not.toContain('cid:');
    const shown = await service.call('GET', `/v1/reminders/${id}/message`);
    expect(shown.text.trimEnd()).toBe(raw.trimEnd());
    const [kept] = await service.query<{ size: number }>(
      'SELECT max(length(content)) AS size FROM sollecito.delivery_message',
    );
    expect(kept?.size).toBeLessThan(40_000);
  });

  test('still comes back when the tenant has taken another logo', async () => {
    const { id, raw } = await sent();
    await service.patch('/v1/tenant', { logo: null });
    const shown = await service.call('GET', `/v1/reminders/${id}/message`);
    expect(shown.text.trimEnd()).toBe(raw.trimEnd());
    const { raw: without } = await sent();
    expect((await simpleParser(without)).attachments.filter(({ related }) => related)).toHaveLength(1);
  });

  test('goes on about the one before to the same recipient, not about one to another', async () => {
    await service.addDueDate('d2');
    const about = { dueDate: 'd2', attachDocument: false };
    const first = await simpleParser((await sent(about)).raw);
    const second = await simpleParser((await sent(about)).raw);
    const elsewhere = await simpleParser((await sent({ ...about, to: ['other@bianchi.example'] })).raw);
    expect(first.inReplyTo).toBeUndefined();
    expect(second.inReplyTo).toBe(first.messageId);
    expect([second.references].flat()).toEqual([first.references, first.messageId]);
    expect(elsewhere.inReplyTo).toBeUndefined();
    expect(elsewhere.references).toEqual(first.references);
    const indexes = [first, second, elsewhere].map((mail) => mail.headers.get('thread-index'));
    expect(new Set(indexes).size).toBe(1);
  });
});

describe('a tenant’s own key', () => {
  async function setKey(domain: string): Promise<string> {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await service.put('/v1/tenant/dkim', { domain, selector: 's1', privateKey: pem });
    return pem;
  }

  test('signs what leaves; it comes back to the byte, signature and all', async () => {
    const key = createPublicKey(await setKey('rossi.example'));
    const { id, raw } = await sent();
    expect(raw).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=rossi\.example;/);
    expect(dkimVerdict(raw, key)).toBe('pass');
    expect(dkimVerdict(raw.replace('Officine Rossi', 'Officine Verdi'), key)).toBe('signature');
    const shown = await service.call('GET', `/v1/reminders/${id}/message`);
    expect(shown.text.trimEnd()).toBe(raw.trimEnd());
    expect(dkimVerdict(shown.text, key)).toBe('pass');
  });

  test('does not sign for a sender of another domain', async () => {
    await setKey('rossi.example');
    await service.patch('/v1/tenant', { sender: { email: 'conti@verdi.example', name: null } });
    expect((await sent()).raw).not.toMatch(/^DKIM-Signature:/im);
    await service.patch('/v1/tenant', { sender: { email: 'conti@rossi.example', name: null } });
    expect((await sent()).raw).toMatch(/^DKIM-Signature:/im);
  });

  test('that was taken away, or given, while an email waited to leave counts as it stands then', async () => {
    await setKey('rossi.example');
    const leaving = async (change: () => Promise<unknown>): Promise<string> => {
      const { id } = await service.remind();
      const desk = await service.changingDesk('email', async (time) => (time === 0 ? change() : undefined));
      await service.sendDue('email', { desk });
      expect(await service.fates(id)).toEqual(['sent']);
      return service.smtp.messages.at(-1)?.raw ?? '';
    };
    const removed = await leaving(async () => service.call('DELETE', '/v1/tenant/dkim'));
    expect(removed).not.toMatch(/^DKIM-Signature:/im);
    let pem = '';
    const given = await leaving(async () => (pem = await setKey('rossi.example')));
    expect(dkimVerdict(given, createPublicKey(pem))).toBe('pass');
  });

  test('that cannot be opened keeps the email back, and says why', async () => {
    await setKey('rossi.example');
    const foreign = sealSecret('anything', ['another-key-of-32-characters-or-more']);
    const [before] = await service.query<{ sealed_key: string }>('SELECT sealed_key FROM sollecito.dkim_key');
    await service.query(`UPDATE sollecito.dkim_key SET sealed_key = '${foreign}'`);
    const { id } = await service.remind();
    const taken = service.smtp.messages.length;
    await service.sendDue();
    expect(service.smtp.messages).toHaveLength(taken);
    expect(await service.fates(id)).toEqual([expect.stringMatching(/^(accepted|queued|retrying)/)]);
    const events = await service.call<{ items: object[] }>('GET', `/v1/reminders/${id}/events`);
    expect(events.text).toContain('signing-key-unreadable');
    await service.query(`UPDATE sollecito.dkim_key SET sealed_key = '${before?.sealed_key ?? ''}'`);
    service.clock.advance({ hours: 2 });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });
});

test('a preview shows the images in the page itself', async () => {
  const body = { dueDate: 'd1', channel: 'email' };
  const preview = await service.call<{ html: string; attachments: object[] }>('POST', '/v1/reminders/preview', {
    body,
  });
  expect(preview.status, preview.text).toBe(200);
  expect(preview.body.html).toContain('src="data:image/png;base64,');
  expect(preview.body.html).not.toContain('cid:');
  expect(preview.body.attachments).toHaveLength(1);
});
