import { z } from 'zod';
import { Child } from './child.ts';
import { type Figure, figureOf, nothing } from './figure.ts';
import type { Stage } from './stage.ts';

// PdfRenderer replaces its browser after as many, so each reading is taken when a browser has printed its last one.
const cycle = 500;
const cycles = 4;
const atOnce = 100;
const name = 'memory after 2,000 PDFs';
const unit = 'MiB';

/**
 * What our process and the whole browser hold after 2,000 PDFs, beside what they held after 500: both at the end of a
 * browser's life, our own garbage collected. More than 1.2 times as much would be a leak.
 */
export async function pdfMemory(stage: Stage): Promise<Figure[]> {
  if (process.platform !== 'linux') return [nothing(name, unit, 'measured on Linux only, from /proc')];
  const { child } = await Child.start(
    new URL('pdf-printer.ts', import.meta.url),
    z.object({ ready: z.literal(true) }),
    { dataDir: stage.folder },
    ['--expose-gc'],
  );
  stage.keep(async () => child.stop());
  const readings: Reading[] = [];
  for (let round = 1; round <= cycles; round++) {
    stage.say(`PDFs, ${(round - 1) * cycle} of ${cycles * cycle}`);
    // A child has two minutes for an answer.
    for (let left = cycle; left > 0; left -= atOnce) {
      const reading = await child.ask({ documents: atOnce }, memory);
      if (left === atOnce) readings.push(reading);
    }
  }
  const shared = readings.every(({ pss }) => pss !== null);
  const held = readings.map(({ pss, rss }) => (pss !== null && shared ? pss : rss) / 2 ** 20);
  const [first = NaN] = held;
  const figures = held.map((figure) => figure.toFixed(0)).join(', ');
  const note = `${shared ? 'PSS' : 'RSS, as PSS may not be read here,'} of our process and the browser’s after each ${cycle}: ${figures}`;
  const about = { name, unit, against: 'after 500 PDFs', better: 'less' as const, note };
  // 1.2 times as much at most.
  return [
    figureOf({ ...about, target: { of: 'ratio', atLeast: 0.83 } }, [{ ours: held.at(-1) ?? NaN, theirs: first }]),
  ];
}

type Reading = z.output<typeof memory>;
const memory = z.object({ pss: z.number().nullable(), rss: z.number() });
