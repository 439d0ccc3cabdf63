import { describe, expect, test } from 'vitest';
import { dueDateInWords } from '../src/domain/payment-terms-text.ts';

const thirtyDays = '2026-02-14';

describe('payment terms in words, of an invoice of 15 January 2026', () => {
  test.each([
    ['30 days net', thirtyDays],
    ['Net 30', thirtyDays],
    ['NET30', thirtyDays],
    ['30-day payment term', thirtyDays],
    ['Payment due within 30 days of invoice date', thirtyDays],
    ['within thirty (30) days', thirtyDays],
    ['Netto 30 Tage', thirtyDays],
    ['Zahlbar innerhalb von 30 Tagen ohne Abzug.', thirtyDays],
    ['Zahlungsziel: 30 Kalendertage', thirtyDays],
    ['30 gg d.f.', thirtyDays],
    ['Bonifico 30 gg. data fattura', thirtyDays],
    ['Pagamento entro 30 giorni data fattura', thirtyDays],
    ['30 jours à compter de la date de facture', thirtyDays],
    ['30 días fecha factura', thirtyDays],
    ['Betaling binnen 30 dagen netto', thirtyDays],
    ['4 Wochen', '2026-02-12'],
    ['1 month', '2026-02-15'],
    ['Bitte überweisen Sie 250,33 EUR innerhalb 14 Tagen', '2026-01-29'],
  ])('"%s" counts from the invoice', (words, dueOn) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn });
  });

  test.each([
    ['60 gg fine mese', '2026-03-31'],
    ['60 gg. d.f.f.m.', '2026-03-31'],
    ['30 GG DFFM', '2026-02-28'],
    ['30 gg f.m. + 10', '2026-03-10'],
    ['fine mese', '2026-01-31'],
    ['fine mese successivo', '2026-02-28'],
    ['end of next month', '2026-02-28'],
    ['30 Tage ab Monatsende', '2026-03-02'],
    ['30 days from end of month', '2026-03-02'],
  ])('"%s" goes to the end of the month', (words, dueOn) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn });
  });

  test.each([
    ['30 days EOM', '2026-01-15', '2026-03-02'],
    ['45 jours fin de mois', '2026-01-15', '2026-03-31'],
    // 30 days as days, or as a month of trade.
    ['30 gg fine mese', '2026-01-31', '2026-03-31'],
    ['14 Tage nach Erhalt der Rechnung', '2026-01-15', '2026-01-29'],
    ['within 14 days of receipt of invoice', '2026-01-15', '2026-01-29'],
  ])('"%s" can mean several days: the last is assumed', (words, invoiceDate, dueOn) => {
    expect(dueDateInWords(words, invoiceDate)).toEqual({ kind: 'assumed', dueOn });
  });

  test.each([
    ['Zahlbar bis 15.03.2026', '2026-03-15'],
    ['zahlbar bis zum 15. März 2026 ohne Abzug', '2026-03-15'],
    ['due by 2026-03-15', '2026-03-15'],
    ['Payable by March 15, 2026', '2026-03-15'],
    ['entro il 05/04/2026', '2026-04-05'],
    ['30 Tage netto, zahlbar bis 20.02.2026', '2026-02-20'],
    // The day of the order is no due date.
    ['Order of 2025-12-01, pay within 10 days', '2026-01-25'],
  ])('"%s" names the day itself', (words, dueOn) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn });
  });

  test.each([
    ['#SKONTO#TAGE=14#PROZENT=2.00#\n30 Tage netto'],
    ['#SKONTO#TAGE=7#PROZENT=3.00#\n#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#\nZahlbar in 30 Tagen.'],
    ['#SKONTO#TAGE=30#PROZENT=0.00#'],
    ['14 Tage 2% Skonto, 30 Tage netto'],
    ['10 Tage 2% 30 Tage netto'],
    ['Zahlbar innerhalb von 14 Tagen mit 2% Skonto oder 30 Tage netto'],
    ['Bei Zahlung bis 20.01.2026 2 % Skonto, danach netto 30 Tage'],
    ['2/10 net 30'],
    ['2/10, n/30'],
    ['2% 10, net 30'],
    ['30 dagar netto. Dröjsmålsränta: 12 %'],
    ['30 days, 2% interest per month thereafter'],
    ["Paiement à 30 jours. Pénalités de retard : 3 fois le taux légal. Pas d'escompte pour paiement anticipé."],
  ])('"%s": neither discount nor interest is the due date', (words) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn: thirtyDays });
  });

  test.each(['sofort', 'Zahlbar sofort ohne Abzug.', 'immediate payment', 'payable on receipt', 'Rimessa diretta'])(
    '"%s" is the day of the invoice',
    (words) => {
      expect(due(words)).toEqual({ kind: 'due', dueOn: '2026-01-15' });
    },
  );

  test.each([
    '',
    'see contract',
    '#SKONTO#TAGE=14#PROZENT=2.00#',
    '2 % discount if paid within 2 days\nPenalty percentage 10% from due date',
    'Bei Zahlung innerhalb von 10 Tagen, 2% Skonto',
    '30/60/90 gg d.f.',
    '30, 60, 90 gg',
    '30 e 60 gg',
    '30% acconto, saldo a 30 gg',
    '10 working days',
    '30 days after delivery',
    'between 10 and 30 days',
    '1000 days',
    '10 del mese successivo',
    'Zahlbar bis 15.02.2026 oder fällig am 20.02.2026',
    'fällig am 31.02.2026',
  ])('"%s" names no one day', (words) => {
    expect(due(words)).toEqual({ kind: 'unclear' });
  });

  test('a day past the last year of the calendar is none', () => {
    expect(dueDateInWords('30 days', '9999-12-20')).toEqual({ kind: 'unclear' });
  });

  test('a very long text is read no further than its beginning', () => {
    expect(due(`30 days net\n${'1 '.repeat(500_000)}`)).toEqual({ kind: 'due', dueOn: thirtyDays });
  });
});

function due(words: string): ReturnType<typeof dueDateInWords> {
  return dueDateInWords(words, '2026-01-15');
}
