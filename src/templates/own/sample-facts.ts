import type { MessageLocale } from '../../domain/locale.ts';
import type { DueDateFacts, MessageFacts } from '../../domain/message-facts.ts';
import { type Money, parseCurrency, parseMoney } from '../../domain/money.ts';

/** A tenant, as far as a sample shows it. */
export type SampleTenant = MessageFacts['tenant'];

const today = '2026-03-17';
const someTenant: SampleTenant = {
  name: 'Example Ltd',
  senderName: null,
  colour: null,
  logo: 'https://example.com/logo.png',
  logoImage: null,
  replyTo: 'accounts@example.com',
  email: null,
};

/**
 * Made-up facts that suit a template: one due date of an invoice that was paid in part, before its day, on it or after it.
 * @param key one of the built-in keys. @param count how many due dates.
 */
export function sampleFacts(
  key: string,
  locale: MessageLocale,
  tenant: SampleTenant = someTenant,
  count = 1,
): MessageFacts {
  const dueOn = key === 'courtesy' ? '2026-03-31' : key === 'due-today' ? today : '2026-02-28';
  return {
    tenant,
    customer: { name: 'Example & Sons' },
    dueDates: Array.from({ length: count }, (_, n) => dueDate({ dueOn, documentNumber: `2026/${String(12 + n)}` })),
    bankAccount: { holder: tenant.name, iban: 'IT60X0542811101000000123456', bic: 'BPMOIT22XXX' },
    today,
    locale,
    documentUrl: 'https://example.com/d/'.padEnd(60, 'x'),
    attachesDocument: true,
  };
}

/** What a template must stand as well: many due dates, in several currencies; and nothing but one sum. */
export function hardFacts(key: string, locale: MessageLocale, dueDates: number): MessageFacts[] {
  const usual = sampleFacts(key, locale);
  const [first] = usual.dueDates;
  if (!first) return [usual];
  const many = Array.from({ length: dueDates }, (_, n) => ({
    ...first,
    documentNumber: `2026/${String(100 + n)}`,
    ...(n % 10 === 9
      ? {
          amount: money('50.00', 'USD'),
          outstanding: money('30.00', 'USD'),
          paid: money('20.00', 'USD'),
          credited: money('0', 'USD'),
        }
      : {}),
    paymentUrl: n % 2 === 0 ? `https://example.com/pay/${String(n)}` : null,
  }));
  const bare = { ...first, documentNumber: null, documentDate: null, paymentUrl: null };
  return [
    usual,
    { ...usual, customer: { name: 'x'.repeat(200) }, dueDates: many },
    {
      ...usual,
      tenant: { ...usual.tenant, logo: null, replyTo: null },
      dueDates: [bare],
      bankAccount: null,
      documentUrl: null,
      attachesDocument: false,
    },
  ];
}

function dueDate(more: Partial<DueDateFacts>): DueDateFacts {
  return {
    documentNumber: '2026/12',
    documentDate: '2026-01-30',
    documentType: 'invoice',
    dueOn: today,
    amount: money('1220.00', 'EUR'),
    outstanding: money('720.00', 'EUR'),
    paid: money('500.00', 'EUR'),
    credited: money('0', 'EUR'),
    instalment: null,
    paymentUrl: 'https://example.com/pay/2026-12',
    ...more,
  };
}

function money(value: string, code: string): Money {
  const currency = parseCurrency(code);
  const amount = currency && parseMoney(value, currency);
  if (!amount) throw new Error(`no amount: ${value} ${code}`);
  return amount;
}
