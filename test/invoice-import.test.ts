import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openApiDocument } from '../src/api/openapi.ts';
import { operations } from '../src/api/operations.ts';
import { type Answer, TestApi, type TestTenant } from './support/api.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

type Report = {
  unchanged: boolean;
  customers: string[];
  bankAccounts: string[];
  dueDates: string[];
  changes: { dueDate: string; field: string; from: unknown; to: unknown }[];
  warnings: { code: string }[];
};

let api: TestApi;
let tenant: TestTenant;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(async () => {
  count += 1;
  tenant = await api.addTenant({ name: `Tenant ${count}` });
});
afterEach(() => api.clock.advance({ minutes: 1 }));
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });
const iban = 'IT60X0542811101000000123456';

/** An invoice as JSON; what is given replaces the usual. */
function invoice(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    number: '12',
    date: '2026-02-01',
    currency: 'EUR',
    seller: { name: 'Officine', vatId: 'IT01234567890' },
    buyer: { name: 'Rossi S.r.l.', vatId: 'IT09876543210', address: { street: 'Via Roma 1', city: 'Torino' } },
    total: eur('122.00'),
    instalments: [{ dueOn: '2026-03-31', amount: eur('122.00'), method: 'MP05', iban }],
    ...more,
  };
}

const twoInstalments = [
  { dueOn: '2026-03-31', amount: eur('61.00') },
  { dueOn: '2026-04-30', amount: eur('61.00') },
];

async function send(body: unknown): Promise<Answer<Report>> {
  return api.call<Report>('POST', '/v1/invoices', { body, key: tenant.key });
}

async function sendXml(bytes: Uint8Array, type = 'application/xml'): Promise<Answer<Report>> {
  return api.call<Report>('POST', '/v1/invoices', { body: bytes, key: tenant.key, headers: { 'content-type': type } });
}

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  return (await api.call(method, path, { key: tenant.key, ...(body === undefined ? {} : { body }) })).body;
}

async function dueDates(): Promise<Record<string, unknown>[]> {
  const { items } = await call('GET', '/v1/due-dates');
  return items as Record<string, unknown>[];
}

describe('an invoice', () => {
  test('becomes its customer, its bank account and its due date', async () => {
    const answer = await send(invoice());
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      unchanged: false,
      customers: ['IT09876543210'],
      bankAccounts: [iban],
      dueDates: ['12'],
      changes: [{ dueDate: '12', field: 'state', from: null, to: 'open' }],
      inFlight: [],
      warnings: [],
    });
    expect(await call('GET', '/v1/due-dates/12')).toMatchObject({
      customer: 'IT09876543210',
      document: { number: '12', date: '2026-02-01', type: 'invoice' },
      dueOn: '2026-03-31',
      amount: eur('122.00'),
      bankAccount: iban,
      paymentMethod: 'MP05',
    });
    expect(await call('GET', '/v1/customers/IT09876543210')).toMatchObject({
      name: 'Rossi S.r.l.',
      kind: 'business',
      address: { street: 'Via Roma 1', city: 'Torino' },
    });
    expect(await call('GET', `/v1/bank-accounts/${iban}`)).toMatchObject({ holder: 'Officine', iban });
    expect(await call('GET', '/v1/tenant')).toMatchObject({ name: `Tenant ${count}` });
  });

  test('sent again changes nothing', async () => {
    const first = await send(invoice());
    const before = await dueDates();
    const again = await send(invoice());
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ ...first.body, unchanged: true, changes: [] });
    expect(await dueDates()).toEqual(before);
  });

  test('sent again changes nothing, though we say of it in other words today', async () => {
    await send(invoice({ instalments: undefined }));
    await api.service.pool.query(
      `UPDATE sollecito.invoice SET data = jsonb_set(data, '{warnings,0,message}', '"In other words"') WHERE tenant_id = $1`,
      [tenant.id],
    );
    const before = await dueDates();
    expect((await send(invoice({ instalments: undefined }))).body).toMatchObject({ unchanged: true });
    expect(await dueDates()).toEqual(before);
  });

  test('sent many times at once is imported once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, async () => send(invoice())));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.body.unchanged)).toHaveLength(9);
    expect(await dueDates()).toHaveLength(1);
  });

  test('needs few fields: who, whom, which, when and how much', async () => {
    const least = { number: '1', date: '2026-02-01', seller: { name: 'A' }, buyer: { name: 'B' } };
    const answer = await send({ ...least, total: eur('10.00') });
    expect([answer.status, answer.body.warnings.map(({ code }) => code)]).toEqual([201, ['no-payment-terms']]);
    expect(await call('GET', '/v1/due-dates/1')).toMatchObject({ dueOn: '2026-02-01', amount: eur('10.00') });
    const instalments = [{ dueOn: '2026-03-31', amount: eur('7.00') }];
    expect((await send({ ...least, number: '2', instalments })).body).toMatchObject({ dueDates: ['2'], warnings: [] });
    expect((await send({ ...least, number: '3', total: eur('8.00'), instalments })).body.warnings).toMatchObject([
      { code: 'instalments-differ' },
    ]);
  });

  test('is taken as the OpenAPI page shows it', async () => {
    const { paths } = openApiDocument(operations, '0');
    const schema = paths['/v1/invoices']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(schema).toMatchObject({ required: ['number', 'date', 'seller', 'buyer'], additionalProperties: false });
    expect(schema?.properties?.['instalments']?.items?.required).toEqual(['dueOn', 'amount']);
    const answer = await send(schema?.examples?.[0]);
    expect([answer.status, answer.body.dueDates, answer.body.warnings]).toEqual([201, ['2026/12/1', '2026/12/2'], []]);
  });

  test('has a due date for each instalment', async () => {
    expect((await send(invoice({ instalments: twoInstalments }))).body.dueDates).toEqual(['12/1', '12/2']);
  });

  test('of another year or seller with the same number gets a ref of its own', async () => {
    await send(invoice());
    expect((await send(invoice({ date: '2027-02-01' }))).body.dueDates).toEqual(['12-2027']);
    const other = { name: 'Other', vatId: 'IT11111111111' };
    expect((await send(invoice({ date: '2027-02-01', seller: other }))).body.dueDates).toEqual(['12-2027-2']);
    await send(invoice({ number: '5', instalments: twoInstalments }));
    expect((await send(invoice({ number: '5/2' }))).body.dueDates).toEqual(['5/2-2026']);
  });

  test('finds the due date that an app had made of it, which is asked for once', async () => {
    await call('PUT', '/v1/customers/c1', { name: 'Rossi', vatId: 'IT09876543210' });
    await call('PUT', '/v1/due-dates/mine', {
      customer: 'c1',
      dueOn: '2026-03-31',
      amount: eur('122.00'),
      document: { number: '12' },
      metadata: { order: 7 },
    });
    expect((await send(invoice())).body.dueDates).toEqual(['mine']);
    expect(await dueDates()).toMatchObject([{ ref: 'mine', metadata: { order: 7 }, document: { date: '2026-02-01' } }]);
    expect((await send(invoice())).body).toMatchObject({ unchanged: true, dueDates: ['mine'] });
  });

  test('tells of the due date that an app had made of it by another day, and of one that was called off', async () => {
    const customer = { ref: 'c1', name: 'Rossi', vatId: 'IT09876543210' };
    const amount = eur('122.00');
    const document = { number: '12' };
    const path = '/v1/due-dates/mine';
    await call('PUT', path, { customer, dueOn: '2026-03-30', amount, document });
    const { body } = await send(invoice());
    expect(body).toMatchObject({ dueDates: ['12'], warnings: [{ code: 'also-asked' }] });
    expect((await send(invoice({ notes: ['Corrected'] }))).body.warnings).toEqual([]);
    await call('PUT', '/v1/due-dates/off', { customer, dueOn: '2026-03-31', amount, document: { number: '13' } });
    await call('POST', '/v1/due-dates/off/void');
    const answer = await send(invoice({ number: '13' }));
    expect(answer.body).toMatchObject({ dueDates: ['off'], warnings: [{ code: 'kept-changed' }] });
  });
});

