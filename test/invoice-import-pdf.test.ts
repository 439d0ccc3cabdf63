import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InvoiceAttachment } from '../src/domain/invoice.ts';
import { ownDocumentOf } from '../src/domain/own-document.ts';
import { importInvoices, type ImportReport } from '../src/store/invoices.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { type Answer, TestApi } from './support/api.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

const pdf = (body: string): Buffer => Buffer.from(`%PDF-1.7\n% ${body}\nstartxref\n9\n%%EOF\n`, 'latin1');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('which PDF goes with an invoice', () => {
  const attachment = (name: string, bytes: Uint8Array, mediaType = 'application/pdf'): InvoiceAttachment => {
    return { name, mediaType, size: bytes.length, bytes };
  };
  const other = attachment('terms.pdf', pdf('terms'));

  test.each<[string, InvoiceAttachment[], string | null, string[]]>([
    ['none', [], null, []],
    ['the only one, whatever it is called', [attachment('data.bin', pdf('x'), 'application/octet-stream')], 'x', []],
    ['none that only says so', [attachment('a.pdf', Buffer.from('hello'))], null, ['attachment-no-pdf']],
    ['none that is only named so', [attachment('a.PDF', Buffer.from('x'), 'image/png')], null, ['attachment-no-pdf']],
    ['nothing else', [attachment('a.xml', Buffer.from('<a/>'), 'application/xml')], null, []],
    ['the one with its number', [other, attachment('Nr_2026-12.pdf', pdf('x'))], 'x', []],
    ['not one with a longer number', [other, attachment('Nr_2026-123.pdf', pdf('x'))], 'terms', ['several-pdfs']],
    ['the one that is called an invoice', [other, attachment('Rechnung.pdf', pdf('x'))], 'x', []],
    ['the first of several', [other, attachment('b.pdf', pdf('x'))], 'terms', ['several-pdfs']],
    ['the one that is one', [attachment('fattura.pdf', Buffer.from('x')), other], 'terms', ['attachment-no-pdf']],
  ])('%s', (_, attachments, chosen, codes) => {
    const own = ownDocumentOf({ number: '2026/12', attachments }, null);
    expect(own.pdf && Buffer.from(own.pdf).toString()).toBe(chosen && pdf(chosen).toString());
    expect(own.warnings.map(({ code }) => code)).toEqual(codes);
  });

  test('the file itself, when it is a PDF around the invoice', () => {
    const own = ownDocumentOf({ number: '1', attachments: [other] }, pdf('container'));
    expect(own).toEqual({ pdf: pdf('container'), warnings: [] });
  });
});

