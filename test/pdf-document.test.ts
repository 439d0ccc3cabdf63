import { describe, expect, test } from 'vitest';
import { documentPage } from '../src/invoices/document-page.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';

describe('the page of a document', () => {
  test('is the invoice, with parties, lines, VAT, totals, terms and the account', () => {
    const page = documentPage(documentFacts(exampleInvoice(2)));
    expect(page).toMatchObject({ title: 'Fattura 2026/131 · Impianti Lanterna S.r.l.', language: 'it' });
    const text = textOf(page.html);
    for (const piece of [
      'Albergo Bellariva di Parodi & Canepa S.n.c.',
      'Partita IVA IT03999000106',
      'Apparecchio a sospensione LED 2700 K, dimmerabile 12 pz 185,00 22% 2.220,00',
      'Imposta 1.434,40 €',
      'Totale documento 7.954,40 €',
      '30/11/2026 Bonifico 3.977,20 €',
      '31/01/2027 Bonifico 3.977,20 €',
      'IT09 P999 9801 4000 0000 0123 456',
      'Ordine ORD-2026-044 del 18/09/2026',
      'Copia di cortesia',
    ]) {
      expect(text).toContain(piece);
    }
  });

  test('speaks English when the customer does', () => {
    const page = documentPage({ ...documentFacts(exampleInvoice(4)), locale: 'en' });
    expect(page.html).toContain('<html lang="en">');
    const text = textOf(page.html);
    expect(text).toContain('Amount due €1,484.00 by 31 Oct 2026');
    expect(text).toContain('Withholding tax 4% −€56.00 Net to pay €1,484.00');
  });

  test('shows what is still to pay after a part-payment', () => {
    const facts = documentFacts(exampleInvoice(2), 1);
    const outstanding = { ...facts.dueDate.amount, units: 200_000n };
    const text = textOf(documentPage({ ...facts, dueDate: { ...facts.dueDate, outstanding } }).html);
    expect(text).toContain('Da pagare 2.000,00 € entro il 31/01/2027 1.977,20 € già pagati');
  });

  test('shows the chosen account and never another beside it', () => {
    const bankAccount = { holder: 'Lanterna Incassi', iban: 'DE89370400440532013000', bic: null };
    const { html } = documentPage({ ...documentFacts(exampleInvoice(2)), bankAccount });
    expect(textOf(html)).toContain('DE89 3704 0044 0532 0130 00');
    expect(textOf(html)).not.toContain('IT09 P999');
  });

  test('has a code square only where a SEPA transfer of euros is due', () => {
    const facts = documentFacts(exampleInvoice(2));
    const paid = { ...facts.dueDate, outstanding: { ...facts.dueDate.amount, units: 0n } };
    expect(documentPage(facts).html).toContain('<svg');
    expect(documentPage({ ...facts, dueDate: paid }).html).not.toContain('<svg');
    expect(documentPage({ ...facts, invoice: { ...exampleInvoice(2), type: 'creditNote' } }).html).not.toContain(
      '<svg',
    );
  });

  test('takes no account from an instalment that is a direct debit: that IBAN may be the payer’s', () => {
    const invoice = exampleInvoice(2);
    const instalments = invoice.instalments.map((instalment) => ({ ...instalment, method: 'MP19' }));
    expect(documentPage(documentFacts({ ...invoice, instalments })).html).not.toContain('IBAN');
  });

  test('without an invoice is a payment statement that says it is none', () => {
    const page = documentPage({ ...documentFacts(exampleInvoice(2)), invoice: null });
    expect(page.title).toBe('Riepilogo di pagamento 2026/131 · Impianti Lanterna S.r.l.');
    expect(textOf(page.html)).toContain('non è una fattura');
    const english = documentPage({ ...documentFacts(exampleInvoice(2)), invoice: null, locale: 'en' });
    expect(english.title).toContain('Payment statement');
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
        lines: invoice.lines.map((line) => ({ ...line, description: evil, unit: evil })),
        vat: invoice.vat.map((row) => ({ ...row, reason: evil })),
      }),
      document: { number: evil, date: null, type: evil },
      tenant: { name: evil, email: evil, colour: `red;}${evil}`, logo: `data:image/png;base64,"onload=x` },
    });
    expect(html).not.toMatch(/<script|<img|onload="|onerror="/);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
  });

  test('takes a logo and a colour only in the forms that are safe and can be seen', () => {
    const facts = documentFacts(exampleInvoice(1));
    const look = (colour: string, logo: string) =>
      documentPage({ ...facts, tenant: { ...facts.tenant, colour, logo } }).html;
    expect(look('#b3401f', 'data:image/png;base64,AAAA')).toMatch(/--accent:#b3401f[\s\S]*<img src="data:image\/png/);
    expect(look('#ffff66', 'https://example.com/logo.png')).not.toMatch(/#ffff66|<img/);
  });

  test('carries extended Latin only for text that needs it', () => {
    const invoice = exampleInvoice(1);
    const plain = documentPage(documentFacts(invoice)).html;
    const polish = documentPage(documentFacts({ ...invoice, notes: ['Łódź'] })).html;
    expect(polish.length).toBeGreaterThan(plain.length + 50_000);
  });
});

function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<\/(?:td|th|dt|dd|p|h1|h2|tr|span)>/g, ' ')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
}
