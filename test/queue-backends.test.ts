import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { newId } from '../src/domain/ids.ts';
import { jobOptions, migrateQueue, QueueBackend } from '../src/queue/queue-backend.ts';
import { checkQueue } from '../src/queue/queue-check.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { Line } from './support/line.ts';
import { graceMs, isMissing, QueueMachine, redisUrl, wipeQueue } from './support/queue-machine.ts';
import { patience, TestService } from './support/service.ts';

const kinds = ['postgres', 'redis'] as const;
const redisDatabase = 13;

describe.each(kinds)('a queue in %s', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    let database: TestDatabase;
    let url: string;
    let backend: QueueBackend;
    const errors: unknown[] = [];
    beforeEach(async () => {
      database = await createTestDatabase();
      url = kind === 'redis' ? redisUrl(redisDatabase) : database.url;
      await migrateQueue(url);
      await wipeQueue(url);
      errors.length = 0;
      backend = new QueueBackend(url, (error) => void errors.push(error));
    });
    afterEach(async () => {
      await backend.stop();
      await database.drop();
    });

    const job = (more: Record<string, unknown> = {}) => {
      const jobId = `${newId('delivery')}-1`;
      const data = { deliveryId: newId('delivery'), dispatchNo: 1 };
      return { name: 'send', data, opts: { ...jobOptions, jobId, ...more } };
    };

    test('tells of every state in which a job will still be worked on, and of every other', async () => {
      const queue = backend.queue('email');
      const flows = backend.flows();
      const [waits, fails, works, succeeds, later, child] = [
        job(),
        job({ attempts: 1 }),
        job(),
        job(),
        job({ attempts: 2, backoff: { type: 'fixed', delay: 60_000 } }),
        job(),
      ];
      const parent = { ...job(), queueName: 'email', children: [{ ...child, queueName: 'documents' }] };
      const stateOf = async (of: { opts: { jobId: string } }) => queue.getJobState(of.opts.jobId);
      expect(await stateOf(waits)).toBe('unknown');
      await flows.addBulk([parent]);
      expect(await stateOf(parent)).toBe('waiting-children');
      await queue.addBulk([fails, succeeds, works, later]);
      expect(await stateOf(works)).toBe('waiting');
      const released = Promise.withResolvers<void>();
      const worker = backend.worker(
        'email',
        async ({ id }) => {
          if (id === fails.opts.jobId || id === later.opts.jobId) throw new Error('EBROKEN');
          if (id === works.opts.jobId) await released.promise;
        },
        10,
      );
      const running = worker.run();
      for (const [of, state] of [
        [fails, 'failed'],
        [succeeds, 'completed'],
        [works, 'active'],
        [later, 'delayed'],
      ] as const) {
        await expect.poll(async () => stateOf(of), patience).toBe(state);
      }
      released.resolve();
      await expect.poll(async () => stateOf(works), patience).toBe('completed');
      await wipeQueue(url);
      expect(await stateOf(parent)).toBe('unknown');
      await Promise.all([worker.close(), running]);
      expect(errors).toEqual([]);
    });

    test('keeps a completed id: the same again is ignored, so each dispatch needs its own', async () => {
      const queue = backend.queue('email');
      const done: string[] = [];
      const worker = backend.worker('email', async ({ id }) => void done.push(id ?? ''), 2);
      const running = worker.run();
      const first = job();
      await queue.addBulk([first]);
      await expect.poll(async () => queue.getJobState(first.opts.jobId), patience).toBe('completed');
      const second = { ...first, opts: { ...first.opts, jobId: first.opts.jobId.replace(/-1$/, '-2') } };
      await queue.addBulk([first, second]);
      await expect.poll(async () => queue.getJobState(second.opts.jobId), patience).toBe('completed');
      expect(done).toEqual([first.opts.jobId, second.opts.jobId]);
      await Promise.all([worker.close(), running]);
    });

    test('runs a parent although its child failed, and takes the others in the order in which they were added', async () => {
      const flows = backend.flows();
      const queue = backend.queue('email');
      const done: string[] = [];
      const failing = job({ attempts: 1, ignoreDependencyOnFailure: true });
      const parent = { ...job(), queueName: 'email', children: [{ ...failing, queueName: 'documents' }] };
      const [first, others] = [Array.from({ length: 20 }, () => job()), Array.from({ length: 20 }, () => job())];
      await flows.addBulk([parent]);
      await queue.addBulk(first);
      await queue.addBulk(others);
      const documents = backend.worker('documents', async () => Promise.reject(new Error('EBROKEN')), 1);
      const email = backend.worker('email', async ({ id }) => void done.push(id ?? ''), 1);
      const running = [email.run(), documents.run()];
      await expect.poll(() => done.length, patience).toBe(41);
      expect(done).toContain(parent.opts.jobId);
      const added = [...first, ...others].map(({ opts }) => opts.jobId);
      expect(done.filter((id) => id !== parent.opts.jobId)).toEqual(added);
      await Promise.all([email.close(), documents.close(), ...running]);
    });

    test('counts the workers of all processes', async () => {
      // Redis counts over the whole server: under a name that no other test file has.
      const name = 'counted';
      const queue = backend.queue(name);
      expect(await queue.getWorkersCount()).toBe(0);
      const other = new QueueBackend(url, () => {});
      const workers = [backend, other].map((of) => of.worker(name, async () => {}, 1));
      const running = workers.map(async (worker) => worker.run());
      await expect.poll(async () => queue.getWorkersCount(), patience).toBe(2);
      await Promise.all([...workers.map(async (worker) => worker.close()), ...running]);
      await other.stop();
    });

    test('says whether it answers', async () => {
      const { detail } = await checkQueue(url);
      expect(detail).toMatch(kind === 'redis' ? /Redis/ : /PostgreSQL/);
      const dead = new URL(url);
      dead.port = '1';
      expect(await checkQueue(dead.href)).toMatchObject({ ok: false });
    });
  });
});

