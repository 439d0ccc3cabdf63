// node scripts/gallery/main.ts: pictures of every template in every language, and of the PDFs, into docs/gallery.
import { type MessageLocale, messageLocales } from '../../src/domain/locale.ts';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drawInlineImages, withImagesInside } from '../../src/channels/email/inline-images.ts';
import type { MessageFacts } from '../../src/domain/message-facts.ts';
import { PdfRenderer } from '../../src/invoices/pdf-renderer.ts';
import { composeEmail } from '../../src/templates/compose-email.ts';
import { composeSms } from '../../src/templates/compose-sms.ts';
import { templateKeys } from '../../src/templates/locales/locale-texts.ts';
import { Camera, sheet } from './camera.ts';
import { galleryDocuments } from './documents.ts';
import { factsFor, severalFacts } from './facts.ts';

const root = path.join(import.meta.dirname, '..', '..');
const out = path.join(root, 'docs', 'gallery');
const dataDir = path.join(root, 'node_modules', '.cache', 'sollecito-gallery');
const schemes = ['light', 'dark'] as const;

mkdirSync(dataDir, { recursive: true });
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const camera = await Camera.open(dataDir);
try {
  for (const key of templateKeys)
    await keep(`email-${key}`, await emailSheet(`Email: ${key}`, key, (locale) => factsFor(key, locale)));
  await keep('email-several', await emailSheet('Email: several due dates', 'overdue', severalFacts));
  await keep('email-phone', await phoneSheet());
  await keep('sms', smsPage());
  await documents();
} finally {
  await camera.close();
}
writeFileSync(path.join(out, 'README.md'), page());

async function keep(name: string, html: string): Promise<void> {
  writeFileSync(path.join(out, `${name}.png`), await camera.take(html, { width: 600 }));
  process.stdout.write(`${name}.png\n`);
}

async function emailSheet(title: string, key: string, facts: (locale: MessageLocale) => MessageFacts): Promise<string> {
  const rows = [];
  for (const scheme of schemes) {
    const row = [];
    for (const locale of messageLocales) {
      const { html, subject } = await email(facts(locale), key);
      row.push({
        png: await camera.take(html, { width: 680, scheme }),
        caption: `${locale}, ${scheme}: ${escaped(subject)}`,
      });
    }
    rows.push(row);
  }
  return sheet(title, rows, 440);
}

async function phoneSheet(): Promise<string> {
  const row = [];
  for (const key of templateKeys) {
    const { html } = await email(factsFor(key, 'it'), key);
    row.push({ png: await camera.take(html, { width: 360 }), caption: `it, ${key}` });
  }
  return sheet('Email on a phone, 360 pixels', [row], 320);
}

async function email(facts: MessageFacts, template: string): Promise<{ html: string; subject: string }> {
  const composed = await composeEmail(facts, { template });
  if (composed.kind === 'problem') throw new Error(`${template}: ${composed.problem.kind}`);
  const { rendered, inlineImages } = composed.email;
  const images = await drawInlineImages(inlineImages, async () => undefined);
  return { html: withImagesInside(rendered.html, images), subject: rendered.subject };
}

/** The first two and the last. */
function someOf<T>(pages: readonly T[]): T[] {
  return pages.length <= 3 ? [...pages] : [...pages.slice(0, 2), ...pages.slice(-1)];
}

function smsPage(): string {
  const texts = messageLocales.map((locale) =>
    templateKeys.map((template) => {
      const composed = composeSms(factsFor(template, locale), { template });
      if (composed.kind === 'problem') throw new Error(`${template}: ${composed.problem.kind}`);
      const { text, encoding, segments } = composed.sms.rendered;
      return `<figure><figcaption>${locale}, ${template}: ${segments} parts, ${encoding}</figcaption><p>${escaped(text)}</p></figure>`;
    }),
  );
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;padding:20px;background:#e9edf1;font:14px/1.45 sans-serif;color:#1d2329;width:1600px}
    section{display:flex;gap:14px;align-items:flex-start;margin-bottom:16px} figure{margin:0;width:300px}
    figcaption{font-size:12px;margin-bottom:4px} p{margin:0;padding:10px 13px;border-radius:14px;background:#fff;white-space:pre-wrap;overflow-wrap:anywhere}
    </style><h1 style="font-size:17px">SMS</h1>${texts.map((row) => `<section>${row.join('')}</section>`).join('')}`;
}

async function documents(): Promise<void> {
  const renderer = new PdfRenderer({
    chromiumPath: process.env['CHROMIUM_PATH'] ?? null,
    dataDir,
    pages: 1,
    timeoutMs: 60_000,
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'sollecito-gallery-'));
  renderer.start();
  try {
    for (const { name, title, document } of galleryDocuments()) {
      const file = path.join(folder, `${name}.pdf`);
      writeFileSync(file, await renderer.render(document, 'gallery'));
      // Poppler draws what the reader will see; a browser would draw the page that was printed.
      execFileSync('pdftoppm', ['-r', '75', '-png', file, path.join(folder, name)]);
      const pictures = readdirSync(folder)
        .filter((each) => each.startsWith(`${name}-`) && each.endsWith('.png'))
        .sort();
      const all = pictures.map((each, n) => ({
        png: readFileSync(path.join(folder, each)),
        caption: `page ${n + 1} of ${pictures.length}`,
      }));
      await keep(`pdf-${name}`, sheet(title, [someOf(all)], 560));
    }
  } finally {
    await renderer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function page(): string {
  const pictures = readdirSync(out).filter((name) => name.endsWith('.png'));
  const titled = pictures.map((name) => `## ${name.replace('.png', '').replaceAll('-', ' ')}\n\n![${name}](${name})\n`);
  return `# What leaves\n\nEvery template in every language, light and dark, and the PDFs, as the built-in ones look. Made by \`npm run gallery\` (needs\n\`pdftoppm\` from Poppler for the PDFs) from made-up facts; the words are in \`src/templates/messageLocales\`.\n\n${titled.join('\n')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
