import { describe, expect, test } from 'vitest';
import type { Invoice } from '../src/domain/invoice.ts';
import { type DocumentFacts, documentPage } from '../src/invoices/document-page.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';
import { textOf } from './support/page-text.ts';

const facts = documentFacts(exampleInvoice(2));
const locales = ['it', 'en', 'de', 'fr', 'es'] as const;

describe('the page of a document', () => {
  test('is the invoice, with parties, lines, VAT, totals, terms and the account', () => {
    const page = documentPage(facts);
    expect(page).toMatchObject({ title: 'Fattura 2026/131 · Impianti Lanterna S.r.l.', language: 'it' });
    const text = textOf(page.html);
    for (const piece of [
      'Albergo Bellariva di Parodi & Canepa S.n.c.',
      'Partita IVA IT03999000106',
      '2 Apparecchio a sospensione LED 2700 K, dimmerabile 12 pz 185,00 22% 2.220,00',
      'Imposta 1.434,40 €',
      'Totale documento 7.954,40 €',
      'Condizioni di pagamento · Bonifico',
      '1 30/11/2026 la presente scadenza 3.977,20 €',
      '2 31/01/2027 3.977,20 €',
      'IT09 P999 9801 4000 0000 0123 456',
      'Ordine ORD-2026-044 del 18/09/2026',
      'Copia di cortesia',
    ]) {
      expect(text).toContain(piece);
    }
  });

  test('shows text as text, wherever it comes from', () => {
    const invoice = exampleInvoice(1);
    const evil = '</style></title><script>alert(1)</script><img src=x onerror="a">\'';
    const { html } = documentPage({
      ...documentFacts({
        ...invoice,
        number: evil,
        notes: [evil],
        seller: { ...invoice.seller, name: evil, email: [evil] },
        buyer: { ...invoice.buyer, name: evil, taxCode: evil },
        lines: invoice.lines.map((line) => ({ ...line, number: evil, description: evil, unit: evil })),
        vat: invoice.vat.map((row) => ({ ...row, reason: evil })),
        references: [{ kind: 'order', number: evil, date: null, cup: evil, cig: evil }],
        instalments: invoice.instalments.map((instalment) => ({ ...instalment, method: evil })),
      }),
      document: { number: evil, date: null, type: evil },
      tenant: { name: evil, email: evil, colour: `red;}${evil}`, logo: `data:image/png;base64,"onload=x` },
    });
    expect(html).not.toMatch(/<script|<img|onload="|onerror="/);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
  });

  test('carries an alphabet only for text that needs it', () => {
    const faces = (note: string) => [...pageWith({ notes: [note] }).html.matchAll(/@font-face/g)].length;
    expect([faces('plain'), faces('Łódź'), faces('Ελλάδα'), faces('Русь'), faces('Łódź Ελλάδα Русь Việt')]).toEqual([
      2, 4, 4, 4, 10,
    ]);
  });

  test('draws a letter that no font has as a box with ink: the first font is declared for all letters', () => {
    const [first, second] = pageWith({ notes: ['Łódź'] }).html.match(/@font-face\{[^}]*\}/g) ?? [];
    expect(first).not.toContain('unicode-range');
    expect(second).not.toContain('unicode-range');
  });

  test('gathers many references by their kind, and drops none', () => {
    const references = Array.from({ length: 40 }, (_, n) => ({
      kind: 'deliveryNote' as const,
      number: `B-${n + 1}`,
      date: null,
      cup: null,
      cig: null,
    }));
    expect(textOf(pageWith({ references }).html)).toContain(`DDT ${references.map(({ number }) => number).join('; ')}`);
  });
});

