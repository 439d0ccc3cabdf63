import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, TestApi } from './support/api.ts';
import { fatturaPa } from './support/fatturapa.ts';

type ProblemBody = { type: string; errors: { path: string; code: string; message: string }[] };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

const eur = (value: string) => ({ value, currency: 'EUR' });

/** An invoice as JSON; what is given replaces the usual. */
function invoice(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    number: '12',
    date: '2026-02-01',
    currency: 'EUR',
    seller: { name: 'Officine' },
    buyer: { name: 'Rossi S.r.l.' },
    total: eur('122.00'),
    instalments: [{ dueOn: '2026-03-31', amount: eur('122.00') }],
    ...more,
  };
}

const wrongIban = 'IT60X0542811101000000123457';
const instalment = (more: Record<string, unknown>) => ({ dueOn: '2026-03-31', amount: eur('122.00'), ...more });
const most = instalment({ amount: eur('999999999999999.99') });

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}

async function sendXml(bytes: Uint8Array, type = 'application/xml'): Promise<Answer<ProblemBody>> {
  return api.call<ProblemBody>('POST', '/v1/invoices', { body: bytes, headers: { 'content-type': type } });
}

async function nothingStored(): Promise<void> {
  const { rows } = await api.service.pool.query<{ n: number }>(
    `SELECT ((SELECT count(*) FROM sollecito.invoice) + (SELECT count(*) FROM sollecito.customer)
       + (SELECT count(*) FROM sollecito.due_date))::integer AS n`,
  );
  expect(rows).toEqual([{ n: 0 }]);
}

describe('an invoice that cannot be read', () => {
  test.each([
    ['a field is unknown', invoice({ buyer: { name: 'X', mail: 'x' } }), ['/buyer/mail unknown-field']],
    ['a day does not exist', invoice({ date: '2026-02-30' }), ['/date invalid-date']],
    ['the number is missing', { ...invoice(), number: undefined }, ['/number required']],
    ['an amount has three decimals', invoice({ total: eur('1.005') }), ['/total/value too-many-decimals']],
    ['the number is blank', invoice({ number: ' ' }), ['/number invalid-text']],
    ['the seller has no name', invoice({ seller: { name: '' } }), ['/seller/name invalid-text']],
    ['the buyer has no name', invoice({ buyer: { name: '  ' } }), ['/buyer/name invalid-text']],
    [
      'an IBAN is mistyped',
      invoice({ instalments: [instalment({ iban: wrongIban })] }),
      ['/instalments/0/iban invalid-iban'],
    ],
    ['an address is none', invoice({ buyer: { name: 'B', email: ['no address'] } }), ['/buyer/email/0 invalid-email']],
    ['a phone number is none', invoice({ buyer: { name: 'B', phone: ['12'] } }), ['/buyer/phone/0 invalid-phone']],
    ['a VAT id is none', invoice({ buyer: { name: 'B', vatId: 'IT?' } }), ['/buyer/vatId invalid-tax-number']],
    ['a tax code is none', invoice({ seller: { name: 'A', taxCode: '' } }), ['/seller/taxCode invalid-tax-number']],
    ['nothing says how much', invoice({ total: undefined, instalments: undefined }), ['/total required']],
    ['there are no instalments in it', invoice({ instalments: [] }), ['/instalments too-small']],
    ['the total is nothing', invoice({ total: eur('0.00'), instalments: undefined }), ['/total/value too-small']],
    [
      'instalments ask for nothing, or less',
      invoice({ instalments: [instalment({ amount: eur('0.00') }), instalment({ amount: eur('-1.00') })] }),
      ['/instalments/0/amount/value too-small', '/instalments/1/amount/value too-small'],
    ],
    [
      'an amount is in another currency',
      invoice({ instalments: [instalment({ amount: { value: '1.00', currency: 'USD' } })] }),
      ['/instalments/0/amount/currency other-currency'],
    ],
    [
      'all amounts are in another currency than it',
      invoice({ currency: 'USD' }),
      ['/total/currency other-currency', '/instalments/0/amount/currency other-currency'],
    ],
    [
      'the sum is more than can be kept',
      invoice({ total: undefined, instalments: [most, most] }),
      ['/total too-big', '/payable too-big'],
    ],
    ['a text holds NUL', invoice({ notes: ['a\u0000b'] }), ['/notes/0 invalid-text']],
    ['a text holds half a character', invoice({ number: '1\ud800' }), ['/number invalid-text']],
    ['it is deeper than any invoice', deep(1_000), [' wrong-type']],
    ['it is no object', [], [' wrong-type']],
  ])('%s: one clear problem, and nothing is stored', async (_, body, errors) => {
    const answer = await api.call<ProblemBody>('POST', '/v1/invoices', { body });
    expect([answer.status, answer.body.errors.map((error) => `${error.path} ${error.code}`)]).toEqual([400, errors]);
    expect(answer.body.errors.map((error) => error.message).join()).not.toMatch(/Invalid|Too |expected/);
    await nothingStored();
  });

  test.each([
    ['broken XML', '<a><b></a>', 'xml-broken'],
    ['XML with entities', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'xml-unsafe'],
    ['no XML', 'hello', 'not-xml'],
    ['a VAT id too long to be kept', fatturaPa().replace('02888000219', '1'.repeat(200)), 'text-too-long'],
  ])('%s', async (_, text, code) => {
    const answer = await sendXml(Buffer.from(text));
    expect([answer.status, answer.body.type]).toEqual([422, 'urn:sollecito:problem:unreadable-invoice']);
    expect(answer.body.errors.map((error) => error.code)).toEqual([code]);
  });

  test('nothing at all, too much, or another type', async () => {
    expect((await sendXml(new Uint8Array())).status).toBe(400);
    expect((await sendXml(new Uint8Array(20 * 1024 * 1024))).status).toBe(413);
    expect((await sendXml(Buffer.from('<a/>'), 'text/plain')).status).toBe(415);
  });
});
