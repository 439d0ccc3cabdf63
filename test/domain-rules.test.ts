import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distinctNames } from '../src/domain/due-date-document.ts';
import { documentTokenLength, type Linkable, opensDocument, signDocumentLink } from '../src/domain/document-link.ts';
import { asId, formatId, type IdKind, idPrefixes, newId, parseId } from '../src/domain/ids.ts';
import { maxAttempts, retryDelay, settlementOf, unavailableDelay } from '../src/domain/retry.ts';
import type { SendOutcome } from '../src/domain/send-outcome.ts';
import { timings } from '../src/timings.ts';

const inEarnest = timings();
const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('the wait before another try', () => {
  test('grows, stays within an hour and a fifth, and is never less than the provider’s wish', () => {
    const wish = fc.option(fc.integer({ min: 0, max: 86_400_000 }));
    const property = fc.property(fc.integer({ min: 1, max: 40 }), unit, wish, (failure, random, retryAfter) => {
      const delay = retryDelay(failure, random, inEarnest, retryAfter);
      expect(delay).toBeGreaterThanOrEqual(Math.max(4_000, retryAfter ?? 0));
      expect(delay).toBeLessThanOrEqual(Math.max(3_600_000 * 1.2, retryAfter ?? 0));
      expect(retryDelay(failure + 1, random, inEarnest, retryAfter)).toBeGreaterThanOrEqual(delay);
      expect(Number.isInteger(delay)).toBe(true);
    });
    fc.assert(property);
  });

  test('is spread, so that what failed together does not come back together', () => {
    expect([0, 0.5, 1].map((random) => retryDelay(1, random, inEarnest))).toEqual([4_000, 5_000, 6_000]);
    expect([0, 1].map((random) => unavailableDelay(random, inEarnest))).toEqual([5_000, 10_000]);
  });
});

describe('what a hand-over’s outcome makes of its delivery', () => {
  const deferred = {
    kind: 'tryAgain',
    reason: 'recipient-deferred',
    code: '451',
    response: 'no',
    retryAfterMs: 90_000,
  } as const;
  test.each<[SendOutcome, unknown]>([
    [
      { kind: 'accepted', providerMessageId: 'M1', response: 'ok' },
      { to: 'sent', providerMessageId: 'M1', repeated: false },
    ],
    [
      { kind: 'accepted', providerMessageId: null, response: '53', repeated: true },
      { to: 'sent', providerMessageId: null, repeated: true },
    ],
    [
      { kind: 'refused', reason: 'recipient-refused', code: '550', response: 'no' },
      { to: 'failed', reason: 'recipient-refused' },
    ],
    [
      { kind: 'unknown', reason: 'connection-lost', response: '' },
      { to: 'unknown', reason: 'connection-lost' },
    ],
    [deferred, { to: 'retrying', reason: 'recipient-deferred', delayMs: 90_000 }],
  ])('%o', (outcome, settlement) => {
    expect(settlementOf(outcome, 0, 0.5, inEarnest)).toEqual(settlement);
  });

  test('after the last attempt it is a dead letter', () => {
    expect(settlementOf(deferred, maxAttempts - 2, 0.5, inEarnest)).toMatchObject({ to: 'retrying' });
    expect(settlementOf(deferred, maxAttempts - 1, 0.5, inEarnest)).toEqual({ to: 'failed', reason: 'exhausted' });
  });

  test('a process that stops ends no delivery, and the next one may take it at once', () => {
    const drained = { ...deferred, reason: 'drained', retryAfterMs: null } as const;
    const again = { to: 'retrying', reason: 'drained', delayMs: 0, free: true };
    expect(settlementOf(drained, maxAttempts - 1, 0.5, inEarnest)).toEqual(again);
  });
});

