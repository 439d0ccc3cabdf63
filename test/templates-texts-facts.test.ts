import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeliveryFacts } from '../src/domain/delivery-facts.ts';
import type { MessageLocale } from '../src/domain/locale.ts';
import type { DueDateFacts } from '../src/domain/message-facts.ts';
import { formatMoney, parseCurrency, type Money } from '../src/domain/money.ts';
import { messageFacts as factsOfDelivery } from '../src/templates/message-facts.ts';
import { templateKeys } from '../src/templates/locales/locale-texts.ts';
import { placeholders } from '../src/templates/placeholders.ts';
import { emailOf, plain, smsOf } from './support/composed.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

describe('the language', () => {
  test.each([
    ['it', 'it'],
    ['it-CH', 'it'],
    ['en-US', 'en'],
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['fr-CH', 'fr'],
    ['fr_CA', 'fr'],
    ['es-419', 'es'],
    ['pt-BR', 'en'],
    ['est', 'en'],
    ['fry', 'en'],
  ])('of %s is %s', (tag, locale) => {
    const now = Temporal.Instant.from('2026-04-14T10:00:00Z');
    const languageOf = (reminder: string | null, customer: string | null, tenant: string): MessageLocale =>
      factsOfDelivery(
        {
          reminder: { locale: reminder, channel: 'email' },
          customer: { locale: customer },
          tenant: { locale: tenant, timeZone: 'Europe/Rome' },
        } as DeliveryFacts,
        [],
        now,
        null,
      ).locale;
    expect(languageOf(tag, 'xx', 'xx')).toBe(locale);
    expect(languageOf(null, tag, 'xx')).toBe(locale);
    expect(languageOf(null, null, tag)).toBe(locale);
  });
});

describe('thanks', () => {
  test('a settled part and an open part are each called what they are', async () => {
    const dueDates = [
      dueDateFacts({ outstanding: euro('0.00'), documentNumber: 'paid' }),
      dueDateFacts({ outstanding: euro('0.00'), credited: euro('1220.00'), documentNumber: 'credited' }),
      dueDateFacts({ documentNumber: 'open' }),
    ];
    expect(
      plain(
        (
          await emailOf(messageFacts({ locale: 'en', dueDates }), {
            message: '{{ receivedTitle }}. {{ receivedNote }} {{ restNote }}',
          })
        ).rendered.text.split('\n\n')[0] ?? '',
      ),
    ).toBe(
      'Payment received: invoice no. paid. We have received €1,220.00 for invoice no. paid of 3 March 2026. Thank you. ' +
        'A further €1,220.00 has been credited for invoice no. credited of 3 March 2026. ' +
        'The amount left to pay is €1,220.00 for invoice no. open; this payment was due on 2 April 2026 (12 days ago). ' +
        'If you have already paid this as well, there is nothing more for you to do.',
    );
  });

  test.each(['it', 'en', 'de', 'fr', 'es'] as const)('%s: nobody is thanked for a credit note', async (locale) => {
    const dueDates = [dueDateFacts({ outstanding: euro('0.00'), credited: euro('1220.00') })];
    const facts = messageFacts({ locale, dueDates });
    const { subject, text: body } = (await emailOf(facts, { template: 'thank-you' })).rendered;
    const sms = smsOf(facts, { template: 'thank-you' }).rendered.text;
    const thanks = /grazie|ringraz|ricevut|thank|received|dank|erhalten|eingang|merci|reçu|nous avons|gracias|recibid/i;
    for (const version of [subject, body, sms]) {
      expect(version).not.toMatch(thanks);
      expect(version.length).toBeGreaterThan(20);
    }
  });
});

