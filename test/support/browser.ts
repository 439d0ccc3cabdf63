import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { findChromium } from '../../src/invoices/find-chromium.ts';
import { chromiumDir } from './service.ts';

const found = await findChromium({ chromiumPath: null, dataDir: chromiumDir });

/** For `skipIf`: no browser is on this machine. */
export const withoutChromium = 'missing' in found;

/** A page for the tests of a `describe`, which share it one after the other; its browser ends with them. */
export function browserPage(): () => Page {
  let browser: Browser | undefined;
  let page: Page | undefined;
  beforeAll(async () => {
    if ('missing' in found) throw new Error(found.missing);
    const { path, args, env } = found;
    browser = await chromium.launch({ executablePath: path, args, ...(env && { env }) });
    page = await browser.newPage();
  });
  afterAll(async () => browser?.close());
  return () => {
    if (!page) throw new Error('the browser has not been started');
    return page;
  };
}
