import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Invoice, InvoiceLine } from '../src/domain/invoice.ts';
import type { Money } from '../src/domain/money.ts';
import { type DocumentFacts, documentPage } from '../src/invoices/document-page.ts';
import { PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { browserPage, withoutChromium } from './support/browser.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';
import { pdfFacts, pdfText } from './support/pdf-text.ts';
import { chromiumDir } from './support/service.ts';

const invoice = exampleInvoice(2);
const line = exampleLine();

describe.skipIf(withoutChromium)('a printed document', () => {
  const page = browserPage();
  const renderer = new PdfRenderer({ chromiumPath: null, dataDir: chromiumDir, pages: 2, timeoutMs: 60_000 });
  const print = (facts: DocumentFacts) => renderer.render(documentPage(facts), 'a');
  beforeAll(() => renderer.start());
  afterAll(() => renderer.stop());

  test.each([
    ['it', 'Fattura', ['Cliente', 'Da pagare', 'Riepilogo IVA', 'Condizioni di pagamento · Bonifico']],
    ['en', 'Invoice', ['Customer', 'Amount due', 'VAT summary', 'Payment terms · Bank transfer']],
    ['de', 'Rechnung', ['Kunde', 'Offener Betrag', 'Umsatzsteuer', 'Zahlungsbedingungen · Überweisung']],
    ['fr', 'Facture', ['Client', 'Montant à payer', 'Récapitulatif de TVA', 'Conditions de paiement · Virement']],
    ['es', 'Factura', ['Cliente', 'Importe pendiente', 'Desglose del IVA', 'Condiciones de pago · Transferencia']],
  ] as const)('in %s is tagged, with title, language, outline and its fonts inside', async (locale, kind, headings) => {
    const facts = pdfFacts(await print({ ...documentFacts(invoice), locale }));
    expect(facts).toMatchObject({
      title: `${kind} 2026/131 · Impianti Lanterna S.r.l.`,
      language: locale,
      tagged: true,
      fonts: ['Inter-Regular', 'Inter-SemiBold'],
      loose: [],
      scripts: false,
    });
    expect(facts.outline).toEqual(expect.arrayContaining([`${kind} 2026/131`, ...headings]));
  });

  test('has Latin, Greek, Cyrillic and Vietnamese letters from its own fonts', async () => {
    const notes = ['Łódź Ăîșț', 'Ελληνική Εταιρεία', 'Общество «Ромашка»', 'Trách nhiệm hữu hạn'];
    const pdf = await print(documentFacts({ ...invoice, notes }));
    expect(pdfFacts(pdf).fonts.filter((font) => !font.startsWith('Inter-'))).toEqual([]);
    // Where the font changes, the file begins a new piece of text.
    const [text = ''] = pdfText(pdf).map((page) => page.replaceAll(' ', ''));
    for (const note of notes) expect(text).toContain(note.replaceAll(' ', ''));
  });

  test('of one line has one page, of 400 lines many, each with heads and its number', async () => {
    expect(pdfText(await print(documentFacts({ ...invoice, lines: linesOf(1) })))).toHaveLength(1);
    const pages = pdfText(await print(documentFacts({ ...invoice, lines: linesOf(400) })));
    expect(pages.join(' ').match(/Voce \d+/g)).toHaveLength(400);
    for (const [index, text] of pages.entries()) {
      expect(text).toContain(`pagina ${index + 1} di ${pages.length}`);
      if (/Voce \d+/.test(text)) expect(text).toContain('N. Descrizione Quantità Prezzo IVA Importo (EUR)');
    }
  });

  // Each length puts the page's foot at another place of the sections after the lines.
  test('keeps a line with the sums, and no heading without what it heads, wherever the page ends', async () => {
    const lengths = Array.from({ length: 32 }, (_, index) => index + 6);
    const printed = await Promise.all(
      lengths.map(async (length) => pdfText(await print(documentFacts({ ...invoice, lines: linesOf(length) })))),
    );
    for (const [index, pages] of printed.entries()) {
      for (const text of pages) {
        if (text.includes('Totale documento')) expect(text).toContain(`Voce ${lengths[index]} `);
        if (text.includes('Descrizione Quantità')) expect(text).toMatch(/Voce \d+/);
        if (text.includes('Riepilogo IVA')) expect(text).toContain('22% 6.520,00 €');
        if (text.includes('Condizioni di pagamento')) expect(text).toContain('Causale');
        if (/ Note\b/.test(text)) expect(text).toContain('Note Rifacimento dell');
      }
    }
    expect(new Set(printed.map((pages) => pages.length))).toEqual(new Set([1, 2]));
  });

  test('has the heads of its lines never alone at a page’s foot, however long what stands before', async () => {
    const printed = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const references = Array.from({ length: 120 + index * 4 }, (_ignored, n) => reference(`BOLLA-${10_000 + n}`));
        return pdfText(await print(documentFacts({ ...invoice, references })));
      }),
    );
    const withHeads = printed.flat().filter((text) => text.includes('Descrizione Quantità'));
    expect(withHeads).toHaveLength(printed.length);
    for (const text of withHeads) expect(text).toContain('Progetto illuminotecnico');
  });

  test('cuts no row in two, unless it is longer than a page', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => ({
      ...line,
      description: `da${n}- ${'descrizione molto lunga '.repeat(5 + ((n * 7) % 30))}-a${n}`,
    }));
    const pages = pdfText(await print(documentFacts({ ...invoice, lines })));
    expect(pages.length).toBeGreaterThan(2);
    const begun = pages.map((text) => [...text.matchAll(/\bda(\d+)-/g)].map(([, n]) => n));
    const ended = pages.map((text) => [...text.matchAll(/-a(\d+)\b/g)].map(([, n]) => n));
    expect(begun).toEqual(ended);
    const endless = [{ ...line, description: 'parola '.repeat(2_000) }, line];
    const words = pdfText(await print(documentFacts({ ...invoice, lines: endless })))
      .join(' ')
      .match(/parola/g);
    expect(words).toHaveLength(2_000);
  });

  test('breaks under nothing that an invoice may hold', async () => {
    const pages = pdfText(await print(hardInvoice()));
    const text = pages.join(' ');
    for (const piece of ['123.456.789.012,34 €', '1.234.567,12345678', '0,00000001', '30 %', 'LS-1039', '28.12.2027']) {
      expect(text).toContain(piece);
    }
    expect(text.match(/\d\d\.\d\d\.202[67] (?:diese Fälligkeit )?SEPA-\S+ 5\.144\.032\.875,51 €/g)).toHaveLength(24);
    expect(text.match(/Hinweis /g)?.length).toBeGreaterThanOrEqual(900);
  });

  test('stays within the width of its page', async () => {
    // A4 less its margins, in CSS pixels.
    const width = Math.floor(((210 - 36) / 25.4) * 96);
    await page().setViewportSize({ width, height: 1_000 });
    const statement = { ...hardInvoice(), invoice: null };
    for (const facts of [documentFacts(invoice), hardInvoice(), statement]) {
      await page().setContent(documentPage(facts).html);
      expect(await page().evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });
});

