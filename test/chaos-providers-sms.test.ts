import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange, SmsFault } from '../chaos/providers/ledger.ts';
import { delivery, endAll, ended, number, received, sms, world } from './support/outside.ts';

afterEach(endAll);

describe('sms', () => {
  const accepted = { count: 1, list: [{ number: number.slice(1), status: 'QUEUE', idx: `${delivery}-0` }] };
  const cases: [SmsFault | 'ordinary', wire: unknown, Partial<Exchange>][] = [
    ['ordinary', { status: 200, body: accepted }, { end: 'answered', answer: 200, taken: true }],
    ['http-429', { status: 429, retryAfter: '1' }, { end: 'answered', answer: 429, taken: false }],
    ['http-500', { status: 500 }, { end: 'answered', answer: 500, taken: false }],
    ['http-500-taken', { status: 500 }, { end: 'answered', answer: 500, taken: true }],
    ['error-201', { status: 200, body: { error: 201 } }, { end: 'answered', answer: 200, taken: false }],
    ['error-13', { status: 200, body: { error: 13 } }, { end: 'answered', answer: 200, taken: false }],
    ['drop-before', 'none', { end: 'dropped', answer: null, taken: false }],
    ['drop-after', 'none', { end: 'dropped', answer: null, taken: true }],
    ['silence-taken', 'none', { end: 'left', answer: null, taken: true }],
    ['late', { status: 200, body: accepted }, { end: 'answered', answer: 200, taken: true }],
  ];
  test.each(cases)('%s does what it says', async (fault, wire, exchange) => {
    const { providers, smsapiPort } = await world({ sms: [[fault, 1]] });
    const got = await sms(smsapiPort, { leave: fault === 'silence-taken' ? received(providers) : undefined });
    if (wire === 'none') expect(got).toBe('none');
    else expect(got).toMatchObject(wire as object);
    expect(await ended(providers)).toEqual({ ...exchange, reached: 'received', fault });
    expect(providers.book.taken).toHaveLength(exchange.taken === true ? 1 : 0);
  });

  test('names the delivery, the number and the generation by its idx', async () => {
    const { providers, smsapiPort } = await world({});
    await sms(smsapiPort, { idx: `${delivery}-3` });
    expect(providers.book.taken).toMatchObject([
      { channel: 'sms', reminder: null, delivery, recipient: number, generation: 3, idx: `${delivery}-3` },
    ]);
  });

  test('an idx that was taken, with an answer or without, is not taken again', async () => {
    const { providers, smsapiPort } = await world({ sms: [['http-500-taken', 1]] });
    await sms(smsapiPort);
    await sms(smsapiPort);
    await providers.calm();
    expect(await sms(smsapiPort)).toMatchObject({ status: 200, body: { error: 53 } });
    expect(await sms(smsapiPort, { idx: `${delivery}-1` })).toMatchObject({ status: 200, body: { count: 1 } });
    expect(providers.book.taken.map(({ idx }) => idx)).toEqual([`${delivery}-0`, `${delivery}-1`]);
    expect(providers.book.exchanges.map(({ taken, repeated, error }) => [taken, repeated, error])).toEqual([
      [true, false, null],
      [false, true, null],
      [false, true, 53],
      [true, false, null],
    ]);
  });

  test('no number, no text and too long a body are refused and not taken', async () => {
    const { providers, smsapiPort } = await world({});
    expect(await sms(smsapiPort, { to: 'twelve' })).toMatchObject({ status: 200, body: { error: 13 } });
    expect(await sms(smsapiPort, { text: '' })).toMatchObject({ status: 200, body: { error: 11 } });
    expect(await sms(smsapiPort, { text: 'x'.repeat(2_000_000) })).toMatchObject({ status: 413 });
    expect(await sms(smsapiPort, { to: `${number},${number}` })).toMatchObject({ status: 400 });
    expect(providers.book.taken).toEqual([]);
  });
});
