import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveBankAccount } from '../src/store/bank-accounts.ts';
import { saveCustomer } from '../src/store/customers.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

test('a reminder is accepted while its customer and its bank account are being changed', async () => {
  const { tenant, parts } = service.api;
  await parts.database.tenantTransaction(tenant.id, async (client) => {
    const save = { tenant: tenant.id, now: service.clock.now() };
    await saveCustomer(client, { ...save, refOrId: 'rossi', change: (row) => row && { ...row, name: 'Changed' } });
    await saveBankAccount(client, { ...save, refOrId: 'main', change: (row) => row && { ...row, holder: 'Changed' } });
    await service.remind({ bankAccount: 'main' });
  });
});

test('a bank account that stays as it is waits for nobody', async () => {
  const body = { holder: 'Officine Rossi', iban: 'IT60X0542811101000000123456', default: true };
  await service.put('/v1/bank-accounts/main', body);
  const holder = await hold("SELECT FROM sollecito.bank_account WHERE ref = 'main' FOR NO KEY UPDATE");
  try {
    await holder.query(`SELECT sollecito.hold_claims('${service.api.tenant.id}')`);
    await service.put('/v1/bank-accounts/main', body);
    await service.addDueDate('inline', { bankAccount: { ref: 'main', ...body } });
  } finally {
    await holder.end();
  }
});

test('a lock that is no key’s and is not had in five seconds is no key in flight', async () => {
  const holder = await hold("SELECT FROM sollecito.customer WHERE ref = 'rossi' FOR UPDATE");
  try {
    const answer = await service.ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  } finally {
    await holder.end();
  }
  await service.remind();
});

test('reminders that due dates of one batch call off for several reasons are locked at once, by id', async () => {
  const dueDates = ['one', 'two'].map((ref) => ({
    ref,
    customer: 'rossi',
    dueOn: '2026-02-20',
    amount: { value: '10.00', currency: 'EUR' },
  }));
  for (const { ref, ...body } of dueDates) await service.put(`/v1/due-dates/${ref}`, body);
  const [first, second] = [await service.remind({ dueDate: 'one' }), await service.remind({ dueDate: 'two' })];
  await service.pay('two', '1.00');
  const held = `SELECT r.id FROM sollecito.reminder r JOIN sollecito.reminder_due_date l ON l.reminder_id = r.id
    JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE u.ref = `;
  const holder = await hold(`${held} 'one' FOR UPDATE OF r`);
  try {
    // The second one comes first: paid off by its lower amount; the first becomes payable.
    const [one, two] = dueDates;
    const changed = [
      { ...two, amount: { value: '1.00', currency: 'EUR' } },
      { ...one, direction: 'payable' },
    ];
    const batch = service.call('POST', '/v1/due-dates/batch', { body: { dueDates: changed } });
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 30_000 }).toBe(1);
    expect((await holder.query(`${held} 'two' FOR UPDATE OF r NOWAIT`)).rowCount).toBe(1);
    await holder.query('ROLLBACK');
    expect((await batch).status).toBe(200);
  } finally {
    await holder.end();
  }
  expect(await service.fates(first.id)).toEqual(['canceled not-receivable']);
  expect(await service.fates(second.id)).toEqual(['canceled paid']);
});

const account = { holder: 'Officine Rossi', iban: 'IT60X0542811101000000123456' };
const template = { channel: 'email', locale: 'it', subject: 'Due', text: 'Due: {{ outstanding }}' };

test.each([
  ['a template', 'PUT', '/v1/templates/overdue', template],
  [
    'a template that stands',
    'POST',
    '/v1/templates/overdue/activate',
    { channel: 'email', locale: 'it', version: null },
  ],
  ['the usual account', 'PUT', '/v1/bank-accounts/main', { ...account, holder: 'Another', default: true }],
  ['another usual account', 'PUT', '/v1/bank-accounts/another', { ...account, default: true }],
  ['settings', 'PATCH', '/v1/tenant', { sender: { name: 'Another' } }],
  ['a suppression', 'POST', '/v1/suppressions', { channel: 'email', address: 'a@bianchi.example' }],
  ['a signing key', 'PUT', '/v1/tenant/dkim', { domain: 'rossi.example', selector: 'a' }],
  ['no signing key', 'DELETE', '/v1/tenant/dkim', undefined],
  [
    'the customer and the usual account of a due date',
    'POST',
    '/v1/due-dates/batch',
    {
      dueDates: [
        {
          ref: 'd1',
          customer: { ref: 'rossi', name: 'Renamed' },
          bankAccount: { ref: 'main', ...account, holder: 'A third', default: true },
          dueOn: '2026-02-20',
          amount: { value: '10.00', currency: 'EUR' },
        },
      ],
    },
  ],
])('a change of %s waits for the claims before it locks any row', async (_, method, path, body) => {
  const { id } = service.api.tenant;
  const holder = await hold(`SELECT pg_advisory_xact_lock_shared(sollecito.claims_key('${id}'))`);
  try {
    const change = service.call(method, path, body === undefined ? {} : { body });
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 30_000 }).toBe(1);
    // As the claim that is under way may still do, in its order.
    for (const table of ['customer', 'bank_account', 'due_date', 'reminder', 'tenant']) {
      await holder.query(`SELECT FROM sollecito.${table} ORDER BY id FOR UPDATE NOWAIT`);
    }
    await holder.query('ROLLBACK');
    expect((await change).status).toBeOneOf([200, 201, 204]);
  } finally {
    await holder.end();
  }
});

/** Another process in the middle of a transaction; its end takes it back. */
async function hold(statement: string): Promise<Client> {
  const client = new Client({ connectionString: service.api.databaseUrl });
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  return client;
}
