import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gapEnds, judge, quietUntil, type Verdict } from '../src/domain/claim-verdict.ts';
import type { DeliveryFacts, DueDateFacts, Origin } from '../src/domain/delivery-facts.ts';
import { newId } from '../src/domain/ids.ts';
import { euro } from './support/message-facts.ts';

const now = Temporal.Instant.from('2026-03-02T09:00:00Z');
const customerId = newId('customer');

function due(over: Partial<DueDateFacts> = {}): DueDateFacts {
  return {
    id: newId('dueDate'),
    ref: 'd1',
    customerId,
    direction: 'receivable',
    state: 'open',
    documentNumber: null,
    documentDate: null,
    documentType: 'invoice',
    dueOn: '2026-02-20',
    amount: euro('100.00'),
    outstanding: euro('100.00'),
    paid: euro('0.00'),
    credited: euro('0.00'),
    instalment: null,
    paymentUrl: null,
    holdReason: null,
    holdUntil: null,
    ownDocumentId: null,
    hasInvoice: false,
    version: 1,
    documentEdition: '1',
    bankAccountChosen: false,
    bankAccount: null,
    ...over,
  };
}

type Over = { [K in keyof DeliveryFacts]?: Partial<DeliveryFacts[K]> };

function facts(over: Over = {}, origin: Origin = 'api'): DeliveryFacts {
  const recipient = 'a@bianchi.example';
  return {
    delivery: {
      id: newId('delivery'),
      status: 'queued',
      recipient,
      position: 0,
      dispatchNo: 1,
      generation: 0,
      attempts: 0,
      prepareFailures: 0,
      resends: 0,
      ...over.delivery,
    },
    reminder: {
      id: newId('reminder'),
      channel: 'email',
      origin,
      recipients: 'customer',
      cc: [],
      replyTo: null,
      subject: null,
      message: null,
      template: null,
      locale: null,
      bankAccountId: null,
      attachDocument: false,
      override: [],
      createdAt: now,
      addressed: [recipient],
      ...over.reminder,
    },
    tenant: {
      id: newId('tenant'),
      name: 'Officine Rossi',
      senderEmail: null,
      senderName: null,
      replyTo: null,
      smsSender: null,
      smsMaxSegments: 6,
      logo: null,
      logoImage: null,
      colour: null,
      timeZone: 'Europe/Rome',
      country: 'IT',
      locale: 'it',
      contactGapDays: 0,
      quietHours: null,
      bindsCallers: true,
      templates: {},
      dkim: null,
      version: 1,
      ...over.tenant,
    },
    customer: {
      id: customerId,
      name: 'Bianchi',
      email: [recipient],
      phone: ['+393331234567', '+390612345678'],
      locale: null,
      timeZone: null,
      doNotRemind: false,
      pausedUntil: null,
      version: 1,
      ...over.customer,
    },
    dueDates: (over.dueDates as DueDateFacts[] | undefined) ?? [due()],
    thread: null,
    pauses: (over.pauses as DeliveryFacts['pauses'] | undefined) ?? [],
    breaker: null,
    suppressed: null,
    limited: false,
    lastContactAt: (over.lastContactAt as Temporal.Instant | undefined) ?? null,
  };
}

/** `go 1`, `skip paid`, `defer quiet-hours 2026-03-02T12:00:00Z`. */
function said(verdict: Verdict): string {
  if (verdict.kind === 'go') return `go ${verdict.dueDates.length}`;
  return verdict.kind === 'skip' ? `skip ${verdict.reason}` : `defer ${verdict.reason} ${verdict.until.toString()}`;
}

const verdict = (over: Over, origin?: Origin, at = now): string => said(judge(facts(over, origin), at));

