import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, TestApi } from './support/api.ts';

type ProblemBody = { type: string; errors: { path: string; code: string }[] };

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
    ['a day does not exist', invoice({ date: '2026-02-30' }), ['/date invalid-value']],
    ['the number is missing', { ...invoice(), number: undefined }, ['/number required']],
    ['an amount has three decimals', invoice({ total: eur('1.005'), payable: eur('1.00') }), ['/total invalid-value']],
    ['a text holds NUL', invoice({ notes: ['a\u0000b'] }), ['/notes/0 invalid-text']],
    ['a text holds half a character', invoice({ number: '1\ud800' }), ['/number invalid-text']],
    ['it is deeper than any invoice', deep(1_000), [`${'/0'.repeat(12)} too-deep`]],
    ['it is no object', [], [' wrong-type']],
  ])('%s: one clear problem, and nothing is stored', async (_, body, errors) => {
    const answer = await api.call<ProblemBody>('POST', '/v1/invoices', { body });
    expect([answer.status, answer.body.errors.map((error) => `${error.path} ${error.code}`)]).toEqual([400, errors]);
    await nothingStored();
  });

  test.each([
    ['broken XML', '<a><b></a>', 'xml-broken'],
    ['XML with entities', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'xml-unsafe'],
    ['no XML', 'hello', 'not-xml'],
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
