import { describe, expect, test } from 'vitest';
import { composeEmail } from '../src/templates/compose-email.ts';
import { composeSms } from '../src/templates/compose-sms.ts';
import { templateKeys } from '../src/templates/locales/locale-texts.ts';
import { checkTemplate, type TemplateDraft } from '../src/templates/own/check-template.ts';
import { type OwnTemplate, readyTemplate } from '../src/templates/own/own-template.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';
import { inColumn, shortMjml, wholeMjml } from './support/own-template.ts';

const email: TemplateDraft = {
  key: 'overdue',
  channel: 'email',
  locale: 'it',
  subject: 'Scaduto: {{ documentTitle }}',
  text: 'Gentile {{ customer }},\n\n{{ outstanding }}\n\n{{ dueDates }}',
  mjml: null,
};

const own = async (draft: Partial<TemplateDraft>): Promise<OwnTemplate> => {
  const whole = { ...email, ...draft };
  const checked = await checkTemplate(whole);
  if (checked.kind === 'wrong') throw new Error(JSON.stringify(checked.mistakes));
  return readyTemplate({ ...whole, html: checked.html, version: 3 });
};
const composeWith = async (template: OwnTemplate | null, facts = messageFacts(), wish = {}) => {
  const made = await composeEmail(facts, wish, template);
  if (made.kind === 'problem') throw new Error(JSON.stringify(made.problem));
  return made.email;
};

