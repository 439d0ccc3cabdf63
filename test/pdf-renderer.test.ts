import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentPage } from '../src/invoices/document-page.ts';
import { findChromium } from '../src/invoices/find-chromium.ts';
import { ChromiumMissing, PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';
import { pdfText } from './support/pdf-text.ts';

// Kept from run to run: unpacking takes some seconds.
const dataDir = join(import.meta.dirname, '..', 'node_modules', '.cache', 'sollecito-test');
const search = await findChromium({ chromiumPath: null, dataDir });
const onLinux = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf('missing' in search)('a PDF renderer', () => {
  const renderer = new PdfRenderer({ chromiumPath: null, dataDir, pages: 2, timeoutMs: 30_000 });
  beforeAll(() => renderer.start());
  afterAll(() => renderer.stop());

  test('prints an invoice whose text can be read and copied', async () => {
    const pdf = await renderer.render(documentPage(documentFacts(exampleInvoice(2))), 'a');
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    const [text, ...more] = pdfText(pdf);
    expect(more).toEqual([]);
    expect(text).toContain('Fattura 2026/131');
    expect(text).toContain('Totale documento 7.954,40 €');
    expect(text).toContain('pagina 1 di 1');
    const file = Buffer.from(pdf).toString('latin1');
    expect(file).toContain('/StructTreeRoot');
    expect(file).toContain('/Outlines');
    expect(file).toContain('/Lang (it)');
    expect(file).toMatch(/\+Inter-Regular/);
  });

  test('numbers the pages of a long invoice and repeats the heads of its lines', async () => {
    const invoice = exampleInvoice(2);
    const [line] = invoice.lines;
    if (!line) expect.fail('the example has no line');
    const lines = Array.from({ length: 60 }, (_, index) => ({ ...line, description: `Voce ${index + 1}` }));
    const pages = pdfText(await renderer.render(documentPage(documentFacts({ ...invoice, lines })), 'a'));
    expect(pages.length).toBeGreaterThan(1);
    for (const [index, text] of pages.entries()) expect(text).toContain(`pagina ${index + 1} di ${pages.length}`);
    const withLines = pages.filter((text) => /Voce \d+/.test(text));
    expect(withLines.length).toBeGreaterThan(1);
    for (const text of withLines) expect(text).toContain('Descrizione Quantità Prezzo IVA Importo (EUR)');
    expect(pages.join(' ').match(/Voce \d+/g)).toHaveLength(60);
  });

  test('runs no script and reaches no address', async () => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const html = `<!doctype html><style>@import "${url}/a.css";body{background:url(${url}/b.png)}</style>
      <link rel="stylesheet" href="${url}/c.css"><p>before <script>document.write('from a script')</script>after</p>
      <img src="${url}/d.png" onerror="document.body.append('from a handler')"><iframe src="${url}/e"></iframe>
      <object data="file:///etc/hostname"></object><iframe src="file:///etc/hostname"></iframe>`;
    const pdf = await renderer.render({ html, title: '', language: 'en' }, 'a');
    server.close();
    expect(requests).toBe(0);
    expect(pdfText(pdf)).toEqual(['before after']);
  });

  test('prints for many tenants at once, each its own', async () => {
    const tenants = Array.from({ length: 12 }, (_, index) => `tenant-${index % 5}`);
    const pdfs = await Promise.all(
      tenants.map((tenant, index) =>
        renderer.render({ html: `<p>${tenant} ${index}</p>`, title: '', language: 'en' }, tenant),
      ),
    );
    expect(pdfs.map((pdf) => pdfText(pdf)[0])).toEqual(tenants.map((tenant, index) => `${tenant} ${index}`));
    expect(renderer.status()).toEqual({ ok: true, detail: expect.stringContaining('Chromium') });
  });

  test.skipIf(!onLinux)('replaces a browser that was killed, for the next document', async () => {
    await renderer.render(small('one'), 'a');
    const browsers = childrenOf(process.pid);
    expect(browsers.length).toBeGreaterThan(0);
    for (const pid of browsers) process.kill(pid, 'SIGKILL');
    // The kill may be noticed by the next document or before it; the one after is printed by a new browser in any case.
    await renderer.render(small('two'), 'a').catch(() => undefined);
    expect(pdfText(await renderer.render(small('three'), 'a'))).toEqual(['three']);
  });
});

