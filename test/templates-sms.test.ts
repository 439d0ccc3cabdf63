import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeSms, type ComposedSms } from '../src/templates/compose-sms.ts';
import { toGsm7 } from '../src/templates/gsm7.ts';
import type { MessageFacts } from '../src/domain/message-facts.ts';
import { dueDateFacts, euro, messageFacts } from './support/message-facts.ts';

function compose(facts: MessageFacts = messageFacts(), message?: string): ComposedSms {
  const result = composeSms(facts, { message });
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.sms;
}

describe('an SMS', () => {
  test('says who asks, for what, how much, how to pay and where the document is, in three segments', () => {
    const { template, rendered } = compose();
    expect(template).toEqual({ key: 'overdue', version: 3, locale: 'it' });
    expect(rendered).toEqual({
      text: [
        'Officine Rossi S.r.l.: non ci risulta pervenuto il saldo della fattura n. 2026/12: il pagamento è scaduto il 02/04/2026. Da saldare: 1.220,00 €.',
        'Bonifico: IBAN IT60X0542811101000000123456, intestato a Officine Rossi S.r.l., BIC BPMOIT22XXX, causale: Fattura n. 2026/12 del 03/03/2026',
        'Documento: https://solleciti.example/d/Zm9vYmFyYmF6cXV4',
        'Se ha già pagato, ci avvisi. Risposte: amministrazione@officinerossi.example',
      ].join('\n'),
      encoding: 'GSM-7',
      segments: 3,
    });
  });

  test('leaves out the lines of what is not there', () => {
    const { text } = compose(messageFacts({ bankAccount: null, documentUrl: null, today: '2026-03-20' })).rendered;
    expect(text.split('\n')).toHaveLength(2);
  });

  test.each([
    ['it', 'Fattura n. a: '],
    ['en', 'Invoice no. a: '],
    ['de', 'Rechnung Nr. a: '],
    ['fr', 'Facture no a : '],
    ['es', 'Factura num. a: '],
  ] as const)('of several due dates names the one document that it links (%s)', (locale, label) => {
    const dueDates = ['a', 'b'].map((documentNumber) => dueDateFacts({ documentNumber }));
    const { text } = compose(messageFacts({ dueDates, locale })).rendered;
    expect(text).toContain(`\n${label}https://solleciti.example/d/`);
    expect(text).not.toMatch(/(?:Documento?|Beleg) ?:/);
  });

  test('of several due dates without number and date names the linked document by its day', () => {
    const dueDates = ['2026-04-01', '2026-04-02'].map((dueOn) =>
      dueDateFacts({ documentNumber: null, documentDate: null, dueOn }),
    );
    expect(compose(messageFacts({ dueDates })).rendered.text).toContain('\nFattura, scadenza 01/04/2026: https://');
  });

  test.each([
    [
      'it',
      'della fattura n. late, prima scadenza 02/04/2026. Da saldare: 1.220,00 €. Non ancora scaduto: 20,00 €, fattura n. later, scadenza 01/05/2026.',
    ],
    [
      'en',
      'for invoice no. late, first due date 02 Apr 2026. Outstanding: €1,220.00. Not yet overdue: €20.00, invoice no. later, due 01 May 2026.',
    ],
  ] as const)('calls unpaid what is late, and no more (%s)', (locale, said) => {
    const later = dueDateFacts({
      documentNumber: 'later',
      dueOn: '2026-05-01',
      outstanding: euro('20.00'),
      amount: euro('20.00'),
    });
    const dueDates = [later, dueDateFacts({ documentNumber: 'late' })];
    expect(compose(messageFacts({ dueDates, locale })).rendered.text).toContain(said);
  });

  test('names a part payment', () => {
    const dueDates = [dueDateFacts({ outstanding: euro('720.00') })];
    expect(compose(messageFacts({ dueDates })).rendered.text).toContain(
      'Da saldare: 720,00 € (già ricevuti 500,00 €).',
    );
  });

  test('that a caller wrote is sent as written', () => {
    expect(compose(messageFacts(), 'Ciao {{ customer }}: {{ outstanding }}').rendered.text).toBe(
      'Ciao Bianchi Costruzioni S.p.A.: 1.220,00 €',
    );
  });

  test('of more than ten segments is a problem', () => {
    expect(composeSms(messageFacts(), { message: 'x'.repeat(1_531) })).toEqual({
      kind: 'problem',
      problem: { kind: 'too-long', field: 'message', limit: 10, unit: 'segments' },
    });
    expect(compose(messageFacts(), 'x'.repeat(1_530)).rendered.segments).toBe(10);
  });

  test.each([
    ['a'.repeat(160), 'GSM-7', 1],
    ['a'.repeat(161), 'GSM-7', 2],
    [`${'a'.repeat(158)}€`, 'GSM-7', 1],
    [`${'a'.repeat(159)}€`, 'GSM-7', 2],
    [`${'a'.repeat(69)}ж`, 'UCS-2', 1],
    [`${'a'.repeat(70)}ж`, 'UCS-2', 2],
  ] as const)('counts its segments as the network does', (message, encoding, segments) => {
    expect(compose(messageFacts(), message).rendered).toMatchObject({ encoding, segments });
  });
});

