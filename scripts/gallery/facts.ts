import type { MessageLocale } from '../../src/domain/locale.ts';
import type { DueDateFacts, MessageFacts } from '../../src/domain/message-facts.ts';
import { type Money, parseCurrency, parseMoney, subtract } from '../../src/domain/money.ts';

const customers: Readonly<Record<MessageLocale, string>> = {
  it: 'Bianchi Costruzioni S.p.A.',
  en: 'Greenfield Builders Ltd',
  de: 'Müller & Söhne GmbH',
  fr: 'Les Bâtisseurs du Nord SARL',
  es: 'Construcciones Peña, S.L.',
};

const today = '2026-04-14';
const days: Readonly<Record<string, string>> = {
  courtesy: '2026-04-21',
  'due-today': today,
  overdue: '2026-04-02',
  'final-notice': '2026-02-27',
  'thank-you': '2026-04-02',
};

/** What a message of the gallery says: one invoice; thanks are for all of it. */
export function factsFor(key: string, locale: MessageLocale): MessageFacts {
  const outstanding = key === 'thank-you' ? '0.00' : '1220.00';
  return message(locale, [dueDate({ dueOn: days[key] ?? today, outstanding: euro(outstanding) })]);
}

/** Two instalments, of which one is paid in part, and an invoice that a credit note lowered. */
export function severalFacts(locale: MessageLocale): MessageFacts {
  return message(locale, [
    dueDate({ dueOn: '2026-03-31', outstanding: euro('220.00'), instalment: { number: 1, count: 2 } }),
    dueDate({ dueOn: '2026-04-30', instalment: { number: 2, count: 2 } }),
    dueDate({
      documentNumber: '2026/19',
      documentDate: '2026-03-18',
      dueOn: '2026-04-10',
      amount: euro('488.00'),
      outstanding: euro('366.00'),
      credited: euro('122.00'),
    }),
  ]);
}

function message(locale: MessageLocale, dueDates: DueDateFacts[]): MessageFacts {
  return {
    tenant: {
      name: 'Officine Rossi S.r.l.',
      senderName: null,
      colour: '#0b5d4e',
      logo: null,
      logoImage: null,
      replyTo: 'accounts@officinerossi.example',
      email: null,
    },
    customer: { name: customers[locale] },
    dueDates,
    bankAccount: { holder: 'Officine Rossi S.r.l.', iban: 'IT60X0542811101000000123456', bic: 'BPMOIT22XXX' },
    today,
    locale,
    documentUrl: 'https://rossi.example/d/AZrQ3m1vT8y5kd0uQe2bXw7LxJfN4sGh9cVpRt',
    attachesDocument: true,
  };
}

function dueDate(more: Partial<DueDateFacts>): DueDateFacts {
  const facts = {
    documentNumber: '2026/12',
    documentDate: '2026-03-03',
    documentType: 'invoice',
    dueOn: today,
    amount: euro('1220.00'),
    outstanding: euro('1220.00'),
    credited: euro('0.00'),
    instalment: null,
    paymentUrl: 'https://pay.example/2026-12',
    ...more,
  };
  return { paid: subtract(subtract(facts.amount, facts.outstanding), facts.credited), ...facts };
}

function euro(value: string): Money {
  const currency = parseCurrency('EUR');
  const money = currency && parseMoney(value, currency);
  if (!money) throw new Error(`not an amount: ${value}`);
  return money;
}
