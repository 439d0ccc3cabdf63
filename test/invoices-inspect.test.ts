import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectNamedFile } from '../src/commands/invoices-inspect.ts';
import { sollecito } from './support/command-line.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';
import { signedFile } from './support/p7m.ts';
import { pdfWithFiles } from './support/pdf-with-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string): string => path.join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
};

const json = {
  number: '7',
  date: '2026-02-01',
  seller: { name: 'Officine Rossi S.r.l.' },
  buyer: { name: 'Bianchi S.p.A.', email: ['accounts@example.com'] },
  total: { value: '122.00', currency: 'EUR' },
};

describe('an element says what is in a file', () => {
  test('of a FatturaPA, with null for what is missing', async () => {
    const iban = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento><IBAN>IT60X0542811101000000123457</IBAN>';
    const file = write('a.xml', fatturaPa({ payments: payment(iban) }));
    expect(await inspectNamedFile(file)).toEqual({
      file,
      format: 'fatturapa',
      invoices: [
        {
          number: '12',
          date: '2026-11-05',
          type: 'invoice',
          currency: 'EUR',
          total: '122.00',
          seller: { name: 'Caffè & C. <snc>', vatId: 'IT03999000106', taxCode: null },
          buyer: {
            name: 'Anna Però',
            vatId: 'IT02888000219',
            taxCode: null,
            kind: 'business',
            email: [],
            phone: [],
            pec: null,
          },
          lines: 0,
          dueDates: [{ dueOn: '2026-12-05', amount: '122.00', method: 'MP05', iban: null, bic: null, holder: null }],
          attachments: [],
          warnings: [{ code: 'iban-invalid', message: expect.stringContaining('DettaglioPagamento[1]/IBAN') }],
        },
      ],
      warnings: [],
    });
  });

  test('whatever it is called, signed or in a PDF', async () => {
    const signed = await inspectNamedFile(write('a.pdf', signedFile(fatturaPa())));
    expect(signed).toMatchObject({ format: 'fatturapa', warnings: [{ code: 'signature-not-verified' }] });
    const pdf = await inspectNamedFile(write('a.xml.p7m', pdfWithFiles([{ content: fatturaPa() }])));
    expect(pdf).toMatchObject({ format: 'fatturapa', invoices: [{ number: '12' }], warnings: [] });
  });

  test('of JSON in the form that the API takes', async () => {
    expect(await inspectNamedFile(write('a.json', JSON.stringify(json)))).toMatchObject({
      format: 'json',
      invoices: [
        {
          number: '7',
          total: '122.00',
          type: 'invoice',
          buyer: { kind: 'business', email: ['accounts@example.com'], vatId: null },
          dueDates: [{ dueOn: '2026-02-01', amount: '122.00', iban: null }],
        },
      ],
      warnings: [],
    });
  });

  test.each([
    ['no JSON', '{"number":', 'json-broken', 'JSON'],
    ['a list of invoices', JSON.stringify([json]), 'wrong-type', 'must be an object'],
    ['a field that is not known', JSON.stringify({ ...json, due: 1 }), 'unknown-field', '(/due)'],
    [
      'a field named __proto__',
      JSON.stringify(json).replace('{', '{"__proto__":{"a":1},'),
      'unknown-field',
      '(/__proto__)',
    ],
    ['a date that does not exist', JSON.stringify({ ...json, date: '2026-02-30' }), 'invalid-date', '(/date)'],
    [
      'an amount deep inside',
      JSON.stringify({ ...json, instalments: [{ dueOn: '2026-03-01', amount: { value: '1,00', currency: 'EUR' } }] }),
      'invalid-amount',
      '(/instalments/0/amount/value)',
    ],
    ['two mistakes', JSON.stringify({ ...json, number: '', date: 1 }), 'invalid-text', '1 more'],
    ['brackets in each other', '['.repeat(1_000_000), 'json-broken', 'JSON'],
    ['another encoding', Buffer.from('{"number":"\u00e8"}', 'latin1'), 'encoding-wrong', 'UTF-8'],
  ])('JSON that is wrong: %s', async (_what, content, code, words) => {
    const read = await inspectNamedFile(write('b.json', content));
    expect(read).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
  });

  test('a file that is too large is not read', async () => {
    const read = await inspectNamedFile(write('large.xml', Buffer.alloc(10 * 1024 * 1024 + 1, '<')));
    expect(read).toMatchObject({ error: { code: 'file-too-large' } });
  });
});

describe('the command', () => {
  test('prints one array as it would be printed whole, in the order that was given', async () => {
    const files = [
      write('z.xml', fatturaPa()),
      inFolder('nowhere'),
      folder,
      write('b.zip', 'PK\u0003\u0004'),
      write('c.p7m', signedFile(fatturaPa())),
      write('d.json', JSON.stringify(json)),
      write('empty', ''),
    ];
    const { code, stdout, stderr } = await sollecito(['invoices', 'inspect', ...files]);
    const elements: { file: string; format?: string; error?: { code: string } }[] = JSON.parse(stdout);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe(`${JSON.stringify(elements, null, 2)}\n`);
    expect(elements.map(({ file, format, error }) => [file, format ?? error?.code])).toEqual([
      [files[0], 'fatturapa'],
      [files[1], 'file-not-found'],
      [files[2], 'no-file'],
      [files[3], 'not-xml'],
      [files[4], 'fatturapa'],
      [files[5], 'json'],
      [files[6], 'not-xml'],
    ]);
  });

  test('ends with 0 when every file was read, also after one that was read apart', async () => {
    const { code } = await sollecito(['invoices', 'inspect', write('e.p7m', signedFile(fatturaPa()))]);
    expect(code).toBe(0);
  });

  test('without a file it is used wrongly', async () => {
    const { code, stderr } = await sollecito(['invoices', 'inspect']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('FILE…') });
  });
});
