import { type ChromiumSearch, findChromium, type FoundChromium } from './find-chromium.ts';
import { PrintBrowser, PrintTookTooLong, type PrintPage } from './print-browser.ts';

/** No browser to print with; the message says what is wrong and the mend. */
export class ChromiumMissing extends Error {
  override readonly name = 'ChromiumMissing';
}

type RendererOptions = {
  chromiumPath: string | null;
  dataDir: string;
  /** How many documents are printed at the same time. */
  pages: number;
  /** For one document, from the moment it has a browser. */
  timeoutMs: number;
  /** A browser is replaced after this many documents, as its memory grows. */
  documentsPerBrowser?: number;
};

/**
 * HTML to PDF through a headless Chromium that runs no script and reaches no network. The browser is started by the
 * first document, replaced after a crash, a hang or some hundreds of documents, and never needed for anything else:
 * without one, only `render` fails.
 */
export class PdfRenderer {
  readonly #options: Required<RendererOptions>;
  readonly #waiting: { go: () => void; end: (reason: Error) => void }[] = [];
  readonly #retired = new Set<PrintBrowser>();
  #free: number;
  #running = false;
  #search: Promise<ChromiumSearch> | undefined;
  #browser: Promise<PrintBrowser> | undefined;
  #whenDrained: (() => void) | undefined;
  #trouble: string | undefined;
  #note = 'not started yet';

  constructor(options: RendererOptions) {
    this.#options = { documentsPerBrowser: 500, ...options };
    this.#free = options.pages;
  }

  /** Looks for a browser in the background, so that the first document does not wait for the unpacking. */
  start(): void {
    this.#running = true;
    void this.#find().catch(() => undefined);
  }

  /** Lets the documents in work end (at most their own time limit), refuses those that wait. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    for (const waiter of this.#waiting.splice(0)) waiter.end(new Error('the PDF renderer is stopped'));
    await atMost(this.#options.timeoutMs, this.#drained());
    await atMost(this.#options.timeoutMs, this.#closeBrowsers());
  }

  /**
   * @param tenant whose document it is: no page is shared between tenants.
   * @throws ChromiumMissing when there is none; Error when the document cannot be printed (in time). Worth another try.
   */
  async render(page: PrintPage, tenant: string): Promise<Uint8Array> {
    if (!this.#running) throw new Error('the PDF renderer is not started');
    await this.#turn();
    try {
      return await this.#print(page, tenant).catch(async (error: unknown) => {
        // The browser died, most likely by another's document or for want of memory: once more, in the next one.
        if (error instanceof PrintTookTooLong || error instanceof ChromiumMissing || !this.#running) throw error;
        return this.#print(page, tenant);
      });
    } finally {
      this.#free += 1;
      this.#next();
      if (this.#free === this.#options.pages) this.#whenDrained?.();
    }
  }

  /** `ok: false` only when a browser was looked for and none starts. */
  status(): { ok: boolean; detail: string } {
    return this.#trouble === undefined ? { ok: true, detail: this.#note } : { ok: false, detail: this.#trouble };
  }

  async #print(page: PrintPage, tenant: string): Promise<Uint8Array> {
    const browser = await this.#usableBrowser();
    return browser.print(page, tenant, this.#options.timeoutMs);
  }

  #drained(): Promise<void> {
    if (this.#free === this.#options.pages) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenDrained = resolve;
    return promise;
  }

  async #closeBrowsers(): Promise<void> {
    const last = await this.#browser?.catch(() => undefined);
    this.#browser = undefined;
    await Promise.all([last?.close(), ...Array.from(this.#retired, (browser) => browser.close())]);
    this.#retired.clear();
    await this.#search?.catch(() => undefined);
  }

  #turn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ go: resolve, end: reject });
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#free === 0) return;
    const first = this.#waiting.shift();
    if (!first) return;
    this.#free -= 1;
    first.go();
  }

  // One launch for all who ask meanwhile. A browser that is no longer usable ends by itself when its last page is done.
  async #usableBrowser(): Promise<PrintBrowser> {
    for (;;) {
      const asked = (this.#browser ??= this.#launch());
      const browser = await asked.catch((error: unknown) => {
        if (this.#browser === asked) this.#browser = undefined;
        throw error;
      });
      if (browser.usable && browser.printed < this.#options.documentsPerBrowser) return browser;
      if (this.#browser !== asked) continue;
      this.#browser = undefined;
      this.#retire(browser);
    }
  }

  #retire(browser: PrintBrowser): void {
    for (const old of this.#retired) if (old.closed) this.#retired.delete(old);
    this.#retired.add(browser);
    browser.retire();
  }

  async #launch(): Promise<PrintBrowser> {
    const found = await this.#find();
    try {
      const browser = await PrintBrowser.launch(found);
      this.#trouble = undefined;
      this.#note = browser.note;
      return browser;
    } catch (error) {
      this.#search = undefined;
      this.#trouble = `${found.path} does not start; see \`doctor\``;
      throw error;
    }
  }

  async #find(): Promise<FoundChromium> {
    const search = (this.#search ??= findChromium(this.#options));
    const found = await search;
    if ('missing' in found) {
      // Looked for again at the next document: a person may have installed one meanwhile.
      if (this.#search === search) this.#search = undefined;
      this.#trouble = found.missing;
      throw new ChromiumMissing(found.missing);
    }
    this.#trouble = undefined;
    this.#note = found.note;
    return found;
  }
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
