import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, TestApi, type TestTenant } from './support/api.ts';

let api: TestApi;
let tenant: TestTenant;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(async () => {
  api.clock.advance({ minutes: 1 });
  count += 1;
  tenant = await api.addTenant({ name: `Tenant ${count}` });
});
afterAll(async () => {
  await api.stop();
});

/** What is given replaces the usual. */
function invoice(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    number: '12',
    date: '2026-02-01',
    seller: { name: 'Officine', vatId: 'IT01234567890' },
    total: { value: '122.00', currency: 'EUR' },
    ...more,
  };
}

async function send(body: unknown): Promise<Answer<{ customers: string[] }>> {
  return api.call<{ customers: string[] }>('POST', '/v1/invoices', { body, key: tenant.key });
}

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  return (await api.call(method, path, { key: tenant.key, ...(body === undefined ? {} : { body }) })).body;
}

describe('the customer of an invoice', () => {
  test('is known by VAT id, then tax code, then name where one has neither', async () => {
    await call('PUT', '/v1/customers/vat', { name: 'A', vatId: '09876543210' });
    await call('PUT', '/v1/customers/tax', { name: 'B', taxCode: 'RSSMRA80A01H501U' });
    await call('PUT', '/v1/customers/name', { name: 'Rossi S.r.l.' });
    const customers = async (number: string, buyer: Record<string, unknown>) =>
      (await send(invoice({ number, buyer }))).body.customers;
    expect(await customers('1', { name: 'Rossi S.r.l.', vatId: 'IT09876543210' })).toEqual(['vat']);
    expect(await customers('2', { name: 'Rossi S.r.l.', taxCode: 'RSSMRA80A01H501U' })).toEqual(['tax']);
    expect(await customers('3', { name: 'ROSSI S.R.L.' })).toEqual(['name']);
    // The name's customer has got this tax code now, so another one of that name is another customer.
    expect(await customers('4', { name: 'Rossi S.r.l.', taxCode: 'VRDLGU80A01H501U' })).toEqual(['name']);
    expect(await customers('5', { name: 'Rossi S.r.l.', taxCode: 'BNCNNA80A41H501U' })).toEqual(['BNCNNA80A41H501U']);
    expect(await customers('6', { name: 'Società Verdi & Figli' })).toEqual(['societa-verdi-figli']);
  });

  test('of a VAT group is not another firm of it: the tax code decides', async () => {
    await call('PUT', '/v1/customers/bank', { name: 'Bank', vatId: 'IT09876543210', taxCode: '11111111111' });
    const buyer = { name: 'Leasing', vatId: 'IT09876543210', taxCode: '22222222222' };
    expect((await send(invoice({ buyer }))).body.customers).toEqual(['IT09876543210']);
    expect((await send(invoice({ number: '13', buyer }))).body.customers).toEqual(['IT09876543210']);
    const bank = { ...buyer, taxCode: '11111111111' };
    expect((await send(invoice({ number: '14', buyer: bank }))).body.customers).toEqual(['bank']);
  });

  test('whose VAT number stands as its tax code is the same', async () => {
    await call('PUT', '/v1/customers/code', { name: 'Code', taxCode: '09876543210' });
    await call('PUT', '/v1/customers/vat', { name: 'VAT', vatId: 'IT11111111111' });
    const customers = async (number: string, buyer: Record<string, unknown>) =>
      (await send(invoice({ number, buyer }))).body.customers;
    expect(await customers('1', { name: 'X', vatId: 'IT09876543210' })).toEqual(['code']);
    expect(await customers('2', { name: 'X', taxCode: '11111111111' })).toEqual(['vat']);
  });

  test('without a number is nobody of two that have its name', async () => {
    await call('PUT', '/v1/customers/one', { name: 'Mario Rossi', taxCode: 'RSSMRA80A01H501U' });
    expect((await send(invoice({ buyer: { name: 'Mario Rossi' } }))).body.customers).toEqual(['one']);
    await call('PUT', '/v1/customers/two', { name: 'Mario Rossi', taxCode: 'RSSMRA81A01H501V' });
    for (const number of ['13', '14']) {
      expect((await send(invoice({ number, buyer: { name: 'Mario Rossi' } }))).body.customers).toEqual(['mario-rossi']);
    }
  });

  test('of the same name with a number of the other kind is another one', async () => {
    await call('PUT', '/v1/customers/person', { name: 'Mario Rossi', taxCode: 'RSSMRA80A01H501U' });
    const firm = { name: 'Mario Rossi', vatId: 'IT09876543210' };
    expect((await send(invoice({ buyer: firm }))).body.customers).toEqual(['IT09876543210']);
    expect(await call('GET', '/v1/customers/person')).toMatchObject({ vatId: null });
  });

  test('keeps its contacts and its name; only what is missing is filled in', async () => {
    await call('PUT', '/v1/customers/c1', { name: 'Mine', vatId: 'IT09876543210', email: ['mine@example.com'] });
    const buyer = {
      name: 'Rossi S.r.l.',
      vatId: 'IT09876543210',
      taxCode: '09876543210',
      email: ['theirs@example.com'],
      phone: ['+39 333 1234567'],
      pec: 'rossi@pec.example.com',
    };
    await send(invoice({ buyer }));
    expect(await call('GET', '/v1/customers/c1')).toMatchObject({
      name: 'Mine',
      email: ['mine@example.com'],
      phone: [],
      taxCode: '09876543210',
      pec: 'rossi@pec.example.com',
    });
  });

  test('that is new takes the contacts that the file has', async () => {
    const buyer = { name: 'New', email: ['new@example.com'], phone: ['333 1234567'] };
    await send(invoice({ buyer }));
    expect(await call('GET', '/v1/customers/new')).toMatchObject({
      email: ['new@example.com'],
      phone: ['+393331234567'],
    });
  });
});
