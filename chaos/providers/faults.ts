import { createHash } from 'node:crypto';
import type { Fault, GreetingFault, MessageFault, SenderFault, SmsFault } from './ledger.ts';

/** Where a fault is drawn, each with a key of its own: a connection's number, a delivery, a recipient, a number. */
export type Place = 'greeting' | 'sender' | 'message' | 'sms';

/** Each fault and its weight. Their order is part of the draw. */
export type Weights<Name extends Fault> = readonly (readonly [name: Name | 'ordinary', weight: number])[];

export type Mix = {
  readonly greeting: Weights<GreetingFault>;
  readonly sender: Weights<SenderFault>;
  readonly message: Weights<MessageFault>;
  readonly sms: Weights<SmsFault>;
};

export type Draw = {
  readonly seed: string;
  readonly place: Place;
  readonly key: string;
  /** How many times that key came, from 1. */
  readonly attempt: number;
};

/**
 * What happens to that try: the same draw and weights give the same fault, in whatever order the tries come. A key that
 * is refused for good is refused at each try, whatever becomes of the other weights.
 */
export function faultFor<Name extends Fault>(draw: Draw, weights: Weights<Name>): Name | 'ordinary' {
  const total = sum(weights);
  const final = weights.filter(([name]) => finalFaults.has(name));
  const fate = pick(final, chance(draw.seed, draw.place, draw.key) * total);
  if (fate !== undefined) return fate;
  const passing = weights.filter(([name]) => !finalFaults.has(name));
  return pick(passing, chance(draw.seed, draw.place, draw.key, draw.attempt) * sum(passing)) ?? 'ordinary';
}

/** From 10 to 40 seconds, before scaling: some of it is beyond any time limit, some within. */
export function lateMs({ seed, place, key, attempt }: Draw): number {
  return Math.round(10_000 + 30_000 * chance(seed, place, key, attempt, 'late'));
}

/** The same mix when all is calm: what was refused for good stays so, everything else goes well. */
export function calmed(mix: Mix): Mix {
  return {
    greeting: calmedWeights(mix.greeting),
    sender: calmedWeights(mix.sender),
    message: calmedWeights(mix.message),
    sms: calmedWeights(mix.sms),
  };
}

/** About three tries of four go well; one recipient of forty is refused for good. */
export const roughMix: Mix = {
  greeting: [
    ['ordinary', 90],
    ['greeting-421', 5],
    ['greeting-554', 2],
    ['greeting-drop', 3],
  ],
  sender: [
    ['ordinary', 96.5],
    ['mail-452', 3],
    ['mail-553', 0.5],
  ],
  message: [
    ['ordinary', 78],
    ['rcpt-450', 4],
    ['rcpt-550', 1],
    ['data-451', 3],
    ['data-554', 0.5],
    ['data-silence', 0.5],
    ['drop-at-body', 1.5],
    ['drop-in-body', 1.5],
    ['dot-451', 3],
    ['dot-554', 0.5],
    ['drop-after-dot', 2],
    ['silence-taken', 1],
    ['silence-lost', 1],
    ['late', 2.5],
  ],
  sms: [
    ['ordinary', 74],
    ['http-429', 5],
    ['http-500', 3],
    ['http-500-taken', 3],
    ['error-201', 4],
    ['error-13', 2],
    ['drop-before', 2],
    ['drop-after', 2],
    ['silence-taken', 2],
    ['late', 3],
  ],
};

const finalFaults: ReadonlySet<Fault> = new Set(['mail-553', 'rcpt-550', 'data-554', 'dot-554', 'error-13']);

function calmedWeights<Name extends Fault>(weights: Weights<Name>): Weights<Name> {
  const final = weights.filter(([name]) => finalFaults.has(name));
  return [['ordinary', sum(weights) - sum(final)], ...final];
}

function sum(weights: Weights<Fault>): number {
  return weights.reduce((total, [, weight]) => total + weight, 0);
}

function pick<Name extends Fault>(weights: Weights<Name>, point: number): Name | 'ordinary' | undefined {
  let passed = 0;
  for (const [name, weight] of weights) {
    passed += weight;
    if (point < passed) return name;
  }
  return undefined;
}

// From 0 to 1, by what it is asked for alone: the first 48 bits of a hash.
function chance(...of: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(of)).digest().readUIntBE(0, 6) / 2 ** 48;
}
