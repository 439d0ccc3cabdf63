import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Provider, providerOf } from './domain/breaker.ts';
import type { Channel } from './domain/delivery-facts.ts';
import type { Settlement } from './domain/retry.ts';
import type { Backlog } from './store/dispatch.ts';
import { channels } from './queue/queue-names.ts';

/** What Prometheus reads: counts and times by channel, never a name or an address. */
export class Metrics {
  readonly registry = new Registry();
  readonly #accepted = this.#counter('sollecito_reminders_accepted_total', 'Reminders accepted');
  readonly #outcomes = {
    sent: this.#counter('sollecito_deliveries_sent_total', 'Deliveries that a provider took'),
    failed: this.#counter('sollecito_deliveries_failed_total', 'Deliveries refused for good, or given up'),
    unknown: this.#counter('sollecito_deliveries_unknown_total', 'Deliveries whose fate is unknown'),
    retrying: this.#counter('sollecito_deliveries_retried_total', 'Hand-overs that are to be tried again'),
  };
  readonly #seconds = new Histogram({
    name: 'sollecito_accept_to_sent_seconds',
    help: 'From accepting a reminder to its hand-over',
    labelNames: ['channel'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600, 86_400],
    registers: [this.registry],
  });
  readonly #breakers = new Counter({
    name: 'sollecito_breaker_changes_total',
    help: 'Openings and closings of a provider’s breaker, each counted by one process',
    labelNames: ['provider', 'to'],
    registers: [this.registry],
  });
  readonly #reasons = new Counter({
    name: 'sollecito_delivery_reasons_total',
    help: 'Why deliveries failed, became unknown or are to be tried again',
    labelNames: ['channel', 'status', 'reason'],
    registers: [this.registry],
  });
  readonly #waiting: Gauge<'channel' | 'state'>;
  readonly #oldest: Gauge<'channel'>;
  readonly #oldestUnknown: Gauge<'channel'>;

  /** @param backlog read at most every 5 seconds, and not shown when it cannot be read. */
  constructor(backlog: () => Promise<Backlog[]>) {
    const registers = [this.registry];
    const collect = shared(async () => this.#show(await backlog().catch(() => [])));
    for (const channel of channels) {
      this.#seconds.zero({ channel });
      for (const to of ['open', 'closed'] as const) this.#breakers.inc({ provider: providerOf(channel), to }, 0);
    }
    this.#oldest = new Gauge({
      name: 'sollecito_oldest_waiting_seconds',
      help: 'Age of the oldest delivery that is due',
      labelNames: ['channel'],
      registers,
      collect,
    });
    this.#oldestUnknown = new Gauge({
      name: 'sollecito_oldest_unknown_seconds',
      help: 'Since the first of the deliveries that are unknown became so',
      labelNames: ['channel'],
      registers,
      collect,
    });
    this.#waiting = new Gauge({
      name: 'sollecito_deliveries_waiting',
      help: 'Deliveries in the backlog (due, scheduled), in the queue, or on their way out',
      labelNames: ['channel', 'state'],
      registers,
      collect,
    });
  }

  accepted(channel: Channel): void {
    this.#accepted.inc({ channel });
  }

  /** @param of.reason one of our own words. `seconds`: since it was accepted. */
  settled(of: { channel: Channel; to: Settlement['to']; reason: string | null; seconds: number | null }): void {
    const { channel, to, reason, seconds } = of;
    this.#outcomes[to].inc({ channel });
    if (to !== 'sent' && reason !== null) this.#reasons.inc({ channel, status: to, reason });
    if (to === 'sent' && seconds !== null) this.#seconds.observe({ channel }, seconds);
  }

  /** Claims that ran out: their deliveries are unknown. */
  expired(channel: Channel, count: number): void {
    this.#outcomes.unknown.inc({ channel }, count);
    this.#reasons.inc({ channel, status: 'unknown', reason: 'claim-expired' }, count);
  }

  breakerChanged(provider: Provider, to: 'open' | 'closed'): void {
    this.#breakers.inc({ provider, to });
  }

  #show(backlog: readonly Backlog[]): void {
    // An old number would look like a queue that stands still.
    this.#waiting.reset();
    this.#oldest.reset();
    this.#oldestUnknown.reset();
    for (const { channel, oldestSeconds, oldestUnknownSeconds, ...counts } of backlog) {
      for (const [state, count] of Object.entries(counts)) this.#waiting.set({ channel, state }, count);
      this.#oldest.set({ channel }, oldestSeconds);
      this.#oldestUnknown.set({ channel }, oldestUnknownSeconds);
    }
  }

  #counter(name: string, help: string): Counter<'channel'> {
    const counter = new Counter({ name, help, labelNames: ['channel'], registers: [this.registry] });
    // A series that first shows with its first event has no increase that anyone could see.
    for (const channel of channels) counter.inc({ channel }, 0);
    return counter;
  }
}

const shareMs = 5_000;

/** Several readers, or one in a hurry, cost one run: the one under way, or the one that ended just now. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let run: { done: Promise<void>; endedAt: number | undefined } | undefined;
  return async () => {
    if (!run || (run.endedAt !== undefined && performance.now() - run.endedAt > shareMs)) {
      const started: NonNullable<typeof run> = { done: Promise.resolve(), endedAt: undefined };
      started.done = work().finally(() => {
        started.endedAt = performance.now();
      });
      run = started;
    }
    await run.done;
  };
}