function exampleLine(): InvoiceLine {
  const [first] = invoice.lines;
  if (!first) throw new Error('the example has no line');
  return first;
}

function linesOf(length: number): InvoiceLine[] {
  return Array.from({ length }, (_, index) => ({ ...line, number: null, description: `Voce ${index + 1}` }));
}

function reference(number: string): Invoice['references'][number] {
  return { kind: 'deliveryNote', number, date: null, cup: null, cig: null };
}

function euros(units: bigint): Money {
  return { ...invoice.total, units };
}

/** Long names with and without a space, long texts, large figures, many rows of each kind. */
function hardInvoice(): DocumentFacts {
  const day = (n: number) => `${2026 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}-28`;
  const [vat] = invoice.vat;
  const [stated] = invoice.instalments;
  if (!vat || !stated) throw new Error('the example lacks something');
  const large = euros(12_345_678_901_234n);
  const part = euros(514_403_287_551n);
  const hard: Invoice = {
    ...invoice,
    source: 'ubl',
    number: `RE-2026-${'0'.repeat(90)}1`,
    seller: {
      ...invoice.seller,
      name: 'Donaudampfschiff'.repeat(13).slice(0, 200),
      email: ['a'.repeat(64) + '@example.com'],
    },
    buyer: { ...invoice.buyer, name: 'Società Cooperativa Agricola '.repeat(7).slice(0, 200) },
    lines: [
      {
        ...line,
        description: 'Wort '.repeat(400),
        quantity: '123456.12345678',
        unit: 'HUR',
        unitPrice: '1234567.12345678',
      },
      { ...line, description: 'W'.repeat(2_000), unitPrice: '0.00000001', total: '123456789012.34' },
      { ...line, unit: 'eine sehr lange Einheit ohne Ende', total: '-1234567.89' },
    ],
    vat: Array.from({ length: 30 }, (_, n) => ({
      ...vat,
      rate: String(n + 1),
      taxable: large,
      tax: part,
      reason: 'Grund '.repeat(n),
    })),
    total: large,
    prepaid: part,
    payable: euros(11_831_275_613_683n),
    references: Array.from({ length: 40 }, (_, n) => reference(`LS-${1_000 + n}`)),
    notes: ['Hinweis '.repeat(900), 'N'.repeat(3_000)],
    instalments: Array.from({ length: 24 }, (_, n) => ({
      ...stated,
      dueOn: day(n),
      amount: part,
      method: n % 2 ? '58' : '59',
    })),
  };
  return {
    ...documentFacts(hard, 2),
    document: { number: hard.number, date: null, type: 'invoice' },
    bankAccount: { holder: 'H'.repeat(140), iban: 'MT84MALT011000012345MTLCAST001S', bic: 'MALTMTMT', chosen: true },
    instalments: hard.instalments.map(({ dueOn, amount }, n) => ({
      number: n + 1,
      dueOn,
      amount,
      outstanding: amount,
      credited: euros(n === 4 ? 100n : 0n),
      isThis: n === 2,
    })),
    locale: 'de',
  };
}
