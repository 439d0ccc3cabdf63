import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../src/api/operations.ts';
import { parseId } from '../src/domain/ids.ts';
import { listReminders, loadLeftMessage, loadReminder, loadReminderEvents } from '../src/store/reminders.ts';
import { TestApi, type TestTenant } from './support/api.ts';
import { makeReminder } from './support/made-reminders.ts';

let api: TestApi;
let other: TestTenant;
let strangers = 0;
/** What the first tenant has, by the name that a path gives it. */
const theirs: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  api = await TestApi.start();
  other = await api.addTenant({ name: 'Other' });
  await api.call('PUT', '/v1/customers/secret-customer', { body: { name: 'Secret', email: ['secret@example.com'] } });
  const bankAccount = { holder: 'Secret', iban: 'IT60X0542811101000000123456', default: true };
  await api.call('PUT', '/v1/bank-accounts/secret-account', { body: bankAccount });
  const amount = { value: '122.00', currency: 'EUR' };
  const dueDate = { customer: 'secret-customer', dueOn: '2026-02-20', amount, bankAccount: 'secret-account' };
  const made = await api.call('PUT', '/v1/due-dates/secret-due', { body: dueDate });
  const payment = { ref: 'secret-payment', amount: { ...amount, value: '1.00' }, paidOn: '2026-03-01' };
  await api.call('POST', '/v1/due-dates/secret-due/payments', { body: payment });
  await api.call('PUT', '/v1/due-dates/secret-due/pdf', {
    body: Buffer.from('%PDF-1.7\nsecret\nstartxref\n0\n%%EOF'),
    headers: { 'content-type': 'application/pdf' },
  });
  await api.call('PUT', '/v1/tenant/dkim', { body: { domain: 'secret.example', selector: 'secret' } });
  const reminder = await makeReminder(api, { dueDates: ['secret-due'], deliveries: ['accepted'] });
  const suppression = { channel: 'email', address: 'secret@example.com', note: 'Secret' };
  const suppressed = await api.call('POST', '/v1/suppressions', { body: suppression });
  theirs['/v1/suppressions'] = { id: String(suppressed.body['id']) };
  const paused = await api.call('POST', '/v1/pauses', { body: { reason: 'Secret' } });
  theirs['/v1/pauses'] = { id: String(paused.body['id']) };
  theirs['/v1/customers'] = { ref: 'secret-customer' };
  theirs['/v1/bank-accounts'] = { ref: 'secret-account' };
  theirs['/v1/due-dates'] = { ref: 'secret-due', paymentRef: 'secret-payment', id: String(made.body['id']) };
  theirs['/v1/reminders'] = { id: reminder.shown };
  const template = { channel: 'email', locale: 'it', subject: 'Secret', text: 'Secret' };
  await api.call('PUT', '/v1/templates/overdue', { body: template });
  theirs['/v1/templates'] = { key: 'overdue' };
});
afterAll(async () => {
  await api.stop();
});

/** Bodies that are well formed, so that only the wall can refuse them. */
const bodies: Record<string, unknown> = {
  putCustomer: { name: 'Mine' },
  patchCustomer: { name: 'Mine' },
  putBankAccount: { holder: 'Mine', iban: 'IT60X0542811101000000123456' },
  patchBankAccount: { holder: 'Mine' },
  putDueDate: { customer: 'secret-customer', dueOn: '2026-02-20', amount: { value: '1.00', currency: 'EUR' } },
  patchDueDate: { dueOn: '2026-02-21' },
  postPayment: { ref: 'mine', amount: { value: '1.00', currency: 'EUR' }, paidOn: '2026-03-01' },
  putHold: { reason: 'paused' },
  postReminderResolve: { outcome: 'sent' },
  putTemplate: { channel: 'email', locale: 'it', subject: 'Mine', text: 'Mine' },
  postTemplateActivate: { channel: 'email', locale: 'it', version: 1 },
  postTemplatePreview: { channel: 'email', locale: 'it', version: 1 },
};

/** What names one of theirs beside the path. */
const queries: Record<string, string> = { getTemplate: '?channel=email&locale=it&version=1' };