describe('a document that asks for no money', () => {
  test('a credit note makes no due date, and says what it does not lower', async () => {
    const answer = await send(invoice({ type: 'creditNote' }));
    expect(answer.status).toBe(201);
    const warnings = [{ code: 'credit-names-no-invoice' }];
    expect(answer.body).toMatchObject({ dueDates: [], customers: [], changes: [], warnings });
    expect((await send(invoice({ type: 'creditNote' }))).body).toMatchObject({ unchanged: true, warnings });
    expect(await dueDates()).toEqual([]);
  });

  test('what a buyer writes for the tax office is the buyer’s own debt, due on its date where it says nothing else', async () => {
    const answer = await sendXml(Buffer.from(fatturaPa({ payments: '' }).replace('TD01', 'TD17')));
    expect(answer.body.warnings).toContainEqual(expect.objectContaining({ code: 'no-payment-terms' }));
    expect(await dueDates()).toEqual([expect.objectContaining({ direction: 'payable', dueOn: '2026-11-05' })]);
  });

  test('nor does what a firm writes to itself', async () => {
    const toOneself = await sendXml(Buffer.from(fatturaPa().replace('TD01', 'TD27')));
    expect(toOneself.body).toMatchObject({ dueDates: [], customers: [], warnings: [{ code: 'self-invoice' }] });
  });

  test('nor does one whose total is less than nothing', async () => {
    const negative = fatturaPa({
      total: '<ImportoTotaleDocumento>-122.00</ImportoTotaleDocumento>',
      payments: payment('<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>', '-122.00'),
    });
    const answer = await sendXml(Buffer.from(negative));
    expect(answer.body).toMatchObject({ dueDates: [], warnings: [{ code: 'nothing-owed' }] });
  });

  test('an instalment of nothing makes none either', async () => {
    const due = '<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>';
    expect((await sendXml(Buffer.from(fatturaPa({ payments: payment(due, '0.00') })))).body).toMatchObject({
      dueDates: [],
      warnings: [{ code: 'instalments-differ' }, { code: 'nothing-owed' }],
    });
  });
});

describe('files of FatturaPA', () => {
  const samples = path.join(import.meta.dirname, '../../shared/samples/invoices/fatturapa');

  test.skipIf(!existsSync(samples))('that others wrote are imported, and again without a change', async () => {
    for (const file of (await readdir(samples)).filter((name) => name.endsWith('.xml')).sort()) {
      const bytes = await readFile(path.join(samples, file));
      const first = await sendXml(bytes);
      // Some share seller, number and year: the later one counts as the earlier one, put right.
      expect([file, first.body.dueDates.length > 0 || first.body.warnings.length > 0]).toEqual([file, true]);
      const again = await sendXml(bytes, 'application/octet-stream');
      const warnings = first.body.warnings.filter(({ code }) => code !== 'buyer-changed' && code !== 'instalment-gone');
      expect([file, again.status, again.body]).toEqual([
        file,
        200,
        { ...first.body, unchanged: true, changes: [], warnings },
      ]);
    }
    const all = await dueDates();
    expect(all.length).toBeGreaterThan(5);
    expect(all.every((one) => one['direction'] === 'receivable')).toBe(true);
  });
});