describe('the last look at a due date', () => {
  test.each<[string, Partial<DueDateFacts>[], string]>([
    ['open and partly paid ones go', [{}, { state: 'partlyPaid' }], 'go 2'],
    ['a paid one is skipped', [{ state: 'paid' }], 'skip paid'],
    ['a void one is skipped', [{ state: 'void' }], 'skip void'],
    ['a payable one is skipped', [{ direction: 'payable' }], 'skip not-receivable'],
    ['the paid one of two is left out', [{ state: 'paid' }, {}], 'go 1'],
    ['one that another customer owes now is skipped', [{ customerId: newId('customer') }], 'skip customer-changed'],
    ['all settled: the first says why', [{ state: 'void' }, { state: 'paid' }], 'skip void'],
    ['the held one of two is left out', [{ holdReason: 'disputed' }, {}], 'go 1'],
    ['held where the other is paid', [{ holdReason: 'promised' }, { state: 'paid' }], 'skip hold-promised'],
  ])('%s', (_, dueDates, expected) => {
    expect(verdict({ dueDates: dueDates.map(due) })).toBe(expected);
  });

  test.each(['disputed', 'promised', 'paused'] as const)('a hold “%s”', (holdReason) => {
    const held = (holdUntil: string | null): Over => ({ dueDates: [due({ holdReason, holdUntil })] });
    for (const origin of ['api', 'operator'] as const) {
      expect(verdict(held(null), origin)).toBe(`skip hold-${holdReason}`);
      expect(verdict(held('2026-03-02'), origin)).toBe(`skip hold-${holdReason}`);
      expect(verdict(held('2026-03-01'), origin)).toBe('go 1');
    }
    // Without an end there is nothing that a sequence could wait for.
    expect(verdict(held(null), 'sequence')).toBe(`skip hold-${holdReason}`);
    // The day after, as it begins in Rome.
    expect(verdict(held('2026-03-04'), 'sequence')).toBe(`defer hold-${holdReason} 2026-03-04T23:00:00Z`);
    expect(verdict(held('2026-03-01'), 'sequence')).toBe('go 1');
  });

  test('of several holds a sequence waits for the first that ends', () => {
    const dueDates = [
      due({ holdReason: 'disputed' }),
      due({ holdReason: 'promised', holdUntil: '2026-03-09' }),
      due({ holdReason: 'paused', holdUntil: '2026-03-04' }),
    ];
    expect(verdict({ dueDates }, 'sequence')).toBe('defer hold-paused 2026-03-04T23:00:00Z');
  });
});

describe('the last look at a customer', () => {
  test('one who is not to be reminded never is, given addresses included', () => {
    expect(verdict({ customer: { doNotRemind: true }, reminder: { recipients: 'given' } })).toBe(
      'skip customer-excluded',
    );
  });

  test('an address that is the customer’s no more gets nothing, unless it was given', () => {
    expect(verdict({ customer: { email: ['b@bianchi.example'] } })).toBe('skip recipient-removed');
    expect(verdict({ customer: { email: ['b@bianchi.example'] }, reminder: { recipients: 'given' } })).toBe('go 1');
  });

  test('a number that can take no SMS counts as none', () => {
    const sms = (recipient: string): Over => ({ delivery: { recipient }, reminder: { channel: 'sms' } });
    expect(verdict(sms('+393331234567'))).toBe('go 1');
    expect(verdict(sms('+390612345678'))).toBe('skip recipient-removed');
  });

  test('a paused one: callers are told, sequences wait', () => {
    const paused = { customer: { pausedUntil: '2026-03-02' } };
    expect(verdict(paused)).toBe('skip customer-paused');
    expect(verdict(paused, 'operator')).toBe('skip customer-paused');
    expect(verdict(paused, 'sequence')).toBe('defer customer-paused 2026-03-02T23:00:00Z');
    expect(verdict({ customer: { pausedUntil: '2026-03-01' } })).toBe('go 1');
  });
});

