import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFile(join(root, file), 'utf8');
const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(root, folder), { recursive: true })).map((file) => file.replaceAll('\\', '/'));
const missingIn = (docs: string, codes: Iterable<string>): string[] =>
  [...new Set(codes)].filter((code) => !docs.includes(`\`${code}\``));

test('every link of the pages leads to a file, and to a heading of it', async () => {
  const nested = (await filesIn('docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...nested];
  const texts = new Map(await Promise.all(pages.map(async (page) => [page, prose(await read(page))] as const)));
  const links = [...texts].flatMap(([page, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => ({ page, link })),
  );
  expect(links.length).toBeGreaterThan(50);
  const broken = links.filter(({ page, link }) => {
    const [path = '', heading] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/');
    const leads = existsSync(join(root, file));
    return !leads || (heading !== undefined && !headingsOf(texts.get(file) ?? '').includes(heading));
  });
  expect(broken).toEqual([]);
});

test('docs/invoices.md names every code of a refusal and of a warning', async () => {
  // Where invoice files are read, judged and imported; JSON ones have the codes of the API's own forms.
  const places = /^(?:invoices\/|domain\/|store\/(?:invoices|credits)|commands\/(?:invoice-files|json-invoice))/;
  const forms = [
    /\bcode: '([a-z-]+)'/g,
    /\b(?:InvoiceRefused|PdfRefused|unreadable)\(\s*'([a-z-]+)'/g,
    /'(xml-(?:broken|unsafe|too-large))'/g,
  ];
  const sources = (await filesIn('src')).filter((file) => places.test(file) && file.endsWith('.ts'));
  const texts = await Promise.all(sources.map((file) => read(`src/${file}`)));
  const codes = texts.flatMap((text) => forms.flatMap((form) => [...text.matchAll(form)].map(([, code = '']) => code)));
  expect(new Set(codes).size).toBeGreaterThan(60);
  expect(missingIn(await read('docs/invoices.md'), codes)).toEqual(['custom']);
});

test('docs/api.md names every reason of a verdict, a hand-over and a calling off', async () => {
  const sources = ['domain/claim-verdict.ts', 'domain/send-outcome.ts', 'store/cancel-settled.ts'];
  const texts = await Promise.all(sources.map((file) => read(`src/${file}`)));
  const unions = texts.flatMap((text) => [...text.matchAll(/type (?:\w+Reason|NothingToAsk) =([^;]*);/g)]);
  const reasons = unions.flatMap(([, union = '']) =>
    [...union.matchAll(/'([a-z-]+)'/g)].map(([, reason = '']) => reason),
  );
  expect(new Set(reasons).size).toBeGreaterThan(30);
  expect(missingIn(await read('docs/api.md'), reasons)).toEqual([]);
});

function prose(markdown: string): string {
  return markdown.replaceAll(/```[^]*?```/g, '');
}

/** As GitHub makes them of headings. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
