import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { type Money, zero } from '../src/domain/money.ts';
import { type DocumentFacts, documentPage } from '../src/invoices/document-page.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';
import { textOf } from './support/page-text.ts';

const facts = documentFacts(exampleInvoice(2));

describe('what is open', () => {
  test('of the due date: what is left, what was paid and what was credited', () => {
    const text = textOf(documentPage(settled({ paid: 100_000n, credited: 50_000n, outstanding: 247_720n })).html);
    expect(text).toContain(
      'Da pagare 2.477,20 € entro il 30/11/2026 Importo della scadenza 3.977,20 € Già pagato −1.000,00 € Note di credito −500,00 €',
    );
  });

  test('of each instalment, with the one that it is about', () => {
    const text = textOf(
      documentPage({
        ...facts,
        instalments: [
          instalment({ number: 1, dueOn: '2026-11-30', outstanding: 0n }),
          instalment({ number: 2, dueOn: '2027-01-31', outstanding: 200_000n, credited: 197_720n, isThis: true }),
        ],
      }).html,
    );
    expect(text).toContain('N. Scadenza Importo Da pagare 1 30/11/2026 3.977,20 € Saldato');
    expect(text).toContain('2 31/01/2027 la presente scadenza 3.977,20 € 2.000,00 € Note di credito −1.977,20 €');
  });

  test('a settled one says paid and asks for nothing', () => {
    const { html } = documentPage(settled({ paid: 397_720n, credited: 0n, outstanding: 0n }));
    expect(textOf(html)).toContain('Saldato 3.977,20 €');
    expect(html).not.toMatch(/<svg|IBAN|entro il/);
  });

  test('one that was called off or credited in full was not paid', () => {
    const { html } = documentPage(settled({ paid: 0n, credited: 397_720n, outstanding: 0n }));
    expect(textOf(html)).toContain('Nulla da pagare 3.977,20 € Note di credito −3.977,20 €');
    expect(html).not.toMatch(/<svg|IBAN|Saldato/);
  });

  test('a credit note shows neither terms nor account', () => {
    const { html } = pageWith({ type: 'creditNote', typeCode: 'TD04' });
    expect(textOf(html)).toContain('Nota di credito 2026/131');
    expect(textOf(html)).toContain('A vostro credito 3.977,20 €');
    expect(html).not.toMatch(/<svg|IBAN|Condizioni di pagamento/);
  });

  test('what was prepaid and withheld leads from the total to what is payable', () => {
    const invoice = exampleInvoice(4);
    const prepaid = { ...invoice.total, units: 20_000n };
    const payable = { ...invoice.payable, units: invoice.payable.units - 20_000n };
    expect(textOf(documentPage(documentFacts({ ...invoice, prepaid, payable })).html)).toContain(
      'Totale documento 1.540,00 € Ritenuta 4% −56,00 € Già versato prima della fattura −200,00 € Netto a pagare 1.284,00 €',
    );
  });
});

describe('where to pay', () => {
  const usual = { holder: 'Lanterna Incassi', iban: 'DE89370400440532013000', bic: null, chosen: false };

  test('is one account: the one that was given, and none of the invoice’s beside it', () => {
    const { html } = documentPage({ ...facts, bankAccount: usual });
    expect(textOf(html)).toContain('DE89 3704 0044 0532 0130 00');
    expect(textOf(html)).not.toContain('IT09 P999');
  });

  test('has a QR code for euros only', () => {
    const pounds = { ...zero(facts.dueDate.amount.currency), units: 100n, currency: 'GBP' as Money['currency'] };
    const inPounds = {
      ...facts.dueDate,
      amount: pounds,
      outstanding: pounds,
      paid: zero(pounds.currency),
      credited: zero(pounds.currency),
    };
    expect(documentPage(facts).html).toContain('<svg');
    const { html } = documentPage({ ...facts, invoice: null, bankAccount: usual, dueDate: inPounds });
    expect(html).toContain('IBAN');
    expect(html).not.toContain('<svg');
  });

  test.each(['MP19', 'MP12', '49', '59', '70'])('%s is collected: no account, and the words for it', (method) => {
    const { html } = documentPage({ ...paidBy(method), bankAccount: usual });
    expect(textOf(html)).toContain('L’importo viene incassato da noi con questa modalità');
    expect(html).not.toMatch(/<svg|IBAN/);
  });

  test.each(['MP01', 'MP08', '10', '48', '97'])(
    '%s is paid otherwise: no account, and no word of collecting',
    (method) => {
      const { html } = documentPage({ ...paidBy(method), bankAccount: usual });
      expect(html).not.toMatch(/<svg|IBAN|viene incassato/);
    },
  );

  test('is shown whatever the method when somebody chose it for this very document', () => {
    const { html } = documentPage({ ...paidBy('MP19'), bankAccount: { ...usual, chosen: true } });
    expect(textOf(html)).toContain('DE89 3704 0044 0532 0130 00');
    expect(html).toContain('<svg');
    expect(html).not.toContain('viene incassato');
  });
});

function pageWith(change: Partial<Invoice>) {
  return documentPage(documentFacts({ ...exampleInvoice(2), ...change }));
}

function paidBy(method: string): DocumentFacts {
  const invoice = exampleInvoice(2);
  const instalments = invoice.instalments.map((stated) => ({ ...stated, method }));
  return documentFacts({ ...invoice, instalments });
}

function euros(units: bigint): Money {
  return { ...facts.dueDate.amount, units };
}

function settled({ paid, credited, outstanding }: Record<'paid' | 'credited' | 'outstanding', bigint>): DocumentFacts {
  const dueDate = { ...facts.dueDate, paid: euros(paid), credited: euros(credited), outstanding: euros(outstanding) };
  return { ...facts, dueDate };
}

function instalment(one: { number: number; dueOn: string; outstanding: bigint; credited?: bigint; isThis?: boolean }) {
  const { credited = 0n, isThis = false } = one;
  return {
    ...one,
    amount: facts.dueDate.amount,
    outstanding: euros(one.outstanding),
    credited: euros(credited),
    isThis,
  };
}
