import { describe, expect, test } from 'vitest';
import type { Wish } from '../chaos/plan.ts';
import type { Exchange, Taken } from '../chaos/providers/ledger.ts';
import type { Stopped } from '../chaos/told.ts';
import { type DeliveryRow, type Evidence, isSound, judgeRun, type Violations } from '../chaos/verdict.ts';

const wish: Wish = {
  key: 'k1',
  tenant: 'rossi',
  customer: 'c1',
  dueDates: ['d1'],
  channel: 'email',
  to: null,
  attachDocument: false,
  afterMs: null,
};

function row(change: Partial<DeliveryRow> = {}): DeliveryRow {
  return {
    delivery: 'dlv_1',
    reminder: 'rem_1',
    tenant: 'rossi',
    policy: 'hold',
    recipient: 'a@rossi.example',
    status: 'sent',
    reason: null,
    resends: 0,
    claimedAt: [1_000],
    ...change,
  };
}

function taken(change: Partial<Taken> = {}): Taken {
  return {
    kind: 'taken',
    channel: 'email',
    reminder: 'rem_1',
    delivery: 'dlv_1',
    recipient: 'a@rossi.example',
    at: 1_100,
    generation: 0,
    resend: 0,
    messageId: null,
    idx: null,
    fault: 'ordinary',
    exchange: 1,
    ...change,
  };
}

function exchange(change: Partial<Exchange> = {}): Exchange {
  return {
    kind: 'exchange',
    id: 1,
    channel: 'email',
    delivery: 'dlv_1',
    recipient: 'a@rossi.example',
    attempt: 1,
    at: 1_050,
    endedAt: 1_100,
    fault: 'ordinary',
    phase: 'up',
    reached: 'received',
    answer: 250,
    error: null,
    end: 'answered',
    taken: true,
    repeated: false,
    ...change,
  };
}

function evidence(change: Partial<Evidence> & { stopped?: Stopped[]; wish?: Partial<Wish> } = {}): Evidence {
  const { stopped = [], wish: other = {}, ...rest } = change;
  return {
    told: { accepted: [{ id: 'rem_1', wish: { ...wish, ...other }, at: 900 }], refused: new Map(), stopped },
    rows: [row()],
    taken: [taken()],
    exchanges: [exchange()],
    stops: [],
    falls: [],
    sendTimeoutMs: 3_000,
    leaseMs: 4_500,
    restored: new Set(),
    ...rest,
  };
}

const brokenIn = (given: Evidence): (keyof Violations)[] => {
  const { violations } = judgeRun(given);
  const names: (keyof Violations)[] = ['lost', 'duplicated', 'open', 'unjustified', 'sentAfterStop', 'unasked'];
  return names.filter((name) => violations[name].length > 0);
};

const pay = (change: Partial<Stopped> = {}): Stopped => ({
  kind: 'pay',
  tenant: 'rossi',
  what: 'd1',
  at: 1_000,
  inFlight: [],
  ...change,
});

