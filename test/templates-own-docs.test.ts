import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkTemplate } from '../src/templates/own/check-template.ts';
import { allowed } from '../src/templates/own/liquid.ts';
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
