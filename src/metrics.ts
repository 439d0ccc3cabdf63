import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Channel } from './domain/delivery-facts.ts';

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
  readonly #waiting = this.#gauge('sollecito_deliveries_waiting', 'Deliveries in the backlog or the queue', [
    'channel',
    'state',
  ]);
  readonly #oldest = this.#gauge('sollecito_oldest_waiting_seconds', 'Age of the oldest delivery that is due', [
    'channel',
  ]);

  accepted(channel: Channel): void {
    this.#accepted.inc({ channel });
  }

  settled(channel: Channel, to: 'sent' | 'failed' | 'unknown' | 'retrying', seconds: number): void {
    this.#outcomes[to].inc({ channel });
    if (to === 'sent') this.#seconds.observe({ channel }, seconds);
  }

  waiting(
    channel: Channel,
    counts: { due: number; scheduled: number; queued: number; sending: number },
    oldestSeconds: number,
  ): void {
    for (const [state, count] of Object.entries(counts)) this.#waiting.set({ channel, state }, count);
    this.#oldest.set({ channel }, oldestSeconds);
  }

  #counter(name: string, help: string): Counter<'channel'> {
    return new Counter({ name, help, labelNames: ['channel'], registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