describe('the verdict on a chaos run', () => {
  test('accepted, sent and taken once is sound', () => {
    const verdict = judgeRun(evidence());
    expect(isSound(verdict)).toBe(true);
    expect(verdict).toMatchObject({ reminders: 1, accepted: 1, sent: 1, takenByProviders: 1, failed: {} });
  });

  test('counts each recipient by how it ended', () => {
    const ends = ['failed', 'failed', 'skipped', 'canceled'] as const;
    const rows = ends.map((status, n) =>
      row({ delivery: `dlv_${n}`, recipient: `${n}@rossi.example`, status, reason: n === 0 ? 'exhausted' : 'no' }),
    );
    const verdict = judgeRun(evidence({ rows, taken: [] }));
    expect(isSound(verdict)).toBe(true);
    expect(verdict).toMatchObject({ accepted: 4, failed: { exhausted: 1, no: 1 }, skipped: 1, canceled: 1 });
  });

  test.each([
    ['accepted, and there is no row', { rows: [], taken: [], exchanges: [] }],
    ['sent, and nobody took it', { taken: [] }],
    ['failed, and somebody took it', { rows: [row({ status: 'failed' })] }],
    ['skipped, and somebody took it', { rows: [row({ status: 'skipped' })] }],
  ])('lost: %s', (_, given) => {
    expect(brokenIn(evidence(given))).toEqual(['lost']);
  });

  test('duplicated: taken twice for one recipient', () => {
    expect(brokenIn(evidence({ taken: [taken(), taken({ exchange: 2 })] }))).toEqual(['duplicated']);
  });

  test('duplicated: two deliveries of one reminder for one recipient', () => {
    const rows = [row(), row({ delivery: 'dlv_2' })];
    expect(brokenIn(evidence({ rows, taken: [taken(), taken({ delivery: 'dlv_2' })] }))).toEqual(['duplicated']);
  });

  test('duplicated: a provider took what PostgreSQL does not know', () => {
    expect(brokenIn(evidence({ taken: [taken(), taken({ delivery: 'dlv_9' })] }))).toEqual(['duplicated']);
  });

  test('a double that the policy `resend` has decided is counted apart; without its decision it is one too many', () => {
    const twice = [taken(), taken({ generation: 1, resend: 1 })];
    const decided = evidence({ rows: [row({ policy: 'resend', resends: 1 })], taken: twice });
    expect(judgeRun(decided)).toMatchObject({ resentTwice: 1 });
    expect(brokenIn(decided)).toEqual([]);
    expect(brokenIn(evidence({ rows: [row({ policy: 'resend' })], taken: twice }))).toEqual(['duplicated']);
  });

  test.each(['accepted', 'queued', 'sending', 'retrying'])('open: still %s at the end', (status) => {
    expect(brokenIn(evidence({ rows: [row({ status })] }))).toEqual(['open']);
  });

  test('accepted twice: a reminder that no client was told of', () => {
    const rows = [row(), row({ delivery: 'dlv_2', reminder: 'rem_2', status: 'skipped' })];
    expect(brokenIn(evidence({ rows }))).toEqual(['unasked']);
  });

  describe('unknown', () => {
    const unknown = [row({ status: 'unknown', reason: 'claim-expired' })];

    test('without a cause is a violation, whether it was taken or not', () => {
      expect(brokenIn(evidence({ rows: unknown }))).toEqual(['unjustified']);
      expect(brokenIn(evidence({ rows: unknown, taken: [], exchanges: [] }))).toEqual(['unjustified']);
    });

    test.each([
      ['the provider fell silent after the body', { end: 'left', answer: null }],
      ['the connection was lost after the body began', { end: 'dropped', answer: null, reached: 'dataBegan' }],
      ['the server failed', { channel: 'sms', answer: 500 }],
    ] as const)('is justified when %s', (_, doubt) => {
      expect(brokenIn(evidence({ rows: unknown, exchanges: [exchange(doubt)] }))).toEqual([]);
    });

    test('is justified by an answer that came as the time for it was over, not by one that came in time', () => {
      const answered = (endedAt: number): Evidence => evidence({ rows: unknown, exchanges: [exchange({ endedAt })] });
      expect(brokenIn(answered(4_019))).toEqual([]);
      expect(brokenIn(answered(3_900))).toEqual([]);
      expect(brokenIn(answered(2_900))).toEqual(['unjustified']);
    });

    test('is justified when PostgreSQL went down as the claim was committed, not long after', () => {
      expect(brokenIn(evidence({ rows: unknown, exchanges: [], taken: [], falls: [1_175] }))).toEqual([]);
      expect(brokenIn(evidence({ rows: unknown, exchanges: [], taken: [], falls: [3_500] }))).toEqual(['unjustified']);
    });

    test('is justified in what an older backup left open', () => {
      expect(brokenIn(evidence({ rows: unknown, exchanges: [], taken: [], restored: new Set(['rem_1']) }))).toEqual([]);
    });

    test('is justified when PostgreSQL was away for its settling, and its worker ended before it could be written', () => {
      const stops = [{ name: 'worker-1', role: 'worker' as const, at: 8_000, how: 'killed' as const }];
      const away = evidence({ rows: unknown, exchanges: [], taken: [], falls: [3_500], stops });
      expect(brokenIn(away)).toEqual([]);
      expect(brokenIn({ ...away, falls: [] })).toEqual(['unjustified']);
    });

    test('is not justified by what never began, nor by another delivery', () => {
      const early = [exchange({ end: 'dropped', reached: 'envelope', answer: null })];
      expect(brokenIn(evidence({ rows: unknown, exchanges: early }))).toEqual(['unjustified']);
      const others = [exchange({ end: 'dropped', answer: null, delivery: 'dlv_2' })];
      expect(brokenIn(evidence({ rows: unknown, exchanges: others }))).toEqual(['unjustified']);
    });

    test("is justified by a worker's end inside the claim's lease, not before it, not after it, and not by an API's", () => {
      const ended = (at: number, role: 'worker' | 'api' = 'worker'): Evidence =>
        evidence({ rows: unknown, stops: [{ name: `${role}-1`, role, at, how: 'killed' }] });
      expect(brokenIn(ended(1_200))).toEqual([]);
      expect(brokenIn(ended(900))).toEqual(['unjustified']);
      expect(brokenIn(ended(6_000))).toEqual(['unjustified']);
      expect(brokenIn(ended(1_200, 'api'))).toEqual(['unjustified']);
    });
  });

  describe('sent after it was stopped', () => {
    test('taken after the payment was acknowledged', () => {
      expect(brokenIn(evidence({ stopped: [pay()] }))).toEqual(['sentAfterStop']);
    });

    test.each([
      ['it was taken before', pay({ at: 1_200 })],
      ['the answer named it as in flight', pay({ inFlight: ['rem_1'] })],
      ['it is another due date', pay({ what: 'd2' })],
      ["it is another tenant's", pay({ tenant: 'bianchi' })],
    ])('not when %s', (_, stop) => {
      expect(brokenIn(evidence({ stopped: [stop] }))).toEqual([]);
    });

    test.each([
      ['hold', 'd1'],
      ['exclude', 'c1'],
      ['cancel', 'rem_1'],
    ] as const)('also after %s', (kind, what) => {
      expect(brokenIn(evidence({ stopped: [pay({ kind, what })] }))).toEqual(['sentAfterStop']);
    });

    test('of several due dates one that may still be asked for is reason enough', () => {
      const several = { wish: { dueDates: ['d1', 'd2'] } };
      expect(brokenIn(evidence({ ...several, stopped: [pay()] }))).toEqual([]);
      const both = [pay(), pay({ kind: 'hold', what: 'd2' })];
      expect(brokenIn(evidence({ ...several, stopped: both }))).toEqual(['sentAfterStop']);
    });
  });
});
