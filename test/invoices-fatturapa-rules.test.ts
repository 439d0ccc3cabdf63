import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { formatUnits } from '../src/domain/money.ts';
import { readFatturaPa } from '../src/invoices/fatturapa/fatturapa.ts';
import { parseXml } from '../src/invoices/xml-tree.ts';
import { fatturaPa, party, payment, vatId } from './support/fatturapa.ts';

type Parts = Parameters<typeof fatturaPa>[0];

describe('every version is read', () => {
  test.each([
    ['1.2 to a private buyer', { format: 'FPR12' }, 'business'],
    ['1.2 to a public body', { format: 'FPA12' }, 'public'],
    ['in small letters', { format: 'fpa12' }, 'public'],
    ['1.0, of 2013', { format: 'SDI10', version: '1.0' }, 'public'],
    ['1.1, of 2014', { format: 'SDI11', version: '1.1' }, 'public'],
  ])('%s', (_version, parts, kind) => {
    const invoice = read(parts);
    expect([invoice.buyer.kind, formatUnits(invoice.total), codesOf(invoice)]).toEqual([kind, '122.00', []]);
  });

  test.each([
    ['six signs are an office', 'UFABCD', 'public'],
    ['seven are a channel', 'ABCDEF1', 'business'],
  ])('one that is not known says so; of the receiver, %s', (_what, code, kind) => {
    const invoice = read({
      format: 'FPX20',
      transmission: `<CodiceDestinatario>${code}</CodiceDestinatario>`,
    });
    expect([invoice.buyer.kind, codesOf(invoice)]).toEqual([kind, ['format-version-unknown']]);
  });

  test('an ordinary file that calls itself simplified is read as what it is', () => {
    expect(read({ format: 'FSM10' }).buyer.name).toBe('Anna Però');
  });
});

describe('codes and numbers as real files write them', () => {
  test('in small letters', () => {
    const goods = `<DatiBeniServizi>
      <DettaglioLinee><ScontoMaggiorazione><Tipo>mg</Tipo><Percentuale>5.00</Percentuale></ScontoMaggiorazione><Natura>n3.5</Natura></DettaglioLinee>
      <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta><EsigibilitaIVA>s</EsigibilitaIVA></DatiRiepilogo>
    </DatiBeniServizi>`;
    const withheld =
      '<DatiRitenuta><TipoRitenuta>rt02</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta>';
    const payments = payment('<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>', '80.00').replace(
      'MP05',
      'mp05',
    );
    const invoice = read({ type: 'td04', currency: 'eur', goods, general: withheld, payments });
    expect(invoice).toMatchObject({
      type: 'creditNote',
      typeCode: 'TD04',
      currency: 'EUR',
      payable: { units: 8_000n },
    });
    expect(invoice.withholding[0]?.type).toBe('RT02');
    expect(invoice.lines).toMatchObject([{ vatNature: 'N3.5', adjustments: [{ kind: 'surcharge', percent: '5.00' }] }]);
    expect(invoice.instalments[0]?.method).toBe('MP05');
  });

  test.each([
    ['spaces', vatId('02888 000 219', ' it '), 'IT02888000219', null],
    ['its country twice', vatId('IT02888000219'), 'IT02888000219', null],
    ['its country twice, and letters after it', vatId('ATU12345678', 'AT'), 'ATU12345678', null],
    ['letters of its own', vatId('U12345678', 'AT'), 'ATU12345678', null],
    ['the Greek prefix', vatId('EL123456789', 'GR'), 'EL123456789', null],
    ['the Greek country', vatId('123456789', 'GR'), 'EL123456789', null],
    ['letters after its country that are its own', vatId('CHE123456789', 'CH'), 'CHE123456789', null],
    ['no country', '<IdFiscaleIVA><IdCodice>02888000219</IdCodice></IdFiscaleIVA>', 'IT02888000219', null],
    ['an empty one', '<IdFiscaleIVA><IdPaese/><IdCodice/></IdFiscaleIVA>', null, null],
    ["a person's tax code instead", vatId('mralne80e05h501c'), null, 'MRALNE80E05H501C'],
    ['the tax code in groups', '<CodiceFiscale>MRA LNE 80E05 H501C</CodiceFiscale>', null, 'MRALNE80E05H501C'],
    ['zeros for a tax code', '<CodiceFiscale>0000000000000000</CodiceFiscale>', null, null],
    ['nines for a VAT number', vatId('99999999999', 'OO'), null, null],
  ])('a buyer with %s', (_what, buyerIds, vat, taxCode) => {
    expect(read({ buyerIds }).buyer).toMatchObject({ vatId: vat, taxCode });
  });

  test("a person's tax code in place of a VAT number makes a consumer", () => {
    expect(read({ buyerIds: vatId('MRALNE80E05H501C') }).buyer.kind).toBe('consumer');
  });

  test('names and addresses of several lines are one line, and a country may be missing', () => {
    const seat =
      '<Sede><Indirizzo>Via Lunga\n   3</Indirizzo><Comune>Genova</Comune><Provincia>ge</Provincia><Nazione/></Sede>';
    const { buyer } = read({ buyer: party(vatId('02888000219'), 'Rossi\n\t\tS.r.l.', seat) });
    expect(buyer.name).toBe('Rossi S.r.l.');
    expect(buyer.address).toEqual({
      street: 'Via Lunga 3',
      postalCode: null,
      city: 'Genova',
      province: 'GE',
      country: null,
    });
  });

  test('a buyer without a name goes by its number', () => {
    const invoice = read({ buyer: `<DatiAnagrafici>${vatId('02888000219')}<Anagrafica/></DatiAnagrafici>` });
    expect([invoice.buyer.name, codesOf(invoice)]).toEqual(['IT02888000219', ['name-missing']]);
  });
});

