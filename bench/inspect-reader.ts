import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { inspectNamedFile } from '../src/commands/invoices-inspect.ts';
import { serve } from './child.ts';
import { fatturaPaOf, ublOf } from './invoice-files.ts';

// A process of its own that does what `invoices inspect` does, so that nothing else is in its memory. The first message
// says which files to make; each further one which to read.
const started = z.object({ folder: z.string(), format: z.enum(['fatturapa', 'ubl']), files: z.int() });
const asked = z.union([
  z.object({ inspect: z.object({ from: z.int(), to: z.int() }) }),
  z.object({ bare: z.literal(true) }),
]);
let files: string[] | undefined;

serve(async (message) => {
  if (!files) {
    files = written(started.parse(message));
    return { ready: true };
  }
  const task = asked.parse(message);
  if ('bare' in task) return { cpuSeconds: bare(files) };
  const before = process.cpuUsage();
  for (const file of files.slice(task.inspect.from, task.inspect.to)) {
    const element = await inspectNamedFile(file);
    if ('error' in element) throw new Error(`${file}: ${element.error.message}`);
    JSON.stringify(element, null, 2);
  }
  const cpuSeconds = secondsSince(before);
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { cpuSeconds, heap: heapUsed, rss };
});

function written({ folder, format, files }: z.output<typeof started>): string[] {
  mkdirSync(folder, { recursive: true });
  const xmlOf = { fatturapa: fatturaPaOf, ubl: ublOf }[format];
  return Array.from({ length: files }, (_, n) => {
    const file = path.join(folder, `${format}-${n}.xml`);
    writeFileSync(file, xmlOf(n));
    return file;
  });
}

function bare(files: readonly string[]): number {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    removeNSPrefix: true,
    parseTagValue: false,
  });
  const before = process.cpuUsage();
  for (const file of files) parser.parse(readFileSync(file, 'utf8'));
  return secondsSince(before);
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}
