import { afterEach, describe, expect, test } from 'vitest';
import { type BackendKind, isMissing } from './support/queue-machine.ts';
import { Fleet } from './support/fleet.ts';
import { patience } from './support/service.ts';

const hour = 3_600_000;
const clockOff = ['--import', new URL('./support/clock-off.ts', import.meta.url).href];

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

async function create(kind: BackendKind): Promise<Fleet> {
  fleet = await Fleet.create(kind, { redisDatabase: 8 });
  return fleet;
}

/** Every instant that the service has written down about its deliveries, as far from PostgreSQL's clock as can be. */
async function farthestSeconds(all: Fleet): Promise<number> {
  const [row] = await all.query<{ seconds: number }>(
    `SELECT max(abs(extract(epoch FROM at - now())))::float8 AS seconds FROM (
       SELECT at FROM sollecito.event
       UNION ALL SELECT unnest(ARRAY[queued_at, claimed_at, lease_until, next_attempt_at, taken_at, updated_at]) FROM sollecito.delivery
       UNION ALL SELECT created_at FROM sollecito.reminder
       UNION ALL SELECT created_at FROM sollecito.idempotency_key
     ) AS t (at)`,
  );
  return row?.seconds ?? NaN;
}

describe.each(['postgres', 'redis'] as const)('with a queue in %s', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    test.each([hour, -hour])('a clock that is %i ms off decides nothing, and is named', async (ms) => {
      const all = await create(kind);
      const wrong = { node: clockOff, environment: { CLOCK_OFF_MS: String(ms) } };
      const service = await all.start('api,dispatcher,worker:email', wrong);
      await all.seed(service.url, 3);
      const later = new Date(Date.now() + hour / 2).toISOString();
      const scheduled = { dueDate: 'd3', channel: 'email', attachDocument: false, sendAt: later };
      expect((await all.call(service.url, 'POST', '/v1/reminders', scheduled)).status).toBe(202);
      // Put off once: its next attempt is reckoned, too.
      all.smtp.fail('rcpt', { kind: 'reply', line: '451 later' }, { times: 1 });
      for (const n of [1, 2]) await all.remind(service.url, `d${n}`, `k${n}`);
      await expect.poll(() => all.fates(), patience).toEqual({ sent: 2, accepted: 1 });
      const health = await all.ready(service.url);
      expect(health).toMatchObject({ status: 'degraded', checks: { clock: { ok: false } } });
      await all.query(
        "DELETE FROM sollecito.delivery_message; UPDATE sollecito.delivery SET next_attempt_at = now() WHERE status = 'accepted'",
      );
      expect(await farthestSeconds(all)).toBeLessThan(hour / 2_000);
    });

    test('a worker of another hour beside one of this is waited for by nobody', async () => {
      const all = await create(kind);
      const service = await all.start('api,dispatcher');
      await all.seed(service.url, 5);
      const wrong = { node: clockOff, environment: { CLOCK_OFF_MS: String(hour) } };
      const ahead = await all.start('worker:email', wrong);
      // It holds its jobs, with locks that end in an hour by its clock, and is killed.
      all.smtp.fail('greeting', { kind: 'silence' }, { times: 5 });
      for (let n = 1; n <= 5; n++) await all.remind(service.url, `d${n}`, `k${n}`);
      await expect.poll(() => all.smtp.connections, patience).toBe(5);
      await ahead.end('SIGKILL');
      await all.start('worker:email');
      await expect.poll(() => all.fates(), { ...patience, timeout: 50_000 }).toEqual({ sent: 5 });
      expect(all.smtp.messages).toHaveLength(5);
    });

    test('a clock that jumps in the middle of a hand-over changes no deadline and no lease', async () => {
      const all = await create(kind);
      const jumping = { node: clockOff, environment: { CLOCK_JUMP_MS: String(hour) } };
      const service = await all.start('api,dispatcher,worker:email', jumping);
      await all.seed(service.url, 2);
      const { reached, release } = all.smtp.hold('data');
      await all.remind(service.url, 'd1', 'k1');
      await reached;
      service.signal('SIGUSR2');
      await expect
        .poll(async () => (await all.ready(service.url)).checks['clock'], patience)
        .toMatchObject({ ok: false });
      release('354 go on');
      await all.remind(service.url, 'd2', 'k2');
      await expect.poll(() => all.fates(), patience).toEqual({ sent: 2 });
      expect(await farthestSeconds(all)).toBeLessThan(hour / 2_000);
    });
  });
});