describe('the PDF of an invoice', () => {
  type Report = {
    unchanged: boolean;
    dueDates: string[];
    changes: { dueDate: string; field: string }[];
    warnings: { code: string }[];
  };
  let api: TestApi;
  let number: string;
  let count = 0;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  beforeEach(() => {
    count += 1;
    number = `N${count}`;
    api.clock.advance({ minutes: 1 });
  });
  afterAll(async () => {
    await api.stop();
  });

  /** This test's invoice in two instalments. */
  function file(pdfs: readonly (readonly [string, Uint8Array])[], dueOn = '2026-12-05'): Buffer {
    const attachments = pdfs.map(
      ([name, bytes]) =>
        `<Allegati><NomeAttachment>${name}</NomeAttachment><FormatoAttachment>PDF</FormatoAttachment><Attachment>${Buffer.from(bytes).toString('base64')}</Attachment></Allegati>`,
    );
    const on = (day: string): string => payment(`<DataScadenzaPagamento>${day}</DataScadenzaPagamento>`, '61.00');
    const xml = fatturaPa({ attachments: attachments.join(''), payments: on(dueOn) + on('2027-01-05') });
    return Buffer.from(xml.replace('<Numero>12<', `<Numero>${number}<`));
  }

  async function send(...given: Parameters<typeof file>): Promise<Answer<Report>> {
    const headers = { 'content-type': 'application/xml' };
    return api.call<Report>('POST', '/v1/invoices', { body: file(...given), headers });
  }

  const path = (instalment: number) => `/v1/due-dates/${number}%2F${instalment}`;

  async function tag(instalment: number): Promise<string | null> {
    return (await api.call('GET', `${path(instalment)}/pdf`)).headers.get('etag');
  }

  async function version(instalment: number): Promise<string | null> {
    return (await api.call('GET', path(instalment))).headers.get('etag');
  }

  test('is the document of all its instalments, stored once', async () => {
    const own = pdf(number);
    const answer = await send([['fattura.pdf', own]]);
    expect([answer.status, answer.body.warnings]).toEqual([201, []]);
    expect([await tag(1), await tag(2)]).toEqual([`"${sha256(own)}"`, `"${sha256(own)}"`]);
    const shown = await fetch(`${api.url}${path(2)}/pdf`, { headers: { authorization: `Bearer ${api.tenant.key}` } });
    expect(shown.headers.get('content-disposition')).toBe(`inline; filename="${number}.pdf"`);
    expect(Buffer.from(await shown.arrayBuffer()).equals(own)).toBe(true);
    const { rows } = await api.service.pool.query('SELECT origin FROM sollecito.document WHERE sha256 = $1', [
      createHash('sha256').update(own).digest(),
    ]);
    expect(rows).toEqual([{ origin: 'invoice' }]);
  });

  test('the same file again changes nothing', async () => {
    await send([['fattura.pdf', pdf(number)]]);
    const before = [await version(1), await version(2)];
    expect((await send([['fattura.pdf', pdf(number)]])).body).toMatchObject({ unchanged: true, changes: [] });
    expect([await version(1), await version(2)]).toEqual(before);
  });

  test('another one of the same name and length takes its place, and the first may come back', async () => {
    await send([['fattura.pdf', pdf(`${number}a`)]]);
    const answer = await send([['fattura.pdf', pdf(`${number}b`)]]);
    expect(answer.body.unchanged).toBe(false);
    expect(answer.body.changes).toMatchObject([1, 2].map((n) => ({ dueDate: `${number}/${n}`, field: 'pdf' })));
    expect([await tag(1), await tag(2)]).toEqual(Array.from({ length: 2 }, () => `"${sha256(pdf(`${number}b`))}"`));
    await send([['fattura.pdf', pdf(`${number}a`)]]);
    expect(await tag(2)).toBe(`"${sha256(pdf(`${number}a`))}"`);
  });

  test('is ours again when the file has none any more', async () => {
    await send([['fattura.pdf', pdf(number)]]);
    const answer = await send([]);
    expect(answer.body.changes).toMatchObject([
      { field: 'pdf', to: null },
      { field: 'pdf', to: null },
    ]);
    // Nothing renders in this test.
    expect((await api.call('GET', `${path(1)}/pdf`)).status).toBe(500);
  });

  test("a caller's own stays, whatever the file brings", async () => {
    await send([['fattura.pdf', pdf(`${number}a`)]]);
    const headers = { 'content-type': 'application/pdf' };
    // The very same bytes: they are the caller's from then on.
    await api.call('PUT', `${path(1)}/pdf`, { body: pdf(`${number}a`), headers });
    await send([['fattura.pdf', pdf(`${number}b`)]]);
    expect([await tag(1), await tag(2)]).toEqual(['a', 'b'].map((name) => `"${sha256(pdf(number + name))}"`));
    await send([]);
    expect(await tag(1)).toBe(`"${sha256(pdf(`${number}a`))}"`);
  });

  test.each([
    ['does not keep an instalment that is gone from being called off', false, 'void'],
    ["keeps it when it is a caller's own", true, 'open'],
  ])('%s', async (_, uploads, state) => {
    await send([['fattura.pdf', pdf(number)]]);
    const headers = { 'content-type': 'application/pdf' };
    if (uploads) await api.call('PUT', `${path(2)}/pdf`, { body: pdf('own'), headers });
    const xml = fatturaPa().replace('<Numero>12<', `<Numero>${number}<`);
    const answer = await api.call<Report>('POST', '/v1/invoices', {
      body: Buffer.from(xml),
      headers: { 'content-type': 'application/xml' },
    });
    expect(answer.body.warnings).toMatchObject([{ code: 'instalment-gone' }]);
    expect((await api.call('GET', path(2))).body).toMatchObject({ state });
  });

  test('may be the file itself', async () => {
    const read = readInvoices(file([['fattura.pdf', pdf('attached')]]));
    if ('error' in read) throw new Error(read.error.message);
    const { tenant, parts, clock } = api;
    await parts.database.tenantTransaction(tenant.id, async (client) =>
      importInvoices(client, { tenant: tenant.id, actor: 'test', clock }, { ...read, pdf: pdf('around') }),
    );
    expect(await tag(2)).toBe(`"${sha256(pdf('around'))}"`);
  });

  test('what warns of the file as a whole is told, and is no news', async () => {
    const read = readInvoices(file([]));
    if ('error' in read) throw new Error(read.error.message);
    const warnings = [{ code: 'signature-not-verified', message: 'The signature was not looked at' }];
    const { tenant, parts, clock } = api;
    const put = async (given: typeof warnings): Promise<ImportReport> =>
      parts.database.tenantTransaction(tenant.id, async (client) =>
        importInvoices(client, { tenant: tenant.id, actor: 'test', clock }, { ...read, warnings: given }),
      );
    expect(await put([])).toMatchObject({ outcome: 'created', warnings: [] });
    expect(await put(warnings)).toMatchObject({ outcome: 'unchanged', warnings });
  });
});
