import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { type Outcome, sollecito } from './support/command-line.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';

test('import says in words what a corrected file changed, and what it did not', async () => {
  const api = await TestApi.start();
  const folder = await mkdtemp(path.join(tmpdir(), 'sollecito-import-'));
  const file = path.join(folder, 'invoice.xml');
  const run = async (xml: string): Promise<Outcome> => {
    await writeFile(file, xml);
    return sollecito(['import', file, '--tenant', api.tenant.ref], { env: { DATABASE_URL: api.databaseUrl } });
  };
  const on = (day: string, amount: string): string =>
    payment(`<DataScadenzaPagamento>${day}</DataScadenzaPagamento>`, amount);
  try {
    const first = await run(fatturaPa({ payments: on('2026-12-05', '61.00') + on('2027-01-05', '61.00') }));
    expect(first).toMatchObject({ code: 0, stdout: `${file}: imported, due dates 12/1, 12/2\n` });
    await api.call('PATCH', '/v1/due-dates/12%2F2', { body: { dueOn: '2027-02-01' } });
    const again = await run(fatturaPa({ payments: on('2026-12-15', '60.00') + on('2027-01-15', '62.00') }));
    expect(again.stdout.split('\n')).toEqual([
      `${file}: brought up to date, due dates 12/1, 12/2`,
      `${file}: 12/1: due on 2026-12-15 (was 2026-12-05)`,
      `${file}: 12/1: amount 60.00 EUR (was 61.00 EUR)`,
      `${file}: 12/2: amount 62.00 EUR (was 61.00 EUR)`,
      '',
    ]);
    expect(again.stderr).toBe(`${file}: 12/2 was changed since and keeps dueOn 2027-02-01; the file says 2027-01-15\n`);
  } finally {
    await rm(folder, { recursive: true });
    await api.stop();
  }
});
