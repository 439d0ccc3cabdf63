import { closeSync, openSync, writeSync } from 'node:fs';
import type { Channel, Exchange, Fault, LedgerEntry, Phase, PhaseChange, Taken } from './ledger.ts';

/**
 * What happened at the providers, in memory and in a file. Each line of the file is written before the client can see
 * the answer to it, in one write, so that no end of this process or of the run takes any of it away.
 */
export class LedgerBook {
  readonly taken: Taken[] = [];
  readonly exchanges: Exchange[] = [];
  readonly phases: PhaseChange[] = [];
  readonly #comes = new Map<string, number>();
  readonly #file: number | undefined;

  /** @param path a new file; one that exists is another run's, and refused. */
  constructor(path: string | undefined) {
    this.#file = path === undefined ? undefined : openSync(path, 'ax');
  }

  /** Counts one more coming of that key. @returns how many there were, from 1. */
  come(...key: readonly string[]): number {
    const name = JSON.stringify(key);
    const attempt = (this.#comes.get(name) ?? 0) + 1;
    this.#comes.set(name, attempt);
    return attempt;
  }

  /** Begins an exchange. What becomes known of it is written into it, until it is ended. */
  open(channel: Channel, phase: Phase, fault: Fault = 'ordinary'): Exchange {
    const exchange: Exchange = {
      kind: 'exchange',
      id: this.exchanges.length + 1,
      channel,
      delivery: null,
      recipient: null,
      attempt: 0,
      at: Date.now(),
      endedAt: null,
      fault,
      phase,
      reached: 'connected',
      answer: null,
      error: null,
      end: 'open',
      taken: false,
      repeated: false,
    };
    this.exchanges.push(exchange);
    return exchange;
  }

  /** Counts the message of that exchange as taken, for one recipient. */
  take(
    exchange: Exchange,
    message: Pick<Taken, 'recipient' | 'reminder' | 'generation' | 'resend' | 'messageId' | 'idx'>,
  ): void {
    const { id, channel, delivery, fault } = exchange;
    const taken: Taken = { kind: 'taken', channel, delivery, ...message, at: Date.now(), fault, exchange: id };
    exchange.taken = true;
    this.taken.push(taken);
    this.#write(taken);
  }

  /** Ends an exchange, to be called before its answer leaves. Only the first end counts. */
  end(exchange: Exchange, end: Exclude<Exchange['end'], 'open'>): void {
    if (exchange.end !== 'open') return;
    exchange.end = end;
    exchange.endedAt = Date.now();
    this.#write(exchange);
  }

  turn(channel: Channel, phase: Phase): void {
    const change: PhaseChange = { kind: 'phase', channel, phase, at: Date.now() };
    this.phases.push(change);
    this.#write(change);
  }

  counts(channel: Channel): { taken: number; exchanges: number; open: number; faults: Partial<Record<Fault, number>> } {
    const exchanges = this.exchanges.filter((each) => each.channel === channel);
    const faults: Partial<Record<Fault, number>> = {};
    for (const { fault } of exchanges) faults[fault] = (faults[fault] ?? 0) + 1;
    return {
      taken: this.taken.filter((each) => each.channel === channel).length,
      exchanges: exchanges.length,
      open: exchanges.filter(({ end }) => end === 'open').length,
      faults,
    };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #write(entry: LedgerEntry): void {
    if (this.#file === undefined) return;
    // Appending, so a line is whole or absent for whoever reads meanwhile.
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}