describe("with another tenant's key", () => {
  const ofTenants = operations.filter((operation) => operation.scope !== 'platform');
  const named = ofTenants.filter((operation) => operation.path.includes('{'));

  test.each(named.map((operation) => [`${operation.method.toUpperCase()} ${operation.path}`, operation] as const))(
    '%s finds nothing and changes nothing',
    async (_, operation) => {
      const root = operation.path.split('/').slice(0, 3).join('/');
      const names = theirs[root];
      if (!names) throw new Error(`the test knows nothing of ${root}: give it an example`);
      const path = operation.path.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => {
        const value = names[name];
        if (value === undefined) throw new Error(`the test knows no ${name} of ${root}: give it an example`);
        return value;
      });
      const before = await footprint();
      strangers += 1;
      const stranger = await api.addTenant({ name: `Stranger ${strangers}` });
      const request = requestOf(operation.id, stranger.key);
      const answer = await api.call(operation.method.toUpperCase(), path + (queries[operation.id] ?? ''), request);
      // A ref belongs to its tenant: the same one makes the stranger's own.
      const makesItsOwn =
        operation.method === 'put' && ['putCustomer', 'putBankAccount', 'putTemplate'].includes(operation.id);
      expect(answer.status).toBe(makesItsOwn ? 201 : 404);
      expect(answer.text).not.toContain('Secret');
      expect(await footprint()).toEqual(before);
    },
  );

  test('an id of theirs is found by none of them either', async () => {
    const id = theirs['/v1/due-dates']?.['id'] ?? '';
    for (const path of [`/v1/due-dates/${id}`, `/v1/due-dates/${id}/history`, `/v1/due-dates/${id}/payments`]) {
      expect((await api.call('GET', path, { key: other.key })).status).toBe(404);
    }
  });

  const lists = ofTenants.filter((operation) => operation.method === 'get' && !operation.path.includes('{'));
  test.each(lists.map((operation) => [operation.path]))('GET %s shows nothing of theirs', async (path) => {
    const answer = await api.call<{ items?: unknown[] }>('GET', path, { key: other.key });
    // It has a key of its own to sign with, or none.
    expect(answer.status).toBe(path === '/v1/tenant/dkim' ? 404 : 200);
    expect(answer.text).not.toMatch(/secret/i);
    if (path === '/v1/due-dates') expect(answer.body.items).toEqual([]);
  });

  const ofPlatform = operations.filter((operation) => operation.scope === 'platform');
  test.each(ofPlatform.map((operation) => [operation.method.toUpperCase(), operation.path]))(
    '%s %s is forbidden',
    async (method, path) => {
      const before = await footprint();
      const answer = await api.call(method, path.replaceAll(/\{\w+\}/g, api.tenant.ref), { key: other.key });
      expect(answer.status).toBe(403);
      expect(await footprint()).toEqual(before);
    },
  );

  test('a ref of theirs in a body is not found, with its path', async () => {
    const amount = { value: '1.00', currency: 'EUR' };
    const mine = { ref: 'mine', dueOn: '2026-02-20', amount };
    const answer = await api.call<{ items: { status: number; problem: { errors: { path: string }[] } }[] }>(
      'POST',
      '/v1/due-dates/batch',
      {
        key: other.key,
        body: {
          dueDates: [
            { ...mine, customer: 'secret-customer' },
            { ...mine, customer: { ref: 'my-customer', name: 'Mine' }, bankAccount: 'secret-account' },
          ],
        },
      },
    );
    const found = answer.body.items.map((item) => [item.status, item.problem.errors[0]?.path]);
    expect(found).toEqual([
      [404, '/customer'],
      [404, '/bankAccount'],
    ]);
    const payment = { ref: 'p', amount, paidOn: '2026-03-01', dueDate: 'secret-due' };
    const paid = await api.call<{ items: { status: number }[] }>('POST', '/v1/payments/batch', {
      key: other.key,
      body: { payments: [payment] },
    });
    expect(paid.body.items[0]?.status).toBe(404);
  });
});

