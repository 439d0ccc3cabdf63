import { describe, expect, test } from 'vitest';
import type { MessageLocale } from '../src/domain/locale.ts';
import type { DueDateFacts } from '../src/domain/message-facts.ts';
import { emailOf, plain, smsOf } from './support/composed.ts';
import { dueDateFacts, messageFacts } from './support/message-facts.ts';

/** What a message of these words alone says in an email. */
async function said(locale: MessageLocale, message: string, dueDates: readonly DueDateFacts[]): Promise<string> {
  const facts = messageFacts({ locale, dueDates, bankAccount: null });
  return plain((await emailOf(facts, { message })).rendered.text.split('\n\n')[0] ?? '');
}

const saidOf = (locale: MessageLocale, message: string, over: Partial<DueDateFacts>): Promise<string> =>
  said(locale, message, [dueDateFacts(over)]);
const instalment = (number: number, count = 3): Pick<DueDateFacts, 'instalment'> => ({ instalment: { number, count } });

describe('a kind of document has its article and its case', () => {
  test.each([
    ['it', 'invoice', 'della fattura n. 7', 'fattura n. 7'],
    ['it', 'creditNote', 'della nota di credito n. 7', 'nota di credito n. 7'],
    ['it', 'selfInvoice', 'dell’autofattura n. 7', 'autofattura n. 7'],
    ['it', 'other', 'del documento n. 7', 'documento n. 7'],
    ['en', 'invoice', 'for invoice no. 7', 'invoice no. 7'],
    ['en', 'fee', 'for fee note no. 7', 'fee note no. 7'],
    ['de', 'invoice', 'der Rechnung Nr. 7', 'Rechnung Nr. 7'],
    ['de', 'debitNote', 'der Belastungsanzeige Nr. 7', 'Belastungsanzeige Nr. 7'],
    ['de', 'other', 'des Belegs Nr. 7', 'Beleg Nr. 7'],
    ['fr', 'invoice', 'de la facture n° 7', 'facture n° 7'],
    ['fr', 'creditNote', 'de l’avoir n° 7', 'avoir n° 7'],
    ['fr', 'fee', 'de la note d’honoraires n° 7', 'note d’honoraires n° 7'],
    ['fr', 'receipt', 'du reçu n° 7', 'reçu n° 7'],
    ['es', 'invoice', 'de la factura n.º 7', 'factura n.º 7'],
    ['es', 'receipt', 'del recibo n.º 7', 'recibo n.º 7'],
    ['es', 'constructor', 'del documento n.º 7', 'documento n.º 7'],
  ] as const)('%s %s', async (locale, documentType, forDocument, title) => {
    const facts = { documentType, documentNumber: '7', documentDate: null };
    expect(await saidOf(locale, '{{ forDocument }}|{{ documentTitle }}', facts)).toBe(`${forDocument}|${title}`);
  });

  test.each([
    ['it', 'delle fatture n. 1 e n. 2', 'della fattura n. 1 e della nota di debito n. 2', 'di 4 fatture'],
    ['en', 'for invoices no. 1 and no. 2', 'for invoice no. 1 and for debit note no. 2', 'for 4 invoices'],
    ['de', 'der Rechnungen Nr. 1 und Nr. 2', 'der Rechnung Nr. 1 und der Belastungsanzeige Nr. 2', 'von 4 Rechnungen'],
    ['fr', 'des factures n° 1 et n° 2', 'de la facture n° 1 et de la note de débit n° 2', 'de 4 factures'],
    ['es', 'de las facturas n.º 1 y n.º 2', 'de la factura n.º 1 y de la nota de cargo n.º 2', 'de 4 facturas'],
  ] as const)('%s: several', async (locale, alike, different, counted) => {
    const first = dueDateFacts({ documentNumber: '1' });
    const other = (documentNumber: string, documentType = 'invoice') => dueDateFacts({ documentNumber, documentType });
    expect(await said(locale, '{{ forDocument }}', [first, other('2')])).toBe(alike);
    expect(await said(locale, '{{ forDocument }}', [first, other('2', 'debitNote')])).toBe(different);
    expect(await said(locale, '{{ forDocument }}', [first, other('2'), other('3'), other('4')])).toBe(counted);
  });

  test('without a number', async () => {
    const unnumbered = { documentNumber: null };
    const bare = { documentNumber: ' ', documentDate: null };
    expect(await saidOf('en', '{{ forDocument }}', unnumbered)).toBe('for the invoice of 3 March 2026');
    expect(await saidOf('en', '{{ forDocument }}', bare)).toBe('for the invoice');
    expect(await saidOf('it', '{{ documentTitle }}', unnumbered)).toBe('fattura del 3 marzo 2026');
    expect(await said('it', '{{ forDocument }}', [dueDateFacts(bare), dueDateFacts(bare)])).toBe('di 2 fatture');
  });
});

