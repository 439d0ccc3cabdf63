import { type Browser, chromium, type Page } from 'playwright-core';
import type { FoundChromium } from './find-chromium.ts';

/** HTML to be printed. `title` and `language` are in the HTML already; they are here for who stores the document. */
export type PrintPage = { html: string; title: string; language: string };

/** The document did not come within its time. */
export class PrintTookTooLong extends Error {
  override readonly name = 'PrintTookTooLong';
}

/**
 * One running browser and its pages. A page is kept for the tenant it served last, and no other tenant's document is
 * ever set into it. It prints until it is retired, then ends with its last document.
 */
export class PrintBrowser {
  readonly note: string;
  /** How many documents it was given so far. */
  printed = 0;
  readonly #browser: Browser;
  readonly #death: Promise<never>;
  readonly #idle: { tenant: string; page: Page }[] = [];
  #busy = 0;
  #retired = false;
  #closing: Promise<void> | undefined;

  static async launch(found: FoundChromium): Promise<PrintBrowser> {
    if (found.args.includes('--no-sandbox')) return new PrintBrowser(await launch(found, false), found.note);
    try {
      return new PrintBrowser(await launch(found, true), found.note);
    } catch (error) {
      // Containers and some distributions forbid user namespaces; the browser then says so and ends.
      if (!(error instanceof Error) || !sandboxForbidden.test(error.message)) throw error;
      const note = found.note.replace('in its sandbox', 'without its sandbox, as this machine forbids user namespaces');
      return new PrintBrowser(await launch(found, false), note);
    }
  }

  constructor(browser: Browser, note: string) {
    this.#browser = browser;
    this.note = note;
    // A page that is being opened when the browser dies is never heard of again: its caller has to be told.
    const { promise, reject } = Promise.withResolvers<never>();
    browser.once('disconnected', () => reject(new Error('the browser has ended')));
    promise.catch(() => undefined);
    this.#death = promise;
  }

  /** False after a crash, after a document that passed its time, or once retired. */
  get usable(): boolean {
    return this.#browser.isConnected() && !this.#retired;
  }

  get closed(): boolean {
    return !this.#browser.isConnected();
  }

  /** @throws PrintTookTooLong when the document cannot be printed within `timeoutMs`; Error when the browser dies meanwhile. */
  async print(document: PrintPage, tenant: string, timeoutMs: number): Promise<Uint8Array> {
    this.#busy += 1;
    this.printed += 1;
    try {
      return await within(timeoutMs, Promise.race([this.#print(document, tenant), this.#death]));
    } catch (error) {
      // A page that hangs may hold the whole browser: it gets no further document, and ends with those that it has.
      this.#retired = true;
      throw error;
    } finally {
      this.#busy -= 1;
      if (this.#retired && this.#busy === 0) void this.close();
    }
  }

  /** Takes no further document; ends when the ones in work are done. */
  retire(): void {
    this.#retired = true;
    if (this.#busy === 0) void this.close();
  }

  /** Ends now, whatever is in work; bounded. */
  close(): Promise<void> {
    this.#retired = true;
    this.#closing ??= within(5_000, this.#browser.close()).catch(() => undefined);
    return this.#closing;
  }

  async #print(document: PrintPage, tenant: string): Promise<Uint8Array> {
    const page = await this.#pageFor(tenant);
    // The time is `within`'s to keep, for all of it.
    await page.setContent(document.html, { waitUntil: 'load', timeout: 0 });
    // Fonts come from data: addresses, and "load" does not wait for those that no laid-out text has asked for yet.
    await page.evaluate('document.fonts.ready.then(() => true)');
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
    this.#idle.push({ tenant, page });
    return new Uint8Array(pdf);
  }

  async #pageFor(tenant: string): Promise<Page> {
    const same = this.#idle.findIndex((idle) => idle.tenant === tenant);
    const [kept] = same < 0 ? [] : this.#idle.splice(same, 1);
    if (kept) return kept.page;
    await this.#idle.shift()?.page.context().close();
    const context = await this.#browser.newContext({
      javaScriptEnabled: false,
      offline: true,
      serviceWorkers: 'block',
    });
    await context.route('**/*', (route) => route.abort());
    return context.newPage();
  }
}

// As Chromium's zygote host says it: no namespaces allowed, or a container's seccomp profile against them.
const sandboxForbidden = /No usable sandbox|SUID sandbox|Failed to move to new namespace/i;

function launch(found: FoundChromium, sandbox: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: found.path,
    ...(found.env && { env: found.env }),
    args: [...found.args, '--disable-gpu', '--font-render-hinting=none', '--host-resolver-rules=MAP * ~NOTFOUND'],
    chromiumSandbox: sandbox,
    timeout: 30_000,
    // The service decides when its browser ends: documents in work are finished after SIGTERM.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new PrintTookTooLong(`not done within ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whatever becomes of work that came too late was already answered for.
    work.catch(() => undefined);
  }
}
