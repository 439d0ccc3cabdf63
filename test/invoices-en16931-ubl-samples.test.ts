import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dueDatesOf, readOne } from './support/read-en16931.ts';

const samples = join(import.meta.dirname, '..', '..', 'shared', 'samples', 'invoices', 'ubl');
const koksmaat = {
  type: 'invoice',
  typeCode: '380',
  number: '12115118',
  date: '2015-01-09',
  currency: 'EUR',
  seller: { name: 'De Koksmaat', vatId: 'NL8200.98.395.B.01', taxCode: '57151520', email: [], phone: [] },
  buyer: { name: 'ODIN 59', kind: 'business', vatId: null, taxCode: null, email: [], phone: [] },
  total: { units: 25_033n },
  payable: { units: 25_033n },
  prepaid: null,
  vat: [
    { rate: '6', taxable: { units: 18_323n }, tax: { units: 1_099n } },
    { rate: '21', taxable: { units: 4_637n }, tax: { units: 974n } },
  ],
  references: [],
  charges: [],
  attachments: [],
  warnings: [],
};
const printer = {
  name: 'SubscriptionSeller',
  vatId: 'DK16356706',
  taxCode: null,
  email: ['antonio@SubscriptionsSeller.dk'],
  address: {
    street: 'Main street 2, Building 4',
    postalCode: '54321',
    city: 'Big city',
    province: null,
    country: 'DK',
  },
};
const expected = {
  'guide-example1.xml': {
    invoice: koksmaat,
    lines: 20,
    dueDates: ['2015-01-09 250.33 31 NL57RABO0107307510'],
  },
  'ubl-tc434-example1.xml': {
    invoice: koksmaat,
    lines: 20,
    dueDates: ['2015-01-09 250.33 30 NL57RABO0107307510'],
  },
  'ubl-tc434-example2.xml': {
    invoice: {
      number: 'TOSL108',
      date: '2013-06-30',
      currency: 'NOK',
      seller: {
        name: 'Salescompany ltd.',
        vatId: 'NO123456789MVA',
        taxCode: '123456789',
        email: ['antonio@salescompany.no'],
        phone: ['46211230'],
      },
      buyer: {
        name: 'The Buyercompany',
        kind: 'business',
        vatId: 'NO987654321MVA',
        taxCode: '987654321',
        email: ['john@buyercompany.no'],
        phone: ['5121230'],
        address: {
          street: 'Anystreet 8, Back door',
          postalCode: '101',
          city: 'Anytown',
          province: 'RegionB',
          country: 'NO',
        },
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
        { kind: 'discount', rate: null, amount: '100.00' },
        { kind: 'surcharge', rate: null, amount: '100.00' },
      ],
      references: [
        { kind: 'order', number: '123' },
        { kind: 'contract', number: 'Contract321' },
      ],
      notes: [
        'Ordered in our booth at the convention',
        '2 % discount if paid within 2 days\nPenalty percentage 10% from due date',
      ],
      instalments: [{ bic: 'DNBANOKK', holder: 'Ebeneser Scrooge AS' }],
      attachments: [{ name: 'test.pdf', mediaType: 'application/pdf', size: 23 }],
      warnings: [],
    },
    lines: 5,
    dueDates: ['2013-07-20 801.78 30 NO9386011117947'],
  },
  'ubl-tc434-example3.xml': {
    invoice: {
      number: 'TOSL108',
      date: '2013-04-10',
      currency: 'DKK',
      seller: printer,
      buyer: { name: 'Buyercompany ltd', kind: 'business', vatId: 'NO987654321MVA', taxCode: '987654321' },
      total: { units: 200_500n },
      payable: { units: 200_500n },
      vat: [
        { rate: '25', taxable: { units: 90_000n }, tax: { units: 22_500n } },
        { rate: '10', taxable: { units: 80_000n }, tax: { units: 8_000n } },
      ],
      charges: [{ kind: 'surcharge', rate: null, amount: '100.00' }],
      references: [{ kind: 'contract', number: 'SUBSCR571' }],
      warnings: [{ code: 'iban-invalid' }],
    },
    lines: 2,
    dueDates: ['2013-05-10 2005.00 30 null'],
  },
  'ubl-tc434-example4.xml': {
    invoice: {
      number: 'TOSL110',
      date: '2013-04-10',
      currency: 'DKK',
      seller: { ...printer, name: 'SellerCompany', phone: ['+4598989898'] },
      buyer: { name: 'Buyercompany ltd', kind: 'business', vatId: null, taxCode: null },
      total: { units: 467_500n },
      payable: { units: 467_500n },
      vat: [
        { rate: '25', taxable: { units: 150_000n }, tax: { units: 37_500n } },
        { rate: '12', taxable: { units: 250_000n }, tax: { units: 30_000n } },
      ],
      references: [{ kind: 'order', number: '123' }],
      warnings: [{ code: 'iban-invalid' }],
    },
    lines: 3,
    dueDates: ['2013-05-10 4675.00 30 null'],
  },
  'ubl-tc434-creditnote1.xml': {
    invoice: {
      type: 'creditNote',
      typeCode: '381',
      number: '018304 / 28865',
      date: '2019-09-23',
      currency: 'EUR',
      seller: { name: 'My Supplier Company', vatId: 'BE0000000196', email: ['john.doole@mysuppliercompany.be'] },
      buyer: {
        name: 'My Customer Company',
        kind: 'business',
        vatId: 'BE0000000295',
        taxCode: '0000000295',
        email: ['pete.smith@mycustomercompany.be'],
      },
      total: { units: 10_011n },
      payable: { units: 10_011n },
      vat: [{ rate: '0.00', nature: 'E', tax: { units: 0n }, reason: 'Taxes are not applicable' }],
      lines: [{ quantity: '1.00', unit: 'C62', unitPrice: '100.11', vatNature: 'E', total: '100.11' }],
      instalments: [{ bic: 'BPOTBEB1' }],
      warnings: [{ code: 'no-payment-terms' }],
    },
    lines: 1,
    dueDates: ['2019-09-23 100.11 1 BE91000000143476'],
  },
};

describe.skipIf(!existsSync(samples))('invoices that others wrote (../shared/samples)', () => {
  test.each(Object.entries(expected))('%s', (file, { invoice, lines, dueDates }) => {
    const read = readOne(readFileSync(join(samples, file), 'utf8'));
    expect(read).toMatchObject(invoice);
    expect(read.lines).toHaveLength(lines);
    expect(dueDatesOf(read)).toEqual(dueDates);
  });
});
