import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Invoice, InvoiceParty } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';

const samples = join(import.meta.dirname, '..', '..', 'shared', 'samples', 'invoices', 'fatturapa');

type Figures = {
  document: string;
  seller: string;
  buyer: string;
  lines: string[];
  /** rate or nature: taxable + tax. */
  vat: string[];
  charges: string[];
  /** total, and what is left to pay of it. */
  sums: string[];
  dueDates: string[];
  references: string[];
  warnings: string[];
};

const alpha = {
  document: 'TD01 invoice 123 of 2014-12-18 in EUR',
  lines: [
    '5.00 × 1.00 = 5.00',
    '10.00 × 2.00 = 20.00',
    '2.00 Pezzo 5.00 = 6.58 (discount – % 1.71)',
    '1.00 Pezzo 5.00 = 4.50 (discount 10.0 % –)',
  ],
  vat: ['22.00: 36.08 + 7.94'],
  charges: [],
  sums: ['44.02', '44.02'],
  dueDates: ['2015-01-30 36.08 MP01'],
  warnings: ['total-computed', 'instalments-differ'],
};

const services = {
  seller:
    'MªF. Services | IT12345678903 | VIALE DELLA LIBERTÀ 1 | 00100 | ROMA | RM | IT billing@example.com 999999999',
  buyer: 'business MARIO LEONI | IT09876543217 | VIALE DELI LAVORATORI 32 | 50100 | FIRENZE | FI | IT',
  lines: ['20.00 h 90.00 = 1620.00 (discount 10.00 % 9.0000)', '1.00 h 100.00 = 100.00'],
  charges: ['discount 50.00 % 860.00', 'surcharge 10.00 % 172.00'],
  sums: ['1388.40', '1388.40'],
  references: [],
  warnings: ['no-due-date'],
  vat: ['22.00: 1620.00 + 356.40', 'N2.2: 100.00 + 0.00'],
};

const cir = {
  seller:
    'Azienda di esempio | IT12345678901 | 02182030391 | Via dei Roditori 15/v | 12100 | Villa dei Roditori | RA | IT 345/555444',
  buyer:
    'business CIR 2000 snc | IT01180680397 | viale IV Novembre 86 | 48122 | Marina di Ravenna | RI | IT cir2000snc@pec.it',
  vat: ['22.00: 143.28 + 31.52 paid by the buyer'],
  charges: ['discount 10.00 % –', 'discount – % 7.00', 'welfareFund 4.00 % 5.51', 'RT02 20.00 % 27.55'],
  sums: ['174.80', '115.73'],
  dueDates: ['2017-02-28 119.86 MP05'],
  references: [
    'order 99/bis 2017-02-28 cup cig',
    'order 99/bis',
    'contract 99/bis 2017-02-28 cup cig',
    'contract 99',
    'agreement 99 2017-02-28 cup cig',
    'agreement 99',
    'receipt 99 2017-02-28 cup cig',
    'receipt 99s',
    'invoice 99 2017-02-28 cup cig',
    'invoice 99bis',
    'deliveryNote 12tries 2017-02-28',
    'deliveryNote 12triesdf 2017-02-28',
  ],
  warnings: ['instalments-differ'],
};

const hotel = {
  seller: 'Hotel California | IT12345678903 | Via California 102 | 33213 | Palermo | PA | IT',
  charges: [],
};

