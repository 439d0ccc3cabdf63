import { expect, test } from 'vitest';
import { asId } from '../src/domain/ids.ts';
import { keptReady } from '../src/templates/own/standing.ts';

test('a version is read once, and those that were used last stay ready', async () => {
  const tenant = asId('tenant', '01890000-0000-7000-8000-000000000000');
  const name = { key: 'overdue', channel: 'email', locale: 'it' } as const;
  const read: number[] = [];
  const load = keptReady(async (_tenant, _name, version) => {
    read.push(version);
    return { version, subject: 'a', text: 'b', html: 'c'.repeat(version === 1 ? 10 : 3_000_000 / 10) };
  });
  expect(await load(tenant, name, 1)).toBe(await load(tenant, name, 1));
  expect(read).toEqual([1]);
  for (let version = 2; version <= 20; version++) {
    await load(tenant, name, version);
    await load(tenant, name, 1);
  }
  expect(read).toEqual([1, ...Array.from({ length: 19 }, (_, n) => n + 2)]);
  // The oldest had to go.
  await load(tenant, name, 2);
  expect(read.at(-1)).toBe(2);
  await expect(keptReady(async () => undefined)(tenant, name, 1)).rejects.toThrow('not there');
});
