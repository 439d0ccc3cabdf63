import type { Stop } from './fleet.ts';
import type { Exchange, Taken } from './providers/ledger.ts';
import type { Accepted, Stopped, Told } from './told.ts';

/** A row of PostgreSQL at the end; ids as they leave the house, instants as epoch milliseconds. */
export type DeliveryRow = {
  delivery: string;
  reminder: string;
  tenant: string;
  policy: 'hold' | 'resend';
  recipient: string;
  status: string;
  reason: string | null;
  /** Repeats by policy. */
  resends: number;
  /** When each of its hand-overs was claimed. */
  claimedAt: number[];
};

export type Evidence = {
  told: Told;
  rows: DeliveryRow[];
  taken: Taken[];
  exchanges: Exchange[];
  stops: Stop[];
  /** When PostgreSQL went down. */
  falls: number[];
  /** Reminders that were open in a backup that was restored: they stay in doubt unless somebody takes them. */
  restored: ReadonlySet<string>;
  /** From a claim to the hard end of its hand-over, and to the end of its lease. */
  sendTimeoutMs: number;
  leaseMs: number;
};

/** What must be empty. Each holds a line for each violation, with what a person looks for in logs and tables. */
export type Violations = {
  /** Accepted, and no row; said to be sent, and nobody took it; ended as not taken, and somebody did. */
  lost: string[];
  /** Taken twice for one recipient without a decision to repeat it. */
  duplicated: string[];
  /** Not ended. */
  open: string[];
  /** Unknown without a lost answer, of the provider or of PostgreSQL, and without a worker's end. */
  unjustified: string[];
  /** Taken after an answer had said that it was stopped. */
  sentAfterStop: string[];
  /** In PostgreSQL, and no client was told of it: one key accepted twice. */
  unasked: string[];
  /** Sent after an older backup was restored, before anyone had decided. */
  undecided: string[];
};

/** Counted by reminder and recipient, but for `reminders`. */
export type Verdict = {
  reminders: number;
  accepted: number;
  sent: number;
  failed: Record<string, number>;
  skipped: number;
  canceled: number;
  unknown: number;
  takenByProviders: number;
  /** Taken a second time because the tenant's policy says `resend`. */
  resentTwice: number;
  violations: Violations;
};

const takenStatuses = new Set(['sent', 'delivered', 'bounced', 'complained']);
const untakenStatuses = new Set(['failed', 'skipped', 'canceled']);

/** Judges a run by what clients were told, what PostgreSQL holds at its end, and what the providers really took. */
export function judgeRun(evidence: Evidence, undecided = 0): Verdict {
  const { told, rows, taken } = evidence;
  const accepted = new Map(told.accepted.map((one) => [one.id, one]));
  const takenOf = Map.groupBy(taken, ({ delivery }) => delivery ?? '');
  const withRow = new Set(rows.map(({ reminder }) => reminder));
  const rowless = told.accepted.filter(({ id }) => !withRow.has(id));
  const having = (...statuses: string[]) => rows.filter(({ status }) => statuses.includes(status)).length;
  const doubled = rows.filter(({ delivery }) => (takenOf.get(delivery)?.length ?? 0) > 1);
  return {
    reminders: told.accepted.length,
    accepted: rows.length + rowless.length,
    sent: having(...takenStatuses),
    failed: countBy(rows.filter(({ status }) => status === 'failed').map(({ reason }) => reason ?? 'no reason')),
    skipped: having('skipped'),
    canceled: having('canceled'),
    unknown: having('unknown'),
    takenByProviders: taken.length,
    resentTwice: doubled.filter(({ resends }) => resends > 0).length,
    violations: {
      lost: [...rowless.map(({ id }) => `${id} was accepted and has no row`), ...untrueEnds(rows, takenOf)],
      duplicated: duplicates(rows, taken, takenOf),
      open: rows.filter(isOpen).map((row) => `${nameOf(row)} is ${row.status} (${row.reason ?? 'no reason'})`),
      unjustified: unjustified(evidence),
      sentAfterStop: sentAfterStop(evidence, accepted),
      undecided: undecided === 0 ? [] : [`${undecided} messages left although nobody had decided`],
      unasked: [...withRow].filter((id) => !accepted.has(id)).map((id) => `${id}: no client was told of it`),
    },
  };
}

/** Each line for `Violations`, none: the run has shown nothing wrong. */
export function isSound({ violations }: Verdict): boolean {
  return Object.values(violations).every((lines) => lines.length === 0);
}

function isOpen({ status }: DeliveryRow): boolean {
  return !takenStatuses.has(status) && !untakenStatuses.has(status) && status !== 'unknown';
}

function untrueEnds(rows: readonly DeliveryRow[], takenOf: ReadonlyMap<string, Taken[]>): string[] {
  return rows.flatMap((row) => {
    const times = takenOf.get(row.delivery)?.length ?? 0;
    if (takenStatuses.has(row.status) && times === 0) return [`${nameOf(row)} is ${row.status}, and was never taken`];
    if (untakenStatuses.has(row.status) && times > 0) {
      return [`${nameOf(row)} is ${row.status} (${row.reason ?? 'no reason'}), and was taken`];
    }
    return [];
  });
}

