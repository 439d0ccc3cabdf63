import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInvoices } from '../src/invoices/read-invoices.ts';
import { fatturaPa } from './support/fatturapa.ts';
import { der, signedFile } from './support/p7m.ts';
import { ubl } from './support/ubl.ts';

const xml = fatturaPa();
// Where it is installed.
const program = 'openssl';
const lines = (text: string): string => text.replaceAll(/(.{64})/g, '$1\n');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('a signed invoice is read, and the signature is said not to be judged', () => {
  test.each([
    ['in DER', signedFile(xml)],
    ['in BER with open lengths, the content in pieces', signedFile(xml, { pieces: 100 })],
    ['in pieces of one byte', signedFile(xml, { pieces: 1 })],
    ['signed twice', signedFile(signedFile(xml))],
    ['signed twice, the inner one in pieces', signedFile(signedFile(xml, { pieces: 1000 }))],
    ['in base64 on one line', Buffer.from(base64(signedFile(xml)))],
    ['in base64 with line breaks', Buffer.from(lines(base64(signedFile(xml))))],
    ['in base64 after white space', Buffer.from(`\r\n ${base64(signedFile(xml, { pieces: 100 }))}`)],
    ['in PEM', Buffer.from(`-----BEGIN PKCS7-----\n${lines(base64(signedFile(xml)))}\n-----END PKCS7-----\n`)],
    ['in PEM for CMS', Buffer.from(`-----BEGIN CMS-----\r\n${base64(signedFile(xml))}\r\n-----END CMS-----`)],
    ['base64 inside DER', signedFile(base64(signedFile(xml)))],
    ['followed by line breaks', Buffer.concat([signedFile(xml), Buffer.from('\r\n\r\n')])],
    ['with content in UTF-16', signedFile(Buffer.from(`\ufeff${fatturaPa({ declaration: '' })}`, 'utf16le'))],
  ])('%s', (_how, bytes) => {
    const read = readInvoices(bytes);
    expect(read).toMatchObject({
      format: 'fatturapa',
      invoices: [{ buyer: { name: 'Anna Però' } }],
      warnings: [{ code: 'signature-not-verified' }],
      pdf: null,
    });
  });

  test.skipIf(!hasOpenssl())('as openssl signs, with a certificate, at once and in a stream, once and twice', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sollecito-p7m-'));
    const openssl = (...args: string[]): void =>
      void execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
    try {
      writeFileSync(path.join(folder, 'invoice.xml'), xml);
      openssl(
        ...'req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=example.com'.split(' '),
      );
      const sign = 'cms -sign -binary -nodetach -signer cert.pem -inkey key.pem -outform'.split(' ');
      openssl(...sign, 'DER', '-in', 'invoice.xml', '-out', 'der');
      openssl(...sign, 'DER', '-stream', '-in', 'invoice.xml', '-out', 'ber');
      openssl(...sign, 'PEM', '-in', 'invoice.xml', '-out', 'pem');
      openssl(...sign, 'DER', '-in', 'der', '-out', 'twice');
      for (const file of ['der', 'ber', 'pem', 'twice']) {
        const read = readInvoices(readFileSync(path.join(folder, file)));
        expect(read).toMatchObject({ invoices: [{ number: '12' }], warnings: [{ code: 'signature-not-verified' }] });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a signed file that gives nothing is refused by name', () => {
  const deep = (tag: number, levels: number): Buffer => {
    let inside: Buffer = Buffer.alloc(0);
    for (let level = 0; level < levels; level++) inside = der(tag, inside);
    return inside;
  };
  const signed = signedFile(xml);
  test.each([
    ['a detached signature', signedFile(null), 'signed-content-missing'],
    ['a detached signature in BER', signedFile(null, { pieces: 10 }), 'signed-content-missing'],
    ['nothing that was signed', signedFile(''), 'signed-content-missing'],
    ['encrypted for its receiver', signedFile(xml, { type: 'enveloped' }), 'content-encrypted'],
    ['another kind of CMS', signedFile(xml, { type: 'digested' }), 'signature-broken'],
    ['a sequence that is no CMS', der(0x30, Buffer.alloc(300, 5)), 'signature-broken'],
    ['cut in the content', signed.subarray(0, 300), 'signature-broken'],
    ['cut at the end', signed.subarray(0, -1), 'signature-broken'],
    ['a length of four gigabytes', Buffer.from('3084ffffffff06092a864886f70d010702', 'hex'), 'signature-broken'],
    ['a length past the end inside', Buffer.from('30820010a0841fffffff0000000000000000', 'hex'), 'signature-broken'],
    ['an open length without an end', Buffer.from('308006092a864886f70d010702a0803080', 'hex'), 'signature-broken'],
    ['two thousand sequences in each other', deep(0x30, 2_000), 'signature-broken'],
    ['a million open sequences', Buffer.alloc(2_000_000, Buffer.from([0x30, 0x80])), 'signature-broken'],
    ['a million open strings', openStrings(1_000_000), 'signature-broken'],
    ['a million elements', der(0x30, Buffer.alloc(2_000_000, Buffer.from([0x05, 0x00]))), 'signature-broken'],
    ['signed ten times', signedTimes(10), 'signature-broken'],
    ['a signed ZIP archive', signedFile('PK\u0003\u0004rest'), 'not-xml'],
    ['signed words', signedFile('Egregio cliente'), 'not-xml'],
    ['base64 of something else', Buffer.from(base64(der(0x30, Buffer.alloc(300, 5)))), 'signature-broken'],
    ['PEM without anything', Buffer.from('-----BEGIN PKCS7-----\n-----END PKCS7-----'), 'signature-broken'],
  ])('%s', (_what, bytes, code) => {
    expect(errorOf(bytes).code).toBe(code);
  });

  function openStrings(count: number): Buffer {
    const head = Buffer.from('308006092a864886f70d010702a080308002010131003080', 'hex');
    const content = Buffer.from('06092a864886f70d010701a080', 'hex');
    return Buffer.concat([head, content, Buffer.alloc(2 * count, Buffer.from([0x24, 0x80]))]);
  }

  function signedTimes(times: number): Buffer {
    let bytes: Buffer = Buffer.from(xml);
    for (let n = 0; n < times; n++) bytes = signedFile(bytes);
    return bytes;
  }
});

function errorOf(bytes: Uint8Array): { code: string } {
  const read = readInvoices(bytes);
  return 'error' in read ? read.error : { code: 'none' };
}

function hasOpenssl(): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('an invoice as a network carries it', () => {
  const carried = (inside: string) =>
    readInvoices(
      Buffer.from(
        `<sbd:StandardBusinessDocument xmlns:sbd="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"><sbd:StandardBusinessDocumentHeader/>${inside}</sbd:StandardBusinessDocument>`,
      ),
    );

  test('is read out of its envelope, and its faults are named from its own root', () => {
    const invoice = ubl().replace(/<\?xml.*?\?>/, '');
    expect(carried(invoice)).toMatchObject({ format: 'ubl', invoices: [{ number: '2026/12' }] });
    const dateless = carried(invoice.replace('2026-01-15', '2026-02-30'));
    expect(dateless).toMatchObject({ error: { code: 'date-invalid', path: 'Invoice/IssueDate' } });
  });

  test('is refused where it is not alone: none may be dropped', () => {
    const invoice = ubl().replace(/<\?xml.*?\?>/, '');
    const creditNote = ubl({ root: 'CreditNote' }).replace(/<\?xml.*?\?>/, '');
    for (const both of [invoice + invoice, invoice + creditNote]) {
      expect(carried(both)).toMatchObject({ error: { code: 'format-not-supported', path: 'Invoice' } });
    }
  });

  test('is none where the envelope holds something else', () => {
    expect(carried('<Order/>')).toMatchObject({ error: { code: 'format-unknown' } });
  });
});
