import { afterEach, describe, expect, test } from 'vitest';
import { QueueBackend } from '../src/queue/queue-backend.ts';
import { type BackendKind, isMissing } from './support/queue-machine.ts';
import { Fleet } from './support/fleet.ts';
import { patience } from './support/service.ts';

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

async function create(kind: BackendKind, environment: Record<string, string> = {}): Promise<Fleet> {
  fleet = await Fleet.create(kind, { redisDatabase: 7, environment });
  return fleet;
}

describe.each(['postgres', 'redis'] as const)('SIGTERM, with a queue in %s,', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    test('lets a hand-over end that is under way', async () => {
      const all = await create(kind);
      const service = await all.start('api,dispatcher,worker:email');
      await all.seed(service.url, 1);
      const { reached, release } = all.smtp.hold('afterBody');
      await all.remind(service.url, 'd1', 'k1');
      await reached;
      const ended = service.end();
      await expect.poll(() => service.log(), patience).toContain('"stopping"');
      release('250 taken');
      expect(await ended).toBe(0);
      expect(await all.fates()).toEqual({ sent: 1 });
    });

    test.each([
      ['before the body', 'data', 'retrying drained'],
      ['after it', 'afterBody', 'unknown drained'],
    ] as const)('cuts off what is stuck %s, and leaves nothing to its lease', async (_when, step, fate) => {
      const all = await create(kind, { DRAIN_TIMEOUT_MS: '1500' });
      const service = await all.start('api,dispatcher,worker:email');
      await all.seed(service.url, 1);
      const { reached } = all.smtp.hold(step);
      await all.remind(service.url, 'd1', 'k1');
      await reached;
      expect(await service.end()).toBe(0);
      expect(await all.fates()).toEqual({ [fate]: 1 });
      const [left] = await all.query<{ due: boolean }>(
        'SELECT next_attempt_at <= now() AS due FROM sollecito.delivery',
      );
      expect(left).toEqual({ due: true });
    });

    test('gives jobs that are not handed over back to the queue', async () => {
      const all = await create(kind, { DRAIN_TIMEOUT_MS: '1500' });
      const service = await all.start('api,dispatcher');
      // No greeting: five wait for a connection to the provider, and five behind them.
      all.smtp.fail('greeting', { kind: 'silence' }, { times: 5 });
      const stuck = await all.start('worker:email');
      await all.seed(service.url, 10);
      for (let n = 1; n <= 10; n++) await all.remind(service.url, `d${n}`, `k${n}`);
      await expect.poll(() => all.smtp.connections, patience).toBe(5);
      await expect.poll(() => all.fates(), patience).toEqual({ queued: 10 });
      expect(await stuck.end()).toBe(0);
      const backend = new QueueBackend(all.queueUrl, () => undefined);
      const { active, waiting = 0, prioritized = 0 } = await backend.queue('email').getJobCounts();
      await backend.stop();
      expect({ active, left: waiting + prioritized }).toEqual({ active: 0, left: 10 });
      await all.start('worker:email');
      await expect.poll(() => all.fates(), patience).toEqual({ sent: 10 });
      expect(all.smtp.messages).toHaveLength(10);
    });
  });
});

test('a second signal ends the process at once', async () => {
  const all = await create('postgres', { DRAIN_TIMEOUT_MS: '600000' });
  const service = await all.start('api,dispatcher,worker:email');
  await all.seed(service.url, 1);
  const { reached } = all.smtp.hold('afterBody');
  await all.remind(service.url, 'd1', 'k1');
  await reached;
  void service.end('SIGTERM');
  await expect.poll(() => service.log(), patience).toContain('"stopping"');
  expect(await service.end('SIGINT')).toBe(130);
});

test('a signal in the middle of the start ends it cleanly', async () => {
  const all = await create('postgres');
  const service = all.launch('all', { environment: { LOG_LEVEL: 'debug' } });
  await expect.poll(() => service.log(), { ...patience, interval: 1 }).toContain('"foundation laid"');
  expect(await service.end()).toBe(0);
  expect(service.log()).not.toContain('"error"');
});
