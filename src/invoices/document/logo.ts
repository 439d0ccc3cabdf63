/**
 * The address of a logo that can be shown: a PNG, JPEG, GIF, WebP or SVG inside a `data:` address, whole and of a sensible
 * size. Null for any other: what cannot be read would leave a hole, a broken end half of one, and an image of 20,000
 * by 20,000 dots (400 kB as a PNG) keeps the browser busy for ten seconds. An SVG runs no script where it is an image.
 */
export function shownLogo(address: string | null): string | null {
  const [, type, base64] =
    /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,([A-Za-z0-9+/=]+)$/.exec(address ?? '') ?? [];
  if (type === undefined || base64 === undefined) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (type === 'svg+xml') return isWholeSvg(bytes) ? address : null;
  const size = pngSize(bytes) ?? jpegSize(bytes) ?? gifSize(bytes) ?? webpSize(bytes);
  const dots = size ? size.width * size.height : 0;
  return dots > 0 && dots <= 16_000_000 ? address : null;
}

type Size = { width: number; height: number };

function isWholeSvg(bytes: Buffer): boolean {
  const text = bytes.toString('utf8').trim();
  return text.includes('<svg') && /(?:<\/svg\s*>|\/>)(?:\s*<!--[^]*-->)*$/.test(text);
}

// W3C PNG §5.6: first chunk IHDR, last chunk IEND.
function pngSize(bytes: Buffer): Size | undefined {
  if (bytes.toString('latin1', 1, 4) !== 'PNG' || bytes.indexOf('IEND') < 33) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

// The GIF89a specification, §18 and §27: the logical screen, and 0x3B at the end.
function gifSize(bytes: Buffer): Size | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'GIF8' || bytes.length < 14 || bytes.at(-1) !== 0x3b) return undefined;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

// ITU-T T.81 annex B: segments of a marker and a length, among them the frame (SOF), up to the scan (SOS); EOI ends it.
function jpegSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8 || bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) < 2)
    return undefined;
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    if (marker < 0xff00 || marker === 0xffda) return undefined;
  }
  return undefined;
}

// RFC 9649 §2.4 to §2.7: a RIFF of the length that it says, whose first chunk has the size.
function webpSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
    return undefined;
  }
  if (bytes.readUInt32LE(4) + 8 > bytes.length) return undefined;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const packed = bytes.readUInt32LE(21);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
