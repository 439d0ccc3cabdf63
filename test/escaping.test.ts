import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import type { MessageFacts } from '../src/domain/message-facts.ts';
import { documentPage } from '../src/invoices/document-page.ts';
import { PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { composeEmail } from '../src/templates/compose-email.ts';
import { composeSms } from '../src/templates/compose-sms.ts';
import { toGsm7 } from '../src/templates/gsm7.ts';
import { oneLine } from '../src/templates/one-line.ts';
import { checkTemplate } from '../src/templates/own/check-template.ts';
import { type OwnTemplate, readyTemplate } from '../src/templates/own/own-template.ts';
import { browserPage, withoutChromium } from './support/browser.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';
import { dueDateFacts, messageFacts } from './support/message-facts.ts';
import { wholeMjml } from './support/own-template.ts';
import { shapeOf } from './support/page-shape.ts';
import { pdfText } from './support/pdf-text.ts';
import { chromiumDir } from './support/service.ts';

const hostile = [
  '<script>alert(1)</script>',
  '{{ iban }}',
  '{{ "a" | append: "b" }}',
  '{% raw %}',
  '{% endraw %}{% endif %}{% endfor %}',
  "{%- include 'x' -%}",
  '</mj-text><mj-raw>',
  '<mj-include path="/etc/passwd"/>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  ']]>',
  '<![endif]--><b>a</b><!--',
  '</title></style><b>a</b>',
  '&lt;b&gt; &amp; &#60;b&#62;',
  '\u202Eexe.fdp',
  '\u2066a\u2069',
  'javascript:alert(1)',
  '$& $1 $`',
  '\\u003cscript\\u003e',
  'null',
  'undefined',
  '[object Object]',
  'constructor',
  '__proto__',
  '{{customer}}{{ dueDates }}',
  'liquid0z #a1b2c3',
  '\u0001 0\u0002',
];

const pieces = fc.constantFrom(...hostile, 'Rossi & Figli', "L'Aquila", '<', '>', '"', '`', '{', '%}', 'a');
/** A name that somebody gave: never empty once it is trimmed. */
const name = fc
  .array(pieces, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(' '))
  .filter((text) => oneLine(text) !== '');
const names = fc.record({ customer: name, sender: name, tenant: name, number: name, holder: name });
type Names = { customer: string; sender: string; tenant: string; number: string; holder: string };

/** As long as it, so that the same is shown: a square needs room for the holder (in bytes), a long number is set smaller. */
type Length = (text: string) => number;
const plainly = (given: string, length: Length): string => 'a'.repeat(length(given));
const harmless = (given: Names, length: Length): Names => ({
  customer: plainly(given.customer, length),
  sender: plainly(given.sender, length),
  tenant: plainly(given.tenant, length),
  number: plainly(given.number, length),
  holder: plainly(given.holder, length),
});
const inBytes: Length = (text) => Buffer.byteLength(oneLine(text));
// A document takes a name as it was given.
const inLetters: Length = (text) => text.length;

const factsOf = (given: Names): MessageFacts =>
  messageFacts({
    tenant: { ...messageFacts().tenant, name: given.tenant, senderName: given.sender },
    customer: { name: given.customer },
    dueDates: [dueDateFacts({ documentNumber: given.number, paymentUrl: 'https://pay.example/1?a="<b>' })],
    bankAccount: { holder: given.holder, iban: 'IT60X0542811101000000123456', bic: null },
  });

const text =
  '{% if daysLate > 1 %}{{ customer | append: "!" }}{% endif %} {{ sender }} {{ documentNumber }} {{ bankDetails }}';
const subject = '{{ customer }} {{ documentNumber | prepend: "n. " }}';
const checked = await checkTemplate({ key: 'overdue', channel: 'email', locale: 'it', subject, text, mjml: wholeMjml });
const own = readyTemplate({ version: 1, subject, text, html: checked.kind === 'right' ? checked.html : null });
const templates: [string, OwnTemplate | null][] = [
  ['ours', null],
  ['an own text', { ...own, html: null }],
  ['an own page', own],
];

const emailOf = async (given: Names, template: OwnTemplate | null) => {
  const made = await composeEmail(factsOf(given), {}, template);
  if (made.kind === 'problem') throw new Error(JSON.stringify(made.problem));
  return made.email.rendered;
};

