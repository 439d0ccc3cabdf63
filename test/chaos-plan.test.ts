import { describe, expect, test } from 'vitest';
import { makePlan, type PlanOptions } from '../chaos/plan.ts';

const asked: PlanOptions = { seed: '7', reminders: 400, backend: 'redis', minutes: null, timeScale: 0.1 };
const wishesOf = (options: PlanOptions) =>
  makePlan(options).steps.flatMap((step) => (step.kind === 'ask' ? step.wishes : []));

describe('the plan of a chaos run', () => {
  test('the same seed plans the same work and the same blows; another seed others', () => {
    expect(makePlan(asked)).toEqual(makePlan(asked));
    expect(makePlan({ ...asked, seed: '8' })).not.toEqual(makePlan(asked));
  });

  test('asks for as many reminders as were wanted, each with a key of its own, about due dates of one customer', () => {
    const wishes = wishesOf(asked);
    expect(wishes).toHaveLength(400);
    expect(new Set(wishes.map(({ key }) => key)).size).toBe(400);
    const { tenants } = makePlan(asked);
    for (const { tenant, dueDates, customer } of wishes) {
      const own = tenants.find(({ ref }) => ref === tenant)?.dueDates.filter((due) => due.customer === customer);
      expect(own?.map(({ ref }) => ref)).toEqual(expect.arrayContaining(dueDates));
    }
  });

  test('has a large tenant, small ones and one that resends; both channels, batches, several recipients, later ones and all changes', () => {
    const plan = makePlan({ ...asked, reminders: 2_000 });
    expect(plan.tenants.map(({ policy }) => policy)).toEqual(['hold', 'hold', 'hold', 'hold', 'resend']);
    const wishes = wishesOf({ ...asked, reminders: 2_000 });
    expect(wishes.filter(({ tenant }) => tenant === 'large')).toHaveLength(1_200);
    expect(new Set(wishes.map(({ channel }) => channel))).toEqual(new Set(['email', 'sms']));
    expect(wishes.some(({ to }) => to?.length === 3)).toBe(true);
    expect(wishes.some(({ afterMs }) => afterMs !== null)).toBe(true);
    expect(wishes.some(({ dueDates }) => dueDates.length === 2)).toBe(true);
    expect(plan.steps.some((step) => step.kind === 'ask' && step.batch)).toBe(true);
    expect(new Set(plan.steps.map(({ kind }) => kind))).toEqual(new Set(['ask', 'pay', 'hold', 'exclude', 'cancel']));
  });

  test('breaks everything at least once, in the order of its progress, and Redis only where it is', () => {
    const { disruptions } = makePlan(asked);
    const kinds = disruptions.map(({ blow }) => blow.kind);
    expect(new Set(kinds)).toEqual(
      new Set([
        'kill',
        'terminate',
        'kill-in-batch',
        'kill-in-hand-over',
        'kill-backend',
        'crash-postgres',
        'kill-redis',
        'empty-redis',
        'flush-redis',
        'provider',
      ]),
    );
    expect(disruptions.map(({ at }) => at)).toEqual(disruptions.map(({ at }) => at).sort((a, b) => a - b));
    for (const { at } of disruptions) expect(at > 0 && at < 0.93).toBe(true);
    const without = makePlan({ ...asked, backend: 'postgres' }).disruptions.map(({ blow }) => blow.kind);
    expect(without.filter((kind) => kind.endsWith('redis'))).toEqual([]);
  });

  test('the longer it goes, the more is broken', () => {
    const blows = (minutes: number): number => makePlan({ ...asked, minutes }).disruptions.length;
    expect(blows(10)).toBe(100);
    expect(blows(60)).toBe(600);
  });
});