describe('days and counts', () => {
  test.each([
    ['it', '2026-04-15', 'scade il 15 aprile 2026'],
    ['it', '2026-05-08', 'scade l’8 maggio 2026'],
    ['it', '2026-04-14', 'scade oggi, 14 aprile 2026'],
    ['it', '2026-04-13', 'è scaduto il 13 aprile 2026 (ieri)'],
    ['it', '2026-04-11', 'è scaduto l’11 aprile 2026 (3 giorni fa)'],
    ['en', '2026-04-14', 'is due today, 14 April 2026'],
    ['en', '2026-04-13', 'was due on 13 April 2026 (yesterday)'],
    ['en', '2026-04-12', 'was due on 12 April 2026 (2 days ago)'],
    ['de', '2026-04-15', 'ist am 15. April 2026 fällig'],
    ['de', '2026-04-14', 'ist heute, am 14. April 2026, fällig'],
    ['de', '2026-04-13', 'war am 13. April 2026 fällig (gestern)'],
    ['de', '2026-04-12', 'war am 12. April 2026 fällig (vor 2 Tagen)'],
    ['fr', '2026-05-01', 'est attendu pour le 1er mai 2026'],
    ['fr', '2026-04-14', 'est attendu aujourd’hui, le 14 avril 2026'],
    ['fr', '2026-04-13', 'était attendu pour le 13 avril 2026 (hier)'],
    ['fr', '2026-04-12', 'était attendu pour le 12 avril 2026 (il y a 2 jours)'],
    ['es', '2026-04-15', 'vence el 15 de abril de 2026'],
    ['es', '2026-04-13', 'venció el 13 de abril de 2026 (ayer)'],
    ['es', '2026-04-12', 'venció el 12 de abril de 2026 (hace 2 días)'],
  ] as const)('%s %s: %s', async (locale, dueOn, status) => {
    expect(await saidOf(locale, '{{ dueStatus }}', { dueOn })).toBe(status);
  });

  test('Italian elides before 8 and 11, in an SMS too', () => {
    const facts = messageFacts({ dueDates: [dueDateFacts({ documentDate: '2026-04-11', dueOn: '2026-04-08' })] });
    expect(smsOf(facts, { message: '{{ dueStatus }}; {{ reference }}' }).rendered.text).toBe(
      "è scaduto l'08/04/2026; Fattura n. 2026/12 dell'11/04/2026",
    );
  });

  test.each([
    ['it', 'un pagamento non ancora scaduto', '2 pagamenti non ancora scaduti'],
    ['en', 'one payment that is not yet overdue is', '2 payments that are not yet overdue are'],
    ['de', 'eine noch nicht überfällige Zahlung', '2 noch nicht überfällige Zahlungen'],
    ['fr', 'un paiement non encore échu est', '2 paiements non encore échus sont'],
    ['es', 'un pago aún no vencido', '2 pagos aún no vencidos'],
  ] as const)('%s counts what is not late', async (locale, one, two) => {
    const days = ['2026-04-02', '2026-05-02', '2026-05-03'];
    const dueDates = days.map((dueOn, i) => dueDateFacts({ dueOn, documentNumber: String(i) }));
    expect(await said(locale, '{{ upcomingNote }}', dueDates.slice(0, 2))).toContain(one);
    expect(await said(locale, '{{ upcomingNote }}', dueDates)).toContain(two);
  });

  test('French sets no-break spaces, which an SMS writes as plain ones', async () => {
    const facts = messageFacts({ locale: 'fr' });
    const { text } = (await emailOf(facts)).rendered;
    expect(text).toContain('Échéance\u00A0: 2 avril 2026');
    expect(text).toContain('1\u202F220,00\u00A0€');
    expect(text.replaceAll('https:', '')).not.toMatch(/[^\u00A0]:|[^\u202F][;!?]/);
    // In UCS-2 as well, where nothing has to be rewritten.
    const greek = messageFacts({ locale: 'fr', tenant: { ...facts.tenant, name: 'Ελλάς' } });
    expect(smsOf(greek).rendered).toMatchObject({
      encoding: 'UCS-2',
      text: expect.stringMatching(/^Ελλάς : le paiement/),
    });
    expect(smsOf(greek).rendered.text).not.toMatch(/[\u00A0\u202F]/);
  });
});

