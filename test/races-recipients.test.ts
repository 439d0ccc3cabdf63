import { afterAll, beforeAll, describe, test } from 'vitest';
import { RaceTrack } from './support/races.ts';

let track: RaceTrack;
beforeAll(async () => {
  track = await RaceTrack.start(async () => {});
});
afterAll(async () => {
  await track.stop();
});

describe('a thousand times against the claim, whatever is committed first wins:', { timeout: 180_000 }, () => {
  test('a customer excluded', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'PATCH', `/v1/customers/${racer.customer}`, { doNotRemind: true }),
      prevented: 'skipped customer-excluded',
    });
  });

  test('a customer of another name', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'PATCH', `/v1/customers/${racer.customer}`, { name: 'Renamed' }),
      says: ({ customer }) => ({ before: { customer }, after: { customer: 'Renamed' } }),
    });
  });

  test('an address suppressed', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'POST', '/v1/suppressions', { channel: 'email', address: racer.to }),
      prevented: 'skipped suppressed',
    });
  });

  test('a cancel, which is refused when it is too late', async () => {
    await track.run({
      change: async (racer) => track.ask(racer, 'POST', `/v1/reminders/${racer.reminder}/cancel`),
      prevented: 'canceled by-request',
      cameTooLate: ({ status }) => status === 409,
    });
  });
});
