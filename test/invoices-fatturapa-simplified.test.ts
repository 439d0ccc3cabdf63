import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../src/domain/invoice.ts';
import { add, formatUnits, zero } from '../src/domain/money.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { sale, simplifiedFatturaPa, vatId } from './support/fatturapa.ts';

const rate = (percent: string) => `<Aliquota>${percent}</Aliquota>`;
const tax = (amount: string) => `<Imposta>${amount}</Imposta>`;

describe('a simplified FatturaPA is read', () => {
  test('under its own root and under the ordinary one', () => {
    const [own, ordinary] = ['FatturaElettronicaSemplificata', 'FatturaElettronica'].map((root) => read({ root }));
    expect(own).toEqual(ordinary);
    expect(own).toMatchObject({
      source: 'fatturapa',
      type: 'invoice',
      typeCode: 'TD07',
      number: 'S1',
      currency: 'EUR',
    });
  });

  test('with both parties, from elements that lie flat', () => {
    expect(read()).toMatchObject({
      seller: {
        name: 'Trattoria al Ponte',
        vatId: 'IT03999000106',
        taxCode: '03999000106',
        address: { street: 'Via Lunga 3', postalCode: '16100', city: 'Genova', province: null, country: 'IT' },
      },
      buyer: {
        name: 'Anna Però',
        vatId: 'IT02888000219',
        taxCode: null,
        kind: 'business',
        pec: 'anna@pec.example.it',
        address: { street: 'Via Corta 1', postalCode: '39100', city: 'Bolzano', province: 'BZ', country: 'IT' },
      },
    });
  });

  test('due on its own date, as it has no terms, with a warning', () => {
    const invoice = read();
    expect(invoice.instalments).toMatchObject([{ dueOn: '2026-11-05', amount: { units: 12_200n }, method: null }]);
    expect(codesOf(invoice)).toEqual(['no-payment-terms']);
  });

  test.each([
    ['TD07', 'invoice'],
    ['TD08', 'creditNote'],
    ['TD09', 'debitNote'],
  ])('%s is of the type %s', (type, expected) => {
    expect(read({ type }).type).toBe(expected);
  });

  test('what it corrects is a reference to an invoice, and what of it a note', () => {
    const references =
      '<DatiFatturaRettificata><NumeroFR>12</NumeroFR><DataFR>2026-10-01</DataFR><ElementiRettificati>Due coperti</ElementiRettificati></DatiFatturaRettificata>';
    const note = read({ type: 'TD08', references });
    expect(note.references).toEqual([{ kind: 'invoice', number: '12', date: '2026-10-01', cup: null, cig: null }]);
    expect(note.notes).toEqual(['Due coperti']);
  });

  test('a stamp that is only declared is of two euros', () => {
    const { stampDuty, total } = read({ general: '<BolloVirtuale>SI</BolloVirtuale>' });
    expect([stampDuty && formatUnits(stampDuty), formatUnits(total)]).toEqual(['2.00', '122.00']);
  });

  test('attachments as in the ordinary one', () => {
    const attachments = `<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment>${Buffer.from('%PDF').toString('base64')}</Attachment></Allegati>`;
    expect(read({ attachments }).attachments).toMatchObject([{ name: 'a.pdf', mediaType: 'application/pdf', size: 4 }]);
  });

  test('and is the same after a stay in the database', () => {
    const invoice = read();
    expect(invoiceFromJson(JSON.parse(JSON.stringify(invoiceToJson(invoice))))).toEqual(invoice);
  });
});

describe('a buyer who is named by number alone', () => {
  test.each([
    ['a VAT number', vatId('02888000219'), 'IT02888000219', 'business'],
    ['a tax code', '<CodiceFiscale>mralne80e05h501c</CodiceFiscale>', 'MRALNE80E05H501C', 'consumer'],
  ])('is called by %s, with a warning', (_what, ids, name, kind) => {
    const invoice = read({ buyer: `<IdentificativiFiscali>${ids}</IdentificativiFiscali>` });
    expect(invoice.buyer).toMatchObject({ name, kind, address: null });
    expect(codesOf(invoice)).toEqual(['name-missing', 'no-payment-terms']);
  });

  test('without any number is nobody', () => {
    expect(() => read({ buyer: '<IdentificativiFiscali/>' })).toThrow(
      expect.objectContaining({
        code: 'missing-element',
        path: 'FatturaElettronicaHeader/CessionarioCommittente/IdentificativiFiscali',
      }),
    );
  });
});