describe('in the language of the buyer', () => {
  test.each([
    ['it', ['Fattura 2026/131', 'Da pagare 3.977,20 € entro il 30/11/2026', '1 Posa 1 ora 22%', 'Totale documento']],
    ['en', ['Invoice 2026/131', 'Amount due €3,977.20 by 30 Nov 2026', '1 Posa 1 hour 22%', 'Invoice total €7,954.40']],
    ['de', ['Rechnung 2026/131', 'zahlbar bis 30.11.2026', 'USt-IdNr. IT03999000106', 'Rechnungsbetrag 7.954,40 €']],
    ['de', ['1 Posa 1 Stunde 22 %', 'Überweisung', 'Bankverbindung', 'Verwendungszweck Rechnung 2026/131 vom']],
    ['fr', ['Facture 2026/131', 'Échéance', 'N° TVA IT03999000106', 'Total TTC 7 954,40 €', '1 Posa 1 heure 22 %']],
    ['es', ['Factura 2026/131', 'Vencimiento', 'NIF/IVA IT03999000106', 'Total factura 7.954,40 €', '1 Posa 1 hora']],
  ] as const)('%s: %j', (locale, pieces) => {
    const invoice = exampleInvoice(2);
    const lines = invoice.lines
      .slice(0, 2)
      .map((line) => ({ ...line, description: 'Posa', quantity: '1', unit: 'HUR', unitPrice: null, total: null }));
    const page = documentPage({ ...documentFacts({ ...invoice, source: 'ubl', lines }), locale });
    expect(page.language).toBe(locale);
    expect(page.html).toContain(`<html lang="${locale}">`);
    for (const piece of pieces) expect(textOf(page.html)).toContain(piece);
  });

  test('a payment statement says in each that it is no invoice, and has its own title', () => {
    const pages = locales.map((locale) => documentPage({ ...facts, invoice: null, locale }));
    expect(pages.map(({ title }) => title.split(' 2026')[0])).toEqual([
      'Riepilogo di pagamento',
      'Payment statement',
      'Zahlungsübersicht',
      'Récapitulatif de paiement',
      'Resumen de pago',
    ]);
    const said = ['non è una fattura', 'not an invoice', 'keine Rechnung', 'pas une facture', 'no es una factura'];
    for (const [index, words] of said.entries()) expect(textOf(pages[index]?.html ?? '')).toContain(words);
  });

  test('units are said in words that go with the quantity; unknown ones, and a seller’s own, as they are', () => {
    const units = (source: Invoice['source'], quantity: string, ...codes: string[]) =>
      codes.map((unit) => {
        const [line] = exampleInvoice(1).lines;
        if (!line) expect.fail('the example has no line');
        const { html } = pageWith({ source, lines: [{ ...line, quantity, unit }] });
        return />\d ?<span class="unit">\s?([^<]*)</.exec(html)?.[1]?.trim();
      });
    expect(units('cii', '1', 'C62', 'H87', 'EA', 'HUR', 'DAY', 'MON')).toEqual([
      'pezzo',
      'pezzo',
      'pezzo',
      'ora',
      'giorno',
      'mese',
    ]);
    expect(units('ubl', '3', 'C62', 'HUR', 'KGM', 'MTR', 'LTR', 'KWH', 'MTK', 'Q3X')).toEqual([
      'pezzi',
      'ore',
      'kg',
      'm',
      'l',
      'kWh',
      'm²',
      'Q3X',
    ]);
    expect(units('fatturapa', '3', 'EA', 'HUR')).toEqual(['EA', 'HUR']);
  });

  test('methods are said in words from both lists', () => {
    const said = (method: string, locale: DocumentFacts['locale']) =>
      /<h2>[^<]*·\s*([^<]*)<\/h2>/.exec(documentPage({ ...paidBy(method), locale }).html)?.[1];
    expect(said('MP05', 'de')).toBe('Überweisung');
    expect(said('58', 'fr')).toBe('Virement SEPA');
    expect(said('MP12', 'es')).toBe('Recibo bancario');
    expect(said('20', 'en')).toBe('Cheque');
    expect(said('alla consegna', 'en')).toBe('alla consegna');
  });
});

function pageWith(change: Partial<Invoice>) {
  return documentPage(documentFacts({ ...exampleInvoice(2), ...change }));
}

function paidBy(method: string): DocumentFacts {
  const invoice = exampleInvoice(2);
  const instalments = invoice.instalments.map((stated) => ({ ...stated, method }));
  return documentFacts({ ...invoice, instalments });
}
