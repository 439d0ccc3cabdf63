import type { DueDateFacts, MessageFacts } from '../../src/domain/message-facts.ts';
import { parseCurrency, parseMoney, subtract, type Money } from '../../src/domain/money.ts';

export function euro(value: string): Money {
  const currency = parseCurrency('EUR');
  const money = currency && parseMoney(value, currency);
  if (!money) throw new Error(`not an amount: ${value}`);
  return money;
}

/** An invoice of 1,220.00, due on 2 April 2026; what is neither open nor credited was paid. */
export function dueDateFacts(over: Partial<DueDateFacts> = {}): DueDateFacts {
  const facts = {
    documentNumber: '2026/12',
    documentDate: '2026-03-03',
    documentType: 'invoice',
    dueOn: '2026-04-02',
    amount: euro('1220.00'),
    outstanding: euro('1220.00'),
    credited: euro('0.00'),
    instalment: null,
    paymentUrl: null,
    ...over,
  };
  return { paid: subtract(subtract(facts.amount, facts.outstanding), facts.credited), ...facts };
}

/** One due date, late by twelve days, with a bank account. */
export function messageFacts(over: Partial<MessageFacts> = {}): MessageFacts {
  return {
    tenant: {
      name: 'Officine Rossi S.r.l.',
      senderName: null,
      colour: '#0b5d4e',
      logo: null,
      logoImage: null,
      replyTo: 'amministrazione@officinerossi.example',
      email: null,
    },
    customer: { name: 'Bianchi Costruzioni S.p.A.' },
    dueDates: [dueDateFacts()],
    bankAccount: { holder: 'Officine Rossi S.r.l.', iban: 'IT60X0542811101000000123456', bic: 'BPMOIT22XXX' },
    today: '2026-04-14',
    locale: 'it',
    documentUrl: 'https://solleciti.example/d/Zm9vYmFyYmF6cXV4',
    attachesDocument: true,
    ...over,
  };
}