describe('days', () => {
  test.each([
    ['2026-12-05', '2026-12-05'],
    ['2026-12-05Z', '2026-12-05'],
    ['2026-12-05T00:00:00', '2026-12-05'],
    ['2026-12-05 00:00', '2026-12-05'],
    ['2026-12-05T00:00:00.000+01:00', '2026-12-05'],
    ['2026-12-04T23:00:00Z', '2026-12-05'],
    ['2026-07-04T22:00:00Z', '2026-07-05'],
    ['2026-12-05T00:00:00Z', '2026-12-05'],
  ])('%s is %s', (written, day) => {
    const payments = payment(`<DataScadenzaPagamento>${written}</DataScadenzaPagamento>`);
    expect(read({ date: written, payments })).toMatchObject({ date: day, instalments: [{ dueOn: day }] });
  });

  test.each(['2026-02-30T00:00:00', '2026-12-05T25:00:00', '2026-12-05T00:00:00+99:00', '0000-01-01T00:00:00', 'T'])(
    '%s is refused',
    (date) => {
      expect(() => read({ date })).toThrow(expect.objectContaining({ code: 'date-invalid' }));
    },
  );
});

describe('references', () => {
  test('a credit note names every invoice that it takes back, however many lines of it', () => {
    const references = `
      <DatiFattureCollegate><RiferimentoNumeroLinea>1</RiferimentoNumeroLinea><RiferimentoNumeroLinea>2</RiferimentoNumeroLinea><IdDocumento>10/A</IdDocumento><Data>2026-10-01</Data></DatiFattureCollegate>
      <DatiFattureCollegate><IdDocumento>11/A</IdDocumento></DatiFattureCollegate>
      <DatiFattureCollegate><IdDocumento/></DatiFattureCollegate>`;
    const blank = { cup: null, cig: null };
    expect(read({ type: 'TD04', references }).references).toEqual([
      { kind: 'invoice', number: '10/A', date: '2026-10-01', ...blank },
      { kind: 'invoice', number: '11/A', date: null, ...blank },
    ]);
  });
});

describe('others who stand in the file are neither seller nor buyer', () => {
  test('representatives, establishments, intermediaries', () => {
    const others = '<Sede><Indirizzo>Via Altra</Indirizzo><Comune>Roma</Comune></Sede>';
    const establishment = others.replaceAll('Sede', 'StabileOrganizzazione');
    const other = `<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>00000000001</IdCodice></IdFiscaleIVA><Denominazione>Altri</Denominazione>`;
    const seat = '<Sede><Indirizzo>Rue Une 1</Indirizzo><Comune>Paris</Comune><Nazione>FR</Nazione></Sede>';
    const invoice = read({
      seller: party(vatId('12345678901', 'FR'), 'Lune SA', seat + establishment),
      buyer: party(
        vatId('02888000219'),
        'Anna',
        `${establishment}<RappresentanteFiscale>${other}</RappresentanteFiscale>`,
      ),
      header: `<RappresentanteFiscale>${party(vatId('00000000001'), 'Altri')}</RappresentanteFiscale>
        <TerzoIntermediarioOSoggettoEmittente>${party(vatId('00000000001'), 'Altri')}</TerzoIntermediarioOSoggettoEmittente>
        <SoggettoEmittente>TZ</SoggettoEmittente>`,
      general: '<Art73>SI</Art73>',
    });
    expect(invoice).toMatchObject({
      type: 'invoice',
      seller: { name: 'Lune SA', vatId: 'FR12345678901', address: { street: 'Rue Une 1' } },
      buyer: { name: 'Anna', vatId: 'IT02888000219', address: null },
      warnings: [],
    });
  });
});

function read(parts: Parts = {}): Invoice {
  const [invoice] = readFatturaPa(parseXml(fatturaPa(parts)));
  if (!invoice) throw new Error('no invoice');
  return invoice;
}

function codesOf({ warnings }: Invoice): string[] {
  return warnings.map(({ code }) => code);
}
