import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { directionOf } from '../src/domain/invoice-direction.ts';
import { type PartyNumbers, sameParty } from '../src/domain/same-party.ts';
import { type Answer, TestApi, type TestTenant } from './support/api.ts';
import { fatturaPa } from './support/fatturapa.ts';

type Report = {
  unchanged: boolean;
  customers: string[];
  bankAccounts: string[];
  dueDates: string[];
  changes: { dueDate: string; field: string; from: unknown; to: unknown }[];
  warnings: { code: string }[];
};

const numbers = (vatId: string | null, taxCode: string | null = null): PartyNumbers => ({ vatId, taxCode });
const party = (vatId: string | null, taxCode: string | null = null, name = 'A') => ({
  name,
  ...numbers(vatId, taxCode),
  address: null,
  email: [],
  phone: [],
  pec: null,
});

describe('whose money an invoice speaks of', () => {
  const invoice = (seller: PartyNumbers, buyer: PartyNumbers, type: 'invoice' | 'selfInvoice' = 'invoice') => ({
    number: '1',
    type,
    seller: party(seller.vatId, seller.taxCode, 'Seller'),
    buyer: { ...party(buyer.vatId, buyer.taxCode, 'Buyer'), kind: 'business' as const },
  });
  const [us, them, others] = [numbers('IT01234567890'), numbers('IT09876543210'), numbers('IT22222222222')];
  const nobody = numbers(null);

  test.each([
    ['we sell', invoice(us, them), us, 'receivable', []],
    ['we buy', invoice(them, us), us, 'payable', []],
    ['our buyer wrote it for us', invoice(us, them, 'selfInvoice'), us, 'receivable', []],
    ['we wrote it for our seller', invoice(them, us, 'selfInvoice'), us, 'payable', []],
    ['we are both', invoice(us, us), us, 'receivable', []],
    ['we are neither', invoice(them, others), us, 'receivable', ['other-seller']],
    ['we are neither, and its buyer wrote it', invoice(them, others, 'selfInvoice'), us, 'payable', ['other-seller']],
    ['nobody said who we are', invoice(them, us), nobody, 'receivable', []],
    ['nobody said who we are, and its buyer wrote it', invoice(them, us, 'selfInvoice'), nobody, 'payable', []],
    ['our VAT id without its country', invoice(them, numbers('01234567890')), us, 'payable', []],
    ['our VAT id in other letters', invoice(them, us), numbers('it 012 345 678 90'), 'payable', []],
    ['our tax code alone', invoice(them, numbers(null, '01234567890')), us, 'payable', []],
    [
      'another firm of our VAT group',
      invoice(them, numbers('IT01234567890', '33333333333')),
      numbers('IT01234567890', '44444444444'),
      'receivable',
      ['other-seller'],
    ],
  ])('%s', (_, given, tenant, direction, codes) => {
    const judged = directionOf(given, tenant);
    expect([judged.direction, judged.warnings.map(({ code }) => code)]).toEqual([direction, codes]);
  });

  test('a name speaks only where the numbers of two parties cannot', () => {
    expect(sameParty(party('IT1', null, 'Rossi'), party(null, null, ' rossi '))).toBe(true);
    expect(sameParty(party('IT1', null, 'Rossi'), party('IT2', null, 'Rossi'))).toBe(false);
    expect(sameParty(party('IT12345678901', null, 'A'), party(null, '12345678901', 'B'))).toBe(true);
    expect(sameParty(party(null, null, 'A'), party(null, null, 'B'))).toBe(false);
    expect(sameParty(party('IT12345678901'), party(null, 'RSSMRA80A01H501U'))).toBe(true);
  });

  test('a VAT number in the place of a tax code says nothing more', () => {
    const [trader, asWritten] = [party('IT12345678901', 'RSSMRA80A01H501U'), party('IT12345678901', '12345678901')];
    expect(sameParty(trader, asWritten)).toBe(true);
    expect(sameParty(trader, party('IT12345678901', 'VRDLGU80A01H501U'))).toBe(false);
    // A firm that has joined a VAT group since.
    expect(sameParty(asWritten, party('IT99999999999', '12345678901'))).toBe(true);
  });
});

