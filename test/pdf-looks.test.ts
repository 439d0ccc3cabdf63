import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { documentPage } from '../src/invoices/document-page.ts';
import { documentFacts, exampleInvoice } from './support/document-facts.ts';

const facts = documentFacts(exampleInvoice(2));

// SOI, APP0, a frame (SOF0) of 16 by 8 dots, EOI: as much of a JPEG as its size is read from.
const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080008001001011100ffd9', 'hex');

describe('the tenant’s looks', () => {
  const look = (colour: string | null, logo: string | null) =>
    documentPage({ ...facts, tenant: { ...facts.tenant, colour, logo } }).html;

  test('a colour is taken only where it can be seen on white', () => {
    expect(look('#b3401f', null)).toContain('--accent:#b3401f');
    expect(look('#ffff66', null)).not.toContain('#ffff66');
    expect(look('red', null)).not.toContain('--accent:red');
  });

  test.each([
    ['PNG', 'png', png(40, 20)],
    ['JPEG', 'jpeg', jpeg],
    ['GIF', 'gif', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')],
    ['WebP', 'webp', Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64')],
    ['SVG', 'svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>')],
  ])('a logo may be a %s', (_, type, bytes) => {
    expect(look(null, dataAddress(type, bytes))).toContain(`<img src="data:image/${type}`);
  });

  test.each([
    ['at an address of the web', 'https://example.com/logo.png'],
    ['that is cut off', dataAddress('png', png(40, 20).subarray(0, -12))],
    ['that is no image', dataAddress('png', Buffer.from('no image'))],
    ['of 20,000 by 20,000 dots', dataAddress('png', png(20_000, 20_000))],
    ['of an SVG that is cut off', dataAddress('svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><pa'))],
    ['of another kind', dataAddress('bmp', png(40, 20))],
  ])('a logo %s is left out', (_, logo) => {
    expect(look(null, logo)).not.toContain('<img');
  });
});

function dataAddress(type: string, bytes: Buffer): string {
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = deflateSync(Buffer.alloc(width < 1_000 ? (width + 1) * height : 1));
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', rows), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  ends[0].writeUInt32BE(data.length);
  ends[1].writeUInt32BE(crc32(named));
  return Buffer.concat([ends[0], named, ends[1]]);
}
