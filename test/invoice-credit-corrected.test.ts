import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { codesOf, Credited, eur, first, second } from './support/credited.ts';

let api: TestApi;
let made: Credited;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(() => {
  api.clock.advance({ minutes: 1 });
  count += 1;
  made = new Credited(api, count);
});
afterAll(async () => {
  await api.stop();
});

describe('an invoice that is corrected after its credit note', () => {
  test('is lowered by it as far as its due dates ask, and the rest is used elsewhere', async () => {
    await made.invoice();
    await made.note('61.00');
    const answer = await made.invoice([
      { ...first, amount: eur('20.00') },
      { ...second, amount: eur('102.00') },
    ]);
    expect(codesOf(answer)).toEqual([]);
    expect(await made.standing()).toEqual(['paid 0.00 20.00', 'partlyPaid 61.00 41.00']);
    expect((await made.events(1))[0]).toMatchObject({ type: 'creditReversed', detail: { amount: eur('41.00') } });
  });

  test('no longer has an instalment that was credited: it is void, and its credit goes on', async () => {
    await made.invoice();
    await made.note('122.00');
    const answer = await made.invoice([{ ...first, amount: eur('122.00') }]);
    expect(codesOf(answer)).toEqual(['instalment-gone']);
    expect(await made.standing()).toEqual(['paid 0.00 122.00', 'void 0.00 0.00']);
  });

  test('asks for more: what was left of the note is used', async () => {
    await made.invoice([first, second]);
    expect(codesOf(await made.note('130.00'))).toEqual(['credit-left']);
    expect(codesOf(await made.invoice([first, { ...second, amount: eur('65.00') }]))).toEqual(['credit-left']);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'paid 0.00 65.00']);
    expect(codesOf(await made.invoice([first, { ...second, amount: eur('75.00') }]))).toEqual([]);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 6.00 69.00']);
  });

  test('of another buyer now is not lowered by it any more', async () => {
    await made.invoice();
    await made.note('61.00');
    const answer = await made.invoice([first, second], { buyer: { name: 'Bianchi', vatId: 'IT22222222222' } });
    expect(codesOf(answer)).toEqual(['buyer-changed']);
    expect(await made.standing()).toEqual(['open 61.00 0.00', 'open 61.00 0.00']);
  });
});

describe('at the same moment', () => {
  test('two credit notes of one invoice take off what both are worth', async () => {
    await made.invoice();
    const notes = await Promise.all([
      made.note('40.00'),
      made.note('50.00', { number: `${made.noteNumber}b` }),
      made.note('40.00'),
      made.note('50.00', { number: `${made.noteNumber}b` }),
    ]);
    expect(notes.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 32.00 29.00']);
  });

  test('an invoice and its credit note, whichever is first', async () => {
    const answers = await Promise.all([made.note('80.00'), made.invoice(), made.note('80.00'), made.invoice()]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(await made.standing()).toEqual(['paid 0.00 61.00', 'partlyPaid 42.00 19.00']);
  });

  test('a payment that is being recorded is waited for: what it leaves no room for is told', async () => {
    await made.invoice();
    const holder = new Client({ connectionString: api.databaseUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('UPDATE sollecito.due_date SET paid = 50 WHERE ref = $1', [`${made.number}/1`]);
      const noted = made.note('122.00');
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 30_000 }).toBe(1);
      await holder.query('COMMIT');
      expect((await noted).body.warnings).toMatchObject([{ message: expect.stringContaining('50.00 EUR') }]);
    } finally {
      await holder.end();
    }
    expect(await made.get(made.path(1))).toMatchObject({ credited: eur('61.00'), overpaid: eur('50.00') });
  });

  test('payments and credit notes: nothing is lost', async () => {
    await made.invoice();
    const payments = Array.from({ length: 6 }, (_, n) => made.pay(2, '10.00', `p${n}`));
    const notes = Array.from({ length: 3 }, (_, n) => made.note('31.00', { number: `${made.noteNumber}-${n}` }));
    const answers = await Promise.all([...payments, ...notes]);
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    const [one, two] = [await made.get(made.path(1)), await made.get(made.path(2))];
    expect(two['paid']).toEqual(eur('60.00'));
    const credited = [one, two].map((due) => Number((due['credited'] as { value: string }).value) * 100);
    const { rows } = await api.service.pool.query<{ sum: string }>(
      `SELECT sum(c.amount) FROM sollecito.credit c JOIN sollecito.due_date d ON d.id = c.due_date_id WHERE d.ref LIKE $1`,
      [`${made.number}/%`],
    );
    expect(credited.reduce((sum, cents) => sum + cents, 0)).toBe(Number(rows[0]?.sum) * 100);
    expect(one).toMatchObject({ state: 'paid', credited: eur('61.00') });
  });
});

test('what was imported before credit notes were read is lowered when either file comes again', async () => {
  const other = new Credited(api, count + 1_000);
  for (const one of [made, other]) {
    await one.invoice();
    await one.note('61.00', { references: [] });
    await api.service.pool.query(
      `UPDATE sollecito.invoice SET direction = NULL,
         data = jsonb_set(data, '{references}', jsonb_build_array(jsonb_build_object('kind', 'invoice', 'number', $2::text,
           'date', null, 'cup', null, 'cig', null)))
       WHERE number = $1`,
      [one.noteNumber, one.number],
    );
    await api.service.pool.query('UPDATE sollecito.invoice SET direction = NULL WHERE number = $1', [one.number]);
  }
  // As the migration does for those that are there.
  await api.service.pool.query(
    `INSERT INTO sollecito.credited_invoice (credit_note_id, position, tenant_id, number)
     SELECT id, 0, tenant_id, $2 FROM sollecito.invoice WHERE number = $1`,
    [made.noteNumber, made.number],
  );
  expect((await made.invoice()).body).toMatchObject({
    unchanged: false,
    changes: [{ field: 'state' }, { field: 'credited' }],
  });
  expect(await made.standing()).toEqual(['paid 0.00 61.00', 'open 61.00 0.00']);
  const references = [{ kind: 'invoice', number: other.number }];
  expect((await other.note('61.00', { references })).body).toMatchObject({ unchanged: false });
  expect(await other.standing()).toEqual(['paid 0.00 61.00', 'open 61.00 0.00']);
});
