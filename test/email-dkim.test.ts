import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signDkim } from '../src/channels/email/dkim.ts';
import { dkimVerdict } from './support/dkim-verdict.ts';

const at = Temporal.Instant.from('2026-04-14T08:00:00Z');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed25519 = generateKeyPairSync('ed25519');
const message = Buffer.from(
  [
    'From: "Officine Rossi" <conti@rossi.example>',
    'To: bianchi@example.com',
    'Subject: Pagamento non ancora pervenuto:',
    ' fattura n. 2026/12',
    'Message-ID: <rem_1.0.0@example.com>',
    'Date: Tue, 14 Apr 2026 08:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Gentile  cliente,\t ',
    '',
    'saluti',
    '',
    '',
    '',
  ].join('\r\n'),
);

describe('the verification of these tests', () => {
  // RFC 8463 appendix A: the message, its two signatures and the keys, as published there.
  const published = [
    'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
    ' subject : date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
    ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
    ' d=football.example.com; i=@football.example.com;',
    ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
    ' date : message-id : from : subject : date;',
    ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
    ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
    ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
    ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
    '',
    'Hi.',
    '',
    'We lost the game.  Are you hungry yet?',
    '',
    'Joe.',
    '',
  ].join('\r\n');
  const publishedKey = createPublicKey({
    key: Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', 'base64'),
    ]),
    format: 'der',
    type: 'spki',
  });

  test('passes the example of RFC 8463, and no other text', () => {
    expect(dkimVerdict(published, publishedKey)).toBe('pass');
    expect(dkimVerdict(published.replace('hungry', 'angry'), publishedKey)).toBe('body');
    expect(dkimVerdict(published.replace('dinner', 'lunch'), publishedKey)).toBe('signature');
  });
});

describe.each([
  ['RSA', rsa],
  ['Ed25519', ed25519],
] as const)('a signature with %s', (_name, pair) => {
  const sign = async (of: Buffer = message) =>
    signDkim(of, { domain: 'rossi.example', selector: 's1', privateKey: pair.privateKey }, at);

  test('is verified, and breaks with any change of what it covers', async () => {
    const signed = `${await sign()}${message.toString('latin1')}`;
    expect(dkimVerdict(signed, pair.publicKey)).toBe('pass');
    expect(dkimVerdict(signed.replace('saluti', 'Saluti'), pair.publicKey)).toBe('body');
    for (const [from, to] of [
      ['fattura n. 2026/12', 'fattura n. 2026/13'],
      ['Officine Rossi', 'Officine Verdi'],
      ['08:00:00', '09:00:00'],
      ['d=rossi.example', 'd=verdi.example'],
    ] as const) {
      expect(dkimVerdict(signed.replace(from, to), pair.publicKey)).toBe('signature');
    }
  });

  test('allows what relays do to blanks, and no further field', async () => {
    const signed = `${await sign()}${message.toString('latin1')}`;
    expect(dkimVerdict(signed.replace('pervenuto:\r\n fattura', 'pervenuto: \r\n\tfattura'), pair.publicKey)).toBe(
      'pass',
    );
    expect(dkimVerdict(`${signed}\r\n\r\n`, pair.publicKey)).toBe('pass');
    expect(dkimVerdict(`Received: from a by b\r\n${signed}`, pair.publicKey)).toBe('pass');
    for (const added of ['From: x@evil.example', 'Subject: other', 'Reply-To: x@evil.example', 'References: <x@y>']) {
      expect(dkimVerdict(`${added}\r\n${signed}`, pair.publicKey)).toBe('signature');
    }
  });

  test('says whose it is and when, in lines that mail programs take', async () => {
    const header = await sign();
    const unfolded = header.replaceAll('\r\n ', ' ');
    for (const tag of ['v=1', 'c=relaxed/relaxed', 'd=rossi.example', 's=s1', 't=1776153600']) {
      expect(unfolded).toContain(`${tag};`);
    }
    expect(header.endsWith('\r\n')).toBe(true);
    expect(Math.max(...header.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  test('is the same for the same message, from a key or its PEM', async () => {
    const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const again = await signDkim(message, { domain: 'rossi.example', selector: 's1', privateKey }, at);
    expect(again).toBe(await sign());
  });

  test.each(['', '\r\n\r\n', 'one line without an end', 'a \t b\r\n   \r\n\r\n', '\r\n\r\nlate start\r\n'])(
    'covers the body %j',
    async (body) => {
      const [head = ''] = message.toString('latin1').split('\r\n\r\n');
      const of = `${head}\r\n\r\n${body}`;
      expect(dkimVerdict(`${await sign(Buffer.from(of, 'latin1'))}${of}`, pair.publicKey)).toBe('pass');
    },
  );
});