describe('odd facts', () => {
  const currencies = ['EUR', 'USD', 'JPY', 'KWD'].flatMap((code) => parseCurrency(code) ?? []);
  const day = fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter(({ length }) => length <= 60);
  const dueDate = fc
    .record({
      documentNumber: fc.option(text),
      documentDate: fc.option(day),
      documentType: fc.oneof(fc.constantFrom('invoice', 'fee', 'selfInvoice', '__proto__'), text),
      dueOn: day,
      paymentUrl: fc.option(fc.oneof(fc.webUrl(), text)),
      instalment: fc.option(
        fc.record({ number: fc.integer({ min: 1, max: 99 }), count: fc.integer({ min: 2, max: 99 }) }),
      ),
      currency: fc.constantFrom(...currencies),
      units: fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 3, maxLength: 3 }),
    })
    .map(({ currency, units: [outstanding = 0n, credited = 0n, received = 0n], ...rest }): DueDateFacts => {
      const money = (units: bigint): Money => ({ units, currency });
      return {
        ...rest,
        amount: money(outstanding + credited + received),
        outstanding: money(outstanding),
        paid: money(received),
        credited: money(credited),
      };
    });

  test('throw nothing, and leave no text empty and no value on a line of its own', async () => {
    const everything = Object.keys(placeholders).map((name) => `[${name}:{{ ${name} }}]`);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          locale: fc.constantFrom<MessageLocale>('it', 'en', 'de', 'fr', 'es'),
          key: fc.constantFrom(...templateKeys),
          name: text,
          today: day,
          dueDates: fc.array(dueDate, { minLength: 1, maxLength: 8 }),
        }),
        async ({ locale, key, name, today, dueDates }) => {
          const facts = messageFacts({ locale, today, dueDates, customer: { name }, bankAccount: null });
          const { subject, text: body } = (await emailOf(facts, { template: key })).rendered;
          expect(subject).toMatch(/^\S.*$/u);
          expect(subject).not.toMatch(/\p{Cc}/u);
          expect(body.length).toBeGreaterThan(100);
          for (const { outstanding } of dueDates) {
            if (outstanding.units > 0n) expect(body).toContain(formatMoney(outstanding, intlOf(locale)));
          }
          // All of it in ten parts of 67 letters: sums in four currencies would not fit there.
          const [first] = dueDates;
          const inOne = dueDates.filter(({ amount }) => amount.currency === first?.amount.currency);
          expect(smsOf({ ...facts, dueDates: inOne }, { template: key }).rendered.text).toMatch(/^Officine Rossi/);
          const blocks = ['dueDates', 'bankDetails', 'paymentLink'];
          const lines = everything.filter((line) => !blocks.some((block) => line.startsWith(`[${block}:`)));
          const shown = (await emailOf(facts, { template: key, message: lines.join('\n\n') })).rendered.text;
          for (const line of lines) {
            const placeholder = line.slice(0, line.indexOf('{'));
            expect(shown.split('\n').some((each) => each.startsWith(placeholder) && each.endsWith(']'))).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  function intlOf(locale: MessageLocale): string {
    return { it: 'it-IT', en: 'en-GB', de: 'de-DE', fr: 'fr-FR', es: 'es-ES' }[locale];
  }
});

describe('documents that bear the same number', () => {
  const dueDates = ['2025-03-03', '2026-03-03'].map((documentDate) =>
    dueDateFacts({ documentNumber: '7', documentDate }),
  );

  test('are told apart by their dates: in the subject, in the words and in the transfer', async () => {
    const { subject, text } = (await emailOf(messageFacts({ dueDates }))).rendered;
    expect(subject).toContain('fatture n. 7 del 3 marzo 2025 e n. 7 del 3 marzo 2026');
    expect(text).toContain('il saldo delle fatture n. 7 del 3 marzo 2025 e n. 7 del 3 marzo 2026.');
    expect(text).toContain('Causale: Fattura n. 7 del 03/03/2025, fattura n. 7 del 03/03/2026\n');
  });

  test('are told apart in an SMS too, and so is the one behind its link', () => {
    const { text } = smsOf(messageFacts({ dueDates })).rendered;
    expect(text).toContain('delle fatture n. 7 del 03/03/2025 e n. 7 del 03/03/2026,');
    expect(text).toContain('\nFattura n. 7 del 03/03/2025: https://');
  });

  test('of different kinds need no dates', async () => {
    const [first] = dueDates;
    const kinds = [first ?? dueDateFacts(), dueDateFacts({ documentNumber: '7', documentType: 'debitNote' })];
    const { subject } = (await emailOf(messageFacts({ dueDates: kinds }))).rendered;
    expect(subject).toContain('fattura n. 7 e nota di debito n. 7');
  });
});