/** Without what shows nothing, and as one line: how a text is compared. */
const seen = (shown: string): string => shown.replaceAll(/\s+/g, ' ').trim();
/** How a value is shown: on its line. */
const value = (given: string): string => seen(oneLine(given));

describe('a name is shown as that text', () => {
  test.each(templates)('in the subject and the text of an email (%s)', async (_, template) => {
    expect(checked).toMatchObject({ kind: 'right' });
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const rendered = await emailOf(given, template);
        const shown = seen(rendered.text);
        for (const each of [given.customer, given.sender, given.tenant, given.number, given.holder]) {
          expect(shown).toContain(value(each));
        }
        expect(rendered.subject).toContain(value(given.number).slice(0, 100));
      }),
    );
  });

  test('in an SMS, ours and one of their own', () => {
    const short = readyTemplate({
      version: 1,
      subject: null,
      text: '{{ sender }} {{ customer | append: "!" }} {{ documentNumber }}',
      html: null,
    });
    fc.assert(
      fc.property(names, (given) => {
        for (const template of [null, short]) {
          const made = composeSms(factsOf(given), {}, 10, template);
          if (made.kind === 'problem') throw new Error(JSON.stringify(made.problem));
          // An SMS has another alphabet, which all of it or nothing is written in.
          const written = (each: string): string =>
            made.sms.rendered.encoding === 'GSM-7' ? toGsm7(value(each)) : value(each);
          expect(seen(made.sms.rendered.text)).toContain(written(given.sender));
          if (template) expect(seen(made.sms.rendered.text)).toContain(`${written(given.customer)}!`);
        }
      }),
    );
  });
});

describe.skipIf(withoutChromium)('a browser finds no more in the page than with a harmless name', () => {
  const page = browserPage();

  test.each(templates)('in an email (%s)', async (_, template) => {
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const plain = await shapeOf(page(), (await emailOf(harmless(given, inBytes), template)).html);
        expect(plain.elements.length).toBeGreaterThan(50);
        const shape = await shapeOf(page(), (await emailOf(given, template)).html);
        expect(shape.elements).toEqual(plain.elements);
        const shown = seen([shape.text, ...shape.titles].join(' '));
        for (const each of [given.customer, given.sender, given.tenant, given.number, given.holder]) {
          expect(shown).toContain(value(each));
        }
      }),
      { numRuns: 60 },
    );
  });

  const documentOf = (given: Names, note: string) => {
    const example = exampleInvoice(2);
    const invoice: Invoice = {
      ...example,
      number: given.number,
      notes: [note],
      seller: { ...example.seller, name: given.tenant },
      buyer: { ...example.buyer, name: given.customer },
      lines: example.lines.map((line) => ({ ...line, description: given.sender })),
    };
    const facts = documentFacts(invoice);
    return documentPage({
      ...facts,
      bankAccount: { holder: given.holder, iban: 'IT60X0542811101000000123456', bic: null, chosen: true },
    });
  };

  test('in the page of a document', async () => {
    await fc.assert(
      fc.asyncProperty(names, name, async (given, note) => {
        const plain = await shapeOf(page(), documentOf(harmless(given, inLetters), plainly(note, inLetters)).html);
        const shape = await shapeOf(page(), documentOf(given, note).html);
        expect(shape.elements).toEqual(plain.elements);
        for (const each of [given.customer, given.tenant, given.number, note, given.sender, given.holder]) {
          expect(seen(shape.text)).toContain(seen(each));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('in a PDF', async () => {
    const renderer = new PdfRenderer({ chromiumPath: null, dataDir: chromiumDir, pages: 1, timeoutMs: 30_000 });
    renderer.start();
    const given = {
      customer: '<script>alert(1)</script>',
      sender: '"><img src=x onerror=alert(1)>',
      tenant: '{{ iban }} {% raw %}',
      number: ']]>',
      holder: '<mj-include path="/etc/passwd"/>',
    };
    const pdf = await renderer.render(documentOf(given, '&lt;b&gt;'), 'a');
    await renderer.stop();
    // Long words are broken where the paper ends.
    const shown = pdfText(pdf).join(' ').replaceAll(/\s/g, '');
    for (const each of [...Object.values(given), '&lt;b&gt;']) expect(shown).toContain(each.replaceAll(' ', ''));
  });
});
