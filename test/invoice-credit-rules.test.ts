import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CreditableDueDate, type NoteToSpread, spreadCredits } from '../src/domain/credit-allocation.ts';
import { creditFor, findCredited, namedInvoices } from '../src/domain/credited-invoice.ts';
import { type Invoice, invoiceFromJson } from '../src/domain/invoice.ts';

const eur = (value: string) => ({ value, currency: 'EUR' });
const party = (vatId: string | null, name = 'Officine') => ({
  name,
  vatId,
  taxCode: null,
  address: null,
  email: [],
  phone: [],
  pec: null,
});
const buyer = { ...party('IT09876543210', 'Rossi'), kind: 'business' as const };

/** Asks for its total in one instalment; what is given replaces the usual. */
function invoice(more: Record<string, unknown> = {}): Invoice {
  return invoiceFromJson({
    source: 'json',
    type: 'invoice',
    typeCode: '380',
    number: '12',
    date: '2026-02-01',
    currency: 'EUR',
    seller: party('IT01234567890'),
    buyer,
    lines: [],
    vat: [],
    charges: [],
    withholding: [],
    stampDuty: null,
    rounding: null,
    total: eur('122.00'),
    payable: eur('122.00'),
    notes: [],
    references: [],
    instalments: [instalment('122.00')],
    attachments: [],
    warnings: [],
    ...more,
  });
}

const instalment = (value: string) => ({
  dueOn: '2026-03-31',
  amount: eur(value),
  method: null,
  iban: null,
  bic: null,
  holder: null,
});
const withheld = (value: string) => ({ withholding: [{ type: 'RT01', rate: '20.00', amount: eur(value) }] });
const split = (tax: string) => ({
  vat: [{ rate: '22.00', nature: null, taxable: eur('100.00'), tax: eur(tax), reason: null, paidByBuyer: true }],
});
const note = (total: string, payable: string, more: Record<string, unknown> = {}) =>
  invoice({ type: 'creditNote', total: eur(total), payable: eur(payable), instalments: [], ...more });

describe('what a credit note is worth on an invoice', () => {
  const asksForLess = { payable: eur('102.00'), instalments: [instalment('102.00')] };

  test.each<[string, Invoice, Invoice, bigint]>([
    ['all of it', note('122.00', '122.00'), invoice(), 12_200n],
    ['written with a minus', note('-122.00', '-122.00'), invoice(), 12_200n],
    [
      'withholding on both',
      note('122.00', '102.00', withheld('20.00')),
      invoice({ ...asksForLess, ...withheld('20.00') }),
      10_200n,
    ],
    [
      'withholding on the invoice alone',
      note('122.00', '122.00'),
      invoice({ ...asksForLess, ...withheld('20.00') }),
      10_200n,
    ],
    ['half of one with withholding', note('61.00', '61.00'), invoice({ ...asksForLess, ...withheld('20.00') }), 5_100n],
    [
      'withholding that the instalments do not leave out',
      note('122.00', '102.00', withheld('20.00')),
      invoice({ payable: eur('102.00'), ...withheld('20.00') }),
      12_200n,
    ],
    [
      'split payment on both',
      note('122.00', '100.00', split('22.00')),
      invoice({ payable: eur('100.00'), instalments: [instalment('100.00')], ...split('22.00') }),
      10_000n,
    ],
    [
      'split payment on the invoice alone',
      note('122.00', '122.00'),
      invoice({ payable: eur('100.00'), instalments: [instalment('100.00')], ...split('22.00') }),
      10_000n,
    ],
    ['nothing is paid back by it any more', note('122.00', '0.00'), invoice(), 12_200n],
    [
      'a part was paid before the invoice',
      note('122.00', '122.00'),
      invoice({ prepaid: eur('22.00'), payable: eur('100.00'), instalments: [instalment('100.00')] }),
      12_200n,
    ],
  ])('%s', (_, credit, credited, units) => {
    expect(creditFor(credit, credited).units).toBe(units);
  });
});

describe('which invoice a credit note means', () => {
  const known = (more: Record<string, unknown> = {}) => ({ invoice: invoice(more) });
  const credit = note('122.00', '122.00', { date: '2026-05-01' });

  test('the one of its seller, its buyer, that number and that day', () => {
    const [mine, others] = [known(), known({ seller: party('IT11111111111') })];
    expect(findCredited(credit, { number: '12', date: '2026-02-01' }, [others, mine])).toEqual({ found: mine });
    expect(findCredited(credit, { number: '12', date: '2026-02-02' }, [mine])).toEqual({ missing: 'unknown' });
    expect(findCredited(credit, { number: '12', date: null }, [others])).toEqual({ missing: 'unknown' });
    const toOther = known({ buyer: { ...buyer, vatId: 'IT22222222222' } });
    expect(findCredited(credit, { number: '12', date: null }, [toOther])).toEqual({ missing: 'other-buyer' });
    const inDollars = known({ currency: 'USD' });
    expect(findCredited(credit, { number: '12', date: null }, [inDollars])).toEqual({ missing: 'other-currency' });
  });

  test('without a day the last one that is not younger than itself', () => {
    const years = ['2024-02-01', '2026-02-01', '2027-02-01', '2025-02-01'].map((date) => known({ date }));
    expect(findCredited(credit, { number: '12', date: null }, years)).toEqual({ found: years[1] });
  });

  test('is named once, however many lines do it', () => {
    const reference = (number: string, kind = 'invoice') => ({ kind, number, date: null, cup: null, cig: null });
    const references = ['2', '1', '2'].map((number) => reference(number));
    const named = namedInvoices(invoice({ references: [...references, reference('9', 'order')] }));
    expect(named.map(({ number }) => number)).toEqual(['2', '1']);
  });
});