describe('fitting GSM-7', () => {
  test.each([
    ['à è é ì ò ù É € ñ ü', 'à è é ì ò ù É € ñ ü'],
    ['È già scaduta', "E' già scaduta"],
    ['PERCHÉ CITTÀ PIÙ', "PERCHÉ CITTA' PIU'"],
    ['L’importo “netto” – 10 € …', 'L\'importo "netto" - 10 € ...'],
    ['1.220,00\u00A0€\u202F!', '1.220,00 € !'],
    ['José Łukasz Œuvre ç n° 5', 'José Lukasz OEuvre c no 5'],
    ['Perche\u0301', 'Perché'],
    ['Ángel Óptica PERÚ', 'Angel Optica PERU'],
    ['HÈLÈNE À «È»', 'HELENE A\' "E\'"'],
  ])('%s keeps its meaning', (text, fitted) => {
    expect(toGsm7(text)).toBe(fitted);
  });

  test('leaves a text as it is when some letter has no stand-in', () => {
    expect(toGsm7('Иван – È')).toBe('Иван – È');
    expect(toGsm7('ok 👍 – È')).toBe('ok 👍 – È');
  });

  test('gives a text that fits, or the text itself, and fits nothing twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const fitted = toGsm7(text);
        expect(toGsm7(fitted)).toBe(fitted);
        if (fitted !== text.normalize('NFC')) expect(toGsm7(fitted)).not.toMatch(/[’“”…–À]/);
      }),
    );
  });
});

describe('the most parts that a tenant allows', () => {
  test('shorten a template’s own text from its end, never its first line', () => {
    const whole = composeSms(messageFacts());
    if (whole.kind === 'problem') throw new Error('no text');
    for (const limit of [2, 1]) {
      const result = composeSms(messageFacts(), {}, limit);
      if (result.kind === 'problem') throw new Error('no text');
      expect(result.sms.shortened).toBe(true);
      expect(result.sms.rendered.segments).toBeLessThanOrEqual(limit);
      expect(whole.sms.rendered.text.startsWith(`${result.sms.rendered.text}\n`)).toBe(true);
    }
    expect(whole.sms.shortened).toBe(false);
  });

  test('leave of thousands of lines as many as fit', () => {
    const text = Array.from({ length: 4_000 }, (_, n) => String(n % 10)).join('\n');
    const own = { version: 1, subject: null, text, html: null, showsMessage: false, letters: text.length };
    const made = composeSms(messageFacts(), {}, 10, own);
    // Ten parts hold 1,530 letters, and a line takes two of them.
    expect(made).toMatchObject({ sms: { shortened: true, rendered: { segments: 10, encoding: 'GSM-7' } } });
    expect(made).toMatchObject({ sms: { rendered: { text: text.slice(0, 1_529) } } });
  });

  test('do not cut a caller’s words: they are too long', () => {
    expect(composeSms(messageFacts(), { message: 'a'.repeat(400) }, 2)).toEqual({
      kind: 'problem',
      problem: { kind: 'too-long', field: 'message', limit: 2, unit: 'segments' },
    });
  });

  test('are too few where the first line alone takes more', () => {
    const facts = messageFacts({
      customer: { name: 'Bianchi' },
      tenant: { ...messageFacts().tenant, name: 'x'.repeat(200) },
    });
    expect(composeSms(facts, {}, 1)).toMatchObject({ kind: 'problem', problem: { kind: 'too-long' } });
  });
});
