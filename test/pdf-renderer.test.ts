import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="${url}/f.png" width="9" height="9"/>
      <script>fetch('${url}/g'); document.documentElement.innerHTML = '<text>from an image</text>'</script></svg>`;
    const html = `<!doctype html><style>@import "${url}/a.css";body{background:url(${url}/b.png)}</style>
      <link rel="stylesheet" href="${url}/c.css"><p>before <script>document.write('from a script')</script>after</p>
      <img src="${url}/d.png" onerror="document.body.append('from a handler')"><iframe src="${url}/e"></iframe>
      <img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">
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
});

describe.skipIf('missing' in search || !onLinux)('a browser that dies', () => {
  const renderer = new PdfRenderer({ chromiumPath: null, dataDir, pages: 2, timeoutMs: 60_000 });
  beforeAll(() => renderer.start());
  afterAll(() => renderer.stop());

  test('between two documents is replaced for the next', async () => {
    await renderer.render(small('one'), 'a');
    const before = killAll('');
    expect(before.length).toBeGreaterThan(0);
    expect(pdfText(await renderer.render(small('two'), 'a'))).toEqual(['two']);
    expect(chromiums('').filter((pid) => before.includes(pid))).toEqual([]);
  });

  test('during a document is replaced, and every document in work is printed by the next one', async () => {
    await renderer.render(small('warm'), 'a');
    const inWork = [renderer.render(large('alpha'), 'a'), renderer.render(large('omega'), 'b')];
    await vi.waitUntil(() => chromiums('--type=renderer').length >= 2, { timeout: 30_000, interval: 5 });
    const before = killAll('');
    const texts = await Promise.all(inWork.map(async (pdf) => pdfText(await pdf)[0]?.slice(0, 5)));
    expect(texts).toEqual(['alpha', 'omega']);
    expect(chromiums('').filter((pid) => before.includes(pid))).toEqual([]);
  });

  test('in one of its pages alone does not hold the document until its time is over', async () => {
    await renderer.render(small('warm'), 'a');
    const [kept] = chromiums('--type=renderer');
    if (kept === undefined) expect.fail('no page has a process');
    const inWork = renderer.render(large('alpha'), 'a');
    process.kill(kept, 'SIGKILL');
    expect(pdfText(await inWork)[0]).toMatch(/^alpha /);
  });

  test('again under the same document is that document’s failure, and the next is printed', async () => {
    await renderer.render(small('warm'), 'a');
    const failure = renderer.render(large('alpha'), 'a').then(
      () => 'printed',
      () => 'failed',
    );
    killAll('');
    await vi.waitUntil(() => chromiums('--type=renderer').length > 0, { timeout: 30_000, interval: 5 });
    killAll('');
    expect(await failure).toBe('failed');
    expect(pdfText(await renderer.render(small('next'), 'a'))).toEqual(['next']);
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
    if (onLinux) expect(chromiums('')).toEqual([]);
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

/** Long enough in work to be caught there. */
function large(text: string) {
  return { html: `<p>${text} </p>`.repeat(3_000), title: text, language: 'en' };
}

/** Our browser's processes, of all kinds or of one. */
function chromiums(kind: string): number[] {
  const found = [process.pid];
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (processOf(Number(name)) ?? []) : []));
  for (const parent of found) found.push(...all.filter((one) => one.parent === parent).map(({ pid }) => pid));
  return all
    .filter(({ pid, command }) => pid !== process.pid && found.includes(pid) && command.includes('chromium'))
    .filter(({ command }) => command.includes(kind))
    .map(({ pid }) => pid);
}

function killAll(kind: string): number[] {
  const pids = chromiums(kind);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids;
}

function processOf(pid: number): { pid: number; parent: number; command: string } | undefined {
  try {
    // Fields 3 and 4 of stat, after the command in parentheses; Z is a process that is gone already.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z'
      ? undefined
      : { pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  } catch {
    return undefined;
  }
}
