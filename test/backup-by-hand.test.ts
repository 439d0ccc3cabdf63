import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contents, onClient } from './support/backups.ts';
import { sollecito } from './support/command-line.ts';
import { TwoHouses } from './support/two-houses.ts';

let houses: TwoHouses;
beforeEach(async () => {
  houses = await TwoHouses.build();
});
afterEach(async () => {
  await houses.tearDown();
});

describe('backup and restore by hand', () => {
  test(
    'of an older backup into a new database: nothing leaves twice, what is still to come leaves',
    { timeout: 120_000 },
    async () => {
      const file = path.join(houses.folder, 'older.backup');
      await houses.start(houses.old, { held: true });
      await houses.call('PATCH', '/v1/tenant', { unknownPolicy: 'resend' });
      await houses.addDueDate();
      const due = [await houses.remind(), await houses.remind(), await houses.remind({ channel: 'sms' })];
      const scheduled = await houses.remind({ sendAt: Temporal.Now.instant().add({ hours: 24 }).toString() });

      const written = await sollecito(['backup', file], { env: houses.environment(houses.old) });
      expect(written, written.stderr).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(/^\d+ rows of \d+ tables, as of 20/),
      });
      const connected = await sollecito(['restore', file, '--replace'], { env: houses.environment(houses.old) });
      expect(connected).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^sollecito: nothing was restored: the service is connected to this database .*\n$/,
        ),
      });
      await houses.stop();

      await houses.start(houses.old);
      for (const id of due) await houses.until(id, 'sent');
      await houses.stop();
      expect(houses.taken).toEqual({ emails: 2, sms: 1 });

      const restored = await sollecito(['restore', file], { env: houses.environment(houses.fresh) });
      expect(restored, restored.stderr).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/\n {2}rossi {2}3 deliveries of 3 reminders\n[^]*start --held/),
      });

      await houses.start(houses.fresh);
      const later = [await houses.remind(), await houses.remind({ channel: 'sms' })];
      for (const id of later) await houses.until(id, 'sent');
      for (const id of due) expect(await houses.status(id)).toBe('unknown restored');
      const { items } = await houses.call<{ items: { id: string }[] }>('GET', '/v1/reminders?status=unknown');
      expect(items.map(({ id }) => id).sort()).toEqual([...due].sort());
      expect(await houses.status(scheduled)).toBe('accepted');

      // Its time comes.
      await onClient(houses.fresh.url, async (client) => {
        await client.query("UPDATE sollecito.reminder SET send_at = now() WHERE send_at > now() + interval '1 hour'");
        await client.query(
          "UPDATE sollecito.delivery SET next_attempt_at = now() WHERE next_attempt_at > now() + interval '1 hour'",
        );
      });
      await houses.until(scheduled, 'sent');
      for (const id of due) expect(await houses.status(id)).toBe('unknown restored');
      expect(houses.taken).toEqual({ emails: 4, sms: 2 });

      // A person decides.
      await houses.call('POST', `/v1/reminders/${due[0] ?? ''}/resolve`, { outcome: 'resend' });
      await houses.call('POST', `/v1/reminders/${due[1] ?? ''}/resolve`, { outcome: 'sent' });
      await houses.until(due[0] ?? '', 'sent');
      expect(houses.taken).toEqual({ emails: 5, sms: 2 });
    },
  );

  test('through a pipe, and with nothing sent since everything stays open', async () => {
    await houses.start(houses.old, { held: true });
    await houses.addDueDate();
    const id = await houses.remind();
    await houses.stop();
    const piped = await through(
      ['backup', '-'],
      houses.environment(houses.old),
      ['restore', '-', '--nothing-sent-since'],
      houses.environment(houses.fresh),
    );
    expect(piped).toMatchObject({ codes: [0, 0], stdout: expect.stringMatching(/What was open is open/) });
    await houses.start(houses.fresh);
    await houses.until(id, 'sent');
  });

  test('a file is the owner’s alone, and is not overwritten unasked', async () => {
    const file = path.join(houses.folder, 'a.backup');
    await writeFile(file, 'something else');
    const env = houses.environment(houses.old);
    expect(await sollecito(['backup', file], { env })).toMatchObject({
      code: 1,
      stderr: `sollecito: ${file} exists: --force overwrites it\n`,
    });
    expect(await sollecito(['backup', file, '--force'], { env })).toMatchObject({ code: 0 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(houses.folder)).not.toContainEqual(expect.stringMatching(/\.part$/));
    await truncate(file, 400);
    const empty = await contents(houses.fresh.url);
    expect(await sollecito(['restore', file], { env: houses.environment(houses.fresh) })).toMatchObject({
      code: 1,
      stderr: 'sollecito: nothing was restored: the file is cut off or damaged\n',
    });
    expect(await contents(houses.fresh.url)).toEqual(empty);
  });

  test.each([
    ['backup', ['missing/a.backup'], /^sollecito: ENOENT: no such file or directory, open '.*'\n$/],
    ['backup', ['.'], /^sollecito: .* is not a file: name one, or take - for stdout\n$/],
    ['backup', ['/dev/full', '--force'], /^sollecito: \/dev\/full is not a file: .*\n$/],
    ['restore', ['missing.backup'], /^sollecito: ENOENT: no such file or directory, open 'missing.backup'\n$/],
    ['restore', ['.'], /^sollecito: \. is a folder\n$/],
  ])('%s %j ends with one line', async (command, args, line) => {
    const main = path.resolve(import.meta.dirname, '../src/main.ts');
    const { code, stderr } = await run([main, command, ...args], {
      env: houses.environment(houses.old),
      cwd: houses.folder,
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(line) });
    expect(await readdir(houses.folder)).toEqual([]);
  });

  test('a full disk is told, and so is a reader that goes away', async () => {
    const main = path.resolve(import.meta.dirname, '../src/main.ts');
    const full = await run([main, 'backup', '-'], {
      env: houses.environment(houses.old),
      cwd: houses.folder,
      stdout: openSync('/dev/full', 'w'),
    });
    expect(full).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^sollecito: ENOSPC: no space left on device, write\n$/),
    });
  });

  test('a database that does not answer leaves no half file', async () => {
    const env = { ...houses.environment(houses.old), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    expect(await sollecito(['backup', path.join(houses.folder, 'a.backup')], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(await readdir(houses.folder)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('without permission it says so', async () => {
    const file = path.join(houses.folder, 'a.backup');
    await writeFile(file, '', { mode: 0 });
    expect(await sollecito(['restore', file], { env: houses.environment(houses.fresh) })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^sollecito: EACCES/),
    });
  });
});

type Run = { env: Record<string, string>; cwd: string; stdout?: number | 'closed' };

async function run(
  args: readonly string[],
  { env, cwd, stdout }: Run,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
  });
  if (stdout === 'closed') child.stdout?.destroy();
  else child.stdout?.resume();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

async function through(
  from: readonly string[],
  fromEnv: Record<string, string>,
  to: readonly string[],
  toEnv: Record<string, string>,
): Promise<{ codes: (number | null)[]; stdout: string }> {
  const main = path.resolve(import.meta.dirname, '../src/main.ts');
  const options = (env: Record<string, string>) => ({ env: { PATH: process.env['PATH'], ...env }, cwd: houses.folder });
  const writer = spawn(process.execPath, [main, ...from], options(fromEnv));
  const reader = spawn(process.execPath, [main, ...to], options(toEnv));
  writer.stdout.pipe(reader.stdin);
  let stdout = '';
  reader.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ends = await Promise.all([once(writer, 'close'), once(reader, 'close')]);
  return { codes: ends.map(([code]) => code as number | null), stdout };
}
