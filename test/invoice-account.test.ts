import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instalment } from '../src/domain/invoice.ts';
import { payableTo } from '../src/domain/invoice-account.ts';
import { TestApi } from './support/api.ts';
import { fatturaPa } from './support/fatturapa.ts';
import { euro } from './support/message-facts.ts';

const iban = 'IT60X0542811101000000123456';

describe('the account that an instalment is to be paid to', () => {
  const instalment = (more: Partial<Instalment>): Instalment => ({
    dueOn: '2026-12-05',
    amount: euro('122.00'),
    method: 'MP05',
    iban,
    bic: null,
    holder: 'Officine',
    ...more,
  });

  test('is the one beside a bank transfer, or beside no method', () => {
    const account = { iban, bic: null, holder: 'Officine' };
    expect(payableTo(instalment({}))).toEqual(account);
    expect(payableTo(instalment({ method: null, iban: 'it60 x054 2811 1010 0000 0123 456' }))).toEqual(account);
  });

  test.each(['MP09', 'MP10', 'MP11', 'MP12', 'MP16', 'MP17', 'MP19', 'MP20', 'MP21', 'Addebito SEPA'])(
    'is never the one beside %s: that may be the payer’s',
    (method) => {
      expect(payableTo(instalment({ method }))).toBeNull();
    },
  );

  test('is none without an IBAN', () => {
    expect(payableTo(instalment({ iban: null }))).toBeNull();
    expect(payableTo(instalment({ iban: 'IT00' }))).toBeNull();
  });
});

describe('an imported invoice', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  afterAll(async () => {
    await api.stop();
  });

  test('that collects by direct debit makes no account of the payer’s IBAN', async () => {
    const inside = `<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento><ImportoPagamento>122.00</ImportoPagamento><IBAN>${iban}</IBAN>`;
    const payments = `<DatiPagamento><DettaglioPagamento><ModalitaPagamento>MP19</ModalitaPagamento>${inside}</DettaglioPagamento></DatiPagamento>`;
    const answer = await api.call('POST', '/v1/invoices', {
      body: Buffer.from(fatturaPa({ payments })),
      headers: { 'content-type': 'application/xml' },
    });
    expect(answer).toMatchObject({ status: 201, body: { bankAccounts: [], dueDates: ['12'] } });
    const dueDate = await api.call('GET', '/v1/due-dates/12');
    expect(dueDate.body).toMatchObject({ paymentMethod: 'MP19', bankAccount: null });
    expect((await api.call('GET', '/v1/bank-accounts')).body).toMatchObject({ items: [] });
  });
});