// Each figure was looked up in its file.
const expected: Record<string, Figures[]> = {
  'IT01234567890_FPA02.xml': [
    {
      ...alpha,
      seller: "SOCIETA' ALPHA SRL | IT01234567890 | VIALE ROMA 543 | 07100 | SASSARI | SS | IT",
      buyer: 'public AMMINISTRAZIONE BETA | 09876543210 | VIA TORINO 38-B | 00145 | ROMA | RM | IT',
      references: [
        'order 66685 123abc 456def',
        'contract 123 2016-09-01 123abc 456def',
        'agreement 456 123abc 456def',
        'receipt 789 123abc 456def',
      ],
    },
  ],
  'IT01234567890_FPR02.xml': [
    {
      ...alpha,
      seller: "SOCIETA' ALPHA SRL | IT01234567890 | VIALE ROMA 543 | 07100 | SASSARI | SS",
      buyer: 'business BETA GAMMA | 09876543210 | VIA TORINO 38-B | 00145 | ROMA | RM | IT betagamma@pec.it',
      references: ['order 66685'],
    },
  ],
  'IT02182030391_32.xml': [
    {
      ...cir,
      document: 'TD06 invoice 3 of 2017-01-27 in EUR',
      lines: [
        '1.00 KG 137.77 = 23.24 (surcharge 15.00 % 10) (discount 10.00 % 10) (discount 15.00 % 10) (discount 20.00 % 10) (discount 25.00 % 10)',
        '2.00 × 137.77 = 275.54',
      ],
    },
    {
      ...cir,
      document: 'TD06 invoice 4 of 2017-01-27 in EUR',
      lines: [
        '1.00 KG 137.77 = 23.24 (discount 10.00 % 10) (discount 15.00 % 10) (discount 20.00 % 10) (discount 25.00 % 10)',
        '2.00 × 137.77 = 275.54',
      ],
    },
  ],
  'invoice-b2g.xml': [
    {
      ...hotel,
      document: 'TD01 invoice SAMPLE-002 of 2024-10-09 in EUR',
      buyer: 'public Mela S.r.l. | IT13029381004 | Via dei Mille 23 | 00100 | Firenze | FI | IT',
      lines: ['1.00 × 1.00 = 1.00', '2.00 × 125.00 = 240.00 (discount – % 5.0000)'],
      vat: ['N1: 1.00 + 0.00', '10.00: 240.00 + 24.00'],
      sums: ['265.00', '265.00'],
      dueDates: ['2023-05-01 265.00 MP08'],
      references: ['order ORDINECLI ZB98B4A235'],
      warnings: ['advance-payment'],
    },
  ],
  'invoice-credit-note.xml': [
    {
      ...services,
      document: 'TD04 creditNote CN-001 of 2024-10-09 in EUR',
      dueDates: ['2024-10-09 1388.40 MP08'],
      references: ['invoice SAMPLE-001 2023-03-02'],
    },
  ],
  'invoice-hotel-private.xml': [
    {
      ...hotel,
      document: 'TD01 invoice SAMPLE-003 of 2023-05-21 in EUR',
      buyer: 'consumer John Doe | Main Street 23 | 00000 | London | GB',
      lines: ['1.00 × 1.00 = 1.00', '1.00 × 113.6364 = 113.6364', '10.00 × 68.1818 = 681.8180'],
      vat: ['N1: 1.00 + 0.00', '10.00: 795.45 + 79.55'],
      sums: ['876.00', '876.00'],
      dueDates: [
        '2023-05-01 29.00 MP08',
        '2023-03-02 200.00 MP05 IT60X0542811101000000123456 BCITITMM',
        '2023-04-02 200.00 MP05 IT60X0542811101000000123456 BCITITMM',
      ],
      references: [],
      warnings: ['advance-payment', 'instalments-differ'],
    },
  ],
  'invoice-irpef.xml': [
    {
      ...services,
      document: 'TD06 invoice SAMPLE-001 of 2023-03-02 in EUR',
      seller:
        'Rossi Digital Services | IT12345678903 | VIALE DELLA LIBERTÀ 1 | 00100 | ROMA | RM | IT billing@example.com',
      buyer: 'consumer MARIO LEONI | MRALNE80E05H501C | VIALE DELI LAVORATORI 32 | 50100 | FIRENZE | FI | IT',
      charges: [
        'discount 50.00 % 860.00',
        'surcharge 10.00 % 172.00',
        'RT01 20.00 % 324.00',
        'RT01 50.00 % 50.00',
        'stamp 12.34',
      ],
      sums: ['1026.74', '652.74'],
      dueDates: [
        '2023-03-02 500.00 MP05 IT60X0542811101000000123456 BCITITMM',
        '2023-04-02 544.40 MP05 IT60X0542811101000000123456 BCITITMM',
      ],
      warnings: ['instalments-differ'],
    },
  ],
  'invoice-services-period.xml': [
    {
      ...services,
      document: 'TD06 invoice SAMPLE-001 of 2023-03-02 in EUR',
      seller: 'MªF. Services | IT12345678903 | VIALE DELLA LIBERTÀ 1 | 00100 | ROMA | RM | IT',
      lines: ['20.00 h 90.00 = 1800.00', '1.00 h 500.00 = 500.00'],
      vat: ['22.00: 2300.00 + 506.00'],
      charges: [],
      sums: ['2806.00', '2806.00'],
      dueDates: ['2023-03-02 2806.00 MP08'],
    },
  ],
  'invoice-simple-iban.xml': [
    {
      ...services,
      document: 'TD06 invoice SAMPLE-001 of 2023-03-02 in EUR',
      dueDates: ['2023-03-02 1388.40 MP05 IT60X0542811101000000123456 BCITITMM'],
    },
  ],
  'invoice-simple-with-pec.xml': [
    {
      ...services,
      document: 'TD06 invoice SAMPLE-001 of 2023-03-02 in EUR',
      buyer:
        'business MARIO LEONI | IT09876543217 | VIALE DELI LAVORATORI 32 | 50100 | FIRENZE | FI | IT fooo@inbox.com',
      dueDates: ['2023-03-02 1388.40 MP08'],
    },
  ],
  'invoice-simple.xml': [
    {
      ...services,
      document: 'TD06 invoice SAMPLE-001 of 2023-03-02 in EUR',
      vat: ['22.00: 1620.00 + 356.40', 'N2.2: 100.00 + 0.00 paid by the buyer'],
      dueDates: ['2023-03-02 1388.40 MP08'],
    },
  ],
};

