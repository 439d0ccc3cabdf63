import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentOfLink, opensDocument } from '../src/domain/document-link.ts';
import { findDocument } from '../src/store/documents.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';
import { TestService } from './support/service.ts';

const pdf = (body: string): Buffer => Buffer.from(`%PDF-1.7\n% ${body}\nstartxref\n9\n%%EOF\n`, 'latin1');

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

/** An invoice with its own PDF, in three instalments. @returns their refs. */
async function threeInstalments(number: string): Promise<string[]> {
  const on = (day: string): string => payment(`<DataScadenzaPagamento>${day}</DataScadenzaPagamento>`, '61.00');
  const attachments = `<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment>${pdf(number).toString('base64')}</Attachment></Allegati>`;
  const xml = fatturaPa({ attachments, payments: on('2026-12-05') + on('2027-01-05') + on('2027-02-05') });
  const answer = await service.call<{ dueDates: string[]; customers: string[] }>('POST', '/v1/invoices', {
    body: Buffer.from(xml.replace('<Numero>12<', `<Numero>${number}<`)),
    headers: { 'content-type': 'application/xml' },
  });
  expect(answer.status, answer.text).toBe(201);
  await service.patch(`/v1/customers/${answer.body.customers[0] ?? ''}`, { phone: ['+393331234567'] });
  return answer.body.dueDates.map((ref) => encodeURIComponent(ref));
}

/** Sends a text about a due date. @returns whether the link in it still opens its document, whenever that is asked. */
async function linked(ref = ''): Promise<() => Promise<boolean>> {
  const { id } = await service.remind({ dueDate: decodeURIComponent(ref), channel: 'sms', attachDocument: true });
  await service.sendDue('sms');
  expect(await service.fates(id)).toEqual(['sent']);
  const { text } = await service.call('GET', `/v1/reminders/${id}/message`);
  const token = /\/d\/([\w-]+)/.exec(text)?.[1] ?? '';
  return async () => {
    const document = await findDocument(service.database.pool, documentOfLink(token) ?? expect.unreachable(text));
    const { secretKeys } = service.api.parts.sender;
    return document !== undefined && opensDocument(token, document, service.clock.now(), secretKeys);
  };
}

const revoke = async (ref = '') =>
  expect(await service.call('DELETE', `/v1/due-dates/${ref}/document-links`)).toMatchObject({ status: 204 });

test('the links of instalments that share their invoice’s PDF die together', async () => {
  const [first, second] = await threeInstalments('S1');
  const links = [await linked(first), await linked(second)];
  await revoke(second);
  expect(await Promise.all(links.map((opens) => opens()))).toEqual([false, false]);
  expect(await (await linked(first))()).toBe(true);
});

test('a link dies also when another document has taken the place of the one that it opens', async () => {
  const [first, second] = await threeInstalments('S2');
  const opens = await linked(second);
  const headers = { 'content-type': 'application/pdf' };
  const put = await service.call('PUT', `/v1/due-dates/${second ?? ''}/pdf`, { body: pdf('own'), headers });
  expect(put.status, put.text).toBe(200);
  const [own, others] = [await linked(second), await linked(first)];
  await revoke(second);
  expect([await opens(), await own()]).toEqual([false, false]);
  // It opened the same document; what is sent now opens it again.
  expect(await others()).toBe(false);
  expect(await (await linked(first))()).toBe(true);
});

test('a text that was ready when its link was revoked leaves with a new one', async () => {
  const [, second, third] = await threeInstalments('S3');
  const { id } = await service.remind({
    dueDate: decodeURIComponent(third ?? ''),
    channel: 'sms',
    attachDocument: true,
  });
  const desk = await service.changingDesk('sms', async (time) => (time === 0 ? revoke(second) : undefined));
  await service.sendDue('sms', { desk });
  expect(await service.fates(id)).toEqual(['sent']);
  const { text } = await service.call('GET', `/v1/reminders/${id}/message`);
  const token = /\/d\/([\w-]+)/.exec(text)?.[1] ?? '';
  const document = await findDocument(service.database.pool, documentOfLink(token) ?? expect.unreachable(text));
  expect(document?.linkEpoch).toBe(1);
  expect(document && opensDocument(token, document, service.clock.now(), service.api.parts.sender.secretKeys)).toBe(
    true,
  );
});
