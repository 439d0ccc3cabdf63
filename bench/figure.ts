/** One line of the table. `ratio` is ours to what stands beside it: 1 is as good, more is better, also where less is (milliseconds). */
export type Figure = {
  name: string;
  /** Null: it could not be measured; `note` says why. */
  value: number | null;
  unit: string;
  /** What it stands beside, measured in the same run. */
  against: string | null;
  againstValue: number | null;
  ratio: number | null;
  target: number | null;
  /** What the target is set for: the ratio, or the value itself. */
  targetOf: 'ratio' | 'value' | null;
  met: boolean | null;
  /** The ratio of each round, where there was something beside it. */
  rounds: number[];
  note: string | null;
};

/** One round of both, taken one right after the other. */
export type Pair = { ours: number; theirs: number };

type About = Pick<Figure, 'name' | 'unit'> & {
  against: string;
  /** `less`: of milliseconds the smaller is the better. */
  better?: 'more' | 'less';
  target?: { of: 'ratio' | 'value'; atLeast: number };
  note?: string;
};

/** Medians of the rounds; the ratio is the median of the rounds' own, so that a busy moment weighs on both sides. */
export function figureOf({ better = 'more', target, note, ...about }: About, pairs: readonly Pair[]): Figure {
  const rounds = pairs.map(({ ours, theirs }) => (better === 'more' ? ours / theirs : theirs / ours));
  const value = median(pairs.map(({ ours }) => ours));
  const ratio = median(rounds);
  return {
    ...about,
    value: rounded(value),
    againstValue: rounded(median(pairs.map(({ theirs }) => theirs))),
    ratio: rounded(ratio),
    target: target?.atLeast ?? null,
    targetOf: target?.of ?? null,
    met: target ? (target.of === 'ratio' ? ratio : value) >= target.atLeast : null,
    rounds: rounds.map(rounded),
    note: note ?? null,
  };
}

/** A figure with nothing beside it. */
export function aloneOf(about: Pick<Figure, 'name' | 'unit' | 'note'>, values: readonly number[]): Figure {
  return { ...nothing(about.name, about.unit, about.note ?? ''), value: rounded(median(values)), note: about.note };
}

/** A figure that could not be measured. */
export function nothing(name: string, unit: string, note: string): Figure {
  return {
    name,
    value: null,
    unit,
    against: null,
    againstValue: null,
    ratio: null,
    target: null,
    targetOf: null,
    met: null,
    rounds: [],
    note,
  };
}

export function table(figures: readonly Figure[]): string {
  const head = ['figure', 'value', 'against', 'its value', 'ratio', 'rounds', 'target', ''];
  const rows = figures.map((figure) => [
    figure.name,
    withUnit(figure.value, figure.unit),
    figure.against ?? '–',
    withUnit(figure.againstValue, figure.unit),
    figure.ratio === null ? '–' : figure.ratio.toFixed(2),
    figure.rounds.map((ratio) => ratio.toFixed(2)).join(' '),
    figure.target === null ? '' : `${figure.targetOf} ≥ ${figure.target}`,
    figure.met === null ? '' : figure.met ? 'met' : 'MISSED',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = figures.flatMap(({ name, note }) => (note === null ? [] : [`${name}: ${note}`]));
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line), '', ...notes].join('\n');
}

function withUnit(value: number | null, unit: string): string {
  return value === null ? '–' : `${value} ${unit}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

function rounded(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return Number(value.toFixed(digits));
}
