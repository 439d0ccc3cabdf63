import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { operations } from '../src/api/operations.ts';
import type { ApiParts } from '../src/api/parts.ts';
import type { Answer } from '../src/api/reminder-accept.ts';
import { acceptTogether } from '../src/api/reminder-gather.ts';
import { ApiServer } from '../src/api/server.ts';
import { Database } from '../src/store/database.ts';
import { TestService } from './support/service.ts';

type Item = { status: number; replayed: boolean; reminder?: { id: string }; problem?: { type: string } };
type Statement = { name: string; text: string; values: unknown[] };

let service: TestService;
/** Of another process: a pool and a line of requests of its own. */
let other: { url: string; database: Database; server: ApiServer };
let key: string;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
  const database = new Database({ url: service.api.databaseUrl, role: 'api', poolMax: 5 });
  await database.start();
  const server = new ApiServer({
    parts: { ...service.api.parts, database },
    operations,
    port: 0,
    host: '127.0.0.1',
    routers: [],
    drainMs: 2_000,
  });
  other = { url: (await server.start()).url, database, server };
});
beforeEach(() => {
  count += 1;
  key = `order ${count}`;
});
afterAll(async () => {
  await other.server.stop();
  await other.database.stop();
  await service.stop();
});

const body = { dueDate: 'd1', channel: 'email' };
const hundred = Array.from({ length: 100 }, (_, n) => n);
/** To one process or the other, by turns. */
async function post(n: number, path: string, json: unknown, headers: Record<string, string> = {}) {
  const response = await fetch((n % 2 === 0 ? service.api.url : other.url) + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.api.tenant.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(json),
  });
  return {
    status: response.status,
    replayed: response.headers.get('idempotent-replayed'),
    text: await response.text(),
  };
}
const single = async (n: number, json: unknown = body, of = key) =>
  post(n, '/v1/reminders', json, { 'idempotency-key': of });
const reminders = async (): Promise<number> => (await service.query('SELECT FROM sollecito.reminder')).length;
/** How many reminders the work has made. */
async function madeBy(work: () => Promise<unknown>): Promise<number> {
  const before = await reminders();
  await work();
  return (await reminders()) - before;
}

describe('a hundred equal requests at once, over two processes', () => {
  test('make one reminder and get a hundred equal answers', async () => {
    let answers: Awaited<ReturnType<typeof single>>[] = [];
    const made = await madeBy(async () => {
      answers = await Promise.all(hundred.map(async (n) => single(n)));
    });
    expect(made).toBe(1);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1);
  });

  test('as items of ten batches, beside single ones', async () => {
    const batch = { reminders: Array.from({ length: 10 }, () => ({ idempotencyKey: key, ...body })) };
    let texts: string[] = [];
    const made = await madeBy(async () => {
      const [batches, singles] = await Promise.all([
        Promise.all(hundred.slice(0, 10).map(async (n) => post(n, '/v1/reminders/batch', batch))),
        Promise.all(hundred.slice(0, 20).map(async (n) => single(n))),
      ]);
      const items = batches.flatMap(({ text }) => (JSON.parse(text) as { items: Item[] }).items);
      expect(items).toHaveLength(100);
      texts = [...items.map(({ reminder }) => JSON.stringify(reminder)), ...singles.map(({ text }) => text)];
    });
    expect(made).toBe(1);
    expect(new Set(texts).size).toBe(1);
  });

  test('among unequal ones: of each key one body is taken, and the other is told so', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const asked = hundred.map((n) => ({ of: `${key} ${keys[n % 5]}`, priority: n % 3 === 0 ? 1 : 2 }));
    let answers: Awaited<ReturnType<typeof single>>[] = [];
    const made = await madeBy(async () => {
      answers = await Promise.all(asked.map(async ({ of, priority }, n) => single(n, { ...body, priority }, of)));
    });
    expect(made).toBe(keys.length);
    for (const of of keys.map((letter) => `${key} ${letter}`)) {
      const told = new Map<number, Set<string>>();
      for (const [n, { status, text }] of answers.entries()) {
        const one = asked[n];
        if (one?.of !== of) continue;
        const shown = status === 202 ? text : (JSON.parse(text) as { type: string }).type;
        told.set(one.priority, (told.get(one.priority) ?? new Set()).add(shown));
      }
      const [reused, taken] = [...told.values()]
        .map((texts) => [...texts])
        .toSorted((a, b) => Number(a[0]?.startsWith('{')) - Number(b[0]?.startsWith('{')));
      expect(reused).toEqual(['urn:sollecito:problem:idempotency-key-reused']);
      expect(taken).toEqual([expect.stringContaining('"status":"accepted"')]);
    }
  });
});

