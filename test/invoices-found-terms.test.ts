import { describe, expect, test } from 'vitest';
import { dueDateInWords, grantOnlyDiscount } from '../src/domain/payment-terms-text.ts';

describe('payment terms as other programs write them, of an invoice of 15 January 2026', () => {
  test.each([
    ['Fattura da saldare a 30 gg. data fattura – IBAN in calce', '2026-02-14'],
    ['RÈGLEMENT 30 JOURS NET — TOUT RETARD EST PENALISE', '2026-02-14'],
    ['30 (thirty) days from invoice date', '2026-02-14'],
    ['Pagar a 30 dias', '2026-02-14'],
    ['solder à 30 j', '2026-02-14'],
    ['30 Days, 2% Early Payment Discount under 7 days', '2026-02-14'],
    ['zahlbar bis Ende des Folgemonats', '2026-02-28'],
    ['10 days after end of next month', '2026-03-10'],
  ])('"%s"', (words, dueOn) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn });
  });

  test.each(['a reception de la facture', 'pago inmediato', 'contant', 'per omgaande'])(
    '"%s" is the day of the invoice, with accents or without',
    (words) => {
      expect(due(words)).toEqual({ kind: 'due', dueOn: '2026-01-15' });
    },
  );

  test.each([
    ['Wir ziehen den Betrag am 20.02.2026 per Lastschrift ein', '2026-02-20'],
    ['Der Betrag wird am 20.02.2026 abgebucht', '2026-02-20'],
    ['sera prélevé le 20/02/2026', '2026-02-20'],
    ['addebito in conto il 20/02/2026', '2026-02-20'],
    ['wordt op 20-02-2026 geïncasseerd', '2026-02-20'],
    ['debited on the 20th of February 2026', '2026-02-20'],
    ['échéance le 20/02/2026', '2026-02-20'],
    ['echeance le 20/02/2026', '2026-02-20'],
    ['faellig am 20.02.2026', '2026-02-20'],
    ['Forfaldsdato 20.02.2026', '2026-02-20'],
    ['zahlbar bis 20.02.26', '2026-02-20'],
    // A sentence that ends with a day is over.
    ['Payable before 2026-02-20. The subscription renews 2026-03-29', '2026-02-20'],
    ['Leistung 01.02.2026 - 28.02.2026. Zahlbar bis 20.02.2026', '2026-02-20'],
  ])('"%s" names the day, of a collection too', (words, dueOn) => {
    expect(due(words)).toEqual({ kind: 'due', dueOn });
  });

  test.each(['90 days, on the 10th', 'Virement à 30 jours fin de mois le 15', 'zahlbar am 15.', 'entro il 10'])(
    '"%s" is a day of some month to come: none that is certain',
    (words) => {
      expect(due(words)).toEqual({ kind: 'unclear' });
    },
  );

  test.each([
    ['with 2% discount by', true],
    ['Mit 3 % Skonto bis', true],
    ['ohne Abzug bis', false],
    ['2% Skonto in 10 Tagen, 30 Tage netto', false],
    ['2% interest on late payment', false],
    ['', false],
  ])('"%s" grants a discount and says no more: %s', (words, isOnly) => {
    expect(grantOnlyDiscount(words)).toBe(isOnly);
  });
});

function due(words: string): ReturnType<typeof dueDateInWords> {
  return dueDateInWords(words, '2026-01-15');
}