describe('pauses, quiet hours and the contact gap', () => {
  test('the latest end of the pauses that hold counts', () => {
    const at = (text: string) => ({ id: 'p', until: Temporal.Instant.from(text) });
    const pauses = [at('2026-03-02T10:00:00Z'), at('2026-03-02T12:00:00Z'), at('2026-03-01T12:00:00Z')];
    expect(verdict({ pauses })).toBe('defer paused 2026-03-02T12:00:00Z');
    expect(verdict({ pauses: [at('2026-03-02T09:00:00Z')] })).toBe('go 1');
    expect(verdict({ pauses: [{ id: 'p', until: null }] })).toBe('defer paused 2026-03-02T09:01:00Z');
  });

  test('bind sequences always, callers when the tenant says so, and an override lifts them', () => {
    const tenant = { contactGapDays: 3, quietHours: { from: '09:00', to: '12:00' } };
    const lastContactAt = Temporal.Instant.from('2026-02-28T20:00:00Z') as Over['lastContactAt'] & object;
    const both = (over: Over = {}): Over => ({ tenant, lastContactAt, ...over });
    expect(verdict(both())).toBe('defer quiet-hours 2026-03-02T11:00:00Z');
    expect(verdict(both({ tenant: { ...tenant, bindsCallers: false } }))).toBe('go 1');
    expect(verdict(both({ tenant: { ...tenant, bindsCallers: false } }), 'sequence')).toMatch(/^defer quiet-hours/);
    expect(verdict(both({ reminder: { override: ['quietHours'] } }))).toBe('defer contact-gap 2026-03-02T23:00:00Z');
    expect(verdict(both({ reminder: { override: ['gap'] } }))).toMatch(/^defer quiet-hours/);
    expect(verdict(both({ reminder: { override: ['gap', 'quietHours'] } }))).toBe('go 1');
  });

  test('quiet hours are the customer’s own where its zone is known', () => {
    const tenant = { quietHours: { from: '20:00', to: '08:00' } };
    expect(verdict({ tenant })).toBe('go 1');
    expect(verdict({ tenant, customer: { timeZone: 'America/New_York' } })).toBe(
      'defer quiet-hours 2026-03-02T13:00:00Z',
    );
  });

  test('the gap counts whole days of the tenant', () => {
    const last = Temporal.Instant.from('2026-03-01T22:59:00Z');
    expect(gapEnds(last, 1, 'Europe/Rome').toString()).toBe('2026-03-01T23:00:00Z');
    expect(gapEnds(last, 0, 'Europe/Rome').toString()).toBe('2026-02-28T23:00:00Z');
    // The night in which the clocks go forward.
    expect(gapEnds(Temporal.Instant.from('2026-03-28T12:00:00Z'), 2, 'Europe/Rome').toString()).toBe(
      '2026-03-29T22:00:00Z',
    );
  });
});

describe('quiet hours', () => {
  const rome = 'Europe/Rome';
  const until = (from: string, to: string, at: string) =>
    quietUntil({ from, to }, Temporal.Instant.from(at), rome)?.toString();

  test('over midnight end the next morning, before midnight and after it', () => {
    expect(until('20:00', '08:00', '2026-03-02T18:59:00Z')).toBeUndefined();
    expect(until('20:00', '08:00', '2026-03-02T19:00:00Z')).toBe('2026-03-03T07:00:00Z');
    expect(until('20:00', '08:00', '2026-03-02T23:30:00Z')).toBe('2026-03-03T07:00:00Z');
    expect(until('20:00', '08:00', '2026-03-03T07:00:00Z')).toBeUndefined();
    expect(until('08:00', '08:00', '2026-03-03T07:00:00Z')).toBeUndefined();
  });

  test('the nights in which the clocks change are an hour shorter and longer', () => {
    expect(until('20:00', '08:00', '2026-03-28T20:00:00Z')).toBe('2026-03-29T06:00:00Z');
    expect(until('20:00', '08:00', '2026-10-24T20:00:00Z')).toBe('2026-10-25T07:00:00Z');
  });

  test('an end that comes twice in a night is the one still ahead', () => {
    expect(until('22:00', '02:30', '2026-10-25T00:10:00Z')).toBe('2026-10-25T00:30:00Z');
    expect(until('22:00', '02:30', '2026-10-25T01:10:00Z')).toBe('2026-10-25T01:30:00Z');
  });

  test('always end later than now, and then they are over', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const text = ([hour, minute]: [number, number]) =>
      `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
    const nights = ['2026-03-29T00:00Z', '2026-10-25T00:00Z', '2026-07-01T00:00Z'].map(
      (start) => Temporal.Instant.from(start).epochMilliseconds,
    );
    const minutes = fc.integer({ min: -1440, max: 1440 });
    const property = fc.property(time, time, fc.constantFrom(...nights), minutes, (from, to, night, minute) => {
      const hours = { from: text(from), to: text(to) };
      const at = Temporal.Instant.fromEpochMilliseconds(night + minute * 60_000);
      const end = quietUntil(hours, at, rome);
      if (!end) return;
      expect(Temporal.Instant.compare(end, at)).toBe(1);
      expect(end.since(at).total('hours')).toBeLessThanOrEqual(25);
      // An end that the clocks skip may fall into the next quiet hours: then they are waited for in turn.
      const reached = end.toZonedDateTimeISO(rome).toPlainTime().toString({ smallestUnit: 'minute' });
      if (reached === hours.to) expect(quietUntil(hours, end, rome)).toBeUndefined();
    });
    fc.assert(property, { numRuns: 5_000 });
  });
});
