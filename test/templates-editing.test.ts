import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeEmail, type ComposedEmail, type EmailWish } from '../src/templates/compose-email.ts';
import { composeSms } from '../src/templates/compose-sms.ts';
import { placeholders } from '../src/templates/placeholders.ts';
import type { MessageFacts } from '../src/domain/message-facts.ts';
import { plain } from './support/composed.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

async function compose(facts: MessageFacts, wish: EmailWish = {}): Promise<ComposedEmail> {
  const result = await composeEmail(facts, wish);
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.email;
}

// Before, on, between and after their due dates.
const variants: MessageFacts[] = (['it', 'en', 'de', 'fr', 'es'] as const).flatMap((locale) =>
  ['2026-03-20', '2026-04-02', '2026-04-14', '2026-05-14'].flatMap((today) =>
    [['2026-04-02'], ['2026-05-02', '2026-04-02', '2026-05-04']].map((days) =>
      messageFacts({
        locale,
        today,
        dueDates: days.map((dueOn, i) => dueDateFacts({ documentNumber: String(i + 1), dueOn })),
      }),
    ),
  ),
);

describe('a proposal', () => {
  test('posted back unchanged gives the same email to the byte', async () => {
    for (const facts of variants) {
      for (const template of [undefined, 'final-notice', 'thank-you']) {
        const proposed = await compose(facts, { template });
        const { subject, message } = proposed;
        expect(await compose(facts, { subject, message, template })).toEqual(proposed);
        const fromBrowser = await compose(facts, { message: message.replaceAll('\n', '\r\n'), template });
        expect(fromBrowser.rendered).toEqual(proposed.rendered);
      }
    }
  });

  test('posted back unchanged gives the same SMS', () => {
    for (const facts of variants) {
      for (const template of [undefined, 'final-notice', 'thank-you']) {
        const proposed = composeSms(facts, { template });
        if (proposed.kind === 'problem') throw new Error(proposed.problem.kind);
        expect(composeSms(facts, { message: proposed.sms.message, template })).toEqual(proposed);
      }
    }
  });

  test('keeps its placeholders, so that amounts follow what is true when it is sent', async () => {
    const { subject, message } = await compose(messageFacts());
    expect(message).toContain('{{ openBalance }}');
    expect(message).toContain('{{ bankDetails }}');
    expect(message).not.toContain('1.220,00');
    const paidInPart = messageFacts({ dueDates: [dueDateFacts({ outstanding: euro('1.00') })], bankAccount: null });
    const { text } = (await compose(paidInPart, { subject, message })).rendered;
    expect(plain(text)).toContain('restano da saldare 1,00 €');
    expect(text).not.toContain('IBAN');
  });

  test('of thanks that was made while something was open says so once it is settled, and asks for nothing', async () => {
    const open = messageFacts({ dueDates: [dueDateFacts({ outstanding: euro('720.00') })] });
    const { subject, message } = await compose(open, { template: 'thank-you' });
    const settled = messageFacts({ dueDates: [dueDateFacts({ outstanding: euro('0.00') })] });
    const { text } = (await compose(settled, { subject, message })).rendered;
    expect(plain(text)).toContain('abbiamo ricevuto 1.220,00 € per il pagamento della fattura n. 2026/12');
    expect(text).toContain('interamente saldato');
    expect(text).not.toMatch(/IBAN|Scadenza|Restano/);
  });
});

