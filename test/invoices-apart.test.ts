import { afterAll, describe, expect, test } from 'vitest';
import { readInvoicesApart } from '../src/invoices/read-apart.ts';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { ReadingProcesses, TooManyReadings } from '../src/invoices/reading-processes.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';
import { signedFile } from './support/p7m.ts';
import { pdfWithFiles } from './support/pdf-with-files.ts';

const attachment = `<Allegati><NomeAttachment>a.pdf</NomeAttachment><Attachment>${Buffer.from('%PDF-1.7').toString('base64')}</Attachment></Allegati>`;
const xml = fatturaPa({ payments: payment('', '90071992547409.93'), attachments: attachment });
/** An invoice whose XML has so many bytes, and more elements than fit into little memory. */
const large = (bytes: number): string => fatturaPa({ general: '<Causale>a</Causale>'.repeat(Math.ceil(bytes / 20)) });

const limits = { atOnce: 1, timeoutMs: 10_000, heapMb: 512, waitingBytes: 10_000_000, idleMs: 1_000 };
const made: ReadingProcesses[] = [];

function processes(changed: Partial<typeof limits>): ReadingProcesses {
  const some = new ReadingProcesses({ ...limits, ...changed });
  made.push(some);
  return some;
}

afterAll(() => made.forEach((each) => each.end()));

describe('a file is read apart as it is read in place', () => {
  test.each([
    ['small XML', Buffer.from(xml)],
    ['large XML', Buffer.from(large(300_000))],
    ['a signed file', signedFile(xml)],
    ['a PDF', pdfWithFiles([{ content: xml }])],
    ['a PDF without an invoice', pdfWithFiles([])],
    ['XML that is broken far in', Buffer.from(large(300_000).slice(0, -100))],
    ['an archive', Buffer.from('PK\u0003\u0004')],
    ['nothing', Buffer.alloc(0)],
  ])('%s', async (_what, bytes) => {
    expect(plain(await readInvoicesApart(bytes))).toEqual(plain(readInvoices(bytes)));
  });

  test('many at once, each its own', async () => {
    const dates = Array.from({ length: 12 }, (_, n) => `2026-11-${String(n + 10)}`);
    const read = await Promise.all(dates.map(async (date) => readInvoicesApart(signedFile(fatturaPa({ date })))));
    expect(read.map((each) => 'invoices' in each && each.invoices[0]?.date)).toEqual(dates);
  });
});

describe('a file that is too much ends by name, and the next one is read', () => {
  test('too long', async () => {
    const some = processes({ timeoutMs: 1 });
    const hasty = await some.read(Buffer.from(large(3_500_000)));
    expect(hasty).toMatchObject({ error: { code: 'takes-too-long' } });
  });

  test('too much memory', async () => {
    const some = processes({ heapMb: 24 });
    const greedy = some.read(Buffer.from(large(3_500_000)));
    const patient = some.read(signedFile(xml));
    expect(await greedy).toMatchObject({ error: { code: 'takes-too-much-memory' } });
    expect(await patient).toMatchObject({ format: 'fatturapa' });
  });
});

test('only so many bytes wait, and then there is room again', async () => {
  const file = signedFile(xml);
  const some = processes({ waitingBytes: 2 * file.length });
  const all = await Promise.allSettled(Array.from({ length: 5 }, async () => some.read(file)));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(all[4]).toMatchObject({ reason: expect.any(TooManyReadings) });
  expect(await some.read(file)).toMatchObject({ format: 'fatturapa' });
});

// What crosses from one process to the other comes as another kind of array of bytes.
function plain(read: unknown): unknown {
  return JSON.parse(JSON.stringify(read, (_key, value: unknown) => plainValue(value)));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value) {
    return Buffer.from(value.data as number[]).toString('base64');
  }
  return value;
}
