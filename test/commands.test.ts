import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../src/commands/command-list.ts';
import { sollecito } from './support/command-line.ts';

const example = path.resolve(import.meta.dirname, '../examples/invoices/IT03999000106_00002.xml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-commands-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('help', () => {
  test('lists every command', async () => {
    const { code, stdout } = await sollecito(['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of commands) expect(stdout).toMatch(new RegExp(`  ${name} .*${summary.slice(0, 20)}`));
  });

  test.each(commands.map(({ name }) => name))('of "%s" shows how it is used, and does nothing', async (name) => {
    const { code, stdout, stderr } = await sollecito([...name.split(' '), '--help'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^usage: sollecito ${name}`));
  });

  test('of a first word lists what may follow it', async () => {
    const { code, stdout } = await sollecito(['tenants', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('tenants set-plan');
    expect(stdout).not.toContain('doctor');
  });

  test('is what no command at all answers, as wrong use', async () => {
    const { code, stdout, stderr } = await sollecito([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('usage: sollecito COMMAND');
  });
});

test('the version is that of package.json', async () => {
  expect((await sollecito(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('wrong use ends with 2 and one line', () => {
  test.each([
    [['frobnicate'], 'there is no command "frobnicate": see sollecito --help'],
    [['tenants'], '"tenants" needs one more word: tenants create, tenants set-plan'],
    [['start', '--cold'], "Unknown option '--cold': sollecito start [--held]"],
    [['start', 'now'], '"now" is too much: sollecito start [--held]'],
    [
      ['tenants', 'create', '--plan', 'medium'],
      'something is missing: sollecito tenants create NAME --plan PLAN [--ref REF]',
    ],
    [['tenants', 'create', 'Rossi'], '--plan is missing'],
    [['keys', 'create'], '--tenant is missing'],
    [
      ['keys', 'create', '--tenant', 'rossi', '--scope', 'all'],
      '--scope is "all": it takes reminders:write, reminders:read, data:write, data:read, settings',
    ],
    [
      ['keys', 'create', '--tenant', 'rossi', '--expires', '2026-02-30'],
      '--expires is "2026-02-30": it takes 2030-01-31, or 2030-01-31T12:00:00Z',
    ],
    [['operators', 'create', 'nobody', '--role', 'admin'], 'EMAIL is "nobody": it takes one address'],
    [['operators', 'create', 'a@b.example', '--role', 'boss'], '--role is "boss": it takes admin, operator, viewer'],
    [['import', 'a.xml'], '--tenant is missing'],
    [['invoices', 'inspect'], 'something is missing: sollecito invoices inspect FILE…'],
  ])('%j', async (args, line) => {
    expect(await sollecito(args, { cwd: folder })).toEqual({ code: 2, stdout: '', stderr: `sollecito: ${line}\n` });
  });
});

describe('what fails ends with 1 and one line', () => {
  test('a wrong variable', async () => {
    expect(await sollecito(['start'], { env: { PORT: 'http' } })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'sollecito: PORT holds "http"; it takes a port from 0 to 65535\n',
    });
  });

  test('a database that does not answer', async () => {
    const env = { DATABASE_URL: 'postgres://u:hush@127.0.0.1:9/x' };
    const { code, stderr } = await sollecito(['migrate'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sollecito: .*ECONNREFUSED.*sollecito doctor.*\n$/);
    expect(stderr).not.toContain('hush');
  });

  test('a password that is too short, or in no file', async () => {
    const create = ['operators', 'create', 'a@b.example', '--role', 'admin', '--password-file'];
    const short = await sollecito([...create, '-'], { input: 'short\n' });
    expect(short).toMatchObject({ code: 1, stderr: 'sollecito: a password has at least 10 characters\n' });
    const none = await sollecito([...create, path.join(folder, 'nowhere')]);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/^sollecito: the password cannot be read: .*\n$/);
  });
});

describe('invoices inspect', () => {
  test('prints what is in a file', async () => {
    const { code, stdout } = await sollecito(['invoices', 'inspect', example]);
    expect(code).toBe(0);
    const [file] = JSON.parse(stdout);
    expect(file).toMatchObject({ file: example, format: 'fatturapa' });
    expect(file.invoices[0]).toMatchObject({ number: '2026/131', currency: 'EUR', total: '7954.40' });
    expect(file.invoices[0].dueDates).toHaveLength(2);
  });

  test('has an element a file, in order, also for those that cannot be read', async () => {
    const broken = path.join(folder, 'broken.xml');
    writeFileSync(broken, '<FatturaElettronica><open>');
    const nowhere = path.join(folder, 'nowhere.xml');
    const { code, stdout, stderr } = await sollecito(['invoices', 'inspect', broken, nowhere, folder, example]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const files: { file: string; error?: { code: string } }[] = JSON.parse(stdout);
    expect(files.map(({ file, error }) => [file, error?.code])).toEqual([
      [broken, 'xml-broken'],
      [nowhere, 'file-not-found'],
      [folder, 'no-file'],
      [example, undefined],
    ]);
  });

  test('needs neither a database nor a configuration', async () => {
    const env = { PORT: 'wrong', DATABASE_URL: 'wrong' };
    expect((await sollecito(['invoices', 'inspect', example], { env })).code).toBe(0);
  });
});
