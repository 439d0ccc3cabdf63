import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentLinkRouter } from '../src/api/document-link.ts';
import { signDocumentLink } from '../src/domain/document-link.ts';
import type { DueDateId, TenantId } from '../src/domain/ids.ts';
import { documentName, pdfFault } from '../src/domain/due-date-document.ts';
import { findCurrentDocument, keepRendered } from '../src/store/documents.ts';
import { loadDocumentSource } from '../src/store/documents-source.ts';
import { findDueDateId } from '../src/store/due-dates.ts';
import { TestApi } from './support/api.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const pdf = (body: string): Buffer => bytesOf(`%PDF-1.7\n% ${body}\nstartxref\n9\n%%EOF\n`);

let api: TestApi;
let rendered = 0;
beforeAll(async () => {
  // Renders what stands in the due date, as plainly as can be.
  const documentFor = async (tenant: TenantId, dueDateId: DueDateId) => {
    const source = await loadDocumentSource(api.service.pool, dueDateId);
    if (!source) throw new Error('no such due date');
    rendered += 1;
    const bytes = pdf(`${source.customer.name} ${source.dueDate.amount.units} #${rendered}`);
    const { edition } = source;
    const name = documentName(source.dueDate);
    return keepRendered(api.service.pool, { tenant, dueDateId, edition, name, bytes, now: api.clock.now() });
  };
  api = await TestApi.start({
    parts: { documents: { documentFor } },
    routers: (parts) => [documentLinkRouter(parts)],
  });
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi' } });
});
afterAll(async () => {
  await api.stop();
});

