import { describe, expect, test } from 'vitest';
import type { MessageLocale } from '../src/domain/locale.ts';
import type { DueDateFacts, MessageFacts } from '../src/domain/message-facts.ts';
import { formatMoney, parseCurrency, parseMoney, type Money } from '../src/domain/money.ts';
import { templateKeys, type TemplateKey } from '../src/templates/locales/locale-texts.ts';
import { emailOf, plain, smsOf } from './support/composed.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

const intl = { it: 'it-IT', en: 'en-GB', de: 'de-DE', fr: 'fr-FR', es: 'es-ES' } as const;
const locales: readonly MessageLocale[] = ['it', 'en', 'de', 'fr', 'es'];
const matrix = locales.flatMap((locale) => templateKeys.map((key) => [locale, key] as const));

// The invoice of the facts is due on 2 April.
const todays: Record<TemplateKey, string> = {
  courtesy: '2026-03-20',
  'due-today': '2026-04-02',
  overdue: '2026-04-14',
  'final-notice': '2026-05-14',
  'thank-you': '2026-04-14',
};

function dollars(value: string): Money {
  const currency = parseCurrency('USD');
  const money = currency && parseMoney(value, currency);
  if (!money) throw new Error(`not an amount: ${value}`);
  return money;
}

const second = dueDateFacts({ documentNumber: 'N-2', dueOn: '2026-05-04', outstanding: euro('1219.00') });
const cases: Record<string, Partial<MessageFacts>> = {
  'one due date': {},
  several: { dueDates: [dueDateFacts(), second] },
  'part-paid': { dueDates: [dueDateFacts({ outstanding: euro('720.00') })] },
  credited: { dueDates: [dueDateFacts({ outstanding: euro('1020.00'), credited: euro('200.00') })] },
  'part-paid and credited': { dueDates: [dueDateFacts({ outstanding: euro('520.00'), credited: euro('200.00') })] },
  'an instalment': { dueDates: [dueDateFacts({ instalment: { number: 2, count: 3 } })] },
  instalments: {
    dueDates: [1, 2].map((number) =>
      dueDateFacts({ instalment: { number, count: 3 }, dueOn: `2026-04-0${String(number + 1)}` }),
    ),
  },
  settled: { dueDates: [dueDateFacts({ outstanding: euro('0.00') })] },
  'settled by credit alone': { dueDates: [dueDateFacts({ outstanding: euro('0.00'), credited: euro('1220.00') })] },
  'one settled of two': { dueDates: [dueDateFacts({ outstanding: euro('0.00') }), second] },
  'no bank account': { bankAccount: null },
  'a payment URL': { dueDates: [dueDateFacts({ paymentUrl: 'https://pay.example/12' })] },
  'two payment URLs': {
    dueDates: ['a', 'b'].map((path) =>
      dueDateFacts({ paymentUrl: `https://pay.example/${path}`, documentNumber: path }),
    ),
  },
  'no reply address': { tenant: { ...messageFacts().tenant, replyTo: null } },
  'no link and no attachment': { documentUrl: null, attachesDocument: false },
  'no number': { dueDates: [dueDateFacts({ documentNumber: null })] },
  'no number and no date': { dueDates: [dueDateFacts({ documentNumber: null, documentDate: null })] },
  'two without number and date': {
    dueDates: ['2026-04-02', '2026-04-05'].map((dueOn) =>
      dueDateFacts({ documentNumber: null, documentDate: null, dueOn }),
    ),
  },
  '45 due dates': { dueDates: Array.from({ length: 45 }, (_, i) => dueDateFacts({ documentNumber: String(i + 1) })) },
  'mixed currencies and types': {
    dueDates: [
      dueDateFacts(),
      dueDateFacts({
        documentType: 'debitNote',
        documentNumber: 'D-1',
        amount: dollars('80.00'),
        outstanding: dollars('80.00'),
        credited: dollars('0.00'),
      }),
    ],
  },
};

