import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { fatturaPa } from './support/fatturapa.ts';
import { signedFile } from './support/p7m.ts';
import { pdfWithFiles } from './support/pdf-with-files.ts';

const xml = fatturaPa();

describe('whatever is changed in a file, it is read or refused: nothing is thrown', () => {
  test.each([
    ['XML', Buffer.from(xml)],
    ['XML in UTF-16', Buffer.from(`\ufeff${xml}`, 'utf16le')],
    ['a signed file', signedFile(xml)],
    ['a signed file in pieces', signedFile(xml, { pieces: 200 })],
    ['a file signed twice', signedFile(signedFile(xml))],
    ['a signed file in base64', Buffer.from(signedFile(xml).toString('base64'))],
    ['a PDF', pdfWithFiles([{ content: xml, filter: '' }])],
    ['a PDF with a stream of objects', pdfWithFiles([{ content: xml }], { compressed: true })],
  ])('%s', (_what, original) => {
    const place = fc.nat(original.length - 1);
    const change = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), at: place, bytes: fc.uint8Array({ maxLength: 4 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: place, length: fc.nat(40) }),
      fc.record({ kind: fc.constant('repeat' as const), at: place, length: fc.nat(400) }),
      fc.record({ kind: fc.constant('end' as const), at: place }),
    );
    type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
    const changed = (bytes: Buffer, made: Change): Buffer => {
      const [before, after] = [bytes.subarray(0, made.at), bytes.subarray(made.at)];
      switch (made.kind) {
        case 'put':
          return Buffer.concat([before, made.bytes, after.subarray(made.bytes.length)]);
        case 'cut':
          return Buffer.concat([before, after.subarray(made.length)]);
        case 'repeat':
          return Buffer.concat([before, after.subarray(0, made.length), after]);
        case 'end':
          return before;
      }
    };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const read = readInvoices(changes.reduce(changed, original));
        expect('error' in read ? read.error.code : read.format).toMatch(/^[a-z-]+$/);
      }),
      { numRuns: 300 },
    );
  });

  test('any bytes behind what each kind of file begins with', () => {
    const beginnings = ['', '<', '<?xml ', '%PDF-1.7\n1 0 obj', '\u0030\u0082', '{', 'MII', '-----BEGIN CMS-----'];
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }), (beginning, bytes) => {
        expect(readInvoices(Buffer.concat([Buffer.from(beginning, 'latin1'), bytes]))).toHaveProperty('error.code');
      }),
      { numRuns: 2_000 },
    );
  });
});