describe('instalments', () => {
  test.each([
    ['it', 'rata 2 di 3', 'rate 1 e 2 di 3', 'rate 1–5 di 6'],
    ['en', 'instalment 2 of 3', 'instalments 1 and 2 of 3', 'instalments 1–5 of 6'],
    ['de', 'Rate 2 von 3', 'Raten 1 und 2 von 3', 'Raten 1–5 von 6'],
    ['fr', 'échéance 2 sur 3', 'échéances 1 et 2 sur 3', 'échéances 1–5 sur 6'],
    ['es', 'plazo 2 de 3', 'plazos 1 y 2 de 3', 'plazos 1–5 de 6'],
  ] as const)('%s: one document is named once with those that are asked for', async (locale, one, two, run) => {
    const some = (...numbers: number[]) =>
      numbers.map((number) => dueDateFacts(instalment(number, numbers.length > 2 ? 6 : 3)));
    for (const [dueDates, words] of [
      [some(2), one],
      [some(2, 1), two],
      [some(3, 1, 2, 5, 4), run],
    ] as const) {
      expect(await said(locale, '{{ instalment }}', dueDates)).toBe(words);
      const title = await said(locale, '{{ documentTitle }}', dueDates);
      expect(title.match(/2026\/12/g)).toHaveLength(1);
      expect(title).toContain(`(${words})`);
    }
  });

  test('are told apart in rows, in the transfer’s reference and in an SMS', async () => {
    const references: string[] = [];
    for (const number of [1, 2]) {
      const facts = messageFacts({ dueDates: [dueDateFacts(instalment(number))] });
      const { text } = (await emailOf(facts)).rendered;
      expect(text).toContain(`\nFattura n. 2026/12 del 3 marzo 2026 (rata ${String(number)} di 3)\n`);
      references.push(smsOf(facts, { message: '{{ reference }}' }).rendered.text);
      expect(smsOf(facts).rendered.text).toContain(`n. 2026/12 (rata ${String(number)} di 3)`);
    }
    expect(references).toEqual([
      'Fattura n. 2026/12 del 03/03/2026 (rata 1 di 3)',
      'Fattura n. 2026/12 del 03/03/2026 (rata 2 di 3)',
    ]);
  });
});

describe('the reference of a transfer', () => {
  const reference = (over: Partial<DueDateFacts>, locale: MessageLocale = 'it', name = 'Bianchi') =>
    smsOf(messageFacts({ locale, customer: { name }, dueDates: [dueDateFacts(over)] }), { message: '{{ reference }}' })
      .rendered.text;

  test('is written with letters that every bank takes', () => {
    expect(reference(instalment(2), 'fr')).toBe('Facture no 2026/12 du 03/03/2026 (echeance 2 sur 3)');
    expect(reference(instalment(2), 'es')).toBe('Factura num. 2026/12 del 03/03/2026 (plazo 2 de 3)');
    expect(reference({ documentNumber: null, ...instalment(2) }, 'it', 'L’Étoile')).toBe(
      "Pagamento L'Etoile (rata 2 di 3)",
    );
  });

  test('holds 140 characters and never loses the instalment', () => {
    for (const length of [50, 100, 110, 120]) {
      const text = reference({ documentNumber: 'x'.repeat(length), ...instalment(2) });
      expect(text.length).toBeLessThanOrEqual(140);
      expect(text).toContain(`${'x'.repeat(length)} `);
      expect(text).toContain('(rata 2 di 3)');
    }
  });
});
