import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { describe, expect, test } from 'vitest';
import { drawInlineImages, withImagesInside } from '../src/channels/email/inline-images.ts';
import { qrPng } from '../src/channels/email/qr-png.ts';
import type { MessageLocale } from '../src/domain/locale.ts';
import type { MessageFacts } from '../src/domain/message-facts.ts';
import { composeEmail, type EmailWish } from '../src/templates/compose-email.ts';
import { templateKeys } from '../src/templates/locales/locale-texts.ts';
import { browserPage, withoutChromium } from './support/browser.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

const locales: readonly MessageLocale[] = ['it', 'en', 'de', 'fr', 'es'];
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Code of the page, where TypeScript knows no document.
const runAxe = "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)";
const copyIban = `(() => {
  const iban = document.querySelector('span:has(wbr)');
  getSelection().selectAllChildren(iban);
  const groups = [...iban.children].map(({ textContent }) => textContent).filter((text) => text !== '');
  return { copied: String(getSelection()), groups };
})()`;

const tenant = messageFacts().tenant;
const paymentUrl = 'https://pay.example/1';
/** With all that the layout can show: a logo, several rows, one paid in part, bank details, the square, a button. */
const full = messageFacts({
  tenant: { ...tenant, logoImage: 'a'.repeat(64) },
  dueDates: [
    dueDateFacts({ paymentUrl }),
    dueDateFacts({ documentNumber: '13', outstanding: euro('20.00'), paymentUrl }),
    dueDateFacts({ documentNumber: '14', dueOn: '2026-06-01', paymentUrl }),
  ],
});

async function pageOf(facts: MessageFacts, wish: EmailWish): Promise<string> {
  const composed = await composeEmail(facts, wish);
  if (composed.kind === 'problem') throw new Error(JSON.stringify(composed.problem));
  const { rendered, inlineImages } = composed.email;
  const images = await drawInlineImages(inlineImages, async () => ({ mediaType: 'image/png', bytes: qrPng('logo') }));
  return withImagesInside(rendered.html, images);
}

describe.skipIf(withoutChromium)('an email as a browser shows it', () => {
  const page = browserPage();

  /** What axe finds that is serious or worse, in light and dark, on a screen and a phone; and what is wider than that. */
  async function faultsOf(html: string): Promise<string[]> {
    const faults: string[] = [];
    await page().setContent(html);
    await page().addScriptTag({ content: axeSource });
    for (const width of [760, 360]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page().setViewportSize({ width, height: 900 });
        await page().emulateMedia({ colorScheme });
        const violations = await page().evaluate<AxeResults['violations']>(runAxe);
        for (const { impact, id, nodes } of violations) {
          if (impact !== 'serious' && impact !== 'critical') continue;
          faults.push(`${width} ${colorScheme}: ${id} ${nodes.map((node) => node.html).join(' ')}`);
        }
      }
      const wide = await page().evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (wide > 0) faults.push(`${width}: ${wide} pixels too wide`);
    }
    return faults;
  }

  test.each(templateKeys.flatMap((template) => locales.map((locale) => [template, locale] as const)))(
    'shuts nobody out (%s, %s)',
    async (template, locale) => {
      expect(await faultsOf(await pageOf({ ...full, locale }, { template }))).toEqual([]);
    },
  );

  test.each(['#ffffff', '#000000', '#767676', '#777777', '#808080', '#ff0000', '#ffd166', '#00a0ff', '#12b886'])(
    'can be read with the tenant’s colour %s',
    async (colour) => {
      expect(await faultsOf(await pageOf({ ...full, tenant: { ...tenant, colour } }, {}))).toEqual([]);
    },
  );

  test('shuts nobody out when nothing is open any more', async () => {
    const settled = { ...full, dueDates: [dueDateFacts({ outstanding: euro('0.00'), paymentUrl })] };
    const html = await pageOf(settled, { template: 'thank-you' });
    expect(await faultsOf(html)).toEqual([]);
    // The measure itself: a grey that is too light is found, in both sizes.
    const tooLight = await faultsOf(html.replaceAll('#5b6875', '#c0c0c0'));
    expect(tooLight.map((fault) => fault.slice(0, 25))).toEqual([
      '760 light: color-contrast',
      '360 light: color-contrast',
    ]);
  });

  test('holds long names and large amounts on a phone', async () => {
    const odd = {
      ...full,
      customer: { name: 'Società Cooperativa '.repeat(20) },
      tenant: { ...tenant, senderName: 'W'.repeat(200) },
      dueDates: full.dueDates.map((dueDate) => ({
        ...dueDate,
        documentNumber: 'N'.repeat(200),
        amount: euro('999999999999.99'),
        outstanding: euro('999999999999.99'),
      })),
    };
    expect(await faultsOf(await pageOf(odd, {}))).toEqual([]);
  });

  test('hides the square on a phone, which nobody can hold before its own camera', async () => {
    await page().setContent(await pageOf(full, {}));
    const square = page().locator('img[width="168"]');
    await page().setViewportSize({ width: 760, height: 900 });
    expect(await square.isVisible()).toBe(true);
    await page().setViewportSize({ width: 360, height: 900 });
    expect(await square.isVisible()).toBe(false);
  });

  test('gives the IBAN to the clipboard without spaces, though it is read in groups of four', async () => {
    await page().setContent(await pageOf(full, {}));
    const { copied, groups } = await page().evaluate<{ copied: string; groups: string[] }>(copyIban);
    expect(copied).toBe('IT60X0542811101000000123456');
    expect(groups).toEqual(['IT60', 'X054', '2811', '1010', '0000', '0123', '456']);
  });
});
