import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RaceTrack } from './support/races.ts';

let track: RaceTrack;
beforeAll(async () => {
  track = await RaceTrack.start(async () => {});
});
afterAll(async () => {
  await track.stop();
});

const amount = (value: string) => ({ value, currency: 'EUR' });
const payments = { before: { outstanding: '1220.00' }, after: {} };

describe('a thousand times against the claim, whatever is committed first wins:', { timeout: 180_000 }, () => {
  test('a payment', async () => {
    await track.run({
      change: async (racer) =>
        track.ask(racer, 'POST', `/v1/due-dates/${racer.due}/payments`, {
          ref: 'all',
          amount: amount('1220.00'),
          paidOn: '2026-03-01',
        }),
      prevented: 'canceled paid',
      says: () => payments,
    });
  });

  test('a payment that is taken back', async () => {
    await track.run({
      prepare: async (racers) => {
        const paid = { ref: 'part', amount: amount('220.00'), paidOn: '2026-03-01' };
        const body = { payments: racers.map(({ due }) => ({ ...paid, dueDate: due })) };
        const [first] = racers;
        expect((await track.ask(first ?? expect.fail('nobody'), 'POST', '/v1/payments/batch', body)).status).toBe(200);
      },
      change: async (racer) => track.ask(racer, 'DELETE', `/v1/due-dates/${racer.due}/payments/part`),
      says: () => ({ before: { outstanding: '1000.00' }, after: { outstanding: '1220.00' } }),
    });
  });

  test('a hold', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'PUT', `/v1/due-dates/${racer.due}/hold`, { reason: 'disputed' }),
      prevented: 'skipped hold-disputed',
    });
  });

  test('a due date called off', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'POST', `/v1/due-dates/${racer.due}/void`),
      prevented: 'canceled void',
    });
  });

  test('another amount', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'PATCH', `/v1/due-dates/${racer.due}`, { amount: amount('999.00') }),
      says: () => ({ before: { outstanding: '1220.00' }, after: { outstanding: '999.00' } }),
    });
  });

  test('another customer', async () => {
    await track.run({
      change: async (racer) =>
        track.ask(racer, 'PATCH', `/v1/due-dates/${racer.due}`, {
          customer: { ref: `other ${racer.n}`, name: 'Another' },
        }),
      prevented: 'canceled customer-changed',
    });
  });
});