function duplicates(
  rows: readonly DeliveryRow[],
  taken: readonly Taken[],
  takenOf: ReadonlyMap<string, Taken[]>,
): string[] {
  const known = new Map(rows.map((row) => [row.delivery, row]));
  const strangers = taken.filter(({ delivery }) => !known.has(delivery ?? ''));
  return [
    ...rows.flatMap((row) => {
      const times = takenOf.get(row.delivery)?.length ?? 0;
      const allowed = row.policy === 'resend' ? 1 + row.resends : 1;
      return times > allowed ? [`${nameOf(row)} was taken ${times} times`] : [];
    }),
    // One reminder must not have two deliveries for the same recipient either.
    ...[...Map.groupBy(rows, ({ reminder, recipient }) => `${reminder} ${recipient}`)].flatMap(([name, same]) =>
      same.length > 1 ? [`${name} has ${same.length} deliveries`] : [],
    ),
    ...strangers.map(({ delivery, recipient }) => `${recipient} got ${delivery ?? 'what has no delivery'}`),
  ];
}

/** What leaves in doubt whether a message was taken: no answer after it began to leave, or SMSAPI's own failure (HTTP 5xx). */
function leavesDoubt({ channel, end, reached, answer }: Exchange): boolean {
  const left = reached === 'dataBegan' || reached === 'received';
  const failed = channel === 'sms' && answer !== null && answer >= 500 && answer < 600;
  return left && (end !== 'answered' || failed);
}

function unjustified({ rows, exchanges, stops, falls, restored, sendTimeoutMs, leaseMs }: Evidence): string[] {
  const exchangesOf = Map.groupBy(exchanges, ({ delivery }) => delivery);
  const workers = stops.filter(({ role }) => role === 'worker');
  return rows
    .filter(({ status, reminder }) => status === 'unknown' && !restored.has(reminder))
    .filter(({ delivery, claimedAt }) => {
      const own = exchangesOf.get(delivery) ?? [];
      const late = (at: number): boolean => own.some((one) => cameTooLate(one, at + sendTimeoutMs));
      const died = (at: number): boolean => workers.some((end) => end.at >= at && end.at <= at + leaseMs);
      const unheard = (at: number): boolean => falls.some((fall) => Math.abs(fall - at) <= committingMs);
      const fell = (at: number): boolean => falls.some((fall) => fall >= at && fall <= at + leaseMs);
      const unwritten = (at: number): boolean =>
        fell(at) && workers.some((end) => end.at >= at && end.at <= at + leaseMs + writingMs);
      return !own.some(leavesDoubt) && !claimedAt.some((at) => late(at) || died(at) || unheard(at) || unwritten(at));
    })
    .map((row) => `${nameOf(row)} is unknown (${row.reason ?? 'no reason'}) for no cause that was seen`);
}

/** A claim may be committed and the worker not hear of it: PostgreSQL went down in between. Its backends take a moment to die. */
const committingMs = 1_000;
/** What a worker knew could not be written down while PostgreSQL was away, and it ended before it could. */
const writingMs = 10_000;
/** From the provider's answer to its being read, on a busy machine. */
const readingMs = 1_000;

/** The whole had been received, and it was answered as the hand-over's time was over. */
function cameTooLate({ reached, at, endedAt }: Exchange, deadline: number): boolean {
  return reached === 'received' && at <= deadline && endedAt !== null && endedAt >= deadline - readingMs;
}

function sentAfterStop({ told, rows, taken }: Evidence, accepted: ReadonlyMap<string, Accepted>): string[] {
  const reminderOf = new Map(rows.map(({ delivery, reminder }) => [delivery, reminder]));
  const stops = new Stops(told.stopped);
  return taken.flatMap(({ delivery, recipient, at }) => {
    const of = accepted.get(reminderOf.get(delivery ?? '') ?? '');
    const stopped = of && stops.whyNot(of, at);
    return stopped === undefined
      ? []
      : [`${of?.id ?? ''} to ${recipient} was taken ${at - stopped.at} ms after ${stopped.kind} ${stopped.what}`];
  });
}

/** What forbids a reminder, looked up by what it concerns. */
class Stops {
  readonly #by: Map<string, Stopped[]>;

  constructor(stopped: readonly Stopped[]) {
    this.#by = Map.groupBy(stopped, ({ kind, tenant, what }) => `${tenant} ${concerns[kind]} ${what}`);
  }

  /** What had been answered before `at` and forbids that it is taken then. */
  whyNot({ id, wish }: Accepted, at: number): Stopped | undefined {
    const before = (what: string): Stopped | undefined =>
      this.#by.get(`${wish.tenant} ${what}`)?.find((stop) => stop.at < at && !stop.inFlight.includes(id));
    const whole = before(`reminder ${id}`) ?? before(`customer ${wish.customer}`);
    if (whole) return whole;
    // As long as one of its due dates may be asked for, it speaks of that one.
    const parts = wish.dueDates.map((dueDate) => before(`dueDate ${dueDate}`));
    return parts.every((part) => part !== undefined) ? parts[0] : undefined;
  }
}

const concerns = { pay: 'dueDate', hold: 'dueDate', exclude: 'customer', cancel: 'reminder' } as const;

function nameOf({ delivery, reminder, tenant }: DeliveryRow): string {
  return `${delivery} of ${reminder} (${tenant})`;
}

/** How many of each, the most frequent first. */
export function countBy(words: readonly string[]): Record<string, number> {
  const counted = [...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length] as const);
  return Object.fromEntries(counted.sort(([, a], [, b]) => b - a));
}
