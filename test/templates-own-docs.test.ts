import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkTemplate } from '../src/templates/own/check-template.ts';
import { allowed } from '../src/templates/own/liquid.ts';
import { asId } from '../src/domain/ids.ts';
import { keptReady } from '../src/templates/own/standing.ts';
import { describedVariables } from '../src/templates/own/variables.ts';

const docs = await readFile(new URL('../docs/templates.md', import.meta.url), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(docs)?.[1] ?? '';

test('what the page for authors shows is taken', async () => {
  const draft = {
    key: 'overdue',
    channel: 'email',
    locale: 'it',
    subject: 'a',
    text: block('liquid'),
    mjml: block('mjml'),
  } as const;
  expect(draft.mjml).toContain('<mjml');
  expect(await checkTemplate(draft)).toMatchObject({ kind: 'right' });
});

test('it names every filter, and every variable that is no placeholder', () => {
  for (const filter of allowed.filters) expect(docs).toContain(`\`${filter}\``);
  const names = describedVariables().map(({ name }) => name);
  for (const name of names.slice(names.indexOf('dueDateCount'))) expect(docs).toContain(`\`${name}\``);
});

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
