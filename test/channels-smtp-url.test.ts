import { describe, expect, test } from 'vitest';
import { parseSmtpUrl } from '../src/channels/email/smtp-server.ts';

describe('an SMTP URL', () => {
  test('gives host, port, TLS and credentials', () => {
    expect(parseSmtpUrl('smtps://us%40er:p%3Aw@mail.example.it')).toMatchObject({
      host: 'mail.example.it',
      port: 465,
      secure: true,
      verifyCertificate: true,
      auth: { user: 'us@er', pass: 'p:w' },
      name: 'smtps://mail.example.it:465',
    });
    expect(parseSmtpUrl('smtp://localhost:1025')).toMatchObject({ port: 1025, auth: null, requireTls: false });
  });

  test('never lets a password cross a network in the clear unless told so', () => {
    expect(parseSmtpUrl('smtp://u:p@mail.example.it')).toMatchObject({ requireTls: true });
    expect(parseSmtpUrl('smtp://u:p@mail.example.it?requireTLS=false')).toMatchObject({ requireTls: false });
    expect(parseSmtpUrl('smtp://u:p@127.0.0.1:25')).toMatchObject({ requireTls: false });
  });

  test.each(['http://x', 'smtp://', 'mail.example.it', 'smtp://u:%zz@h', 'smtp://h/path'])('is not "%s"', (url) => {
    expect(parseSmtpUrl(url)).toBeUndefined();
  });
});
