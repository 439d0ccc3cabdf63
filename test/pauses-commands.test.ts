import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, sollecito } from './support/command-line.ts';
import { TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

async function run(...args: string[]): Promise<Outcome> {
  return sollecito(args, { env: { DATABASE_URL: api.databaseUrl, PUBLIC_URL: 'https://reminders.example.com' } });
}

async function auditOf(action: string): Promise<Record<string, unknown>[]> {
  const { rows } = await api.service.pool.query(
    'SELECT actor, target, detail FROM sollecito.audit WHERE action = $1 ORDER BY id',
    [action],
  );
  return rows;
}

test('pauses are added, listed and lifted', async () => {
  const all = await run('pauses', 'add', '--reason', 'restored from backup');
  const one = await run(
    'pauses',
    'add',
    '--tenant',
    'officine-rossi',
    '--channel',
    'sms',
    '--until',
    '2100-01-31T12:00:00Z',
    '--reason',
    'a dispute',
  );
  expect(all).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^pau_\w{26}\n$/) });
  const [first, second] = [all.stdout.trim(), one.stdout.trim()];
  expect((await run('pauses', 'list')).stdout).toBe(
    `${first} of everybody, by cli: restored from backup\n` +
      `${second} of officine-rossi, sms, until 2100-01-31T12:00:00.000Z, by cli: a dispute\n`,
  );
  expect(await run('pauses', 'lift', first)).toMatchObject({ code: 0, stdout: `${first} has ended\n` });
  expect((await run('pauses', 'list')).stdout).toMatch(new RegExp(`^${second} .*\n$`));
  const seen = await api.call<{ items: unknown[] }>('GET', '/v1/pauses?active=true');
  expect(seen.body.items).toMatchObject([{ id: second, byPlatform: true, owner: 'cli' }]);
  expect(await auditOf('pause.lift')).toMatchObject([{ actor: 'cli', target: first }]);
});

test('limits are set one by one, listed and taken away', async () => {
  expect(await run('limits', 'set', '--provider', 'smtp', '--per-second', '20')).toMatchObject({ code: 0 });
  const tenant = ['limits', 'set', '--tenant', 'officine-rossi', '--channel', 'email'];
  await run(...tenant, '--per-second', '0.5', '--per-day', '2000', '--weight', '3');
  await run(...tenant, '--per-second', 'none');
  await run('limits', 'set', '--domain', 'Example.com', '--connections', '2', '--per-minute', '60');
  expect((await run('limits', 'list')).stdout).toBe(
    'all by email: 20 a second; used 0 in this minute, 0 today\n' +
      'tenant officine-rossi by email: 2000 a day; used 0 in this minute, 0 today\n' +
      'domain example.com: 60 a minute, 2 at once; used 0 in this minute, 0 today\n',
  );
  const key = await api.addPlatformKey();
  const shown = await api.call('GET', '/v1/admin/tenants/officine-rossi/limits', { key });
  expect(shown.body).toMatchObject({
    email: { perSecond: null, perDay: 2000 },
    sms: null,
    weight: { email: 3, sms: 1 },
  });
  await run('limits', 'set', '--provider', 'smtp', '--per-second', 'none');
  expect((await run('limits', 'list')).stdout).not.toContain('all by email');
  expect(await auditOf('weight.set')).toMatchObject([{ actor: 'cli', target: 'email', detail: { weight: 3 } }]);
});

test('a platform key does what concerns all tenants, and nothing of one', async () => {
  const { code, stdout } = await run('keys', 'create', '--platform', '--name', 'ops');
  expect(code).toBe(0);
  const key = stdout.trim();
  expect((await api.call('GET', '/v1/admin/queues', { key })).status).toBe(200);
  expect((await api.call('GET', '/v1/quota', { key })).status).toBe(403);
});

test('what plans and tenants are given by hand is in the audit', async () => {
  await run('plans', 'set', 'basic', '--monthly', '500');
  await run('tenants', 'set-plan', 'officine-rossi', 'basic');
  expect(await auditOf('plan.set')).toEqual([
    { actor: 'cli', target: 'basic', detail: { limits: [{ period: 'month', channel: null, limit: 500 }] } },
  ]);
  expect(await auditOf('tenant.set-plan')).toEqual([
    { actor: 'cli', target: 'officine-rossi', detail: { from: 'medium', to: 'basic' } },
  ]);
});

describe('wrong use', () => {
  const limits = ['limits', 'set'];
  test.each([
    [['pauses', 'add'], 2, '--reason is missing'],
    [['pauses', 'add', '--reason', ' '], 2, '--reason is missing|--reason takes one line'],
    [['pauses', 'add', '--reason', 'x', '--channel', 'post'], 2, '--channel is "post": it takes email, sms'],
    [
      ['pauses', 'add', '--reason', 'x', '--channel', 'sms', '--provider', 'smtp'],
      2,
      '--provider smtp does not carry sms',
    ],
    [['pauses', 'add', '--reason', 'x', '--until', 'tomorrow'], 2, '--until is "tomorrow"'],
    [['pauses', 'add', '--reason', 'x', '--until', '2020-01-01T00:00:00Z'], 2, 'which is over'],
    [['pauses', 'add', '--reason', 'x', '--tenant', 'nobody'], 1, 'there is no tenant "nobody"'],
    [['pauses', 'lift', 'x'], 2, 'ID is "x"'],
    [['pauses', 'lift', 'pau_01kc5v0x9qf0nrt8kq3v6y2h4d'], 1, 'there is no pause pau_'],
    [limits, 2, 'one of --tenant, --provider and --domain'],
    [[...limits, '--tenant', 'a', '--domain', 'b.example'], 2, 'one of --tenant'],
    [[...limits, '--tenant', 'a', '--per-day', '1'], 2, '--channel goes with --tenant'],
    [[...limits, '--domain', 'b', '--per-day', '1'], 2, '--domain is "b"'],
    [[...limits, '--domain', 'b.example'], 2, 'no limit is given'],
    [
      [...limits, '--domain', 'b.example', '--per-day', '1.5'],
      2,
      '--per-day is "1.5": it takes 1 to 1000000000, or none',
    ],
    [[...limits, '--domain', 'b.example', '--per-second', '0'], 2, '--per-second is "0": it takes 0.001 to 10000'],
    [[...limits, '--domain', 'b.example', '--weight', '2'], 2, '--weight is for a tenant'],
    [[...limits, '--provider', 'smtp', '--connections', '2'], 2, '--connections is for a domain'],
    [['keys', 'create', '--platform', '--tenant', 'a'], 2, '--platform goes with neither'],
  ])('%j ends with %i', async (args, code, said) => {
    const outcome = await run(...args);
    expect([outcome.code, outcome.stdout]).toEqual([code, '']);
    expect(outcome.stderr).toMatch(new RegExp(said));
  });
});
