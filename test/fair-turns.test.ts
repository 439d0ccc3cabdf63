import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fairTurns, type InLine, type Waiting } from '../src/domain/fair-turns.ts';

const start = Temporal.Instant.from('2026-03-02T09:00:00Z');

/** So many deliveries of a tenant, due one after the other. */
function backlog(tenant: string, count: number, more: Partial<Waiting> = {}): Waiting[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${tenant} ${String(n).padStart(6, '0')}`,
    priority: 5,
    dueAt: start.add({ milliseconds: n }),
    ...more,
  }));
}

function tenant(name: string, count: number, more: Partial<InLine> = {}): InLine {
  return { tenant: name, weight: 1, deficit: 0, waiting: backlog(name, count), ...more };
}

/** The tenants of what is taken through these windows, one after the other. */
function through(line: InLine[], windows: readonly number[]): string[] {
  const order: string[] = [];
  for (const places of windows) {
    const round = fairTurns(line, places);
    order.push(...round.taken.map(({ id }) => id.split(' ')[0] ?? ''));
    line = round.line;
  }
  return order;
}

const count = (order: readonly string[], name: string): number => order.filter((each) => each === name).length;

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
const windows = fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 30 });
/** Tenants who all have more than the windows take. */
const always = (of: readonly number[]): InLine[] => of.map((weight, n) => tenant(`t${n}`, 750, { weight }));

describe('fair turns', () => {
  test('a round gives each tenant as many places as it weighs', () => {
    fc.assert(
      fc.property(weights, (of) => {
        const order = through(always(of), [of.reduce((sum, weight) => sum + weight)]);
        expect(of.map((_, n) => count(order, `t${n}`))).toEqual(of);
      }),
    );
  });

  test('those who always wait share by their weights, however the windows fall', () => {
    fc.assert(
      fc.property(weights, windows, (of, sizes) => {
        const order = through(always(of), sizes);
        const rounds = of.map((weight, n) => count(order, `t${n}`) / weight);
        // Whole turns differ by one round at most, and one turn may be under way.
        expect(Math.ceil(Math.max(...rounds)) - Math.floor(Math.min(...rounds))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('nobody waits for longer than one turn of each other', () => {
    fc.assert(
      fc.property(weights, windows, (of, sizes) => {
        const order = through(always(of), sizes);
        for (const [n] of of.entries()) {
          const between = order
            .join(' ')
            .split(`t${n}`)
            .map((part) => part.trim().split(' '));
          for (const wait of between) {
            for (const [m, weight] of of.entries()) expect(count(wait, `t${m}`)).toBeLessThanOrEqual(weight);
          }
        }
      }),
    );
  });

  test('no place stays empty while somebody waits', () => {
    const line = fc.array(
      fc.record({ waiting: fc.nat(20), weight: fc.integer({ min: 1, max: 9 }), deficit: fc.nat(9) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(line, fc.nat(60), (of, places) => {
        const tenants = of.map(({ waiting, ...more }, n) => tenant(`t${n}`, waiting, more));
        const { taken, line: after } = fairTurns(tenants, places);
        const all = tenants.flatMap(({ waiting }) => waiting);
        expect(taken).toHaveLength(Math.min(places, all.length));
        // Everybody is still there, once.
        expect([...taken, ...after.flatMap(({ waiting }) => waiting)].map(({ id }) => id).sort()).toEqual(
          all.map(({ id }) => id).sort(),
        );
      }),
    );
  });

  test('ten of a small tenant are through before fifty of a large one’s, whatever the window', () => {
    const weight = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), weight, fc.nat(20), (window, ofLarge, already) => {
        // The large one is in the middle of whatever when the small one comes.
        const before = fairTurns([tenant('large', 3_000, { weight: ofLarge })], already);
        const order = through(
          [...before.line, tenant('small', 10)],
          Array.from({ length: 60 }, () => window),
        );
        expect(count(order, 'small')).toBe(10);
        expect(count(order.slice(0, order.lastIndexOf('small')), 'large')).toBeLessThanOrEqual(50 + ofLarge);
      }),
    );
  });

  test('a turn that the window cut goes on first, and one that is over stands at the end', () => {
    const { taken, line } = fairTurns([tenant('a', 5, { weight: 3 }), tenant('b', 5)], 2);
    expect(taken.map(({ id }) => id)).toEqual(['a 000000', 'a 000001']);
    expect(line).toMatchObject([{ tenant: 'b' }, { tenant: 'a', deficit: 1 }]);
    expect(through(line, [1, 1, 3, 1, 1])).toEqual(['a', 'b', 'a', 'a', 'b', 'b', 'b']);
  });

  test('what was left of a turn is lost with an empty backlog', () => {
    const { line } = fairTurns([tenant('a', 0, { weight: 3, deficit: 2 }), tenant('b', 5)], 1);
    expect(line).toMatchObject([
      { tenant: 'a', deficit: 0 },
      { tenant: 'b', deficit: 0 },
    ]);
  });

  test('a higher priority has a head start, and a low one is passed for three quarters of an hour at most', () => {
    const urgent = (minutes: number): Waiting => ({
      id: `urgent ${String(minutes).padStart(2, '0')}`,
      priority: 9,
      dueAt: start.add({ minutes }),
    });
    // An endless stream: one each minute.
    const stream = Array.from({ length: 120 }, (_, minutes) => urgent(minutes));
    const low = { id: 'low', priority: 0, dueAt: start };
    const { taken } = fairTurns([tenant('a', 0, { waiting: [low, ...stream] })], 200);
    expect(taken.map(({ id }) => id).indexOf('low')).toBe(45);
  });
});
