import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Child } from './child.ts';
import { type Figure, figureOf, type Pair } from './figure.ts';
import type { Stage } from './stage.ts';

const files = 1_000;
const first = 100;
const formats = { fatturapa: 'FatturaPA', ubl: 'UBL' } as const;

/**
 * What `invoices inspect` does for each of 1,000 different invoices of 20 lines, but for the printing: files read a
 * second of one core, and what the process holds after all of them beside what it held after the first 100. Each round
 * is a process of its own, as the command is, so that the time to warm up counts.
 */
export async function inspect(stage: Stage): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [format, title] of Object.entries(formats)) {
    const rounds: Round[] = [];
    for (let round = 1; round <= stage.rounds; round++) {
      stage.say(`inspecting ${title}, round ${round} of ${stage.rounds}`);
      rounds.push(await roundOf(stage, format));
    }
    figures.push(...figuresOf(title, rounds));
  }
  return figures;
}

type Round = { speed: Pair; heap: Pair; rss: Pair };

async function roundOf(stage: Stage, format: string): Promise<Round> {
  const folder = path.join(stage.folder, 'inspect');
  stage.keep(async () => rm(folder, { recursive: true, force: true }));
  const { child } = await Child.start(
    new URL('inspect-reader.ts', import.meta.url),
    z.object({ ready: z.literal(true) }),
    { folder, format, files },
    ['--expose-gc'],
  );
  stage.keep(async () => child.stop());
  const early = await child.ask({ inspect: { from: 0, to: first } }, reading);
  const late = await child.ask({ inspect: { from: first, to: files } }, reading);
  const { cpuSeconds: bare } = await child.ask({ bare: true }, z.object({ cpuSeconds: z.number() }));
  await child.stop();
  return {
    speed: { ours: files / (early.cpuSeconds + late.cpuSeconds), theirs: files / bare },
    heap: { ours: late.heap / 2 ** 20, theirs: early.heap / 2 ** 20 },
    rss: { ours: late.rss / 2 ** 20, theirs: early.rss / 2 ** 20 },
  };
}

const reading = z.object({ cpuSeconds: z.number(), heap: z.number(), rss: z.number() });

function figuresOf(title: string, rounds: readonly Round[]): Figure[] {
  const memory = { unit: 'MiB', against: `after the first ${first}`, better: 'less' as const };
  // 1.2 times as much at most.
  const flat = { of: 'ratio' as const, atLeast: 0.83 };
  return [
    figureOf(
      {
        name: `${title} inspected, one core`,
        unit: 'invoices/s',
        against: 'fast-xml-parser, the tree alone',
        target: { of: 'value', atLeast: 300 },
        note: `${files} different invoices of 20 lines, in a new process each round`,
      },
      rounds.map(({ speed }) => speed),
    ),
    figureOf(
      { name: `${title}, heap after ${files}`, ...memory, target: flat },
      rounds.map(({ heap }) => heap),
    ),
    figureOf(
      { name: `${title}, RSS after ${files}`, ...memory, target: flat },
      rounds.map(({ rss }) => rss),
    ),
  ];
}