describe('a caller’s message', () => {
  test('takes every documented placeholder', async () => {
    const message = Object.keys(placeholders)
      .map((name) => `${name}: {{ ${name} }}.`)
      .join('\n');
    const { text } = (await compose(messageFacts(), { message })).rendered;
    expect(text).not.toContain('{{');
    expect(composeSms(messageFacts(), { message }).kind).toBe('composed');
  });

  test('that leaves a block out still carries the amounts and the bank details, once', async () => {
    const { rendered } = await compose(messageFacts(), { message: 'Saldo: {{outstanding}}' });
    expect(rendered.text.match(/IT60 X054/g)).toHaveLength(1);
    expect(rendered.html.match(/X054/g)).toHaveLength(1);
    const proposed = await compose(messageFacts());
    expect(proposed.rendered.html.match(/X054/g)).toHaveLength(1);
  });

  test.each([
    ['{{ nonsense }}', { kind: 'unknown-placeholder', name: 'nonsense' }],
    ['{{ customer.name }}', { kind: 'unknown-placeholder', name: 'customer.name' }],
    ['{{ constructor }}', { kind: 'unknown-placeholder', name: 'constructor' }],
    ['{{ customer | date: "%Y" }}', { kind: 'unsupported-syntax' }],
    ["{% include 'x' %}", { kind: 'unsupported-syntax' }],
    ['open {{ customer', { kind: 'unsupported-syntax' }],
    ['closed }} alone', { kind: 'unsupported-syntax' }],
    ['{{ }}', { kind: 'unsupported-syntax' }],
    ['  \n ', { kind: 'empty' }],
    ['bell \u0007', { kind: 'control-character' }],
    ['x'.repeat(10_001), { kind: 'too-long', limit: 10_000, unit: 'characters' }],
  ])('%j is a problem', async (message, problem) => {
    const expected = { kind: 'problem', problem: { ...problem, field: 'message' } };
    expect(await composeEmail(messageFacts(), { message })).toMatchObject(expected);
    expect(composeSms(messageFacts(), { message })).toMatchObject(expected);
  });

  test('has no line break in its subject', async () => {
    expect(await composeEmail(messageFacts(), { subject: 'a\nBcc: b@example.it' })).toMatchObject({
      problem: { kind: 'control-character', field: 'subject' },
    });
  });
});

describe('a value', () => {
  const oddNames = [
    '<script>alert(1)</script>',
    '{{x}}',
    '{{ iban }}',
    '{% raw %}',
    '"\'&<b>',
    '$& $1',
    '{{ customer }}',
  ];

  test.each(oddNames)('%s shows as that text and is never evaluated', async (name) => {
    const facts = messageFacts({
      customer: { name },
      tenant: { ...messageFacts().tenant, name, senderName: name },
      bankAccount: { holder: name, iban: 'IT60X0542811101000000123456', bic: null },
      dueDates: [dueDateFacts({ documentNumber: name })],
    });
    const { subject, html, text } = (await compose(facts)).rendered;
    const escaped = name
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&#34;')
      .replaceAll("'", '&#39;');
    expect(subject).toContain(`n. ${name}`);
    expect(text).toContain(`Gentile ${name},`);
    expect(html).toContain(`Gentile ${escaped},`);
    expect(html).not.toMatch(/<script|<b>/);
    const sms = composeSms(facts);
    expect(sms).toMatchObject({ kind: 'composed' });
  });

  test('never opens a line or a paragraph of its own', async () => {
    const facts = messageFacts({ customer: { name: 'Rossi\r\n\r\n{{ iban }}\u2028Bianchi' } });
    expect((await compose(facts)).rendered.text).toContain('Gentile Rossi {{ iban }} Bianchi,');
  });

  test('of any letters leaves subject and HTML sound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (name) => {
        // Without an account, whose square for the transfer holds the number only where it fits.
        const of = async (text: string): Promise<ComposedEmail['rendered']> => {
          const dueDates = [dueDateFacts({ documentNumber: text })];
          return (await compose(messageFacts({ customer: { name: text }, dueDates, bankAccount: null }))).rendered;
        };
        const { subject, html } = await of(name);
        expect(subject).not.toMatch(/\p{Cc}/u);
        const plainName = (await of('x')).html;
        expect(html.match(/<[a-z]/g)?.length).toBe(plainName.match(/<[a-z]/g)?.length);
      }),
      { numRuns: 60 },
    );
  });
});
