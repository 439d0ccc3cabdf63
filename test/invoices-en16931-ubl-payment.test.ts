import { describe, expect, test } from 'vitest';
import { formatUnits } from '../src/domain/money.ts';
import { dueDatesOf, readOne, warningsOf } from './support/read-en16931.ts';
import { ubl, ublMeans, ublTerms } from './support/ubl.ts';

const iban = 'IT60X0542811101000000123456';

describe('how and when a UBL invoice is to be paid', () => {
  test('several ways to pay are one debt, with the account to pay to', () => {
    const means = `<cac:PaymentMeans><cbc:PaymentMeansCode>48</cbc:PaymentMeansCode><cac:CardAccount><cbc:PrimaryAccountNumberID>1234</cbc:PrimaryAccountNumberID></cac:CardAccount></cac:PaymentMeans>${ublMeans('58', 'DE89370400440532013000')}${ublMeans('58', iban)}`;
    expect(dueDatesOf(readOne(ubl({ means })))).toEqual(['2026-02-14 122.00 58 DE89370400440532013000']);
  });

  test("a direct debit's account is the payer's and never one to pay to", () => {
    const mandate = `<cac:PaymentMeans><cbc:PaymentMeansCode>59</cbc:PaymentMeansCode><cac:PaymentMandate><cbc:ID>M1</cbc:ID><cac:PayerFinancialAccount><cbc:ID>${iban}</cbc:ID></cac:PayerFinancialAccount></cac:PaymentMandate></cac:PaymentMeans>`;
    expect(dueDatesOf(readOne(ubl({ means: mandate })))).toEqual(['2026-02-14 122.00 59 null']);
    expect(dueDatesOf(readOne(ubl({ means: ublMeans('59', iban) })))).toEqual(['2026-02-14 122.00 59 null']);
  });

  test('holder and BIC of the account; the holder is the payee where the account names none', () => {
    const branch =
      '<cac:FinancialInstitutionBranch><cbc:ID>BPPIITRRXXX</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount>';
    const head = '<cac:PayeeParty><cac:PartyName><cbc:Name>Factor S.p.A.</cbc:Name></cac:PartyName></cac:PayeeParty>';
    const means = ublMeans('30', 'it60 x054 2811 1010 0000 0123 456').replace('</cac:PayeeFinancialAccount>', branch);
    expect(readOne(ubl({ head, means })).instalments).toMatchObject([
      { iban, bic: 'BPPIITRRXXX', holder: 'Factor S.p.A.' },
    ]);
    const named = means.replace('<cac:Fin', '<cbc:Name>Acciaio Nord</cbc:Name><cac:Fin');
    expect(readOne(ubl({ head, means: named })).instalments[0]?.holder).toBe('Acciaio Nord');
  });

  test('a wrong IBAN or BIC is left out with a warning that names its place', () => {
    const means = ublMeans('30', `${iban.slice(0, -1)}7`).replace(
      '</cac:PayeeFinancialAccount>',
      '<cac:FinancialInstitutionBranch><cbc:ID>1234</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount>',
    );
    const invoice = readOne(ubl({ means }));
    expect(invoice.instalments).toMatchObject([{ iban: null, bic: null }]);
    expect(invoice.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('PaymentMeans[1]/PayeeFinancialAccount/ID '),
      expect.stringContaining('PaymentMeans[1]/PayeeFinancialAccount/FinancialInstitutionBranch/ID '),
    ]);
  });

  test('terms with amounts are instalments', () => {
    const terms =
      ublTerms('<cbc:Amount>22.00</cbc:Amount><cbc:InstallmentDueDate>2026-02-01</cbc:InstallmentDueDate>') +
      ublTerms('<cbc:Amount>100.00</cbc:Amount><cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>');
    const invoice = readOne(ubl({ terms }));
    expect(dueDatesOf(invoice)).toEqual([`2026-02-01 22.00 30 ${iban}`, `2026-03-01 100.00 30 ${iban}`]);
    expect(invoice.warnings).toEqual([]);
  });

  test('an instalment takes day and account from the way to pay that it names', () => {
    const means =
      ublMeans('30', iban, '<cbc:PaymentDueDate>2026-02-01</cbc:PaymentDueDate>').replace(
        '<cac:PaymentMeans>',
        '<cac:PaymentMeans><cbc:ID>1</cbc:ID>',
      ) +
      ublMeans('58', 'DE89370400440532013000', '<cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>').replace(
        '<cac:PaymentMeans>',
        '<cac:PaymentMeans><cbc:ID>2</cbc:ID>',
      );
    const terms =
      ublTerms('<cbc:PaymentMeansID>1</cbc:PaymentMeansID><cbc:Amount>22.00</cbc:Amount>') +
      ublTerms('<cbc:PaymentMeansID>2</cbc:PaymentMeansID><cbc:Amount>100.00</cbc:Amount>');
    expect(dueDatesOf(readOne(ubl({ means, terms, due: '' })))).toEqual([
      `2026-02-01 22.00 30 ${iban}`,
      '2026-03-01 100.00 58 DE89370400440532013000',
    ]);
  });

  test('percentages are shares to the cent, the last one what is left', () => {
    const share = (percent: string, day: string): string =>
      ublTerms(
        `<cbc:PaymentPercent>${percent}</cbc:PaymentPercent><cbc:PaymentDueDate>2026-0${day}-01</cbc:PaymentDueDate>`,
      );
    const sums = '<cbc:TaxInclusiveAmount>100.01</cbc:TaxInclusiveAmount><cbc:PayableAmount>100.01</cbc:PayableAmount>';
    const terms = share('33.33', '2') + share('33.33', '3') + share('33.34', '4');
    const invoice = readOne(ubl({ terms, sums }));
    expect(invoice.instalments.map(({ amount }) => formatUnits(amount))).toEqual(['33.33', '33.33', '33.35']);
    expect(invoice.warnings).toEqual([]);
  });

  test('a term with a day and no amount beside an instalment is for the rest', () => {
    const terms =
      ublTerms('<cbc:Amount>22.00</cbc:Amount><cbc:PaymentDueDate>2026-02-01</cbc:PaymentDueDate>') +
      ublTerms('<cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>');
    expect(dueDatesOf(readOne(ubl({ terms, due: '' })))).toEqual([
      `2026-02-01 22.00 30 ${iban}`,
      `2026-03-01 100.00 30 ${iban}`,
    ]);
  });

  test('instalments that come to something else are kept, with a warning', () => {
    const terms = ublTerms('<cbc:Amount>50.00</cbc:Amount><cbc:PaymentDueDate>2026-02-01</cbc:PaymentDueDate>');
    const invoice = readOne(ubl({ terms }));
    expect([dueDatesOf(invoice), warningsOf(invoice)]).toEqual([
      [`2026-02-01 50.00 30 ${iban}`],
      ['instalments-differ'],
    ]);
  });

  test('terms that are each for the whole are alternatives, a discount no due date', () => {
    const terms =
      ublTerms(
        '<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent><cbc:Amount>122.00</cbc:Amount><cac:SettlementPeriod><cbc:EndDate>2026-01-25</cbc:EndDate></cac:SettlementPeriod>',
      ) +
      ublTerms(
        '<cbc:Amount>122.00</cbc:Amount><cac:SettlementPeriod><cbc:EndDate>2026-02-20</cbc:EndDate></cac:SettlementPeriod>',
      );
    const invoice = readOne(ubl({ terms, due: '' }));
    expect([dueDatesOf(invoice), warningsOf(invoice)]).toEqual([[`2026-02-20 122.00 30 ${iban}`], []]);
  });

  test('a period of settlement in days counts from the invoice', () => {
    const terms = ublTerms(
      '<cac:SettlementPeriod><cbc:DurationMeasure unitCode="DAY">30</cbc:DurationMeasure></cac:SettlementPeriod>',
    );
    expect(dueDatesOf(readOne(ubl({ terms, due: '' })))).toEqual([`2026-02-14 122.00 30 ${iban}`]);
  });

  test('several days without amounts: the last, with a warning', () => {
    const terms =
      ublTerms('<cbc:PaymentDueDate>2026-02-01</cbc:PaymentDueDate>') +
      ublTerms('<cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>');
    const invoice = readOne(ubl({ terms, due: '' }));
    expect([dueDatesOf(invoice), warningsOf(invoice)]).toEqual([
      [`2026-03-01 122.00 30 ${iban}`],
      ['payment-terms-unclear'],
    ]);
  });

  test.each([
    ['the due date counts before the words', undefined, '14 days net', '2026-02-14', []],
    ['words that name a day', '', '30 days net', '2026-02-14', []],
    ['words that can mean several', '', '30 days EOM', '2026-03-02', ['payment-terms-assumed']],
    ['words that name none', '', 'as agreed', '2026-01-15', ['payment-terms-unread']],
    ['no words either', '', '', '2026-01-15', ['no-payment-terms']],
  ])('%s', (_what, due, words, dueOn, warnings) => {
    const invoice = readOne(
      ubl({
        ...(due === undefined ? {} : { due }),
        terms: words === '' ? '' : ublTerms(`<cbc:Note>${words}</cbc:Note>`),
      }),
    );
    expect(dueDatesOf(invoice)).toEqual([`${dueOn} 122.00 30 ${iban}`]);
    expect(warningsOf(invoice)).toEqual(warnings);
  });

  test('a warning cites the words that were not understood', () => {
    const invoice = readOne(ubl({ due: '', terms: ublTerms('<cbc:Note>as   agreed\nin spring</cbc:Note>') }));
    expect(invoice.warnings[0]?.message).toContain('"as agreed in spring"');
  });

  test('nothing is due of what was prepaid whole, and nobody is warned', () => {
    const sums =
      '<cbc:TaxInclusiveAmount>122.00</cbc:TaxInclusiveAmount><cbc:PrepaidAmount>122.00</cbc:PrepaidAmount><cbc:PayableAmount>0</cbc:PayableAmount>';
    const invoice = readOne(ubl({ sums, due: '' }));
    expect([dueDatesOf(invoice), invoice.warnings]).toEqual([[`2026-01-15 0.00 30 ${iban}`], []]);
  });
});
