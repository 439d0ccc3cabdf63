import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { shortMjml, wholeMjml } from './support/own-template.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await activate('email', null);
  await activate('sms', null);
});
afterAll(async () => {
  await service.stop();
});

const email = { channel: 'email', locale: 'it', subject: 'Scaduto {{ documentTitle }}' };
const put = async (content: Record<string, unknown>): Promise<number> => {
  const answer = await service.call<{ version: number }>('PUT', '/v1/templates/overdue', {
    body: { ...email, ...content },
  });
  expect(answer, answer.text).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
  return answer.body.version;
};
const activate = async (channel: string, version: number | null): Promise<void> => {
  const body = { channel, locale: 'it', version };
  const answer = await service.call('POST', '/v1/templates/overdue/activate', { body });
  expect(answer, answer.text).toMatchObject({ status: 200 });
};
const lastMail = async () => {
  const { subject, text, html } = await simpleParser(Buffer.from(service.smtp.messages.at(-1)?.raw ?? '', 'latin1'));
  return { subject, text: text ?? '', html: html || '' };
};
const templateOf = async (id: string): Promise<unknown> => {
  const { body } = await service.call<{ items: { type: string; detail: Record<string, unknown> }[] }>(
    'GET',
    `/v1/reminders/${id}/events`,
  );
  return body.items.find(({ type }) => type === 'sending')?.detail['template'];
};

describe('a reminder is made from the version that stands', () => {
  test('and keeps its name', async () => {
    const version = await put({ text: 'Parole nostre per {{ customer }}', mjml: shortMjml });
    const { id } = await service.remind();
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    const mail = await lastMail();
    expect(mail.subject).toBe('Scaduto fattura n. 2026/d1');
    expect(mail.text).toContain('Parole nostre per Bianchi Costruzioni');
    expect(mail.html).toContain('BIANCHI COSTRUZIONI: 1.220,00');
    expect(await templateOf(id)).toBe(`overdue own-${version} it`);
    // Ours is told from it.
    await activate('email', null);
    const ours = await service.remind();
    await service.sendDue();
    expect(await templateOf(ours.id)).toMatch(/^overdue \d+ it$/);
  });

  test('a process that has made messages from another one sees the change with the next', async () => {
    const workers = [await service.worker('email'), await service.worker('email')];
    for (const words of ['Prima', 'Seconda', 'Terza']) {
      await put({ text: `${words} versione` });
      for (const worker of workers) {
        await service.remind();
        for (const item of await service.dispatch()) await service.run(item, worker);
        expect((await lastMail()).text).toContain(`${words} versione`);
      }
    }
  });

  test('one that is activated between composing and handing over is the one that leaves', async () => {
    const before = await put({ text: 'Prima di tutto' });
    const after = await put({ text: 'Dopo tutto', activate: false });
    const { id } = await service.remind();
    const desk = await service.changingDesk('email', async (time) => {
      if (time === 0) await activate('email', after);
    });
    await service.sendDue('email', { desk });
    expect(await service.fates(id)).toEqual(['sent']);
    expect((await lastMail()).text).toContain('Dopo tutto');
    expect(await templateOf(id)).toBe(`overdue own-${after} it`);
    // And back again.
    await activate('email', before);
    await service.remind();
    await service.sendDue();
    expect((await lastMail()).text).toContain('Prima di tutto');
  });

  test('an SMS as well', async () => {
    const version = await put({ channel: 'sms', subject: undefined, text: '{{ sender | upcase }}: {{ outstanding }}' });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    expect(service.sms.messages.at(-1)).toMatchObject({ text: expect.stringMatching(/^OFFICINE ROSSI: 1\.220,00/) });
    expect(await templateOf(id)).toBe(`overdue own-${version} it`);
  });

  test('of its own language, and of its own kind', async () => {
    await put({ text: 'Parole nostre' });
    await service.remind({ locale: 'en' });
    await service.sendDue();
    expect((await lastMail()).text).not.toContain('Parole nostre');
    await service.remind({ template: 'final-notice' });
    await service.sendDue();
    expect((await lastMail()).text).not.toContain('Parole nostre');
  });
});

describe('the proposal of a reminder', () => {
  type Preview = { subject: string; message: string; html: string; warnings: { code: string }[] };
  const preview = async (more: Record<string, unknown> = {}) => {
    const body = { dueDate: 'd1', channel: 'email', attachDocument: false, ...more };
    const answer = await service.call<Preview>('POST', '/v1/reminders/preview', { body });
    expect(answer, answer.text).toMatchObject({ status: 200 });
    return answer.body;
  };

  test.each([
    ['a page', shortMjml],
    ['a page that shows the message', wholeMjml],
    ['no page', undefined],
  ])('posted back unchanged leaves as it was shown (%s)', async (_, mjml) => {
    await put({ text: '{% if daysLate > 1 %}Da {{ daysLate }} giorni{% endif %}\n\n{{ bankDetails }}', mjml });
    const { subject, message, html } = await preview();
    expect(message).toContain('{% if daysLate > 1 %}');
    expect((await preview({ subject, message })).html).toBe(html);
    await service.remind({ subject, message });
    await service.sendDue();
    const mail = await lastMail();
    expect(mail.text).toContain('Da 10 giorni');
    expect(mail.html.includes('BIANCHI COSTRUZIONI: ')).toBe(mjml === shortMjml);
  });

  test('with other words shows those, in a page that can', async () => {
    await put({ text: 'Parole nostre', mjml: shortMjml });
    const edited = await preview({ message: 'Altre parole\n\n{{ outstanding }}' });
    expect(edited.html).toContain('Altre parole');
    expect(edited.html).not.toContain('BIANCHI COSTRUZIONI: ');
    await put({ text: 'Parole nostre', mjml: wholeMjml });
    expect((await preview({ message: 'Altre parole' })).html).toMatch(/border-top: 4px[^]*Altre parole/);
  });

  test('warns when the page does not say how much is open', async () => {
    await put({ text: 'Parole nostre', mjml: shortMjml.replace('{{ outstanding }}', '') });
    expect((await preview()).warnings).toContainEqual(expect.objectContaining({ code: 'amount-not-shown' }));
  });
});