describe('spreading credit notes', () => {
  const due = (id: string, dueOn: string, amount: bigint, paid = 0n): CreditableDueDate<string> => {
    return { id, dueOn, amount, paid, isVoid: false };
  };

  test('the earliest open one first, whatever its place', () => {
    const dueDates = [due('late', '2026-05-01', 50n), due('early', '2026-03-01', 50n, 20n)];
    const [spread] = spreadCredits([{ kept: new Map(), invoices: [{ worth: 60n, dueDates }] }], new Map());
    expect(Object.fromEntries(spread?.shares ?? [])).toEqual({ early: 30n, late: 30n });
    expect(spread?.left).toBe(0n);
  });

  test('what was paid stays credited where nothing is open: too much was paid', () => {
    const dueDates = [due('a', '2026-03-01', 100n, 100n)];
    const kept = new Map([['a', 40n]]);
    const [spread] = spreadCredits([{ kept, invoices: [{ worth: 40n, dueDates }] }], new Map());
    expect(Object.fromEntries(spread?.shares ?? [])).toEqual({ a: 40n });
    const [anew] = spreadCredits([{ kept: new Map(), invoices: [{ worth: 140n, dueDates }] }], new Map());
    expect(anew).toEqual({ shares: new Map([['a', 100n]]), left: 40n });
  });

  test('what is open before what was paid, wherever the note stood', () => {
    const dueDates = [due('a', '2026-03-01', 100n, 100n), due('b', '2026-04-01', 30n)];
    const kept = new Map([['a', 40n]]);
    const [spread] = spreadCredits([{ kept, invoices: [{ worth: 40n, dueDates }] }], new Map());
    expect(Object.fromEntries(spread?.shares ?? [])).toEqual({ a: 10n, b: 30n });
  });

  test('what is left of one note is used before another one stands on what was paid', () => {
    const dueDates = [due('a', '2026-03-01', 100n, 50n), due('b', '2026-04-01', 30n)];
    const note = (worth: bigint): NoteToSpread<string> => ({ kept: new Map(), invoices: [{ worth, dueDates }] });
    const spread = spreadCredits([note(90n), note(20n)], new Map());
    expect(spread.map(({ shares }) => Object.fromEntries(shares))).toEqual([{ a: 60n, b: 30n }, { a: 20n }]);
  });

  test('what is not asked for any more is used elsewhere', () => {
    const gone = { ...due('a', '2026-03-01', 100n), isVoid: true };
    const dueDates = [gone, due('b', '2026-04-01', 30n)];
    const kept = new Map([['a', 100n]]);
    const [spread] = spreadCredits([{ kept, invoices: [{ worth: 100n, dueDates }] }], new Map());
    expect(Object.fromEntries(spread?.shares ?? [])).toEqual({ b: 30n });
    expect(spread?.left).toBe(70n);
  });

  const amount = fc.bigInt({ min: 0n, max: 1_000n });
  const dueDate = fc.record({
    dueOn: fc.constantFrom('2026-01-01', '2026-02-01', '2026-03-01'),
    amount,
    paid: amount,
    isVoid: fc.boolean(),
  });
  const notes = fc.array(fc.record({ worth: amount, kept: fc.array(amount, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  });

  test('takes off never more than is asked or than it is worth, and all of it where there is room', () => {
    fc.assert(
      fc.property(fc.array(dueDate, { maxLength: 4 }), notes, fc.boolean(), (made, given, fresh) => {
        const dueDates = made.map((one, index) => ({ ...one, id: index }));
        const wanted = given.map(({ worth, kept }): NoteToSpread<number> => {
          return { kept: new Map(fresh ? [] : kept.entries()), invoices: [{ worth, dueDates }] };
        });
        const spread = spreadCredits(wanted, new Map());
        for (const [index, { shares, left }] of spread.entries()) {
          const used = [...shares.values()].reduce((sum, share) => sum + share, 0n);
          expect(used + left).toBe(given[index]?.worth);
        }
        const standing = dueDates.map(({ id, amount: asked, paid, isVoid }) => {
          const credited = spread.reduce((sum, { shares }) => sum + (shares.get(id) ?? 0n), 0n);
          return { asked: isVoid ? 0n : asked, open: isVoid || paid > asked ? 0n : asked - paid, credited };
        });
        const isSomeLeft = spread.some(({ left }) => left > 0n);
        const isOnPaid = standing.some(({ credited, open }) => credited > open);
        for (const { asked, open, credited } of standing) {
          expect(credited).toBeLessThanOrEqual(asked);
          if (isSomeLeft) expect(credited).toBe(asked);
          // Nobody is asked while a credit stands on what was paid.
          if (isOnPaid) expect(credited).toBeGreaterThanOrEqual(open);
        }
      }),
    );
  });
});