describe.skipIf(!existsSync(samples))('invoices that others wrote (../shared/samples)', () => {
  test.each(Object.entries(expected))('%s', (file, figures) => {
    const read = readInvoices(readFileSync(join(samples, file)));
    if ('error' in read) expect.fail(read.error.message);
    expect(read.invoices.map(figuresOf)).toEqual(figures);
  });
});

function figuresOf(invoice: Invoice): Figures {
  const { seller, buyer, total, payable, withholding, stampDuty } = invoice;
  return {
    document: `${invoice.typeCode} ${invoice.type} ${invoice.number} of ${invoice.date} in ${invoice.currency}`,
    seller: `${partyText(seller)} ${[...seller.email, ...seller.phone].join(' ')}`.trim(),
    buyer: `${buyer.kind} ${partyText(buyer)} ${buyer.pec ?? ''}`.trim(),
    lines: invoice.lines.map(({ quantity, unit, unitPrice, total: sum, adjustments }) => {
      const taken = adjustments.map(({ kind, percent, amount }) => ` (${kind} ${percent ?? '–'} % ${amount ?? '–'})`);
      return `${quantity ?? ''} ${unit ?? '×'} ${unitPrice ?? ''} = ${sum ?? ''}${taken.join('')}`;
    }),
    vat: invoice.vat.map(
      ({ rate, nature, taxable, tax, paidByBuyer }) =>
        `${nature ?? rate}: ${formatUnits(taxable)} + ${formatUnits(tax)}${paidByBuyer ? ' paid by the buyer' : ''}`,
    ),
    charges: [
      ...invoice.charges.map(({ kind, rate, amount }) => `${kind} ${rate ?? '–'} % ${amount ?? '–'}`),
      ...withholding.map(({ type, rate, amount }) => `${type} ${rate ?? '–'} % ${formatUnits(amount)}`),
      ...(stampDuty ? [`stamp ${formatUnits(stampDuty)}`] : []),
    ],
    sums: [formatUnits(total), formatUnits(payable)],
    dueDates: invoice.instalments.map(({ dueOn, amount, method, iban, bic }) =>
      [dueOn, formatUnits(amount), method, iban, bic].filter((part) => part !== null).join(' '),
    ),
    references: invoice.references.map(({ kind, number, date, cup, cig }) =>
      [kind, number, date, cup, cig].filter((part) => part !== null).join(' '),
    ),
    warnings: invoice.warnings.map(({ code }) => code),
  };
}

function partyText({ name, vatId, taxCode, address }: InvoiceParty): string {
  const place = address && [address.street, address.postalCode, address.city, address.province, address.country];
  return [name, vatId, taxCode, ...(place ?? [])].filter((part) => part !== null).join(' | ');
}
