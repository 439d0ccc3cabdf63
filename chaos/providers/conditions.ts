import { setTimeout as delay } from 'node:timers/promises';
import { calmed, type Draw, faultFor, lateMs, type Mix } from './faults.ts';
import type { Channel, GreetingFault, MessageFault, Phase, SenderFault, SmsFault } from './ledger.ts';

/** What every answer waits in a slow phase, before scaling. */
const slowMs = { email: 1_000, sms: 4_000 };

/** What the providers go through now: which faults, how slow, in which phase. */
export class Conditions {
  readonly seed: string;
  readonly #scale: number;
  readonly #phases: Record<Channel, Phase> = { email: 'up', sms: 'up' };
  #mix: Mix;

  /** @param scale of all durations: 1 for those of a real provider. */
  constructor({ seed, scale, mix }: { seed: string; scale: number; mix: Mix }) {
    this.seed = seed;
    this.#scale = scale;
    this.#mix = mix;
  }

  phase(channel: Channel): Phase {
    return this.#phases[channel];
  }

  turn(channel: Channel, phase: Phase): void {
    this.#phases[channel] = phase;
  }

  /** No more faults but the refusals for good. */
  calm(): void {
    this.#mix = calmed(this.#mix);
  }

  greeting(connection: number): GreetingFault | 'ordinary' {
    return faultFor({ seed: this.seed, place: 'greeting', key: String(connection), attempt: 1 }, this.#mix.greeting);
  }

  sender(key: string, attempt: number): SenderFault | 'ordinary' {
    return faultFor({ seed: this.seed, place: 'sender', key, attempt }, this.#mix.sender);
  }

  message(key: string, attempt: number): MessageFault | 'ordinary' {
    return faultFor({ seed: this.seed, place: 'message', key, attempt }, this.#mix.message);
  }

  sms(key: string, attempt: number): SmsFault | 'ordinary' {
    return faultFor({ seed: this.seed, place: 'sms', key, attempt }, this.#mix.sms);
  }

  /** Waits as long as a late answer takes, or until the signal. */
  async late(draw: Omit<Draw, 'seed'>, signal: AbortSignal): Promise<void> {
    await wait(lateMs({ seed: this.seed, ...draw }) * this.#scale, signal);
  }

  /** Waits in a slow phase, before each answer. */
  async slow(channel: Channel, signal: AbortSignal): Promise<void> {
    if (this.phase(channel) === 'slow') await wait(slowMs[channel] * this.#scale, signal);
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  // The client went: nobody waits for the answer any more.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
