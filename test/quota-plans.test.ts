import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, sollecito } from './support/command-line.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

let server: TestDatabase;
beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(async () => {
  await server.drop();
});

async function plans(...args: string[]): Promise<Outcome> {
  return sollecito(['plans', ...args], {
    env: { DATABASE_URL: server.url, PUBLIC_URL: 'https://reminders.example.com' },
    input: '',
  });
}

test('plans list shows every plan with its limits, the smallest first', async () => {
  expect(await plans('list')).toMatchObject({
    code: 0,
    stdout: 'essential: 5 in all\nlarge: no limit\nmedium: no limit\n',
  });
});

test('plans set makes a plan, or gives one other limits', async () => {
  const made = await plans('set', 'basic', '--monthly', '500', '--sms-monthly', '50', '--email-total', '10000');
  expect(made).toMatchObject({
    code: 0,
    stdout: 'basic: 500 a month, 10000 in all by email, 50 a month by sms\n',
  });
  expect((await plans('list')).stdout).toContain('basic: 10000 in all by email, 500 a month, 50 a month by sms\n');
  expect(await plans('set', 'basic', '--total', '7')).toMatchObject({ code: 0, stdout: 'basic: 7 in all\n' });
  expect((await plans('list')).stdout).toBe(
    'essential: 5 in all\nbasic: 7 in all\nlarge: no limit\nmedium: no limit\n',
  );
  expect(await plans('set', 'basic')).toMatchObject({ code: 0, stdout: 'basic: no limit\n' });
});

test.each([
  [['set', 'basic', '--total', '-1'], /--total/],
  [['set', 'basic', '--total', '1.5'], /--total takes a count of sends, not "1\.5"/],
  [['set', 'basic', '--monthly', '9999999999'], /--monthly takes a count/],
  [['set', 'Not A Name'], /NAME is of small letters/],
  [['set'], /something is missing/],
])('plans %o is wrong use', async (args, said) => {
  const { code, stderr } = await plans(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});
