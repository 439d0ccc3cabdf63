import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { migrateQueue } from '../src/queue/queue-backend.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const apiKey = 'a-key-for-tests-long-enough';

let database: TestDatabase;
let app: App;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrateQueue(database.url);
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    QUEUE_URL: database.url,
    SMTP_URL: 'smtp://127.0.0.1:9',
    SECRET_KEYS: 'a secret of thirty-two letters or more for tests',
    BOOTSTRAP_TENANT: 'rossi',
    BOOTSTRAP_API_KEY: apiKey,
    CHROMIUM_PATH: '/nowhere/chromium',
  });
  app = await App.start(config, pino({ level: 'silent' }));
});
afterAll(async () => {
  await app.stop();
  await database.drop();
});

async function call(method: string, at: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return fetch(app.url + at, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

test('without a browser the document of a due date is 503, with the time to ask again', async () => {
  const customer = { ref: 'rossi', name: 'Rossi' };
  const body = { customer, dueOn: '2026-02-20', amount: { value: '100.00', currency: 'EUR' } };
  expect((await call('PUT', '/v1/due-dates/1', body)).status).toBe(201);
  const answer = await call('GET', '/v1/due-dates/1/pdf');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
  expect(await answer.json()).toMatchObject({ type: 'urn:sollecito:problem:unavailable' });
});
