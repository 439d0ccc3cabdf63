import { randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { redisProgram } from '../bench/redis.ts';
import { reportJson, reportText } from './report.ts';
import { run } from './run.ts';
import { isSound } from './verdict.ts';

const usage = `usage: npm run chaos [-- --reminders N] [--minutes M] [--seed S] [--backend redis|postgres|both]
                           [--time-scale F] [--json]

  --reminders N     how many are asked for: from 50 to 100000 (5000)
  --minutes M       spread over so many minutes, and broken as long as that; without it as fast as it goes
  --seed S          plans the same work and the same blows again
  --backend B       what is under the queue; both: one after the other (redis where one is on PATH, else postgres)
  --time-scale F    by how much the service's own delays are shrunk: from 0.01 to 1 (0.1)
  --json            one JSON object last on stdout, for each backend

Everything runs on loopback, on an embedded PostgreSQL; Linux only. Exit code 1: something was lost, sent twice, left
open or sent after it was stopped. 2: wrong use.
`;

type Backend = 'redis' | 'postgres';
type Asked = {
  reminders: number;
  minutes: number | null;
  seed: string;
  backends: Backend[];
  timeScale: number;
  json: boolean;
};

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = read();
  if (typeof asked === 'string') {
    process.stderr.write(asked);
    return 2;
  }
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let sound = true;
  for (const backend of asked.backends) {
    process.stdout.write(`seed ${asked.seed}, queue on ${backend}\n`);
    try {
      const outcome = await run({
        ...asked,
        backend,
        folder: path.resolve(import.meta.dirname, '..', '.sollecito', 'chaos', backend),
        say: (line) => void process.stderr.write(`… ${line}\n`),
        signal: stop.signal,
      });
      sound &&= isSound(outcome.verdict);
      process.stdout.write(`\n${reportText(outcome)}`);
      if (asked.json) process.stdout.write(`${JSON.stringify(reportJson(outcome))}\n`);
    } catch (error) {
      if (stop.signal.aborted) return 130;
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      return 1;
    }
  }
  return sound ? 0 : 1;
}

/** @returns what was asked for, or what to say of it. */
function read(): Asked | string {
  try {
    const { values } = parseArgs({
      options: {
        reminders: { type: 'string', default: '5000' },
        minutes: { type: 'string' },
        seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
        backend: { type: 'string' },
        'time-scale': { type: 'string', default: '0.1' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return usage;
    if (process.platform !== 'linux') return 'npm run chaos needs Linux: it kills the processes of PostgreSQL\n';
    return {
      reminders: number('--reminders', values.reminders, { least: 50, most: 100_000, whole: true }),
      minutes: values.minutes === undefined ? null : number('--minutes', values.minutes, { least: 0.1, most: 1_440 }),
      seed: values.seed,
      backends: backendsOf(values.backend),
      timeScale: number('--time-scale', values['time-scale'], { least: 0.01, most: 1 }),
      json: values.json,
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function number(
  name: string,
  text: string,
  { least, most, whole = false }: { least: number; most: number; whole?: boolean },
): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new Error(`${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}

function backendsOf(text: string | undefined): Backend[] {
  switch (text) {
    case undefined:
      return [redisProgram() === undefined ? 'postgres' : 'redis'];
    case 'redis':
      if (redisProgram() === undefined) throw new Error('there is no redis-server and no valkey-server on PATH');
      return [text];
    case 'postgres':
      return [text];
    case 'both':
      return [...backendsOf('postgres'), ...backendsOf('redis')];
    default:
      throw new Error('--backend takes redis, postgres or both');
  }
}
