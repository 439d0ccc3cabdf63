import { createHash, type KeyObject, verify } from 'node:crypto';

type Verdict = 'pass' | 'no signature' | 'body' | 'signature';

/**
 * Verifies the topmost DKIM-Signature as a receiver does, by RFC 6376 §6.1.3 and RFC 8463 §3, with nothing of the
 * service's own code.
 */
export function dkimVerdict(signed: string, key: KeyObject): Verdict {
  const split = signed.indexOf('\r\n\r\n');
  const fields = signed.slice(0, split).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field));
  if (signature === undefined) return 'no signature';
  const tags = new Map(
    signature
      .slice(signature.indexOf(':') + 1)
      .split(';')
      .map((tag): [string, string] => [
        (tag.split('=')[0] ?? '').trim(),
        tag.slice(tag.indexOf('=') + 1).replaceAll(/\s/g, ''),
      ]),
  );
  const body = signed
    .slice(split + 4)
    .split('\r\n')
    .map((line) => line.replace(/[ \t]+$/, '').replace(/[ \t]+/g, ' '))
    .join('\r\n')
    .replace(/(\r\n)*$/, '\r\n');
  const bodyHash = createHash('sha256')
    .update(body === '\r\n' ? '' : body, 'latin1')
    .digest('base64');
  if (bodyHash !== tags.get('bh')) return 'body';
  const left = fields.filter((field) => field !== signature);
  const relaxed = (field: string): string =>
    `${field.slice(0, field.indexOf(':')).trim().toLowerCase()}:${field
      .slice(field.indexOf(':') + 1)
      .replaceAll('\r\n', '')
      .replaceAll(/[ \t]+/g, ' ')
      .trim()}`;
  const hashed = (tags.get('h') ?? '').split(':').map((name) => {
    const found = left.findLastIndex(
      (field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === name.toLowerCase(),
    );
    return found < 0 ? '' : `${left.splice(found, 1).map(relaxed)[0] ?? ''}\r\n`;
  });
  const withoutValue = relaxed(signature.replace(/(;\s*b=)[^;]*/, '$1'));
  const data = Buffer.from(hashed.join('') + withoutValue, 'latin1');
  const value = Buffer.from(tags.get('b') ?? '', 'base64');
  const holds =
    tags.get('a') === 'ed25519-sha256'
      ? verify(null, createHash('sha256').update(data).digest(), key, value)
      : verify('sha256', data, key, value);
  return holds ? 'pass' : 'signature';
}