async function makeDueDate(ref: string): Promise<string> {
  const path = `/v1/due-dates/${encodeURIComponent(ref)}`;
  const document = { number: 'FT 12/2026 "é"' };
  const body = { customer: 'rossi', dueOn: '2026-02-20', amount: { value: '100.00', currency: 'EUR' }, document };
  await api.call('PUT', path, { body });
  return path;
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${api.url}${path}/pdf`, { headers: { authorization: `Bearer ${api.tenant.key}`, ...headers } });
}

async function upload(path: string, bytes: Uint8Array, headers: Record<string, string> = {}) {
  return api.call<{ errors?: { code: string }[]; type?: string; sha256?: string; name?: string }>(
    'PUT',
    `${path}/pdf`,
    {
      body: bytes,
      headers: { 'content-type': 'application/pdf', ...headers },
    },
  );
}

describe('the document of a due date', () => {
  test('is made when it is first asked for, and the same bytes ever after', async () => {
    const path = await makeDueDate('first');
    const [a, b] = [await get(path), await get(path)];
    const bytes = Buffer.from(await a.arrayBuffer());
    expect(a.status).toBe(200);
    expect(a.headers.get('content-type')).toBe('application/pdf');
    expect(a.headers.get('content-disposition')).toBe('inline; filename="FT-12-2026-e.pdf"');
    expect(a.headers.get('etag')).toBe(`"${createHash('sha256').update(bytes).digest('hex')}"`);
    expect(Buffer.from(await b.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await get(path, { 'if-none-match': a.headers.get('etag') ?? '' })).status).toBe(304);
  });

  test('is made again when something changed that shows in it, and only then', async () => {
    const path = await makeDueDate('changed');
    const before = (await get(path)).headers.get('etag');
    await api.call('PUT', `${path}/hold`, { body: { reason: 'paused' } });
    await api.call('PATCH', path, { body: { metadata: { a: 1 } } });
    expect((await get(path)).headers.get('etag')).toBe(before);
    const payment = { ref: 'p1', amount: { value: '1.00', currency: 'EUR' }, paidOn: '2026-03-01' };
    await api.call('POST', `${path}/payments`, { body: payment });
    expect((await get(path)).headers.get('etag')).not.toBe(before);
  });

  test('of two renderings of one edition the first stays', async () => {
    await makeDueDate('raced');
    const id = await api.parts.database.tenantTransaction(api.tenant.id, (client) => findDueDateId(client, 'raced'));
    const edition = id && (await loadDocumentSource(api.service.pool, id))?.edition;
    if (id === undefined || edition === undefined) throw new Error('no such due date');
    const common = { tenant: api.tenant.id, dueDateId: id, edition, name: 'x.pdf', now: api.clock.now() };
    const kept = await Promise.all(
      Array.from({ length: 8 }, (_, n) => keepRendered(api.service.pool, { ...common, bytes: pdf(String(n)) })),
    );
    expect(new Set(kept.map((document) => document.sha256)).size).toBe(1);
    expect((await findCurrentDocument(api.service.pool, id))?.sha256).toBe(kept[0]?.sha256);
  });
});

describe("the caller's own PDF", () => {
  test('takes the place of ours', async () => {
    const path = await makeDueDate('own');
    const before = (await get(path)).headers.get('etag') ?? '';
    const answer = await upload(path, pdf('own'), { 'if-match': before });
    expect(answer.status).toBe(200);
    expect(answer.body.name).toBe('FT-12-2026-e.pdf');
    const shown = await get(path);
    expect(shown.headers.get('etag')).toBe(answer.headers.get('etag'));
    expect(Buffer.from(await shown.arrayBuffer()).equals(pdf('own'))).toBe(true);
    const version = (await api.call('GET', path)).headers.get('etag');
    expect((await upload(path, pdf('own'))).status).toBe(200);
    expect((await api.call('GET', path)).headers.get('etag')).toBe(version);
    expect((await upload(path, pdf('other'), { 'if-match': before })).status).toBe(412);
  });

  test.each([
    ['nothing', '', 'empty'],
    ['a page', '<html>%PDF-1.7 startxref %%EOF</html>', 'no-header'],
    ['half of one', '%PDF-1.7\n%', 'no-end'],
  ])('%s is no PDF, and nothing is stored', async (_, text, code) => {
    const path = await makeDueDate('no pdf');
    const answer = await upload(path, bytesOf(text));
    expect([answer.status, answer.body.errors?.[0]?.code]).toEqual([422, code]);
    const version = (await api.call('GET', path)).headers.get('etag');
    expect(version).toBe('"v1"');
  });

  test('of another type, too large or of no due date is refused', async () => {
    const path = await makeDueDate('refused');
    expect((await upload(path, pdf('x'), { 'content-type': 'text/html' })).status).toBe(415);
    expect((await upload(path, new Uint8Array(11 * 1024 * 1024))).status).toBe(413);
    expect((await upload('/v1/due-dates/nothing', pdf('x'))).status).toBe(404);
    expect((await get('/v1/due-dates/nothing')).status).toBe(404);
  });
});

describe('the link of an SMS', () => {
  test('opens the document without a key, until it ends', async () => {
    const path = await makeDueDate('linked');
    await get(path);
    const id = await api.parts.database.tenantTransaction(api.tenant.id, (client) => findDueDateId(client, 'linked'));
    const document = id && (await findCurrentDocument(api.service.pool, id));
    if (!document) throw new Error('no document');
    const token = signDocumentLink(document, api.clock.now(), api.parts.sender.secretKeys);
    expect(await api.call('GET', `/d/${token}`, { key: null })).toMatchObject({ status: 200 });
    api.clock.advance({ hours: 24 * 100 });
    expect(await api.call('GET', `/d/${token}`, { key: null })).toMatchObject({ status: 404 });
  });

  test('opens nothing once it was revoked; one that is made afterwards does', async () => {
    const path = await makeDueDate('revoked');
    await get(path);
    const current = async () => {
      const id = await api.parts.database.tenantTransaction(api.tenant.id, (client) =>
        findDueDateId(client, 'revoked'),
      );
      const document = id && (await findCurrentDocument(api.service.pool, id));
      if (!document) throw new Error('no document');
      return signDocumentLink(document, api.clock.now(), api.parts.sender.secretKeys);
    };
    const before = await current();
    expect(await api.call('DELETE', `${path}/document-links`)).toMatchObject({ status: 204 });
    expect(await api.call('GET', `/d/${before}`, { key: null })).toMatchObject({ status: 404 });
    expect(await api.call('GET', `/d/${await current()}`, { key: null })).toMatchObject({ status: 200 });
    const history = await api.call<{ items: { type: string }[] }>('GET', `${path}/history`);
    expect(JSON.stringify(history.body)).toContain('linksRevoked');
    expect(await api.call('DELETE', '/v1/due-dates/nothing/document-links')).toMatchObject({ status: 404 });
  });

  test('that is none any more tells a program with a problem, a person with a page in both languages', async () => {
    for (const accept of ['*/*', 'application/json', 'application/pdf,application/json']) {
      const told = await api.call('GET', '/d/none', { key: null, headers: { accept } });
      expect(told).toMatchObject({ status: 404, body: { type: 'urn:sollecito:problem:not-found' } });
    }
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const page = await api.call('GET', '/d/none', { key: null, headers: { accept } });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('Il link non è più valido');
    expect(page.text).toContain('This link is no longer valid');
    const policy = page.headers.get('content-security-policy') ?? '';
    const style = /<style>(.*)<\/style>/.exec(page.text)?.[1] ?? '';
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toContain('unsafe');
  });
});

test('a name is safe in a header and on a disk', () => {
  expect(documentName({ documentNumber: '2026/12', ref: 'x' })).toBe('2026-12.pdf');
  expect(documentName({ documentNumber: null, ref: '../../etc/passwd' })).toBe('etc-passwd.pdf');
  expect(documentName({ documentNumber: '"\r\n', ref: 'x' })).toBe('document.pdf');
});

test('the end of a PDF may be followed by a little', () => {
  expect(pdfFault(Buffer.concat([pdf('x'), Buffer.alloc(500)]))).toBeUndefined();
  expect(pdfFault(Buffer.concat([pdf('x'), Buffer.alloc(5_000)]))).toBe('no-end');
});
