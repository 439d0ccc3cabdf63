type Wrap = (tag: number, ...parts: Uint8Array[]) => Buffer;

/** An element with its length stated (X.690 §8.1.3.5). */
export const der: Wrap = (tag, ...parts) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
};

/** An element whose end is marked instead (X.690 §8.1.3.6). */
const ber: Wrap = (tag, ...parts) => Buffer.concat([Buffer.from([tag, 0x80]), ...parts, Buffer.alloc(2)]);

const types = { data: 1, signed: 2, enveloped: 3, digested: 5 } as const;

function contentType(type: keyof typeof types): Buffer {
  return Buffer.from([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, types[type]]);
}

type Options = {
  type?: keyof typeof types;
  /** Lengths left open, and the content in pieces of so many bytes, as it comes out of a stream; the first in pieces again. */
  pieces?: number;
};

/** A signed file without signers: what surrounds the content is as in any other. `null` is a detached signature. */
export function signedFile(content: string | Uint8Array | null, { type = 'signed', pieces }: Options = {}): Buffer {
  const wrap = pieces === undefined ? der : ber;
  const bytes = content === null ? null : Buffer.from(content);
  const inside =
    bytes &&
    wrap(
      0xa0,
      pieces === undefined
        ? der(0x04, bytes)
        : ber(0x24, der(0x24, ...cut(bytes.subarray(0, pieces), 7)), ...cut(bytes.subarray(pieces), pieces)),
    );
  const encapsulated = wrap(0x30, contentType('data'), ...(inside ? [inside] : []));
  const version = der(0x02, Buffer.from([1]));
  return wrap(0x30, contentType(type), wrap(0xa0, wrap(0x30, version, der(0x31), encapsulated, der(0x31))));
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    der(0x04, bytes.subarray(i * size, (i + 1) * size)),
  );
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return [0x80 | bytes.length, ...bytes];
}