describe.each(kinds)('the backlog, when the queue in %s', (kind) => {
  describe.skipIf(isMissing(kind))('', () => {
    let service: TestService;
    let machine: QueueMachine;
    beforeEach(async () => {
      service = await TestService.start();
      machine = await QueueMachine.start(service, kind, redisDatabase);
    });
    afterEach(async () => {
      await machine.stop();
      await service.stop();
    });

    test('is wiped with all that it held: every reminder is still sent, once', async () => {
      const to = Array.from({ length: 30 }, (_, n) => `r${n}@bianchi.example`);
      for (const address of to) await service.remind({ to: [address] });
      await expect
        .poll(async () => service.query("SELECT FROM sollecito.delivery WHERE status = 'queued'"), patience)
        .toHaveLength(20);
      await machine.wipe();
      service.clock.advance({ milliseconds: graceMs + 1 });
      await machine.addProcess();
      await expect.poll(() => service.smtp.messages.length, patience).toBe(30);
      await expect.poll(async () => (await service.quota()).used, patience).toBe(30);
      expect(to.map((address) => service.smtp.taken.get(address))).toEqual(to.map(() => 1));
      expect(await service.query("SELECT FROM sollecito.event WHERE reason = 'job-lost'")).not.toHaveLength(0);
    });

    test('is wiped while one is prepared and one is handed over: each is sent once', async () => {
      const reached = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const desk = await service.changingDesk('email', async (time) => {
        if (time !== 1) return;
        reached.resolve();
        await goOn.promise;
      });
      await machine.addProcess({ email: { desk } });
      const held = service.smtp.hold('afterBody');
      const leaving = await service.remind({ to: ['leaving@bianchi.example'] });
      await held.reached;
      const prepared = await service.remind({ to: ['prepared@bianchi.example'] });
      await reached.promise;
      await machine.wipe();
      service.clock.advance({ milliseconds: graceMs + 1 });
      // The lost job's delivery gets another job, and the first one finds it taken.
      await service.until(prepared.id, ['sent']);
      goOn.resolve();
      held.release('250 ok');
      await service.until(leaving.id, ['sent']);
      expect(Object.fromEntries(service.smtp.taken)).toEqual({
        'leaving@bianchi.example': 1,
        'prepared@bianchi.example': 1,
      });
    });
  });
});

test.skipIf(isMissing('redis'))(
  'a Redis that cannot be reached holds up nothing but the sending, until it returns',
  async () => {
    const service = await TestService.start();
    const line = await Line.to(inject('redisUrl') ?? '');
    const machine = await QueueMachine.start(service, 'redis', redisDatabase, line.port);
    try {
      await machine.addProcess();
      const first = await service.remind();
      await service.until(first.id, ['sent']);
      await line.cut();
      const second = await service.remind();
      // It was to have a job, and got none; the ones after it are not given to the queue before that answers again.
      await service.until(second.id, ['queued']);
      const third = await service.remind();
      expect(await service.fates(third.id)).toEqual(['accepted']);
      await line.mend();
      await service.until(third.id, ['sent']);
      service.clock.advance({ milliseconds: graceMs + 1 });
      await service.until(second.id, ['sent']);
      expect(service.smtp.messages).toHaveLength(3);
    } finally {
      await machine.stop();
      await line.cut();
      await service.stop();
    }
  },
);
