import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** The command was used wrongly: one line, exit code 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** The command failed for a reason that a person can do something about: one line, exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

type Parsed<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true; strict: true }>
>;

type Declaration<O extends ParseArgsOptionsConfig> = {
  /** One word or two: `tenants create`. */
  name: string;
  /** What follows the name: `NAME --plan PLAN`. Capitals stand for a value, brackets for what may be left out. */
  takes: string;
  /** One line for the overview. */
  summary: string;
  /** What else `--help` says, line by line. */
  details?: readonly string[];
  /** How many positionals it takes; none without. */
  positionals?: { least: number; most: number };
  options?: O;
  /** Imports what it needs only now, so that every other command starts without it. @returns the exit code. */
  run: (args: Parsed<O>) => Promise<number>;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  run(argv: readonly string[]): Promise<number>;
};

/** A command from its declaration: reads its arguments and answers `--help`. Running it throws WrongUse for the rest. */
export function command<const O extends ParseArgsOptionsConfig>(declaration: Declaration<O>): Command {
  const { name, takes, summary, details = [] } = declaration;
  const usage = `sollecito ${name}${takes === '' ? '' : ` ${takes}`}`;
  const help = [`usage: ${usage}`, '', summary, ...(details.length > 0 ? ['', ...details] : []), ''].join('\n');
  return {
    name,
    summary,
    help,
    async run(argv) {
      if (asksForHelp(argv)) {
        process.stdout.write(help);
        return 0;
      }
      return declaration.run(parse(declaration, argv, usage));
    },
  };
}

/** What a command cannot do without. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined || value === '') throw new WrongUse(`${name} is missing`);
  return value;
}

/** One of a few words. */
export function oneOf<T extends string>(value: string, known: readonly T[], name: string): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw new WrongUse(`${name} is ${JSON.stringify(value)}: it takes ${known.join(', ')}`);
  return found;
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).some((word) => word === '--help' || word === '-h');
}

function parse<O extends ParseArgsOptionsConfig>(
  { options, positionals = { least: 0, most: 0 } }: Declaration<O>,
  argv: readonly string[],
  usage: string,
): Parsed<O> {
  const parsed = read(argv, options, usage);
  const { length } = parsed.positionals;
  if (length < positionals.least) throw new WrongUse(`something is missing: ${usage}`);
  if (length > positionals.most) {
    throw new WrongUse(`${JSON.stringify(parsed.positionals[positionals.most])} is too much: ${usage}`);
  }
  return parsed;
}

function read<O extends ParseArgsOptionsConfig>(
  argv: readonly string[],
  options: O | undefined,
  usage: string,
): Parsed<O> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without options there are none to be typed
    return parseArgs({ args: [...argv], options: options ?? ({} as O), allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own words go on with advice about `--` that helps nobody here.
    const [what] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw new WrongUse(`${what ?? String(error)}: ${usage}`);
  }
}
