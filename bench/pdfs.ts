import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../src/invoices/find-chromium.ts';
import { exampleDocuments, pages, withRenderer } from './documents.ts';
import { type Figure, figureOf, type Pair } from './figure.ts';
import type { Stage } from './stage.ts';

const documents = 100;
const unit = 'PDFs/s';

/** PDFs a second through the renderer, beside a bare loop over as many pages that are used again and again. */
export async function pdfs(stage: Stage): Promise<Figure[]> {
  const found = await findChromium({ chromiumPath: null, dataDir: stage.folder });
  if ('missing' in found) throw new Error(found.missing);
  const browser = await chromium.launch({
    executablePath: found.path,
    ...(found.env && { env: found.env }),
    args: [...found.args, '--disable-gpu'],
    chromiumSandbox: !found.args.includes('--no-sandbox'),
  });
  stage.keep(async () => browser.close());
  const bare = await Promise.all(Array.from({ length: pages }, async () => browser.newPage()));
  return withRenderer(stage, async (render) => {
    const html = exampleDocuments();
    const document = (n: number) => html[n % html.length] ?? html[0];
    const ours = async (tenants: number): Promise<number> =>
      perSecond(async (n) => render(document(n), `tenant-${n % tenants}`));
    const theirs = async (): Promise<number> => perSecond(async (n, lane) => print(bare[lane], document(n).html));
    await ours(1);
    await theirs();
    const oneTenant: Pair[] = [];
    const manyTenants: Pair[] = [];
    for (let round = 1; round <= stage.rounds; round++) {
      stage.say(`PDFs, round ${round} of ${stage.rounds}`);
      const pair = { ours: await ours(1), theirs: await theirs() };
      oneTenant.push(pair);
      manyTenants.push({ ours: await ours(documents), theirs: pair.theirs });
    }
    const against = `bare loop over ${pages} pages`;
    return [
      figureOf({ name: 'PDFs, one tenant', unit, against, target: { of: 'ratio', atLeast: 0.9 } }, oneTenant),
      figureOf({ name: 'PDFs, each of another tenant', unit, against }, manyTenants),
    ];
  });
}

async function perSecond(print: (n: number, lane: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: pages }, async (_, lane) => {
      while (next < documents) await print(next++, lane);
    }),
  );
  return documents / ((performance.now() - begun) / 1_000);
}

// The same options, as they are part of what is printed: tags and outline cost their time.
async function print(page: Page | undefined, html: string): Promise<unknown> {
  if (!page) throw new Error('there are fewer pages than lanes');
  await page.setContent(html);
  return page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
}
