import { readdirSync, readFileSync } from 'node:fs';

/**
 * What a process and all its descendants hold, in bytes, on Linux: `pss` shares each page among the processes that have
 * it (`/proc/PID/smaps_rollup`) and is null where one of them may not be read; `rss` counts it for each.
 */
export function treeMemory(root: number): { pss: number | null; rss: number } {
  const pids = [root, ...descendantsOf(root)];
  const shares = pids.map((pid) => kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss'));
  const whole = pids.map((pid) => kilobytes(`/proc/${pid}/status`, 'VmRSS') ?? 0);
  return { pss: shares.includes(undefined) ? null : sum(shares.map((share) => share ?? 0)), rss: sum(whole) };
}

function descendantsOf(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc').flatMap((name): [number, number][] => {
      const status = /^\d+$/.test(name) ? read(`/proc/${name}/status`) : undefined;
      const parent = /^PPid:\s+(\d+)$/m.exec(status ?? '')?.[1];
      // A process that has ended and was not waited for yet holds nothing.
      return parent === undefined || /^State:\s+[ZX]/m.test(status ?? '') ? [] : [[Number(name), Number(parent)]];
    }),
  );
  const found: number[] = [];
  const from = [root];
  for (let parent = from.pop(); parent !== undefined; parent = from.pop()) {
    const children = [...parents].flatMap(([pid, of]) => (of === parent ? [pid] : []));
    found.push(...children);
    from.push(...children);
  }
  return found;
}

function kilobytes(file: string, field: string): number | undefined {
  const figure = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(file) ?? '')?.[1];
  return figure === undefined ? undefined : Number(figure) * 1_024;
}

// Processes come and go meanwhile.
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
