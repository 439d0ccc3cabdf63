import { commands, commandsUnder, findCommand, overview } from './commands/command-list.ts';
import { failureCode, failureText } from './commands/failure.ts';

// Whoever reads may have seen enough (`| head`): the command still ends in order. With a full disk it ends here.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(failureText(error));
    process.exit(failureCode(error));
  });
}
process.exitCode = await main(process.argv.slice(2));
// Everything is stopped by now: a connection to a server that is silent must not keep the process.
if (process.argv[2] === 'start') process.exit();

/** The command line. @returns the exit code: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (first === undefined) {
    process.stderr.write(overview());
    return 2;
  }
  if (['--help', '-h', 'help'].includes(first)) {
    const asked = commands.find(({ name }) => name === argv.slice(1).join(' '));
    process.stdout.write(asked?.help ?? overview());
    return 0;
  }
  if (argv.length === 2 && ['--help', '-h'].includes(argv[1] ?? '') && commandsUnder(first).length > 0) {
    process.stdout.write(overview(commandsUnder(first)));
    return 0;
  }
  try {
    if (first === '--version') {
      process.stdout.write(`${(await import('./version.ts')).version}\n`);
      return 0;
    }
    const { command, rest } = findCommand(argv);
    return await command.run(rest);
  } catch (error) {
    process.stderr.write(failureText(error));
    return failureCode(error);
  }
}