describe('behind the API', () => {
  test('without a tenant its role sees no row of any table that belongs to tenants', async () => {
    const tables = await tenantTables();
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) {
      const { rows } = await api.parts.database.pool.query(`SELECT count(*)::integer AS n FROM sollecito.${table}`);
      expect([table, rows]).toEqual([table, [{ n: 0 }]]);
    }
  });

  test('with a tenant it sees that tenant alone, and can write for no other', async () => {
    for (const table of await tenantTables()) {
      const column = table === 'tenant' ? 'id' : 'tenant_id';
      const rows = await api.parts.database.tenantTransaction(other.id, async (client) => {
        const found = await client.query<{ n: number }>(
          `SELECT count(*)::integer AS n FROM sollecito.${table} WHERE ${column} = '${api.tenant.id}'`,
        );
        return found.rows;
      });
      expect([table, rows]).toEqual([table, [{ n: 0 }]]);
    }
    const forged = api.parts.database.tenantTransaction(other.id, (client) =>
      client.query(
        `INSERT INTO sollecito.customer (id, tenant_id, ref, name, kind, created_at, updated_at)
         VALUES (uuidv7(), '${api.tenant.id}', 'forged', 'Forged', 'business', now(), now())`,
      ),
    );
    await expect(forged).rejects.toThrow(/row-level security/);
  });
});

describe('the role of the API', () => {
  test.each([
    "UPDATE sollecito.tenant SET plan = 'large'",
    "UPDATE sollecito.tenant SET ref = 'mine'",
    "INSERT INTO sollecito.plan VALUES ('mine')",
    'DELETE FROM sollecito.plan_limit',
    'DELETE FROM sollecito.quota_warning',
    'UPDATE sollecito.send_limit SET channel = channel',
    'DELETE FROM sollecito.migration',
  ])('may not %s', async (statement) => {
    const done = api.parts.database.tenantTransaction(other.id, (client) => client.query(statement));
    await expect(done).rejects.toMatchObject({ code: '42501' });
  });
});

describe('without row-level security', () => {
  test("another tenant's reminders are found by none of the statements that read them", async () => {
    const id = parseId('reminder', theirs['/v1/reminders']?.['id'] ?? '') ?? expect.fail('no id');
    const page = { limit: 10, newestFirst: true, after: undefined };
    const client = api.service.pool;
    expect(await loadReminder(client, api.tenant.id, id)).toBeDefined();
    expect(await loadReminder(client, other.id, id)).toBeUndefined();
    expect(await listReminders(client, api.tenant.id, {}, page)).toHaveLength(1);
    expect(await listReminders(client, other.id, {}, page)).toEqual([]);
    expect(await listReminders(client, other.id, { dueDate: ['secret-due'] }, page)).toEqual([]);
    expect(await loadReminderEvents(client, other.id, id)).toEqual([]);
    expect(await loadLeftMessage(client, other.id, id, undefined)).toBeUndefined();
  });
});

function requestOf(id: string, key: string) {
  if (id === 'putPdf') {
    const body = Buffer.from('%PDF-1.7\nmine\nstartxref\n0\n%%EOF');
    return { key, body, headers: { 'content-type': 'application/pdf' } };
  }
  const body = bodies[id];
  return { key, ...(body === undefined ? {} : { body }) };
}

/** All that the first tenant has, as it stands in the database. */
async function footprint(): Promise<string> {
  const { rows } = await api.service.pool.query<{ print: string }>(
    `SELECT md5(concat((SELECT string_agg(c::text, ',' ORDER BY id) FROM sollecito.customer c WHERE tenant_id = $1),
       (SELECT string_agg(b::text, ',' ORDER BY id) FROM sollecito.bank_account b WHERE tenant_id = $1),
       (SELECT string_agg(d::text, ',' ORDER BY id) FROM sollecito.due_date d WHERE tenant_id = $1),
       (SELECT string_agg(p::text, ',' ORDER BY id) FROM sollecito.payment p WHERE tenant_id = $1),
       (SELECT string_agg(r::text, ',' ORDER BY id) FROM sollecito.reminder r WHERE tenant_id = $1),
       (SELECT string_agg(s::text, ',' ORDER BY id) FROM sollecito.suppression s WHERE tenant_id = $1),
       (SELECT string_agg(p::text, ',' ORDER BY id) FROM sollecito.pause p WHERE tenant_id = $1),
       (SELECT string_agg(l::text, ',' ORDER BY id) FROM sollecito.send_limit l),
       (SELECT string_agg(e::text, ',' ORDER BY id) FROM sollecito.event e WHERE tenant_id = $1))) AS print`,
    [api.tenant.id],
  );
  return rows[0]?.print ?? '';
}

async function tenantTables(): Promise<string[]> {
  const { rows } = await api.service.pool.query<{ name: string }>(
    `SELECT DISTINCT c.relname AS name FROM pg_class c
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (a.attname IS NOT NULL OR c.relname = 'tenant') ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}
