import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminRouter } from '../src/api/admin.ts';
import { queueBoardRouter } from '../src/api/queue-board.ts';
import type { OperatorRole } from '../src/domain/scopes.ts';
import { createOperator, openSession } from '../src/store/operators.ts';
import { TestApi } from './support/api.ts';

const schema = 'bullmq';
const codes = ['ECONNREFUSED', '57P01', 'not-preparable', 'document-missing'];
const deliveryId = '01890a5d-ac96-774b-bcce-b302099a8057';
const openQueue = (connection: { connectionString: string; schema: string; max: number }) =>
  new Queue('email', { connection }, createPostgresBackend);

let frame: TestApi;
let api: TestApi;
let queue: ReturnType<typeof openQueue>;
let cookies: Record<OperatorRole, string>;

beforeAll(async () => {
  frame = await TestApi.start();
  const client = new Client({ connectionString: frame.databaseUrl });
  await client.connect();
  await runMigrations(client, schema);
  await client.end();
  const connection = { connectionString: frame.databaseUrl, schema, max: 2 };
  queue = openQueue(connection);
  await queue.add('send', { deliveryId, dispatchNo: 1, leaked: 'mario@example.com' }, { jobId: `${deliveryId}-1` });
  const worker = new Worker(
    'email',
    async (job) => {
      throw new Error(job.name === 'send' ? 'render-failed for mario@example.com' : job.name);
    },
    { connection },
    createPostgresBackend,
  );
  await new Promise((resolve) => worker.once('failed', resolve));
  for (const code of codes) {
    const failed = new Promise((resolve) => worker.once('failed', resolve));
    await queue.add(code, {});
    await failed;
  }
  await worker.close();

  api = await TestApi.start({
    routers: (parts) => [adminRouter(parts, { secureCookies: false }), queueBoardRouter(parts, [queue])],
  });
  const cookieOf = async (role: OperatorRole): Promise<string> => {
    const operator = await createOperator(api.service, api.clock, { email: `${role}@example.com`, role });
    return `sollecito_session=${await openSession(api.parts.database, api.clock, operator)}`;
  };
  cookies = { admin: await cookieOf('admin'), operator: await cookieOf('operator'), viewer: await cookieOf('viewer') };
});
afterAll(async () => {
  await api.stop();
  await queue.close();
  await frame.stop();
});

const board = (method: string, path: string, cookie: string, headers: Record<string, string> = {}) =>
  api.call(method, `/admin/queues${path}`, { key: null, headers: { cookie, ...headers } });

test('the board is closed without a session, to keys too', async () => {
  expect((await board('GET', '', '')).headers.get('location')).toBe('/admin/sign-in');
  expect((await board('GET', '/api/queues', '')).status).toBe(401);
  expect((await api.call('GET', '/admin/queues/api/queues')).status).toBe(401);
  expect((await board('PUT', '/api/queues/email/pause', '')).status).toBe(401);
});

test('a failed job shows ids and a code, none of its words', async () => {
  const list = await board('GET', '/api/queues?activeQueue=email&status=failed&page=1&jobsPerPage=10', cookies.viewer);
  expect(list.status).toBe(200);
  expect(list.text).toContain(deliveryId);
  expect(list.text).toContain('render-failed');
  const job = await board('GET', `/api/queues/email/${deliveryId}-1`, cookies.viewer);
  expect(job.text).toContain(deliveryId);
  expect(list.text + job.text).not.toContain('mario');
});

test('a failed job shows its code, whosever it is', async () => {
  const list = await board('GET', '/api/queues?activeQueue=email&status=failed&page=1&jobsPerPage=10', cookies.viewer);
  for (const code of codes) expect(list.text).toContain(`"failedReason":"${code}"`);
});

test('viewers and operators look, admins act', async () => {
  expect((await board('PUT', '/api/queues/email/pause', cookies.viewer)).status).toBe(405);
  expect((await board('PUT', '/api/queues/email/pause', cookies.operator)).status).toBe(405);
  expect(await queue.isPaused()).toBe(false);
  expect((await board('PUT', '/api/queues/email/pause', cookies.admin)).status).toBe(200);
  expect(await queue.isPaused()).toBe(true);
});

test('a page of another site cannot act with an admin’s session', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  expect((await board('PUT', '/api/queues/email/resume', cookies.admin, headers)).status).toBe(403);
  expect(await queue.isPaused()).toBe(true);
});

test('the page loads nothing from elsewhere', async () => {
  const page = await board('GET', '', cookies.viewer);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(page.headers.get('x-powered-by')).toBeNull();
});