describe('an invoice to the tenant', () => {
  let api: TestApi;
  let tenant: TestTenant;
  let count = 0;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  beforeEach(async () => {
    count += 1;
    api.clock.advance({ minutes: 1 });
    tenant = await api.addTenant({ name: `Buyer ${count}` });
  });
  afterAll(async () => {
    await api.stop();
  });

  const eur = (value: string) => ({ value, currency: 'EUR' });
  const iban = 'IT60X0542811101000000123456';
  const purchase = {
    number: '12',
    date: '2026-02-01',
    seller: { name: 'Fornitore', vatId: 'IT01234567890', email: ['sales@example.com'] },
    buyer: { name: 'Noi', vatId: 'IT09876543210' },
    instalments: [{ dueOn: '2026-03-31', amount: eur('122.00'), method: 'MP05', iban }],
  };

  async function isKnown(as: string): Promise<void> {
    await api.service.pool.query('UPDATE sollecito.tenant SET vat_id = $2 WHERE id = $1', [tenant.id, as]);
  }

  async function send(body: unknown, headers: Record<string, string> = {}): Promise<Answer<Report>> {
    return api.call<Report>('POST', '/v1/invoices', { body, key: tenant.key, headers });
  }

  async function get(path: string): Promise<Record<string, unknown>> {
    return (await api.call('GET', path, { key: tenant.key })).body;
  }

  test('is payable to its seller, and the account is none of ours', async () => {
    await isKnown('09876543210');
    const answer = await send(purchase);
    expect(answer.body).toMatchObject({
      customers: ['IT01234567890'],
      bankAccounts: [],
      dueDates: ['12'],
      warnings: [],
    });
    expect(await get('/v1/due-dates/12')).toMatchObject({
      direction: 'payable',
      customer: 'IT01234567890',
      bankAccount: null,
    });
    expect(await get('/v1/customers/IT01234567890')).toMatchObject({ name: 'Fornitore', email: ['sales@example.com'] });
    expect(await get('/v1/bank-accounts')).toMatchObject({ items: [] });
    const reminder = { dueDate: '12', channel: 'email' };
    const headers = { 'Idempotency-Key': 'a' };
    const refused = await api.call('POST', '/v1/reminders', { body: reminder, key: tenant.key, headers });
    expect([refused.status, refused.body['type']]).toEqual([409, 'urn:sollecito:problem:not-receivable']);
  });

  test('is lowered by its credit note', async () => {
    await isKnown('IT09876543210');
    await send(purchase);
    const { instalments: _, ...same } = purchase;
    const references = [{ kind: 'invoice', number: '12' }];
    await send({ ...same, number: 'C1', type: 'creditNote', total: eur('22.00'), references });
    expect(await get('/v1/due-dates/12')).toMatchObject({ outstanding: eur('100.00'), credited: eur('22.00') });
  });

  test('that was taken for one of ours becomes payable once the tenant is known, and asks for nothing any more', async () => {
    await send(purchase);
    expect(await get('/v1/due-dates/12')).toMatchObject({ direction: 'receivable', customer: 'IT09876543210' });
    await isKnown('IT09876543210');
    const answer = await send(purchase);
    expect(answer.body).toMatchObject({ unchanged: false, customers: ['IT01234567890'], warnings: [] });
    expect(answer.body.changes).toEqual([
      { dueDate: '12', field: 'direction', from: 'receivable', to: 'payable' },
      { dueDate: '12', field: 'customer', from: 'IT09876543210', to: 'IT01234567890' },
      { dueDate: '12', field: 'bankAccount', from: iban, to: null },
    ]);
    expect((await send(purchase)).body).toMatchObject({ unchanged: true, changes: [] });
  });

  test('that the tenant wrote itself is payable where it says how it is paid', async () => {
    const xml = fatturaPa().replace('TD01', 'TD17');
    await send(Buffer.from(xml), { 'content-type': 'application/xml' });
    expect(await get('/v1/due-dates/12')).toMatchObject({ direction: 'payable', customer: 'IT03999000106' });
  });

  test('of one stranger to another is receivable, with a warning', async () => {
    await isKnown('IT55555555555');
    expect((await send(purchase)).body).toMatchObject({ dueDates: ['12'], warnings: [{ code: 'other-seller' }] });
  });
});
