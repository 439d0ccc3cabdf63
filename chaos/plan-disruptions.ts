import type { PlanOptions } from './plan.ts';
import type { Random } from './random.ts';

export const roles = ['api', 'dispatcher', 'worker'] as const;
export type Role = (typeof roles)[number];
/** How many processes of each role there are. */
export const processes: Record<Role, number> = { api: 2, dispatcher: 2, worker: 3 };

/** What is broken, and for how long it stays so (`forMs`). */
export type Blow =
  | { kind: 'kill' | 'terminate'; role: Role; process: number; forMs: number }
  /** The API that is answering a batch, so many milliseconds after it was sent. */
  | { kind: 'kill-in-batch'; afterMs: number; forMs: number }
  /** A worker, while an SMTP server that has become slow has several messages in its hands. */
  | { kind: 'kill-in-hand-over'; process: number; forMs: number }
  /** One of PostgreSQL's backends: it then restarts all of them, and recovers. */
  | { kind: 'kill-backend'; draw: number }
  /** The whole of PostgreSQL at once. */
  | { kind: 'crash-postgres'; forMs: number }
  | { kind: 'kill-redis' | 'empty-redis'; forMs: number }
  | { kind: 'flush-redis' }
  | { kind: 'provider'; channel: 'email' | 'sms'; phase: 'down' | 'slow'; forMs: number };

/** `at`: a share of the whole, from 0 to 1: of what is accepted and ended, or with `--minutes` of the time. */
export type Disruption = { at: number; blow: Blow };

/** Each kind at least once, then more by chance, spread evenly with some jitter. */
export function planDisruptions(
  random: Random,
  { reminders, backend, minutes, timeScale }: Pick<PlanOptions, 'reminders' | 'backend' | 'minutes' | 'timeScale'>,
): Disruption[] {
  const kinds = backend === 'redis' ? [...everywhere, ...ofRedis] : everywhere;
  const wanted = minutes === null ? Math.round(reminders / 120) : Math.round(minutes * 10);
  const count = Math.max(kinds.length, wanted);
  const chosen = Array.from({ length: count }, (_, n) => kinds[n] ?? random.pick(kinds));
  shuffle(random, chosen);
  return chosen
    .map((make, n) => {
      const at = 0.02 + (0.9 * (n + random.next())) / count;
      const blow = make(random, timeScale);
      // Batches come while there is something to accept: in the first half.
      return { at: blow.kind === 'kill-in-batch' ? at * 0.4 : at, blow };
    })
    .sort((one, other) => one.at - other.at);
}

type Make = (random: Random, timeScale: number) => Blow;

const inHandOver: readonly Make[] = Array.from({ length: processes.worker }, (_, n): Make => (random, scale) => ({
  kind: 'kill-in-hand-over',
  process: n + 1,
  forMs: off(random, scale),
}));

const everywhere: readonly Make[] = [
  ...roles.flatMap((role) => [of('kill', role), of('kill', role), of('terminate', role)]),
  ...inHandOver,
  (random, scale) => ({ kind: 'kill-in-batch', afterMs: random.whole(0, 40), forMs: off(random, scale) }),
  (random, scale) => ({ kind: 'kill-in-batch', afterMs: random.whole(0, 120), forMs: off(random, scale) }),
  (random) => ({ kind: 'kill-backend', draw: random.next() }),
  (random, scale) => ({ kind: 'crash-postgres', forMs: off(random, scale) }),
  ...(['email', 'sms'] as const).flatMap((channel) =>
    (['down', 'slow'] as const).map((phase): Make => (random, scale) => ({
      kind: 'provider',
      channel,
      phase,
      forMs: random.whole(20_000, 60_000) * scale,
    })),
  ),
];

const ofRedis: readonly Make[] = [
  (random, scale) => ({ kind: 'kill-redis', forMs: off(random, scale) }),
  () => ({ kind: 'flush-redis' }),
  (random, scale) => ({ kind: 'empty-redis', forMs: off(random, scale) }),
];

function of(kind: 'kill' | 'terminate', role: Role): Make {
  return (random, scale) => ({
    kind,
    role,
    process: random.whole(1, processes[role]),
    forMs: off(random, scale),
  });
}

function off(random: Random, scale: number): number {
  return Math.round(random.whole(0, 10_000) * scale);
}

function shuffle(random: Random, items: Make[]): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.whole(0, last);
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
}
