import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepHouse } from '../src/store/housekeeping.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeEach(async () => {
  service = await TestService.start();
});
afterEach(async () => {
  await service.stop();
});

describe('keeping house', () => {
  const partitions = async () =>
    service.query(
      'SELECT tableoid::regclass::text AS part, count(*)::integer AS n FROM sollecito.event GROUP BY 1 ORDER BY 1',
    );

  test('makes the months ahead, and takes over what the net has caught', async () => {
    await service.remind();
    expect(await partitions()).toEqual([{ part: 'sollecito.event_default', n: 1 }]);
    await keepHouse(service.database, service.clock.now());
    await keepHouse(service.database, service.clock.now());
    expect(await partitions()).toEqual([{ part: 'sollecito.event_2026_03', n: 1 }]);
    service.clock.set('2026-05-31T23:59:59Z');
    await service.remind();
    service.clock.set('2026-06-01T00:00:00Z');
    await service.remind();
    expect(await partitions()).toEqual([
      { part: 'sollecito.event_2026_03', n: 1 },
      { part: 'sollecito.event_2026_05', n: 1 },
      { part: 'sollecito.event_default', n: 1 },
    ]);
  });

  test('while reminders are accepted, none of which is refused for it', async () => {
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, async () => service.ask())),
      keepHouse(service.database, service.clock.now()),
    ]);
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    await keepHouse(service.database, service.clock.now());
    expect(await partitions()).toEqual([{ part: 'sollecito.event_2026_03', n: 40 }]);
  });

  test('forgets keys after thirty days', async () => {
    const again = { headers: { 'idempotency-key': 'kept' } };
    const first = await service.ask({}, again);
    service.clock.advance({ hours: 30 * 24 });
    await keepHouse(service.database, service.clock.now());
    expect((await service.ask({}, again)).text).toBe(first.text);
    service.clock.advance({ milliseconds: 1 });
    await keepHouse(service.database, service.clock.now());
    expect((await service.ask({}, again)).body.id).not.toBe(first.body.id);
  });
});
