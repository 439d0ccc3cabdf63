import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import type { Outside } from './outside.ts';
import type { Blow, Disruption } from './plan-disruptions.ts';
import type { Postgres } from './postgres.ts';
import type { Redis } from './redis.ts';

export type Targets = { fleet: Fleet; postgres: Postgres; redis: Redis | undefined; outside: Outside };

/** So many messages are on their way to the server: one or more of them are very likely of the worker to be killed. */
const severalOpen = 6;

/** Deals the plan's blows as the work goes on; several may be felt at once, but each target gets one at a time. */
export class Disrupter {
  readonly dealt: { blow: Blow; at: number }[] = [];
  readonly #left: Disruption[];
  readonly #targets: Targets;
  readonly #say: (line: string) => void;
  readonly #busy = new Map<string, Promise<void>>();
  /** For the next batch that leaves. */
  readonly #inBatch: Extract<Blow, { kind: 'kill-in-batch' }>[] = [];
  readonly #failures: unknown[] = [];

  constructor(plan: readonly Disruption[], targets: Targets, say: (line: string) => void) {
    this.#left = [...plan];
    this.#targets = targets;
    this.#say = say;
  }

  /** @param progress from 0 to 1. What is due is dealt. */
  reached(progress: number): void {
    while ((this.#left[0]?.at ?? Infinity) <= progress) {
      const { blow } = this.#left.shift() ?? {};
      if (blow) this.#deal(blow);
    }
  }

  /** How far it must come for the next blow; undefined when all have been dealt. */
  get next(): number | undefined {
    return this.#left[0]?.at;
  }

  batchSent(url: string): void {
    const blow = this.#inBatch.shift();
    if (!blow) return;
    this.#queue(`api ${url}`, blow, async () => {
      await pause(blow.afterMs);
      await this.#targets.fleet.killApiAt(url, blow.forMs);
    });
  }

  /** Nothing new; waits until everything stands again. Throws when a target could not be brought back. */
  async end(): Promise<void> {
    this.#left.length = 0;
    await Promise.all(this.#busy.values());
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'what was broken did not come back');
  }

  #deal(blow: Blow): void {
    const { fleet, postgres, redis, outside } = this.#targets;
    switch (blow.kind) {
      case 'kill':
        return this.#queue(`${blow.role} ${blow.process}`, blow, async () =>
          fleet.kill(blow.role, blow.process, blow.forMs),
        );
      case 'terminate':
        return this.#queue(`${blow.role} ${blow.process}`, blow, async () =>
          fleet.terminate(blow.role, blow.process, blow.forMs),
        );
      case 'kill-in-batch':
        this.#inBatch.push(blow);
        return undefined;
      case 'kill-in-hand-over':
        return this.#queue('email', blow, async () => this.#killInHandOver(blow));
      case 'kill-backend':
        return this.#queue('postgres', blow, async () => postgres.killBackend(blow.draw));
      case 'crash-postgres':
        return this.#queue('postgres', blow, async () => postgres.crash(blow.forMs));
      case 'kill-redis':
        return this.#queue('redis', blow, async () => redis?.kill(blow.forMs, false));
      case 'empty-redis':
        return this.#queue('redis', blow, async () => redis?.kill(blow.forMs, true));
      case 'flush-redis':
        return this.#queue('redis', blow, async () => redis?.flush());
      case 'provider':
        return this.#queue(blow.channel, blow, async () => {
          await outside.phase({ channel: blow.channel, phase: blow.phase });
          await pause(blow.forMs);
          await outside.phase({ channel: blow.channel, phase: 'up' });
        });
    }
  }

  async #killInHandOver({ process, forMs }: Extract<Blow, { kind: 'kill-in-hand-over' }>): Promise<void> {
    const { fleet, outside } = this.#targets;
    await outside.phase({ channel: 'email', phase: 'slow' });
    // Should there be nothing left to hand over, it is killed all the same.
    const late = performance.now() + 5_000;
    while ((await outside.open('email')) < severalOpen && performance.now() < late) await pause(20);
    await fleet.kill('worker', process, forMs);
    await outside.phase({ channel: 'email', phase: 'up' });
  }

  #queue(target: string, blow: Blow, deal: () => Promise<void>): void {
    this.#busy.set(target, this.#after(this.#busy.get(target), blow, deal));
  }

  async #after(before: Promise<void> | undefined, blow: Blow, deal: () => Promise<void>): Promise<void> {
    await before;
    this.dealt.push({ blow, at: Date.now() });
    this.#say(describe(blow));
    try {
      await deal();
    } catch (error) {
      this.#failures.push(error);
    }
  }
}

/** In a few words, for a person who watches. */
export function describe(blow: Blow): string {
  switch (blow.kind) {
    case 'kill':
      return `kill -9 ${blow.role} ${blow.process}`;
    case 'terminate':
      return `SIGTERM ${blow.role} ${blow.process}`;
    case 'kill-in-batch':
      return `kill -9 the API, ${blow.afterMs} ms after a batch was sent`;
    case 'kill-in-hand-over':
      return `kill -9 worker ${blow.process} while it hands over`;
    case 'kill-backend':
      return 'kill -9 a backend of PostgreSQL';
    case 'crash-postgres':
      return `kill -9 PostgreSQL, back after ${blow.forMs} ms`;
    case 'kill-redis':
      return `kill -9 Redis, back after ${blow.forMs} ms`;
    case 'empty-redis':
      return `kill -9 Redis, back empty after ${blow.forMs} ms`;
    case 'flush-redis':
      return 'FLUSHALL';
    case 'provider':
      return `${blow.channel === 'email' ? 'SMTP' : 'SMSAPI'} ${blow.phase} for ${Math.round(blow.forMs)} ms`;
  }
}