describe('a link to a document', () => {
  const now = Temporal.Instant.from('2026-03-02T09:00:00Z');
  const keys = ['a first key for tests, of thirty-two letters', 'a second key for tests, of thirty-two letters'];
  const [first = '', second = ''] = keys;
  const document: Linkable = { id: newId('document'), linkEpoch: 0 };
  const token = signDocumentLink(document, now, keys);

  test('opens what it was made for, and has the length that a preview shows', () => {
    expect(token).toHaveLength(documentTokenLength);
    expect(token).toMatch(/^[\w-]+$/);
    expect(opensDocument(token, document, now, keys)).toBe(true);
  });

  test('is over after sixty days', () => {
    expect(opensDocument(token, document, now.add({ hours: 24 * 60 }), keys)).toBe(true);
    expect(opensDocument(token, document, now.add({ hours: 24 * 61 }), keys)).toBe(false);
  });

  test('survives a new first key, and not the removal of its own', () => {
    expect(opensDocument(token, document, now, [second, first])).toBe(true);
    expect(opensDocument(token, document, now, [second])).toBe(false);
    expect(opensDocument(signDocumentLink(document, now, [second]), document, now, keys)).toBe(true);
    expect(opensDocument(token, document, now, [])).toBe(false);
  });

  test('is worthless once revoked, and a new one opens again', () => {
    const revoked = { ...document, linkEpoch: 1 };
    expect(opensDocument(token, revoked, now, keys)).toBe(false);
    expect(opensDocument(signDocumentLink(revoked, now, keys), revoked, now, keys)).toBe(true);
    expect(opensDocument(signDocumentLink(revoked, now, keys), document, now, keys)).toBe(false);
  });

  test('opens no other document', () => {
    expect(opensDocument(token, { ...document, id: newId('document') }, now, keys)).toBe(false);
  });

  test('opens nothing when a single letter of it is another, is missing or too much', () => {
    const change = fc.tuple(
      fc.integer({ min: 0, max: token.length - 1 }),
      fc.base64String({ minLength: 4, maxLength: 4 }),
    );
    const property = fc.property(change, ([at, letters]) => {
      const letter = letters.replaceAll('+', '-').replaceAll('/', '_').charAt(0);
      const forged = token.slice(0, at) + letter + token.slice(at + 1);
      const opened = opensDocument(forged, document, now, keys);
      // The last letter's spare bits carry nothing: several letters spell the same bytes.
      if (Buffer.from(forged, 'base64url').equals(Buffer.from(token, 'base64url'))) expect(opened).toBe(true);
      else expect(opened).toBe(false);
    });
    fc.assert(property, { numRuns: 2_000 });
    for (const forged of ['', token.slice(1), `${token}A`, ` ${token.slice(1)}`, `${token.slice(0, -1)}=`]) {
      expect(opensDocument(forged, document, now, keys)).toBe(false);
    }
  });

  test('whatever is sent instead opens nothing and breaks nothing', () => {
    const property = fc.property(fc.string(), (text) => {
      expect(opensDocument(text, document, now, keys)).toBe(false);
    });
    fc.assert(property);
  });
});

describe('an id', () => {
  const kinds = Object.keys(idPrefixes) as IdKind[];
  test('comes back from its shown form, and from no other kind’s', () => {
    const property = fc.property(
      fc.uuid(),
      fc.constantFrom(...kinds),
      fc.constantFrom(...kinds),
      (uuid, kind, other) => {
        const id = asId(kind, uuid);
        const shown = formatId(kind, id);
        expect(shown).toMatch(/^[a-z]{3}_[0-9a-z]{26}$/);
        expect(parseId(kind, shown)).toBe(uuid);
        if (other !== kind) expect(parseId(other, shown)).toBeUndefined();
      },
    );
    fc.assert(property);
  });

  test('sorts in its shown form as PostgreSQL sorts it', () => {
    const property = fc.property(fc.uuid(), fc.uuid(), (a, b) => {
      const [shownA, shownB] = [formatId('reminder', asId('reminder', a)), formatId('reminder', asId('reminder', b))];
      expect(shownA < shownB).toBe(a < b);
    });
    fc.assert(property);
  });

  test('any other text is none', () => {
    const property = fc.property(fc.string(), (text) => {
      expect(parseId('reminder', text)).toBeUndefined();
    });
    fc.assert(property);
    const shown = formatId('reminder', newId('reminder'));
    for (const text of [
      shown.toUpperCase(),
      `${shown}0`,
      shown.slice(0, -1),
      `rem_${'z'.repeat(26)}`,
      `rem_${'u'.repeat(26)}`,
    ]) {
      expect(parseId('reminder', text)).toBeUndefined();
    }
    expect(() => asId('reminder', "' OR true --")).toThrow('UUID');
  });
});

test('documents of one name are told apart', () => {
  expect(distinctNames(['12.pdf', '12.pdf', 'x', '12.pdf', 'x'])).toEqual([
    '12.pdf',
    '12-2.pdf',
    'x',
    '12-3.pdf',
    'x-2',
  ]);
});