describe('requests that are written together', () => {
  const caller = () => ({ tenant: service.api.tenant.id, actor: 'key:test', origin: 'api' }) as const;
  /** All in one turn: the first two go alone, the others wait for them and go together. */
  async function together(parts: ApiParts, asked: { key: string; json: unknown }[]) {
    const first = [`${key} first`, `${key} second`].map((of) => ({ key: of, json: body }));
    const [, , ...answers] = await Promise.allSettled(
      [...first, ...asked].map(async (one) => acceptTogether(parts, caller(), one)),
    );
    return answers.map((answer) => (answer.status === 'fulfilled' ? inWords(answer.value) : 'broken'));
  }
  const inWords = (answer: Answer): string =>
    answer.kind === 'problem' ? answer.problem.problem : `${answer.status}${answer.replayed ? ' replayed' : ''}`;
  const each = (n: number) => Array.from({ length: n }, (_, at) => ({ key: `${key} ${at}`, json: body }));

  test('stand each alone: equal keys, another body under a key that is taken, one that is wrong', async () => {
    const asked = [
      { key, json: body },
      { key, json: body },
      { key, json: { ...body, priority: 9 } },
      { key: `${key} wrong`, json: { ...body, channel: 'fax' } },
      { key: `${key} nothing`, json: { ...body, dueDate: 'nothing' } },
      { key: `${key} good`, json: body },
    ];
    expect(await together(service.api.parts, asked)).toEqual([
      '202',
      '202 replayed',
      'idempotency-key-reused',
      'invalid-request',
      'not-found',
      '202',
    ]);
  });

  /** What is accepted together fails so, before or after it is committed. */
  function failing(when: 'before' | 'after', error: Error): { parts: ApiParts; groups: number[] } {
    const groups: number[] = [];
    const database = service.api.parts.database;
    const query = async (statement: Statement): Promise<unknown> => {
      if (statement.name !== 'accept-reminders') return database.pool.query(statement);
      const { length } = JSON.parse(String(statement.values[2])) as unknown[];
      groups.push(length);
      if (length > 1 && when === 'before') throw error;
      const result = await database.pool.query(statement);
      if (length > 1) throw error;
      return result;
    };
    const faulty = { pool: { query } } as unknown as Database;
    return { parts: { ...service.api.parts, database: faulty }, groups };
  }
  const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });

  test.each([
    ['is chosen to end a deadlock', 'before', deadlock, '202'],
    ['loses its connection before the commit', 'before', new Error('Connection terminated unexpectedly'), '202'],
    ['loses its connection after it', 'after', new Error('Connection terminated unexpectedly'), '202 replayed'],
  ] as const)('find each its own answer when their transaction %s', async (_, when, error, answer) => {
    const { parts, groups } = failing(when, error);
    const made = await madeBy(async () => {
      expect(await together(parts, each(30))).toEqual(Array(30).fill(answer));
    });
    expect(made).toBe(32);
    expect(groups).toContain(30);
    // Said again, each gets what it was told.
    expect(await together(service.api.parts, each(30))).toEqual(Array(30).fill('202 replayed'));
  });

  describe('beside one that must wait', () => {
    let holder: Client;
    beforeEach(async () => {
      await service.put('/v1/customers/held', { name: 'Held', email: ['held@bianchi.example'] });
      await service.addDueDate('held', { customer: 'held' });
      holder = new Client({ connectionString: service.api.databaseUrl });
      await holder.connect();
    });
    afterEach(async () => {
      await holder.end();
    });

    test('for a lock that does not come, or for an equal key elsewhere: they alone are told so', async () => {
      await holder.query(`BEGIN; SELECT FROM sollecito.customer WHERE ref = 'held' FOR UPDATE`);
      await holder.query(
        `INSERT INTO sollecito.idempotency_key (tenant_id, key, request_hash, status, body, created_at)
         VALUES ($1, $2, sha256('other'), 202, '{}', now())`,
        [service.api.tenant.id, `${key} elsewhere`],
      );
      const waiting = [
        { key: `${key} held`, json: { ...body, dueDate: 'held' } },
        { key: `${key} elsewhere`, json: body },
      ];
      const answers = await together(service.api.parts, [...each(5), ...waiting, { key: `${key} 0`, json: body }]);
      expect(answers.slice(0, 5).map((answer) => answer.slice(0, 3))).toEqual(Array(5).fill('202'));
      expect(answers.slice(5, 7)).toEqual(['broken', 'broken']);
      expect(new Set([answers[0], answers[7]])).toEqual(new Set(['202', '202 replayed']));
    });
  });
});
