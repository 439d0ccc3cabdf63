import { describe, expect, test } from 'vitest';
import type { DueDateFacts, MessageFacts } from '../src/domain/message-facts.ts';
import { parseIban } from '../src/domain/iban.ts';
import { parseCurrency } from '../src/domain/money.ts';
import { composeEmail, type ComposedEmail, type EmailWish } from '../src/templates/compose-email.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

async function compose(facts: MessageFacts = messageFacts(), wish: EmailWish = {}): Promise<ComposedEmail> {
  const result = await composeEmail(facts, wish);
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.email;
}

/** What a person reads: no tags, no entities, single spaces. */
function words(html: string): string {
  return html
    .replaceAll(/<style[\s\S]*?<\/style>|<head>[\s\S]*?<\/head>|<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function inDollars(units: bigint): Partial<DueDateFacts> {
  const currency = parseCurrency('USD');
  if (!currency) throw new Error('no dollars');
  return { amount: { units, currency }, outstanding: { units, currency }, credited: { units: 0n, currency } };
}

/** What stands between the tags of that name, as it is read. */
function inside(html: string, tag: string): string[] {
  return [...html.matchAll(new RegExp(`<${tag}[ >][\\s\\S]*?</${tag}>`, 'g'))].map(([element]) =>
    words(element).trim(),
  );
}

const tenant = messageFacts().tenant;
const paymentUrl = 'https://pay.example/i?a=1&b=2';

describe('the content', () => {
  test('says who asks, for what, how much and how to pay, in HTML and in text alike', async () => {
    const { rendered } = await compose();
    for (const version of [words(rendered.html), plain(rendered.text)]) {
      for (const said of [
        'Bianchi Costruzioni S.p.A.',
        '2026/12',
        '3 marzo 2026',
        '1.220,00 €',
        'Coordinate per il bonifico',
        'IT60 X054 2811 1010 0000 0123 456',
        'BPMOIT22XXX',
        'Officine Rossi S.r.l.',
        'amministrazione@officinerossi.example',
      ]) {
        expect(version).toContain(said);
      }
    }
    expect(rendered.html).not.toMatch(/fonts\.googleapis|<script|\{\{|\{%/);
  });

  test.each(['it', 'en', 'de', 'fr', 'es'] as const)('tells its language (%s), under one heading', async (locale) => {
    const { html, subject } = (await compose(messageFacts({ locale }))).rendered;
    expect(html).toMatch(new RegExp(`<html[^>]* lang="${locale}"`));
    expect(inside(html, 'title')).toEqual([plain(subject)]);
    expect(inside(html, 'h1')).toEqual([plain(subject)]);
    expect(inside(html, 'h2')).toHaveLength(1);
    expect(html.match(/<table/g)?.length).toBe(html.match(/<table[^>]*role="presentation"/g)?.length);
  });

  test('names what was paid and what was credited of one, and asks for the rest', async () => {
    const dueDates = [dueDateFacts({ outstanding: euro('700.00'), credited: euro('20.00') })];
    const shown = words((await compose(messageFacts({ dueDates }))).rendered.html);
    expect(shown).toMatch(/1\.220,00 € .*500,00 € .*20,00 € 700,00 €/);
  });

  test('sums several due dates and names each with what is open of it', async () => {
    const dueDates = [
      dueDateFacts(),
      dueDateFacts({ documentNumber: '13', outstanding: euro('20.00') }),
      dueDateFacts({ documentNumber: '14', dueOn: '2026-05-01' }),
    ];
    const { html } = (await compose(messageFacts({ dueDates }))).rendered;
    expect(words(html)).toMatch(/13 .*20,00 € .*1\.220,00 € .*14 .*1\.220,00 € .*2\.460,00 €/);
    // Two are late, which is said in colour beside the day; one is not.
    expect(html.match(/class="soft late"/g)).toHaveLength(2);
  });

  test('sums each currency by itself, one below the other', async () => {
    const dueDates = [dueDateFacts(), dueDateFacts(inDollars(2_000n)), dueDateFacts({ outstanding: euro('80.00') })];
    const { html } = (await compose(messageFacts({ dueDates }))).rendered;
    expect(html).toMatch(/1\.300,00\s€<br \/>20,00\sUSD/);
  });

  test('says in the list of messages how much is open since when, or else how it begins', async () => {
    const shown = words((await compose()).rendered.html);
    expect(shown).toMatch(/^ Da saldare: 1\.220,00 € · Scadenza: 2 aprile 2026 /);
    const settled = messageFacts({ dueDates: [dueDateFacts({ outstanding: euro('0.00') })] });
    const wish = { template: 'thank-you', message: 'Gentile {{ customer }},\n\nabbiamo ricevuto tutto.' };
    expect(words((await compose(settled, wish)).rendered.html)).toMatch(/^ abbiamo ricevuto tutto\. /);
  });

  test('without a bank account, an address or a document says nothing of them', async () => {
    const facts = messageFacts({ bankAccount: null, attachesDocument: false, tenant: { ...tenant, replyTo: null } });
    const { rendered } = await compose(facts);
    expect(rendered.text).not.toMatch(/IBAN|Coordinate|allegat|rispondere|\n\n\n/);
    expect(words(rendered.html)).not.toMatch(/IBAN|Coordinate|allegat|rispondere/);
  });

  test('has no table, no bank details, no square and no button when nothing is open', async () => {
    const dueDates = [dueDateFacts({ outstanding: euro('0.00'), paymentUrl })];
    const { rendered, inlineImages } = await compose(messageFacts({ dueDates }), { template: 'thank-you' });
    for (const version of [words(rendered.html), rendered.text]) {
      expect(version).not.toMatch(/IBAN|Da saldare|Paga online|pay\.example/);
    }
    expect(rendered.html).not.toMatch(/pay\.example|class="rule"|class="panel"/);
    expect(inlineImages).toEqual([]);
  });

  test('has a button exactly when there is one web address to pay at', async () => {
    const { rendered } = await compose(messageFacts({ dueDates: [dueDateFacts({ paymentUrl })] }));
    expect(rendered.html).toContain('href="https://pay.example/i?a=1&amp;b=2"');
    expect(rendered.text).toContain(paymentUrl);
    for (const odd of [null, 'javascript:alert(1)', 'not an address']) {
      const without = await compose(messageFacts({ dueDates: [dueDateFacts({ paymentUrl: odd })] }));
      expect(without.rendered.html).not.toMatch(/Paga online|javascript/);
    }
    const dueDates = [dueDateFacts({ paymentUrl }), dueDateFacts({ paymentUrl: 'https://pay.example/2' })];
    const several = (await compose(messageFacts({ dueDates }))).rendered.html;
    expect(several.match(/Paga online/g)).toHaveLength(2);
    expect(several).not.toContain('class="side wide"');
  });
});

describe('the bank details', () => {
  test('give an IBAN that can be pasted: from the HTML without spaces, from the text with', async () => {
    const { html, text } = (await compose()).rendered;
    const groups = /(<span style="padding-right[\s\S]*?)<\/span>\s*<\/div>/.exec(html)?.[1] ?? '';
    expect(groups.replaceAll(/<[^>]*>/g, '').trim()).toBe('IT60X0542811101000000123456');
    const line = /IBAN\W\s*(.+)/.exec(text)?.[1] ?? '';
    expect(line).toBe('IT60 X054 2811 1010 0000 0123 456');
    expect(parseIban(line)).toBe('IT60X0542811101000000123456');
  });

  test('have no half of a letter at the end of a subject that is cut', async () => {
    const { subject } = (await compose(messageFacts(), { subject: `${'x'.repeat(199)}😀 and more` })).rendered;
    expect(subject).toBe('x'.repeat(199));
  });

  test('come with a square that pays all that is open in one transfer', async () => {
    const dueDates = [dueDateFacts(), dueDateFacts({ documentNumber: '13', outstanding: euro('20.00') })];
    const { rendered, inlineImages } = await compose(messageFacts({ dueDates }));
    const [square] = inlineImages;
    if (square?.kind !== 'qr') throw new Error('no square');
    const lines = square.payload.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      'BCD',
      '002',
      '1',
      'SCT',
      'BPMOIT22XXX',
      'Officine Rossi S.r.l.',
      'IT60X0542811101000000123456',
      'EUR1240.00',
    ]);
    // Payer and payee read one reference, in the square and beside it.
    expect(words(rendered.html)).toContain(lines[10]);
    expect(rendered.text).toContain(lines[10]);
    expect(rendered.html).toMatch(new RegExp(`<img src="cid:${square.cid}" alt="[^"]*1\\.240,00[^"]*Officine Rossi`));
    // It may ask for more than what is late, so that its sum stands below it.
    expect(plain(words(rendered.html))).toContain('Inquadri il codice con l’app della Sua banca: 1.240,00 €');
  });

  test('name equal squares alike, and others not', async () => {
    const cid = async (facts: MessageFacts) => (await compose(facts)).inlineImages[0]?.cid;
    expect(await cid(messageFacts())).toBe(await cid(messageFacts({ locale: 'it' })));
    const other = messageFacts({ dueDates: [dueDateFacts({ outstanding: euro('1.00') })] });
    expect(await cid(messageFacts())).not.toBe(await cid(other));
  });

  test.each<[string, Partial<MessageFacts>]>([
    ['no account', { bankAccount: null }],
    ['another currency', { dueDates: [dueDateFacts(inDollars(100n))] }],
    ['two currencies', { dueDates: [dueDateFacts(), dueDateFacts(inDollars(1n))] }],
    ['nothing open', { dueDates: [dueDateFacts({ outstanding: euro('0.00') })] }],
    [
      'a reference that had to be shortened',
      { dueDates: Array.from({ length: 30 }, (_, n) => dueDateFacts({ documentNumber: `2026/${n}` })) },
    ],
  ])('have no square where it would say too little: %s', async (_why, more) => {
    const { rendered, inlineImages } = await compose(messageFacts(more));
    expect(inlineImages).toEqual([]);
    expect(rendered.html).not.toMatch(/cid:|class="qr"/);
  });
});

describe('the look', () => {
  test.each(['#FFD166', '#0b5d4e', '#777777'])('wears the tenant’s colour %s', async (colour) => {
    const facts = messageFacts({ tenant: { ...tenant, colour }, dueDates: [dueDateFacts({ paymentUrl })] });
    const { html } = (await compose(facts)).rendered;
    expect(html).toContain(`bgcolor="${colour.toLowerCase()}"`);
    expect(html).not.toMatch(/#a1b2c3|#d4e5f6/i);
  });

  test('takes nothing for a colour that is none', async () => {
    expect((await compose(messageFacts({ tenant: { ...tenant, colour: 'red;x' } }))).rendered.html).not.toContain(
      'red;x',
    );
  });

  test('shows a logo with an alt text: from its address, or from within the message', async () => {
    const far = { ...tenant, logo: 'https://rossi.example/logo.png' };
    const { rendered, inlineImages } = await compose(messageFacts({ tenant: far, bankAccount: null }));
    expect(rendered.html).toMatch(/<img src="https:\/\/rossi\.example\/logo\.png" alt="Officine Rossi S\.r\.l\."/);
    expect(inlineImages).toEqual([]);
    const sha256 = 'ab'.repeat(32);
    const near = await compose(messageFacts({ tenant: { ...far, logoImage: sha256 }, bankAccount: null }));
    expect(near.inlineImages).toEqual([
      { kind: 'kept', cid: `${sha256.slice(0, 24)}@logo.sollecito`, name: 'logo', sha256 },
    ]);
    expect(near.rendered.html).toContain(`<img src="cid:${sha256.slice(0, 24)}@logo.sollecito" alt="Officine Rossi`);
    expect(near.rendered.html).not.toContain('https://rossi.example');
    for (const logo of ['http://rossi.example/logo.png', 'data:image/png;base64,AAAA', 'logo.png']) {
      expect((await compose(messageFacts({ tenant: { ...tenant, logo } }))).rendered.html).not.toContain(logo);
    }
  });

  test('shows names that look like code as what they are', async () => {
    const name = `<b onclick="x">'{{ iban }}' & {% raw %}</b>`;
    const { html } = (await compose(messageFacts({ customer: { name }, tenant: { ...tenant, senderName: name } })))
      .rendered;
    expect(html).not.toMatch(/<b |onclick="/);
    expect(words(html).split(name).length).toBeGreaterThan(2);
  });
});

describe('the size', () => {
  const of = async (dueDates: MessageFacts['dueDates'], wish: EmailWish = {}) =>
    (await compose(messageFacts({ dueDates }), wish)).rendered;

  test('has room for 45 due dates, each with its own address to pay at', async () => {
    const numbers = Array.from({ length: 45 }, (_, n) => `A-${n}-Z`);
    const { html, text } = await of(
      numbers.map((documentNumber) =>
        dueDateFacts({ documentNumber, paymentUrl: `${paymentUrl}&n=${documentNumber}` }),
      ),
    );
    for (const number of numbers) expect(words(html)).toContain(number);
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expect(text).toContain('A-44-Z');
  });

  test('stays under 100 kB with very many, and counts those that are not listed', async () => {
    const { html, text } = await of(
      Array.from({ length: 500 }, (_, n) => dueDateFacts({ documentNumber: `A-${n}-Z` })),
    );
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expect(words(html)).toContain('450');
    expect(text).toContain('A-499-Z');
  });

  test('lists fewer where each is long', async () => {
    const long = (n: number) => `${paymentUrl}&q=${'x'.repeat(6_000)}${n}`;
    const { html } = await of(Array.from({ length: 40 }, (_, n) => dueDateFacts({ paymentUrl: long(n) })));
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expect(html.match(/Paga online/g)?.length).toBe(10);
    expect(words(html)).toContain('30');
  });

  test('of a message of too many paragraphs is its writer’s to mend', async () => {
    const message = 'x\n\n'.repeat(3_000);
    expect(await composeEmail(messageFacts(), { message })).toMatchObject({
      kind: 'problem',
      problem: { kind: 'too-long', field: 'message' },
    });
  });
});