describe('the VAT within an amount', () => {
  test.each([
    ['122.00', rate('22.00'), '22.00', '100.00', '22.00'],
    ['25.00', rate('22.00'), '22.00', '20.49', '4.51'],
    ['10.00', rate('10'), '10', '9.09', '0.91'],
    // Exactly half a cent: up, and in a credit away from zero.
    ['0.01', rate('100'), '100', '0.00', '0.01'],
    ['-0.01', rate('100'), '100', '0.00', '-0.01'],
    ['-122.00', rate('22.00'), '22.00', '-100.00', '-22.00'],
    ['0.00', rate('22.00'), '22.00', '0.00', '0.00'],
    ['90071992547409.93', rate('22.00'), '22.00', '73829502088040.93', '16242490459369.00'],
    ['22.00', tax('2.00'), '10.00', '20.00', '2.00'],
    ['25.00', tax('4.51'), '22.00', '20.49', '4.51'],
    ['25.00', tax('3.00'), '13.64', '22.00', '3.00'],
    ['25.00', tax('0.00'), '0.00', '25.00', '0.00'],
    ['25.00', tax('4.50') + rate('22.00'), '22.00', '20.50', '4.50'],
  ])('of %s with %s', (amount, vat, percent, net, within) => {
    const invoice = read({ sales: sale(amount, vat) });
    expect(invoice.vat.map((row) => [row.rate, formatUnits(row.taxable), formatUnits(row.tax)])).toEqual([
      [percent, net, within],
    ]);
    expect(invoice.lines).toMatchObject([{ number: '1', description: 'Pranzo', vatRate: percent, total: net }]);
    expect(formatUnits(invoice.total)).toBe(amount);
  });

  test('is reckoned for each line, and summed for each rate and nature', () => {
    const exempt = '<Natura>n4</Natura><RiferimentoNormativo>art. 10</RiferimentoNormativo>';
    const sales = [
      sale('10.00', rate('22.00')),
      sale('10.00', rate('22')),
      sale('80.00', rate('0.00'), exempt),
      sale('1.10', rate('10.00')),
    ];
    const invoice = read({ sales: sales.join('') });
    expect(invoice.vat.map((row) => [row.rate, row.nature, formatUnits(row.taxable), formatUnits(row.tax)])).toEqual([
      ['22.00', null, '16.40', '3.60'],
      ['0.00', 'N4', '80.00', '0.00'],
      ['10.00', null, '1.00', '0.10'],
    ]);
    expect(invoice.vat[1]?.reason).toBe('art. 10');
    expect(invoice.lines.map(({ total }) => total)).toEqual(['8.20', '8.20', '80.00', '1.00']);
    expect([invoice.total, invoice.payable].map(formatUnits)).toEqual(['101.10', '101.10']);
  });

  test('may be missing where the nature says why, else with a warning', () => {
    expect(codesOf(read({ sales: sale('5.00', '', '<Natura>N2.2</Natura>') }))).toEqual(['no-payment-terms']);
    const invoice = read({ sales: sale('5.00', '') });
    expect(invoice.vat).toMatchObject([{ rate: '0.00', taxable: { units: 500n }, tax: { units: 0n } }]);
    expect(codesOf(invoice)).toEqual(['vat-missing', 'no-payment-terms']);
  });

  test('whatever the amounts and rates are, lines, rates and total agree to the cent', () => {
    const sales = fc.array(fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom(...percents)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(sales, (all) => {
        const invoice = read({ sales: all.map(([cents, percent]) => sale(inEuros(cents), rate(percent))).join('') });
        const sum = invoice.vat.reduce((so, row) => add(add(so, row.taxable), row.tax), zero(invoice.currency));
        expect(sum).toEqual(invoice.total);
        expect(invoice.total.units).toBe(BigInt(all.reduce((so, [cents]) => so + cents, 0)));
        for (const [index, [cents, percent]] of all.entries()) {
          const net = Number(invoice.lines[index]?.total);
          expect(Math.abs(net * (1 + Number(percent) / 100) - cents / 100)).toBeLessThan(0.0075);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what cannot be is refused and named', () => {
  const first = 'FatturaElettronicaBody[1]/DatiBeniServizi[1]';
  test.each([
    ['no sale', '', 'missing-element', 'FatturaElettronicaBody[1]/DatiBeniServizi'],
    ['no amount', sale('', rate('22.00')), 'missing-element', `${first}/Importo`],
    ['an amount with a comma', sale('5,00', rate('22.00')), 'amount-invalid', `${first}/Importo`],
    ['more VAT than there is money', sale('5.00', tax('5.00')), 'amount-invalid', `${first}/DatiIVA/Imposta`],
    ['VAT of the other sign', sale('-5.00', tax('1.00')), 'amount-invalid', `${first}/DatiIVA/Imposta`],
    ['a negative rate', sale('5.00', rate('-100')), 'number-invalid', `${first}/DatiIVA/Aliquota`],
  ])('%s', (_what, sales, code, path) => {
    expect(() => read({ sales })).toThrow(expect.objectContaining({ code, path }));
  });
});

const percents = ['0.00', '4.00', '5.00', '10.00', '22.00'];

function inEuros(cents: number): string {
  const digits = Math.abs(cents).toString().padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function read(parts: Parameters<typeof simplifiedFatturaPa>[0] = {}): Invoice {
  const [invoice] = readFatturaPa(parseXml(simplifiedFatturaPa(parts)));
  if (!invoice) throw new Error('no invoice');
  return invoice;
}

function codesOf({ warnings }: Invoice): string[] {
  return warnings.map(({ code }) => code);
}
