import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../src/invoices/find-chromium.ts';

type Scheme = 'light' | 'dark';

/** Takes pictures of HTML with the project's own browser: no network, no script. */
export class Camera {
  readonly #browser: Browser;

  static async open(dataDir: string): Promise<Camera> {
    const found = await findChromium({ chromiumPath: process.env['CHROMIUM_PATH'] ?? null, dataDir });
    if ('missing' in found) throw new Error(found.missing);
    const browser = await chromium.launch({
      executablePath: found.path,
      ...(found.env && { env: found.env }),
      args: found.args,
      chromiumSandbox: !found.args.includes('--no-sandbox'),
    });
    return new Camera(browser);
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** A PNG of the whole page. @param width in CSS pixels; the height follows. @param scale device pixels for each. */
  async take(
    html: string,
    { width, scheme = 'light', scale = 1 }: { width: number; scheme?: Scheme; scale?: number },
  ): Promise<Buffer> {
    const context = await this.#browser.newContext({
      javaScriptEnabled: false,
      offline: true,
      colorScheme: scheme,
      viewport: { width, height: 200 },
      deviceScaleFactor: scale,
    });
    try {
      await context.route('**/*', (route) => route.abort());
      const page = await context.newPage();
      await page.setContent(html, { waitUntil: 'load' });
      return await page.screenshot({ fullPage: true });
    } finally {
      await context.close();
    }
  }
}

type Picture = { png: Buffer; caption: string };

/** Pictures side by side on one sheet, in rows, each under its caption; `width` is of one picture. */
export function sheet(title: string, rows: readonly (readonly Picture[])[], width: number): string {
  const cell = ({ png, caption }: Picture): string =>
    `<figure style="width:${width}px"><figcaption>${caption}</figcaption><img src="data:image/png;base64,${png.toString('base64')}" width="${width}"></figure>`;
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;padding:20px;background:#c9ced4;font:13px/1.5 sans-serif;color:#1d2329;width:max-content}
    h1{font-size:17px;margin:0 0 12px} section{display:flex;gap:16px;align-items:flex-start;margin-bottom:18px}
    figure{margin:0} figcaption{margin-bottom:5px} img{display:block}
    </style><h1>${title}</h1>${rows.map((row) => `<section>${row.map(cell).join('')}</section>`).join('')}`;
}