describe.skipIf('missing' in search)('the life of a PDF renderer', () => {
  test('a document that passes its time is given up, and the next is printed', async () => {
    const renderer = new PdfRenderer({ chromiumPath: null, dataDir, pages: 1, timeoutMs: 4_000 });
    renderer.start();
    const endless = { html: `<p>x</p>`.repeat(1_500_000), title: '', language: 'en' };
    await expect(renderer.render(endless, 'a')).rejects.toThrow(/4000 ?ms/);
    expect(pdfText(await renderer.render(small('next'), 'a'))).toEqual(['next']);
    await renderer.stop();
  });

  test('a browser is replaced after its number of documents', async () => {
    const renderer = new PdfRenderer({
      chromiumPath: null,
      dataDir,
      pages: 2,
      timeoutMs: 30_000,
      documentsPerBrowser: 3,
    });
    renderer.start();
    const texts = await Promise.all(Array.from({ length: 10 }, (_, n) => renderer.render(small(`n${n}`), 'a')));
    expect(texts.map((pdf) => pdfText(pdf)[0])).toEqual(Array.from({ length: 10 }, (_, n) => `n${n}`));
    await renderer.stop();
    if (onLinux) expect(childrenOf(process.pid)).toEqual([]);
  });

  test('stopping ends what is in work, refuses what waits, and may be done twice', async () => {
    const renderer = new PdfRenderer({ chromiumPath: null, dataDir, pages: 1, timeoutMs: 30_000 });
    await renderer.stop();
    await expect(renderer.render(small('x'), 'a')).rejects.toThrow('not started');
    renderer.start();
    renderer.start();
    const inWork = renderer.render(small('in work'), 'a');
    const waiting = expect(renderer.render(small('waiting'), 'a')).rejects.toThrow('stopped');
    await Promise.all([renderer.stop(), renderer.stop()]);
    expect(pdfText(await inWork)).toEqual(['in work']);
    await waiting;
  });
});

describe('without a browser', () => {
  test('only rendering fails, with the mend in its message', async () => {
    const renderer = new PdfRenderer({ chromiumPath: '/does/not/exist', dataDir, pages: 1, timeoutMs: 5_000 });
    renderer.start();
    await expect(renderer.render(small('x'), 'a')).rejects.toThrow(ChromiumMissing);
    expect(renderer.status()).toEqual({
      ok: false,
      detail: expect.stringContaining('CHROMIUM_PATH names /does/not/exist'),
    });
    await renderer.stop();
  });

  test.skipIf(process.platform === 'win32')('a program that is no browser is none', async () => {
    const found = await findChromium({ chromiumPath: '/bin/sh', dataDir });
    expect(found).toEqual({ missing: expect.stringContaining('does not start') });
  });
});

describe.skipIf(!onLinux || 'missing' in search)('the browser from npm', () => {
  test('is unpacked once by two who want it at the same time, and again when it is damaged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sollecito-chromium-'));
    try {
      const where = { chromiumPath: null, dataDir: folder };
      const [one, two] = await Promise.all([findChromium(where), findChromium(where)]);
      if ('missing' in one) expect.fail(one.missing);
      expect(two).toEqual(one);
      expect(one.path.startsWith(folder)).toBe(true);
      expect(readdirSync(join(folder, 'chromium')).filter((name) => name.startsWith('.'))).toEqual([]);
      truncateSync(one.path, 1_000);
      expect(await findChromium(where)).toEqual(one);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('gets nothing of this process’s environment', () => {
    if ('missing' in search) return;
    expect(Object.keys(search.env ?? {})).not.toContain('NODE_ENV');
    expect(search.env?.['HOME']).toContain(dataDir);
  });
});

function small(text: string) {
  return { html: `<p>${text}</p>`, title: text, language: 'en' };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // Field 4 of stat, after the command in parentheses; Z is a process that is gone already.
      const [state, ppid] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return Number(ppid) === parent && state !== 'Z' && command.includes('chromium') ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
