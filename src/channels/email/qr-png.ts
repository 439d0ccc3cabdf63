import { crc32, deflateSync } from 'node:zlib';
import { create } from 'qrcode';

// ISO/IEC 18004 §9.1: four modules of white on each side, without which readers do not find the square.
const quietZone = 4;
const pixelsOfModule = 6;
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Draws an EPC payload as a PNG of black on white, of one bit a pixel: one to two kilobytes. Equal payloads give equal
 * bytes. Error correction M, as EPC069-12 asks; its longest payload (331 bytes) is the most that version 13 holds.
 */
export function qrPng(payload: string): Buffer {
  const { modules } = create([{ data: Buffer.from(payload, 'utf8'), mode: 'byte' }], { errorCorrectionLevel: 'M' });
  const side = (modules.size + 2 * quietZone) * pixelsOfModule;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  // One bit deep, grey (PNG §11.2.1); compression, filter and interlacing have one usual value, 0.
  head[8] = 1;
  const drawn = deflateSync(pixels(modules), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', drawn), chunk('IEND', Buffer.alloc(0))]);
}

/** Scanlines, each after its filter byte (0, none): a bit that is set is white. */
function pixels({ size, data }: { size: number; data: Uint8Array }): Buffer {
  const side = (size + 2 * quietZone) * pixelsOfModule;
  const width = 1 + Math.ceil(side / 8);
  const blank = Buffer.alloc(width, 0xff).fill(0, 0, 1);
  const quiet = Array.from({ length: quietZone * pixelsOfModule }, () => blank);
  const lines = Array.from({ length: size }, (_, row) => {
    const line = Buffer.from(blank);
    data.subarray(row * size, (row + 1) * size).forEach((dark, column) => {
      if (dark !== 0) darken(line, (column + quietZone) * pixelsOfModule);
    });
    return Array.from({ length: pixelsOfModule }, () => line);
  });
  return Buffer.concat([...quiet, ...lines.flat(), ...quiet]);
}

function darken(line: Buffer, from: number): void {
  for (let x = from; x < from + pixelsOfModule; x += 1) {
    const at = 1 + (x >> 3);
    line[at] = (line[at] ?? 0) & ~(0x80 >> (x & 7));
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
