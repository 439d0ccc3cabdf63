import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { accept } from './accept.ts';
import { compose } from './compose.ts';
import { dispatch } from './dispatch.ts';
import { dueDates } from './due-dates.ts';
import { fairness } from './fairness.ts';
import { type Figure, table } from './figure.ts';
import { inspect } from './inspect.ts';
import { latency } from './latency.ts';
import { pdfMemory } from './pdf-memory.ts';
import { pdfs } from './pdfs.ts';
import { queueMemory } from './queue-memory.ts';
import { sendMemory } from './send-memory.ts';
import { sending } from './sending.ts';
import { Stage } from './stage.ts';

const measurements = {
  accept,
  sending,
  latency,
  pdfs,
  'pdf-memory': pdfMemory,
  compose,
  inspect,
  dispatch,
  fairness,
  'due-dates': dueDates,
  'queue-memory': queueMemory,
  'send-memory': sendMemory,
};
const usage = `usage: npm run bench [-- --only NAME] [--json] [--profile DIR]

  --only NAME    one measurement alone: ${Object.keys(measurements).join(', ')}
  --json         one JSON object last on stdout
  --profile DIR  CPU profiles of the service's processes, one folder for each

Everything runs on loopback, on an embedded PostgreSQL and the redis-server or valkey-server found on PATH.
`;

process.exitCode = await main();

/** @returns 0 also for a missed target: that is shown. 1: something could not be measured; 2: wrong use. */
async function main(): Promise<number> {
  const asked = read();
  if (!asked) return 2;
  const say = (line: string): void => void process.stderr.write(`… ${line}\n`);
  const folder = path.resolve(import.meta.dirname, '..', '.sollecito', 'bench');
  const figures: Figure[] = [];
  let failures = 0;
  let interrupted = false;
  const servers = new Set<string>();
  const machine = thisMachine();
  for (const [name, measure] of asked.chosen) {
    // A stage for each, so that what one leaves running never weighs on the next.
    const stage = new Stage({ folder, profile: asked.profile, servers, say });
    const interrupt = (): void => {
      interrupted = true;
      void stage.stop().finally(() => process.exit(130));
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      figures.push(...(await measure(stage)));
    } catch (error) {
      // What was running has just been ended; so does this process, once the stage has.
      if (interrupted) return 130;
      failures += 1;
      process.stderr.write(
        `${name} could not be measured: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    } finally {
      await stage.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  }
  const measuredOn = { ...machine, servers: [...servers] };
  process.stdout.write(`${Object.values(measuredOn).flat().join(' · ')}\n\n${table(figures)}\n`);
  if (asked.json) process.stdout.write(`${JSON.stringify({ machine: measuredOn, figures })}\n`);
  return failures === 0 ? 0 : 1;
}

function thisMachine() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: `${os.availableParallelism()} cores`,
    memory: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: `Node ${process.version}`,
    loadBefore: `load ${(os.loadavg()[0] ?? 0).toFixed(1)} before`,
  };
}

function read() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { only, json, profile, help } = values;
    const chosen = Object.entries(measurements).filter(([name]) => only === undefined || name === only);
    if (help || chosen.length === 0) throw new Error(help ? '' : `there is no measurement ${only}`);
    return { chosen, json, profile };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return undefined;
  }
}
