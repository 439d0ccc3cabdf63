import { command, type Command, required, WrongUse } from './command.ts';
import { commandsOfPlatform } from './platform-commands.ts';

const many = { least: 1, most: Infinity };
const one = { least: 1, most: 1 };

/** Every command, in the order that `--help` shows. */
export const commands: readonly Command[] = [
  command({
    name: 'start',
    takes: '[--held]',
    summary: 'The service from its environment, until SIGTERM or Ctrl-C',
    details: ['  --held  accepts and shows, sends nothing: for a look at what was restored. Start every process so.'],
    options: { held: { type: 'boolean' } },
    run: async ({ values }) => (await import('./start.ts')).start({ held: values.held ?? false }),
  }),
  command({
    name: 'demo',
    takes: '[--once] [--json] [--invoices DIR]',
    summary: 'Everything embedded: imports invoices, sends reminders into the sandbox, shows what happened',
    details: [
      '  --once          ends after the sending: 0 only if every reminder was sent',
      '  --json          one JSON object last on stdout, the progress on stderr',
      '  --invoices DIR  the invoices of that folder instead of examples/invoices/',
      '',
      'Its data are in .sollecito/demo and emptied at the start. Nothing leaves this machine.',
    ],
    options: { once: { type: 'boolean' }, json: { type: 'boolean' }, invoices: { type: 'string' } },
    run: async ({ values }) => {
      const { demo } = await import('./demo.ts');
      return demo({ once: values.once ?? false, json: values.json ?? false, invoices: values.invoices });
    },
  }),
  command({
    name: 'migrate',
    takes: '',
    summary: 'Brings the schemas of the database and of the queue to this release',
    run: async () => (await import('./migrate.ts')).migrateDatabase(),
  }),
  ...commandsOfPlatform,
  command({
    name: 'import',
    takes: 'FILE… --tenant REF',
    summary: 'Imports invoices: customers, bank accounts and due dates, as POST /v1/invoices does',
    details: ['One line a file. 1 when one of them could not be imported; the others are.'],
    positionals: many,
    options: { tenant: { type: 'string' } },
    run: async ({ values, positionals }) =>
      (await import('./import.ts')).importFiles(required(values.tenant, '--tenant'), positionals),
  }),
  command({
    name: 'backup',
    takes: 'FILE [--force]',
    summary: 'Every row that matters, as one moment saw it, into a file; the service goes on meanwhile',
    details: [
      '  FILE     made with mode 600, never half: under its name it is whole. - is stdout',
      '  --force  overwrites a file',
      '',
      'Not in it: the queue (made anew), sign-in links and sessions, PostgreSQL roles, and SECRET_KEYS, which opens what',
      'is sealed in it: keep that too.',
    ],
    positionals: one,
    options: { force: { type: 'boolean' } },
    run: async ({ values, positionals: [file] }) =>
      (await import('./backup.ts')).backup(required(file, 'FILE'), { force: values.force ?? false }),
  }),
  command({
    name: 'restore',
    takes: 'FILE [--replace] [--nothing-sent-since]',
    summary: 'Puts a backup into a migrated database without tenants, all of it or nothing',
    details: [
      '  FILE                  - is stdin',
      '  --replace             deletes the tenants that are there, and all that is theirs',
      '  --nothing-sent-since  no process has run since the backup was taken (a move): open reminders stay open',
      '',
      'Refused while the service is connected. What may have been sent since the backup was taken becomes unknown, and',
      'nothing sends it by itself: see "After a restore" in docs/operations.md.',
    ],
    positionals: one,
    options: { replace: { type: 'boolean' }, 'nothing-sent-since': { type: 'boolean' } },
    run: async ({ values, positionals: [file] }) => {
      const { restore } = await import('./restore.ts');
      const options = { replace: values.replace ?? false, nothingSentSince: values['nothing-sent-since'] ?? false };
      return restore(required(file, 'FILE'), options);
    },
  }),
  command({
    name: 'doctor',
    takes: '[--json]',
    summary: 'Checks everything that the service rests on; says what is wrong and the mend',
    details: ['Changes nothing. 1 when something that is needed is wrong.'],
    options: { json: { type: 'boolean' } },
    run: async ({ values }) => (await import('./doctor.ts')).doctor({ json: values.json ?? false }),
  }),
  command({
    name: 'invoices inspect',
    takes: 'FILE…',
    summary: 'What is in invoice files, as one JSON array; no database',
    details: ['An element a file, in order; one that cannot be read has an error, and the exit code is 1.'],
    positionals: many,
    run: async ({ positionals }) => (await import('./invoices-inspect.ts')).inspectFiles(positionals),
  }),
];

/** The command that a line begins with, and what follows its name. Throws WrongUse when there is none. */
export function findCommand(argv: readonly string[]): { command: Command; rest: readonly string[] } {
  for (const command of commands) {
    const words = command.name.split(' ');
    if (words.every((word, index) => argv[index] === word)) return { command, rest: argv.slice(words.length) };
  }
  const [first = ''] = argv;
  const kin = commandsUnder(first).map(({ name }) => name);
  if (kin.length > 0) throw new WrongUse(`"${first}" needs one more word: ${kin.join(', ')}`);
  throw new WrongUse(`there is no command ${JSON.stringify(first)}: see sollecito --help`);
}

/** Those of two words that begin with this one. */
export function commandsUnder(word: string): Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

/** What `sollecito --help` prints. */
export function overview(listed: readonly Command[] = commands): string {
  const width = Math.max(...listed.map(({ name }) => name.length));
  const lines = listed.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return ['usage: sollecito COMMAND …', '', ...lines, '', 'sollecito COMMAND --help says more.', ''].join('\n');
}
