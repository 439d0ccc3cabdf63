import { describe, expect, test } from 'vitest';
import { composeEmail, type ComposedEmail, type EmailWish } from '../src/templates/compose-email.ts';
import type { MessageFacts } from '../src/domain/message-facts.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

async function compose(facts: MessageFacts = messageFacts(), wish: EmailWish = {}): Promise<ComposedEmail> {
  const result = await composeEmail(facts, wish);
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.email;
}

/** What a person reads: no tags, no entities, single spaces. */
function words(html: string): string {
  return html
    .replaceAll(/<style[\s\S]*?<\/style>|<head>[\s\S]*?<\/head>|<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

describe('the tone', () => {
  test.each([
    ['2026-03-20', 'courtesy', 'Promemoria: fattura n. 2026/12, scadenza 2 aprile 2026', 'scade il 2 aprile 2026'],
    ['2026-04-02', 'courtesy', 'Promemoria: fattura n. 2026/12, scadenza 2 aprile 2026', 'scade oggi, 2 aprile 2026'],
    [
      '2026-04-03',
      'overdue',
      'Pagamento non ancora pervenuto: fattura n. 2026/12',
      'è scaduto il 2 aprile 2026 (ieri)',
    ],
    ['2026-04-14', 'overdue', 'Pagamento non ancora pervenuto: fattura n. 2026/12', '(12 giorni fa)'],
  ])('on %s is %s', async (today, key, subject, said) => {
    const email = await compose(messageFacts({ today }));
    expect(email.template).toEqual({ key, version: 2, locale: 'it' });
    expect(email.rendered.subject).toBe(subject);
    expect(email.rendered.text).toContain(said);
    expect(words(email.rendered.html)).toContain(said);
  });

  test('of several due dates is firm as soon as one is late', async () => {
    const dueDates = [
      dueDateFacts({ dueOn: '2026-05-01' }),
      dueDateFacts({ dueOn: '2026-04-13', documentNumber: '13' }),
    ];
    expect((await compose(messageFacts({ dueDates }))).template.key).toBe('overdue');
    expect((await compose(messageFacts({ dueDates, today: '2026-04-13' }))).template.key).toBe('courtesy');
  });

  test('can be chosen, and an unknown template is a problem', async () => {
    expect((await compose(messageFacts(), { template: 'courtesy' })).template.key).toBe('courtesy');
    expect(await composeEmail(messageFacts(), { template: 'x' })).toEqual({
      kind: 'problem',
      problem: { kind: 'unknown-template', name: 'x' },
    });
  });
});

describe('the content', () => {
  test('says who asks, for what, how much and how to pay, in HTML and in text alike', async () => {
    const { rendered } = await compose();
    for (const version of [words(rendered.html), plain(rendered.text)]) {
      for (const said of [
        'Gentile Bianchi Costruzioni S.p.A.',
        'fattura n. 2026/12 del 3 marzo 2026',
        '1.220,00 €',
        'Coordinate per il bonifico',
        'IT60 X054 2811 1010 0000 0123 456',
        'BPMOIT22XXX',
        'Fattura n. 2026/12 del 03/03/2026',
        'In allegato',
        'Messaggio inviato da Officine Rossi S.r.l.',
        'amministrazione@officinerossi.example',
      ]) {
        expect(version).toContain(said);
      }
    }
    expect(rendered.html).toContain('lang="it"');
    expect(rendered.html).not.toMatch(/fonts\.googleapis|<script/);
  });

  test('in English reads as English', async () => {
    const { rendered } = await compose(messageFacts({ locale: 'en' }));
    expect(rendered.subject).toBe('Payment not yet received: invoice no. 2026/12');
    expect(plain(rendered.text)).toContain(
      'payment for invoice no. 2026/12 of 3 March 2026, which was due on 2 April 2026 (12 days ago)',
    );
    expect(rendered.html).toContain('lang="en"');
    expect(rendered.text).not.toMatch(/pagamento|scadenza/i);
  });

  test('names a part payment and asks for the rest only', async () => {
    const dueDates = [dueDateFacts({ outstanding: euro('720.00') })];
    const { rendered } = await compose(messageFacts({ dueDates }));
    expect(plain(rendered.text)).toContain('restano da saldare 720,00 €, al netto di 500,00 € già ricevuti');
    expect(plain(rendered.text)).toContain('Importo: 1.220,00 € Già ricevuti: 500,00 € Da saldare: 720,00 €');
    expect(words(rendered.html)).toContain('Già ricevuti: 500,00 € 720,00 €');
  });

  test('sums several due dates and names each', async () => {
    const dueDates = [dueDateFacts(), dueDateFacts({ documentNumber: '13', outstanding: euro('20.00') })];
    const { rendered } = await compose(messageFacts({ dueDates }));
    expect(rendered.subject).toContain('fatture n. 2026/12 e n. 13');
    expect(plain(rendered.text)).toContain('Totale da saldare: 1.240,00 €');
  });

  test.each([
    [
      'it',
      'Saldo non ancora pervenuto: fattura n. late',
      'il saldo della fattura n. late del 3 marzo 2026. Restano da saldare 1.220,00 €. Per completezza è riportato anche un pagamento non ancora scaduto.',
      'Scadenza: 1 maggio 2026',
      'In allegato trova copia dei documenti.',
    ],
    [
      'en',
      'Payment not yet received: invoice no. late',
      'payment for invoice no. late of 3 March 2026. The amount outstanding is €1,220.00. For completeness, one payment that is not yet overdue is listed as well.',
      'Due date: 1 May 2026',
      'Copies of the documents are attached.',
    ],
  ] as const)(
    'calls unpaid what is late, and lists what is not with its day (%s)',
    async (locale, subject, ...said) => {
      const later = dueDateFacts({ documentNumber: 'later', dueOn: '2026-05-01' });
      const dueDates = [later, dueDateFacts({ documentNumber: 'late' })];
      const { rendered } = await compose(messageFacts({ dueDates, locale }));
      expect(rendered.subject).toBe(subject);
      for (const version of [words(rendered.html), plain(rendered.text)]) {
        for (const part of said) expect(version).toContain(part);
      }
    },
  );

  test('chosen firm before anything is late asks for all', async () => {
    const dueDates = ['a', 'b'].map((documentNumber) => dueDateFacts({ documentNumber }));
    const { rendered } = await compose(messageFacts({ dueDates, today: '2026-03-20' }), { template: 'overdue' });
    expect(rendered.subject).toBe('Saldo non ancora pervenuto: fatture n. a e n. b');
    expect(plain(rendered.text)).toContain('Restano da saldare 2.440,00 €. Per gli importi già scaduti');
  });

  test('names a document of many instalments once', async () => {
    const dueDates = [dueDateFacts(), dueDateFacts({ dueOn: '2026-05-02' })];
    expect((await compose(messageFacts({ dueDates }))).rendered.subject).toContain('fattura n. 2026/12');
  });

  test('without a bank account, an address or a document says nothing of them', async () => {
    const tenant = { ...messageFacts().tenant, replyTo: null };
    const { rendered } = await compose(messageFacts({ bankAccount: null, attachesDocument: false, tenant }));
    expect(rendered.text).not.toMatch(/IBAN|Coordinate|allegato|rispondere|\n\n\n/);
    expect(words(rendered.html)).not.toMatch(/IBAN|Coordinate|allegato|rispondere/);
  });

  test('has a button exactly when there is one web address to pay at', async () => {
    const url = 'https://pay.example/i?a=1&b=2';
    const { rendered } = await compose(messageFacts({ dueDates: [dueDateFacts({ paymentUrl: url })] }));
    expect(rendered.html).toContain('href="https://pay.example/i?a=1&amp;b=2"');
    expect(rendered.text).toContain(`Paga online: ${url}`);
    for (const paymentUrl of [null, 'javascript:alert(1)', 'not an address']) {
      const without = await compose(messageFacts({ dueDates: [dueDateFacts({ paymentUrl })] }));
      expect(without.rendered.html).not.toMatch(/Paga online|javascript/);
    }
  });

  test('wears the tenant’s colour, with letters that stand out, and its logo with an alt text', async () => {
    const tenant = { ...messageFacts().tenant, colour: '#FFD166', logo: 'https://rossi.example/logo.png' };
    const { html } = (await compose(messageFacts({ tenant }))).rendered;
    expect(html).toContain('#ffd166');
    expect(html).toMatch(/<img[^>]*alt="Officine Rossi S\.r\.l\."[^>]*src="https:\/\/rossi\.example\/logo\.png"/s);
    const odd = { ...tenant, colour: 'red;x', logo: 'http://rossi.example/logo.png' };
    expect((await compose(messageFacts({ tenant: odd }))).rendered.html).not.toMatch(/red;x|logo\.png/);
  });

  test('stays under 100 kB with very many due dates', async () => {
    const dueDates = Array.from({ length: 500 }, (_, i) => dueDateFacts({ documentNumber: `2026/${String(i)}` }));
    const { rendered } = await compose(messageFacts({ dueDates }));
    expect(Buffer.byteLength(rendered.html)).toBeLessThan(100_000);
    expect(words(rendered.html)).toContain('e altre 460 scadenze');
  });
});