describe('a message of an own template', () => {
  test('has its words, and its page where it has one', async () => {
    const made = await composeWith(await own({ mjml: shortMjml }));
    expect(made.template).toEqual({ key: 'overdue', version: 'own-3', locale: 'it' });
    expect(made.rendered.subject).toBe('Scaduto: fattura n. 2026/12');
    expect(made.rendered.html).toContain('BIANCHI COSTRUZIONI S.P.A.: 1.220,00');
    expect(made.rendered.text).toContain('Gentile Bianchi Costruzioni S.p.A.,\n\n1.220,00');
    // What the page does not show comes not with it.
    expect(made.inlineImages).toEqual([]);
  });

  test('without MJML stands in the usual page, with the blocks that it does not mention', async () => {
    const made = await composeWith(await own({ text: 'Gentile {{ customer }},\n\n{{ bankDetails }}' }));
    expect(made.rendered.html).toContain('Gentile Bianchi Costruzioni S.p.A.');
    expect(made.rendered.text).toMatch(/Gentile .*\n\nCoordinate[^]*Fattura n\. 2026\/12/);
  });

  test('Liquid chooses, repeats and rewrites; what is empty takes its line with it', async () => {
    const text = [
      '{% if daysLate > 9 %}Da {{ daysLate }} giorni{% else %}Da poco{% endif %}: {{ customer | upcase }}',
      'Riferimento {{ bic }}',
      '{{ paymentUrl }}',
      '{% for row in dueDateRows %}{{ forloop.index }}) {{ row.title }}, {{ row.outstanding }}\n{% endfor %}',
      '{{ bankDetails }}',
    ].join('\n\n');
    const template = await own({ text });
    const facts = messageFacts({
      dueDates: [dueDateFacts(), dueDateFacts({ documentNumber: '13', outstanding: euro('20.00') })],
    });
    const { rendered } = await composeWith(template, facts);
    const nbsp = rendered.text.replaceAll('\u00A0', ' ');
    expect(nbsp).toContain(
      'Da 12 giorni: BIANCHI COSTRUZIONI S.P.A.\n\nRiferimento BPMOIT22XXX\n\n1) Fattura n. 2026/12 del 3 marzo 2026, 1.220,00 €\n2) Fattura n. 13 del 3 marzo 2026, 20,00 €\n\nCoordinate per il bonifico\n',
    );
    // The block stays one: a panel of the page.
    expect(rendered.html).toMatch(/class="panel"[^]*IBAN/);
    const without = await composeWith(template, messageFacts({ bankAccount: null }));
    expect(without.rendered.text).not.toContain('Coordinate');
  });

  test('given back unchanged gives the same to the byte; edited, it stands in a page that shows the message', async () => {
    for (const mjml of [null, shortMjml, wholeMjml]) {
      const template = await own({ mjml, text: '{% if daysLate > 9 %}Da tempo{% endif %} {{ outstanding }}' });
      const made = await composeWith(template);
      const again = await composeWith(template, messageFacts(), { subject: made.subject, message: made.message });
      expect(again).toEqual(made);
      const edited = await composeWith(template, messageFacts(), { message: 'Altre parole' });
      expect(edited.rendered.html).toContain('Altre parole');
      expect(edited.rendered.text).toContain('Altre parole');
    }
  });

  test('says whether it shows what is open', async () => {
    const shows = async (mjml: string) => (await composeWith(await own({ mjml }))).showsAmount;
    expect(await shows(shortMjml)).toBe(true);
    expect(await shows(inColumn('<mj-text>{{ customer }}</mj-text>'))).toBe(false);
  });

  test('ours always says so, of one due date and of several, late or not', async () => {
    const rows = [dueDateFacts(), dueDateFacts({ outstanding: euro('20.00') }), dueDateFacts({ dueOn: '2026-05-01' })];
    for (const key of templateKeys) {
      for (const locale of ['it', 'en', 'de', 'fr', 'es'] as const) {
        for (const dueDates of [rows.slice(0, 1), rows.slice(2), rows]) {
          const facts = messageFacts({ dueDates, locale });
          const sms = composeSms(facts, { template: key });
          expect((await composeWith(null, facts, { template: key })).showsAmount).toBe(true);
          expect(sms).toMatchObject({ sms: { showsAmount: true } });
        }
      }
    }
  });

  test('shows fewer due dates when they would be too many', async () => {
    const dueDates = Array.from({ length: 300 }, (_, n) => dueDateFacts({ documentNumber: `${n}${'x'.repeat(100)}` }));
    const { rendered } = await composeWith(await own({ mjml: wholeMjml }), messageFacts({ dueDates }));
    expect(Buffer.byteLength(rendered.html)).toBeLessThan(100_000);
    expect(rendered.html).toMatch(/e altre \d+ scadenze/);
  });

  test('an SMS of its own', async () => {
    const template = readyTemplate({
      version: 2,
      subject: null,
      text: '{{ sender | upcase }}: {{ outstanding }}{% if daysLate > 9 %} da tempo{% endif %}',
      html: null,
    });
    const made = composeSms(messageFacts(), {}, 10, template);
    if (made.kind === 'problem') throw new Error(JSON.stringify(made.problem));
    expect(made.sms.rendered).toEqual({
      text: 'OFFICINE ROSSI S.R.L.: 1.220,00 € da tempo',
      encoding: 'GSM-7',
      segments: 1,
    });
    expect(made.sms.template.version).toBe('own-2');
    expect(composeSms(messageFacts(), { message: made.sms.message }, 10, template)).toEqual(made);
  });

  test('a caller’s text may hold the same Liquid', async () => {
    const { rendered } = await composeWith(null, messageFacts(), {
      message: '{% if bic %}{{ bic | downcase }}{% endif %}',
    });
    expect(rendered.text).toContain('bpmoit22xxx');
    for (const message of ['{% include "a" %}', '{{ customer | raw }}', '{% if %}', '{{ row.title }}']) {
      expect(await composeEmail(messageFacts(), { message })).toMatchObject({ kind: 'problem' });
    }
    const doubled = (times: number) =>
      `{% assign a = "${'a'.repeat(3_000)}" %}${'{% assign a = a | append: a %}'.repeat(times)}`;
    for (const much of [
      '{% for i in (1..1000000000) %}a{% endfor %}',
      `{% for i in (1..180) %}${'a\n\n'.repeat(3_000)}{% endfor %}`,
      // 120 MB, and longer than a text of JavaScript can be.
      `${doubled(6)}{% for i in (1..600) %}{{ a }}{% endfor %}`,
      `${doubled(6)}{% for i in (1..450) %}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{% endfor %}`,
    ]) {
      const problem = { kind: 'unsupported-syntax', text: 'it makes too much text' };
      expect(await composeEmail(messageFacts(), { message: much })).toMatchObject({ problem });
      expect(composeSms(messageFacts(), { message: much })).toMatchObject({ problem });
    }
  });
});
