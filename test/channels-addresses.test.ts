import { describe, expect, test } from 'vitest';
import { distinctMailboxes, parseEmailAddress } from '../src/domain/email-address.ts';
import { formatIban, parseBic, parseIban } from '../src/domain/iban.ts';
import { parseMobile, parsePhone } from '../src/domain/phone.ts';

describe('an email address', () => {
  test.each([
    ['a@example.it', 'a@example.it'],
    [' name.surname+tag@Example.IT ', 'name.surname+tag@example.it'],
    ['o’', undefined],
    ["o'neil@example.it", "o'neil@example.it"],
    ['info@bücher.example', 'info@xn--bcher-kva.example'],
    ['a@b', undefined],
    ['a@@example.it', undefined],
    ['a..b@example.it', undefined],
    ['a@example.it\r\nBcc: b@example.it', undefined],
    ['a@example.it\u0000', undefined],
    ['a@example.it,b@example.it', undefined],
    ['Name <a@example.it>', undefined],
    ['<a@example.it>', undefined],
    ['a@127.0.0.1', undefined],
    ['a@0x7f.1', undefined],
    ['a@exa mple.it', undefined],
    ['a@example%2Eit', undefined],
    ['a@-example.it', undefined],
    ['è@example.it', undefined],
    [`${'a'.repeat(65)}@example.it`, undefined],
    [`a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.it`, undefined],
  ])('%j is %j', (text, address) => {
    expect(parseEmailAddress(text)).toBe(address);
  });
});

test('addresses that differ in capitals alone are one mailbox, as it was first written', () => {
  expect(distinctMailboxes(['Conti@a.example', 'conti@a.example', 'conti+x@a.example', 'CONTI@a.example'])).toEqual([
    'Conti@a.example',
    'conti+x@a.example',
  ]);
});

describe('a phone number', () => {
  test.each([
    ['347 123 4567', 'IT', '+393471234567'],
    ['0039 347 1234567', 'IT', '+393471234567'],
    ['+44 7400 123456', 'IT', '+447400123456'],
    ['+1 202 555 0123', 'IT', '+12025550123'],
    ['02 1234567', 'IT', undefined],
    ['347', 'IT', undefined],
    ['call 347 123 4567', 'IT', undefined],
    ['3471234567', 'XX', undefined],
  ])('%s in %s takes an SMS at %s', (text, country, e164) => {
    expect(parseMobile(text, country)).toBe(e164);
  });

  test('that is fixed is a phone number, but takes no SMS', () => {
    expect(parsePhone('02 1234567', 'it')).toEqual({ e164: '+39021234567', mobile: false });
  });
});

describe('an IBAN', () => {
  test('is read as people write it and shown in groups of four', () => {
    expect(parseIban('it60 x054-2811 1010 0000 0123 456')).toBe('IT60X0542811101000000123456');
    expect(formatIban('IT60X0542811101000000123456')).toBe('IT60 X054 2811 1010 0000 0123 456');
    expect(formatIban('NO9386011117947')).toBe('NO93 8601 1117 947');
  });

  test.each(['IT61X0542811101000000123456', 'IT60X054281110100000012345', 'XX60X0542811101000000123456', '', 'hello'])(
    'with a wrong check digit, length or country (%s) is none',
    (text) => {
      expect(parseIban(text)).toBeUndefined();
    },
  );

  test('goes with a BIC of 8 or 11 characters', () => {
    expect(parseBic('bpmoit22xxx')).toBe('BPMOIT22XXX');
    expect(parseBic('BPMOIT22')).toBe('BPMOIT22');
    expect(parseBic('BPMOIT2')).toBeUndefined();
  });
});