const factsOf = (locale: MessageLocale, key: TemplateKey, over: Partial<MessageFacts>): MessageFacts =>
  messageFacts({ locale, today: todays[key], ...over });
const isOpen = ({ outstanding }: DueDateFacts): boolean => outstanding.units > 0n;

// None of these stands in the words of another language, and names of the facts hold none.
const words: Record<MessageLocale, RegExp> = {
  it: wordsOf('pagamento|fattur[ae]|scadenz[ae]|saldare|gentile|ringraziamo|causale|grazie|rata|documenti'),
  en: wordsOf('payments?|invoices?|amount|please|thank|dear|you|instalments?|received|copy|credit'),
  de: wordsOf('zahlung|rechnung(?:en)?|betrag|bitte|fällig|guten|danke|raten|belege?|gutschrift|offen'),
  fr: wordsOf('paiement|factures?|régler|échéances?|vous|merci|avoir|reçu|montant|madame|jours'),
  es: wordsOf('pago|facturas?|importe|pendiente|vencimientos?|gracias|estimado|plazos?|hemos|quedan'),
};
const forbidden = [
  /!|undefined|null|NaN|\[object|\{\{|\}\}/,
  /recupero|azioni legali|vie legali|diffida|messa in mora|avvocat|tribunale|interess/i,
  /debt|collection|legal action|court|solicitor|bailiff|default|interest/i,
  /inkasso|mahn|anwalt|anwält|gericht|verzug|gebühr|zinsen/i,
  /mise en demeure|recouvrement|huissier|tribunal|avocat|contentieux|intérêt|pénalité/i,
  /moros|requerimiento|burofax|abogad|judicial|embargo|cobro|interés|recargo/i,
];

function wordsOf(alternatives: string): RegExp {
  return new RegExp(`(?<![\\p{L}.@/])(?:${alternatives})(?![\\p{L}@])`, 'iu');
}

function expectSound(text: string, locale: MessageLocale, said: string): void {
  for (const pattern of forbidden) expect(text, said).not.toMatch(pattern);
  for (const other of locales) {
    if (other === locale) expect(text, said).toMatch(words[locale]);
    else expect(text, said).not.toMatch(words[other]);
  }
  expect(text, `${said}: gaps`).not.toMatch(/\(\s*\)|\[\s*\]|\S {2,}|[^\S\n][.,](?!\.)|,[.,]|\.\.(?!\.)|: *\.|\n{3,}/);
  // Letters that shout; names of banks and accounts are what they are.
  expect(text.replaceAll(/IBAN|BIC|[A-Z0-9]{8,}|USD|US\$/g, ''), said).not.toMatch(/\p{Lu}{4,}/u);
}

describe.each(matrix)('%s %s', (locale, key) => {
  test.each(Object.entries(cases))('email: %s', async (_, over) => {
    const facts = factsOf(locale, key, over);
    const { template, rendered } = await emailOf(facts, { template: key });
    const { subject, html, text } = rendered;
    expect(template).toMatchObject({ key, locale });
    expect(subject).not.toMatch(/[\p{Cc}\n]/u);
    expectSound(`${subject}\n${text}`, locale, text);
    for (const version of [text, html]) expect(version).not.toMatch(/undefined|\{\{|NaN/);
    expect(html).toContain(`lang="${locale}"`);

    expect(text).toContain('Officine Rossi S.r.l.');
    expect(text).toContain('Bianchi Costruzioni S.p.A.');
    const open = facts.dueDates.filter(isOpen);
    for (const { documentNumber, outstanding, dueOn } of open) {
      if (documentNumber !== null) expect(text).toContain(documentNumber);
      expect(text).toContain(formatMoney(outstanding, intl[locale]));
      expect(text).toContain(longDay(dueOn, locale));
    }
    const asks = open.length > 0;
    expect(text.includes('IBAN'), 'bank details').toBe(asks && facts.bankAccount !== null);
    expect(html.includes('IBAN'), 'bank details').toBe(asks && facts.bankAccount !== null);
    for (const { paymentUrl } of open) if (paymentUrl !== null) expect(text).toContain(paymentUrl);
    expect(text.includes('amministrazione@officinerossi.example')).toBe(facts.tenant.replyTo !== null);
  });

  test.each(Object.entries(cases))('SMS: %s', (_, over) => {
    const facts = factsOf(locale, key, over);
    const { template, rendered } = smsOf(facts, { template: key });
    expect(template).toMatchObject({ key, locale });
    expect(rendered.encoding).toBe('GSM-7');
    // GSM-7 takes accents away that tell languages apart.
    for (const pattern of forbidden) expect(rendered.text).not.toMatch(pattern);
    for (const other of locales) if (other !== locale) expect(rendered.text).not.toMatch(words[other]);
    expect(rendered.text).not.toMatch(/\(\s*\)| {2,}| [.,](?!\.)|\n\n|[\u00A0\u202F]/);
    expect(rendered.text.startsWith('Officine Rossi S.r.l.')).toBe(true);

    const open = facts.dueDates.filter(isOpen);
    if (facts.dueDates.length === 1) {
      for (const { documentNumber, outstanding, dueOn } of open) {
        if (documentNumber !== null) expect(rendered.text).toContain(documentNumber);
        expect(rendered.text).toContain(plain(formatMoney(outstanding, intl[locale])));
        expect(rendered.text).toContain(shortDay(dueOn, locale));
      }
    }
    expect(rendered.text.includes('IBAN')).toBe(open.length > 0 && facts.bankAccount !== null);
    if (facts.documentUrl !== null) expect(rendered.text).toContain(facts.documentUrl);
  });

  test('SMS: usual facts take two parts, the last reminder three', () => {
    const { segments } = smsOf(factsOf(locale, key, { bankAccount: null }), { template: key }).rendered;
    expect(segments).toBeLessThanOrEqual(key === 'final-notice' ? 3 : 2);
  });

  test('settled asks for nothing', async () => {
    const dueDates = [
      dueDateFacts({ outstanding: euro('0.00'), paymentUrl: 'https://pay.example/12' }),
      dueDateFacts({ outstanding: euro('0.00'), documentNumber: '13' }),
    ];
    for (const some of [dueDates, dueDates.slice(0, 1)]) {
      const facts = factsOf(locale, key, { dueDates: some });
      const message =
        '{{ sender }}.{{ dueDates }}{{ bankDetails }}{{ iban }}{{ reference }}{{ paymentLink }}{{ paymentUrl }}';
      expect((await emailOf(facts, { message, template: key })).rendered.text).toMatch(
        /^Officine Rossi S\.r\.l\.\.\n\n-- /,
      );
      expect(smsOf(facts, { message, template: key }).rendered.text).toBe('Officine Rossi S.r.l..');
      const { html, text } = (await emailOf(facts, { template: key })).rendered;
      for (const version of [html, text]) expect(version).not.toMatch(/pay\.example|IBAN|IT60/);
    }
  });
});

function longDay(day: string, locale: MessageLocale): string {
  const [year = '', , date = ''] = day.split('-').map((part) => String(Number(part)));
  const months = {
    '04': ['aprile', 'April', 'April', 'avril', 'abril'],
    '05': ['maggio', 'May', 'Mai', 'mai', 'mayo'],
  };
  const month = (day.slice(5, 7) === '04' ? months['04'] : months['05'])[locales.indexOf(locale)] ?? '';
  if (locale === 'es') return `${date} de ${month} de ${year}`;
  return `${date}${locale === 'de' ? '.' : ''} ${month} ${year}`;
}

function shortDay(day: string, locale: MessageLocale): string {
  const [year, month, date] = day.split('-');
  if (locale === 'en') return `${date ?? ''} ${month === '04' ? 'Apr' : 'May'} ${year ?? ''}`;
  return [date, month, year].join(locale === 'de' ? '.' : '/');
}
