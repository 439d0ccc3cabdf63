import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa, payment, vatId } from './support/fatturapa.ts';

const sellersOwn = vatId('03999000106');
const byBuyer = '<SoggettoEmittente>CC</SoggettoEmittente>';

describe('what the buyer who writes a self-invoice owes the seller', () => {
  test.each(['TD16', 'TD17', 'TD18', 'TD19', 'TD20', 'TD22', 'TD23'])(
    '%s: the taxable sum, as the VAT goes to the treasury',
    (type) => {
      const invoice = read({ type, payments: '' });
      expect(invoice.type).toBe('selfInvoice');
      expect([invoice.total, invoice.payable].map(formatUnits)).toEqual(['122.00', '100.00']);
      expect(invoice.instalments).toMatchObject([{ dueOn: '2026-11-05', amount: { units: 10_000n } }]);
      expect(invoice.vat).toMatchObject([{ paidByBuyer: false }]);
      expect(codesOf(invoice)).toEqual(['self-invoice', 'no-payment-terms']);
    },
  );

  test.each(['TD28', 'TD29'])('%s: all of it, as the seller charged the VAT or should have', (type) => {
    const invoice = read({ type });
    expect([invoice.type, formatUnits(invoice.payable), codesOf(invoice)]).toEqual([
      'selfInvoice',
      '122.00',
      ['self-invoice'],
    ]);
  });

  test.each([
    ['TD21', undefined],
    ['TD27', undefined],
    ['TD22', sellersOwn],
    ['TD23', sellersOwn],
    ['TD26', sellersOwn],
  ])('%s: nothing, where a firm writes to itself', (type, buyerIds) => {
    const invoice = read(buyerIds === undefined ? { type } : { type, buyerIds });
    expect([invoice.type, formatUnits(invoice.payable), invoice.instalments]).toEqual(['selfInvoice', '0.00', []]);
    expect(invoice.warnings).toMatchObject([{ code: 'self-invoice', message: expect.stringContaining('nobody') }]);
  });

  test('less what is withheld of it', () => {
    const general =
      '<DatiRitenuta><TipoRitenuta>RT02</TipoRitenuta><ImportoRitenuta>30.00</ImportoRitenuta></DatiRitenuta>';
    expect(formatUnits(read({ type: 'TD17', general }).payable)).toBe('70.00');
  });

  test('payments that ask for the VAT as well get a warning', () => {
    const due = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>';
    expect(codesOf(read({ type: 'TD17', payments: payment(due, '100.00') }))).toEqual(['self-invoice']);
    expect(codesOf(read({ type: 'TD17', payments: payment(due, '122.00') }))).toEqual([
      'self-invoice',
      'instalments-differ',
    ]);
  });

  test('an invoice that the buyer wrote for the seller is one, and owed whole', () => {
    const invoice = read({ header: byBuyer });
    expect([invoice.type, invoice.typeCode, formatUnits(invoice.payable)]).toEqual(['selfInvoice', 'TD01', '122.00']);
    expect(read({ type: 'TD04', header: byBuyer }).type).toBe('creditNote');
  });

  test('goods sold to another are an ordinary invoice (TD26), and firms of one VAT group are two', () => {
    expect(read({ type: 'TD26' }).type).toBe('invoice');
    const seller = `<DatiAnagrafici>${sellersOwn}<CodiceFiscale>01111111111</CodiceFiscale><Anagrafica><Denominazione>A</Denominazione></Anagrafica></DatiAnagrafici>`;
    const buyerIds = `${sellersOwn}<CodiceFiscale>02222222222</CodiceFiscale>`;
    expect(read({ type: 'TD26', seller, buyerIds }).type).toBe('invoice');
  });
});

test.each(['TD01', 'TD02', 'TD03', 'TD06', 'TD24', 'TD25', 'TD26'])('%s is an invoice', (type) => {
  const invoice = read({ type });
  expect([invoice.type, codesOf(invoice)]).toEqual(['invoice', []]);
});

test('a type that is not known is read as an invoice, with a warning', () => {
  const invoice = read({ type: 'TD99' });
  expect([invoice.type, invoice.typeCode, codesOf(invoice)]).toEqual(['invoice', 'TD99', ['document-type-unknown']]);
});

function read(parts: Parameters<typeof fatturaPa>[0]): Invoice {
  const [invoice] = readFatturaPa(parseXml(fatturaPa(parts)));
  if (!invoice) throw new Error('no invoice');
  return invoice;
}

function codesOf({ warnings }: Invoice): string[] {
  return warnings.map(({ code }) => code);
}
