import { describe } from './disrupt.ts';
import type { Blow } from './plan-disruptions.ts';
import { countBy, isSound, type Verdict, type Violations } from './verdict.ts';

/** A run that came to its end, whatever it has shown. */
export type Outcome = {
  seed: string;
  backend: 'redis' | 'postgres';
  verdict: Verdict;
  /** Reminders that were refused, by problem: nothing was accepted. */
  refused: Record<string, number>;
  dealt: Blow[];
  /** Of a database that was lost and restored from an older backup. */
  loss: { open: number; unknown: number; gone: number };
  /** Processes that ended without being told to (also for want of PostgreSQL at their start). */
  endedByThemselves: number;
  /** What clients got instead of an answer, and asked again. */
  withoutAnswer: Record<string, number>;
  seconds: number;
  /** From the last blow and fault to the last end. */
  secondsToSettle: number;
};

const mostLines = 10;

/** What a person reads. */
export function reportText(outcome: Outcome): string {
  const { verdict, dealt } = outcome;
  const rows: [string, string | number][] = [
    ['reminders accepted', verdict.reminders],
    ['accepted, by recipient', verdict.accepted],
    ['sent', verdict.sent],
    ...counted('failed', verdict.failed),
    ['skipped', verdict.skipped],
    ['canceled', verdict.canceled],
    ['unknown', verdict.unknown],
    ['taken by the providers', verdict.takenByProviders],
    ['taken again by policy `resend`', verdict.resentTwice],
    ...titles.map(([name, title]): [string, string] => [title, verdictOn(verdict.violations[name])]),
    ...counted('refused', outcome.refused),
    ...counted('asked again after', outcome.withoutAnswer),
    ['open in the backup that was restored', outcome.loss.open],
    ['unknown by that, and decided', outcome.loss.unknown],
    ['accepted after that backup, gone', outcome.loss.gone],
    ['processes that ended by themselves', outcome.endedByThemselves],
    ['seconds', outcome.seconds.toFixed(1)],
    ['seconds to settle', outcome.secondsToSettle.toFixed(1)],
  ];
  const blows = Object.entries(countBy(dealt.map((blow) => kindOf(blow))));
  return [
    `Queue on ${outcome.backend}, seed ${outcome.seed}`,
    '',
    ...table(['', 'count'], rows),
    '',
    ...table(['Blow', 'dealt'], blows),
    ...linesOf(verdict.violations),
    '',
    isSound(verdict) ? 'Sound: every invariant held.' : 'BROKEN: see violations.json and the logs beside it.',
    '',
  ].join('\n');
}

/** What a program reads: the names of docs/chaos.md. */
export function reportJson({ verdict, ...outcome }: Outcome) {
  const { violations, resentTwice, reminders, ...counts } = verdict;
  const { lost, duplicated, open, unjustified, sentAfterStop, unasked, undecided } = violations;
  return {
    seed: outcome.seed,
    backend: outcome.backend,
    ...counts,
    lost: lost.length,
    duplicated: duplicated.length,
    open: open.length,
    seconds: Number(outcome.seconds.toFixed(1)),
    ok: isSound(verdict),
    reminders,
    refused: outcome.refused,
    resentTwice,
    unjustified: unjustified.length,
    sentAfterStop: sentAfterStop.length,
    unasked: unasked.length,
    undecided: undecided.length,
    loss: outcome.loss,
    secondsToSettle: Number(outcome.secondsToSettle.toFixed(1)),
    blows: countBy(outcome.dealt.map((blow) => kindOf(blow))),
  };
}

const titles: [keyof Violations, string][] = [
  ['lost', '**lost**'],
  ['duplicated', '**duplicated**'],
  ['open', '**still open**'],
  ['unjustified', '**unknown without a cause**'],
  ['sentAfterStop', '**sent after it was stopped**'],
  ['unasked', '**accepted twice**'],
  ['undecided', '**sent after a restore, undecided**'],
];

function verdictOn(lines: readonly string[]): string {
  return lines.length === 0 ? '0' : `${lines.length} ✗`;
}

function counted(title: string, counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).map(([word, count]) => [`${title}: ${word}`, count]);
}

function linesOf(violations: Violations): string[] {
  return titles.flatMap(([name, title]) => {
    const lines = violations[name];
    if (lines.length === 0) return [];
    const more = lines.length > mostLines ? [`  and ${lines.length - mostLines} more`] : [];
    return ['', `${title}:`, ...lines.slice(0, mostLines).map((line) => `  ${line}`), ...more];
  });
}

function kindOf(blow: Blow): string {
  switch (blow.kind) {
    case 'kill':
    case 'terminate':
      return `${blow.kind === 'kill' ? 'kill -9' : 'SIGTERM'} ${blow.role}`;
    case 'provider':
      return `${blow.channel === 'email' ? 'SMTP' : 'SMSAPI'} ${blow.phase}`;
    case 'kill-in-batch':
      return 'kill -9 api in a batch';
    case 'kill-in-hand-over':
      return 'kill -9 worker in a hand-over';
    case 'crash-postgres':
      return 'kill -9 PostgreSQL';
    case 'kill-redis':
      return 'kill -9 Redis';
    case 'empty-redis':
      return 'kill -9 Redis, back empty';
    case 'kill-backend':
    case 'flush-redis':
      return describe(blow);
  }
}

function table(heads: [string, string], rows: readonly [string, string | number][]): string[] {
  return [`| ${heads.join(' | ')} |`, '| --- | ---: |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
}
