import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dueDatesOf, readOne } from './support/read-en16931.ts';

const samples = join(import.meta.dirname, '..', '..', 'shared', 'samples', 'invoices', 'cii');
const laptop = {
  invoice: {
    type: 'invoice',
    typeCode: '380',
    number: 'TOSL108',
    date: '2013-06-30',
    currency: 'NOK',
    seller: {
      name: 'Salescompany ltd.',
      vatId: 'NO123456789MVA',
      taxCode: '123456789',
      email: ['antonio@salescompany.no'],
      phone: ['46211230'],
      address: {
        street: 'Main street 34, Suite 123',
        postalCode: '303',
        city: 'Big city',
        province: 'RegionA',
        country: 'NO',
      },
    },
    buyer: {
      name: 'The Buyercompany',
      kind: 'business',
      vatId: 'NO987654321MVA',
      taxCode: '987654321',
      email: ['john@buyercompany.no'],
      phone: ['5121230'],
    },
    total: { units: 180_178n },
    prepaid: { units: 100_000n },
    payable: { units: 80_178n },
    vat: [
      { rate: '25', nature: null, taxable: { units: 146_050n }, tax: { units: 36_513n } },
      { rate: '15', nature: null, taxable: { units: 100n }, tax: { units: 15n } },
      { rate: '0', nature: 'E', taxable: { units: -2_500n }, reason: 'Exempt New Means of Transport' },
    ],
    charges: [
      { kind: 'discount', amount: '100' },
      { kind: 'surcharge', amount: '100' },
    ],
    references: [
      { kind: 'order', number: '123' },
      { kind: 'contract', number: 'Contract321' },
    ],
    instalments: [{ bic: 'DNBANOKK', holder: 'Ebeneser Scrooge AS' }],
    attachments: [{ name: 'EHF.pdf', mediaType: 'application/pdf', size: 77 }],
    warnings: [],
  },
  // The base quantities of this file are its prices once more.
  prices: ['1273', '3.96', '2.48', '25', '0.75'],
  dueDates: ['2013-07-20 801.78 30 NO9386011117947'],
};
const expected = {
  'CII_business_example_01.xml': laptop,
  'CII_example2.xml': laptop,
  'CII_example1.xml': {
    invoice: {
      number: '12115118',
      date: '2015-01-09',
      currency: 'EUR',
      seller: { name: 'De Koksmaat', vatId: 'NL8200.98.395.B.01', taxCode: '57151520', email: [] },
      buyer: { name: 'ODIN 59', kind: 'business', vatId: null, taxCode: null },
      total: { units: 25_033n },
      payable: { units: 25_033n },
      prepaid: null,
      vat: [
        { rate: '6', taxable: { units: 18_323n }, tax: { units: 1_099n } },
        { rate: '21', taxable: { units: 4_637n }, tax: { units: 974n } },
      ],
      warnings: [],
    },
    prices: '9.95 9.85 8.29 7.23 35 35 10.65 1.55 4.79 8.29 8.29 9.95 1.65 10.8 3.9 3.8 4.67 18.63 17.02 18.33'.split(
      ' ',
    ),
    dueDates: ['2015-01-09 250.33 30 NL57RABO0107307510'],
  },
  'CII_example3.xml': {
    invoice: {
      number: 'TOSL108',
      date: '2013-04-10',
      currency: 'DKK',
      seller: {
        name: 'SubscriptionSeller',
        vatId: 'DK16356706',
        taxCode: null,
        email: ['antonio@SubscriptionsSeller.dk'],
      },
      buyer: { name: 'Buyercompany ltd', kind: 'business', vatId: null, taxCode: null },
      total: { units: 112_500n },
      payable: { units: 112_500n },
      vat: [{ rate: '25', taxable: { units: 90_000n }, tax: { units: 22_500n } }],
      charges: [{ kind: 'surcharge', amount: '100' }],
      references: [{ kind: 'contract', number: 'SUBSCR571' }],
      notes: ['Contract was established through our website'],
      warnings: [{ code: 'iban-invalid' }],
    },
    prices: ['800'],
    dueDates: ['2013-05-10 1125.00 30 null'],
  },
};

describe.skipIf(!existsSync(samples))('invoices that others wrote (../shared/samples)', () => {
  test.each(Object.entries(expected))('%s', (file, { invoice, prices, dueDates }) => {
    const read = readOne(readFileSync(join(samples, file), 'utf8'));
    expect(read).toMatchObject(invoice);
    expect(read.lines.map(({ unitPrice }) => unitPrice)).toEqual(prices);
    expect(dueDatesOf(read)).toEqual(dueDates);
  });
});
