import { crc32, inflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { create } from 'qrcode';
import { describe, expect, test } from 'vitest';
import { drawInlineImages, withImagesInside } from '../src/channels/email/inline-images.ts';
import { qrPng } from '../src/channels/email/qr-png.ts';

const payload =
  'BCD\n002\n1\nSCT\nBPMOIT22XXX\nOfficine Rossi\nIT60X0542811101000000123456\nEUR1220.00\n\n\nFattura è 12';

/** The chunks of a PNG, their check sums looked at. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    chunks.set(named.toString('latin1', 0, 4), named.subarray(4));
    at += length + 12;
  }
  return chunks;
}

/** The picture as rows of `#` (black) and ` ` (white), a sign for each module. */
function modulesOf(png: Buffer): string[] {
  const chunks = chunksOf(png);
  const head = chunks.get('IHDR') ?? Buffer.alloc(13);
  const side = head.readUInt32BE(0);
  expect([head.readUInt32BE(4), ...head.subarray(8)]).toEqual([side, 1, 0, 0, 0, 0]);
  const lines = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const width = 1 + Math.ceil(side / 8);
  expect(lines).toHaveLength(width * side);
  const black = (x: number, y: number): boolean => ((lines[y * width + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0;
  const rows = Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => (black(x, y) ? '#' : ' ')).join(''),
  );
  // Six pixels a module, each way.
  return rows.flatMap((row, y) => {
    expect(row).toBe(rows[y - (y % 6)]);
    return y % 6 === 0 ? [row.replaceAll(/(.)\1{5}/g, '$1')] : [];
  });
}

describe('the square', () => {
  test('is black on white with four modules of white around it', () => {
    const rows = modulesOf(qrPng(payload));
    const { modules } = create([{ data: Buffer.from(payload), mode: 'byte' }], { errorCorrectionLevel: 'M' });
    expect(rows).toHaveLength(modules.size + 8);
    const quiet = ' '.repeat(modules.size + 8);
    expect([...rows.slice(0, 4), ...rows.slice(-4)]).toEqual(Array.from({ length: 8 }, () => quiet));
    const drawn = rows.slice(4, -4).map((row) => {
      expect([row.slice(0, 4), row.slice(-4)]).toEqual(['    ', '    ']);
      return row.slice(4, -4);
    });
    const meant = Array.from({ length: modules.size }, (_, y) =>
      Array.from({ length: modules.size }, (_, x) => (modules.get(y, x) === 0 ? ' ' : '#')).join(''),
    );
    expect(drawn).toEqual(meant);
    // The finder pattern of the corner, by which a reader finds it.
    expect(rows.slice(4, 11).map((row) => row.slice(4, 11))).toEqual([
      '#######',
      '#     #',
      '# ### #',
      '# ### #',
      '# ### #',
      '#     #',
      '#######',
    ]);
  });

  test('of the longest payload is of version 13 and small enough to be kept with the message', () => {
    const png = qrPng('ä'.repeat(165) + 'x');
    expect(modulesOf(png)).toHaveLength(69 + 8);
    expect(png.length).toBeLessThan(8_192);
  });

  test('is the same to the byte for the same payload', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 150 }), (text) => {
        expect(qrPng(text).equals(qrPng(text))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the images of a message', () => {
  const images = [
    { kind: 'qr', cid: 'square@qr', name: 'qr.png', payload },
    { kind: 'kept', cid: 'logo@logo', name: 'logo', sha256: 'ab' },
  ] as const;

  test('are drawn or fetched, and shown inside a page', async () => {
    const bytes = Buffer.from('a jpeg');
    const drawn = await drawInlineImages(images, async () => ({ mediaType: 'image/jpeg', bytes }));
    expect(drawn).toEqual([
      { cid: 'square@qr', name: 'qr.png', mediaType: 'image/png', bytes: qrPng(payload), keptAs: null },
      { cid: 'logo@logo', name: 'logo.jpeg', mediaType: 'image/jpeg', bytes, keptAs: 'ab' },
    ]);
    const page = withImagesInside('<img src="cid:logo@logo"><img src="cid:square@qr"><p>cid:logo@logo</p>', drawn);
    expect(page).toBe(
      `<img src="data:image/jpeg;base64,${bytes.toString('base64')}"><img src="data:image/png;base64,${qrPng(payload).toString('base64')}"><p>cid:logo@logo</p>`,
    );
  });

  test('leave out one that is not there', async () => {
    const drawn = await drawInlineImages(images, async () => undefined);
    expect(drawn.map(({ cid }) => cid)).toEqual(['square@qr']);
  });
});
