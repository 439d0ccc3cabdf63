import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepHouse } from '../src/store/housekeeping.ts';
import { patience, TestService } from './support/service.ts';

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

  /** Keys of long ago. */
  const addOldKeys = async (count: number): Promise<void> => {
    await service.query(
      `INSERT INTO sollecito.idempotency_key (tenant_id, key, request_hash, status, body, created_at)
       SELECT $1, 'old ' || n, sha256('other'), 202, '{}', '2026-01-01' FROM generate_series(1, $2::integer) n`,
      [service.api.tenant.id, count],
    );
  };
  const keys = async (): Promise<string[]> =>
    (await service.query<{ key: string }>('SELECT key FROM sollecito.idempotency_key ORDER BY key')).map(
      ({ key }) => key,
    );

  test('forgets them a thousand at a time', async () => {
    await addOldKeys(2_500);
    await onHold('1', async (owner) => {
      await owner.query(
        `CREATE TABLE public.bite (n integer); GRANT INSERT, SELECT ON public.bite TO PUBLIC;
         CREATE FUNCTION public.note_bite() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.bite SELECT count(*) FROM gone; RETURN NULL; END $$;
         CREATE TRIGGER note_bite AFTER DELETE ON sollecito.idempotency_key REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.note_bite();
         COMMIT`,
      );
    });
    await keepHouse(service.database, service.clock.now());
    expect(await keys()).toEqual([]);
    expect(await service.query('SELECT n FROM public.bite WHERE n > 0')).toEqual(
      [1_000, 1_000, 500].map((n) => ({ n })),
    );
  });

  test('leaves the rest of very many to the next call', async () => {
    await addOldKeys(20_001);
    expect(await keepHouse(service.database, service.clock.now())).toBe(false);
    expect(await keys()).toHaveLength(1);
    expect(await keepHouse(service.database, service.clock.now())).toBe(true);
    expect(await keys()).toEqual([]);
  });

  test('in the middle of a bite, reminders are accepted, and a key that is about to go still replays', async () => {
    const again = { headers: { 'idempotency-key': 'going' } };
    const first = await service.ask({}, again);
    service.clock.advance({ hours: 31 * 24 });
    await onHold('pg_advisory_xact_lock(7)', async (holder) => {
      await holder.query(
        'CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN OLD; END $$',
      );
      await holder.query(
        'CREATE TRIGGER wait AFTER DELETE ON sollecito.idempotency_key FOR EACH ROW EXECUTE FUNCTION public.wait()',
      );
      await holder.query('COMMIT; BEGIN; SELECT pg_advisory_xact_lock(7)');
      const keeping = keepHouse(service.database, service.clock.now());
      const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 7";
      await expect.poll(async () => (await holder.query(waiting)).rowCount, patience).toBe(1);
      expect((await service.ask({}, again)).text).toBe(first.text);
      expect((await service.ask()).status).toBe(202);
      await holder.query('COMMIT');
      await keeping;
    });
    expect((await service.ask({}, again)).body.id).not.toBe(first.body.id);
  });

  test('leaves a key that somebody holds to the next time', async () => {
    await addOldKeys(3);
    await onHold("1 FROM sollecito.idempotency_key WHERE key = 'old 2' FOR KEY SHARE", async () => {
      await keepHouse(service.database, service.clock.now());
      expect(await keys()).toEqual(['old 2']);
    });
    await keepHouse(service.database, service.clock.now());
    expect(await keys()).toEqual([]);
  });

  /** While another transaction has selected this. */
  async function onHold(what: string, work: (holder: Client) => Promise<void>): Promise<void> {
    const holder = new Client({ connectionString: service.api.databaseUrl });
    await holder.connect();
    try {
      await holder.query(`BEGIN; SELECT ${what}`);
      await work(holder);
    } finally {
      await holder.end();
    }
  }
});
