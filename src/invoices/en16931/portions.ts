import { add, type Money, subtract, zero } from '../../domain/money.ts';
import { unitsOf } from './decimal.ts';

/** One block of payment terms (BT-20 and what the syntaxes hold beyond it). */
export type StatedTerms = {
  readonly path: string;
  readonly dueOn: string | null;
  /** The part of the document that these terms are for; null: all of it. */
  readonly amount: Money | null;
  /** The same as a percentage of what is payable. */
  readonly percent: string | null;
  readonly words: string | null;
  /** They grant a discount for paying early. */
  readonly isDiscount: boolean;
  /** Ways to pay that these terms name. */
  readonly meansIds: readonly string[];
};
export type Portion = StatedTerms & { readonly amount: Money };

/**
 * The instalments among the terms: those that say for how much they are, and the one that has a day and no amount beside
 * them for the rest. None where there are no amounts, or where each is the whole: then the terms are alternatives.
 */
export function portionsOf(
  terms: readonly StatedTerms[],
  { total, payable }: { readonly total: Money; readonly payable: Money },
): Portion[] {
  const stated = withAmounts(terms, payable);
  if (stated.every(({ amount }) => amount.units === payable.units || amount.units === total.units)) return [];
  const comesToAll = (portions: readonly Portion[]): boolean => {
    const sum = sumOf(portions, payable);
    return sum.units === payable.units || sum.units === total.units;
  };
  // An amount beside a discount may be the reduced one or the discount itself, and the whole may stand above its parts.
  const parts = stated.filter(({ amount }) => amount.units !== payable.units);
  if (parts.length > 1 && comesToAll(parts)) return parts;
  const net = stated.filter(({ isDiscount }) => !isDiscount);
  if (net.length === 0 && !comesToAll(stated)) return [];
  const portions = !comesToAll(net) && comesToAll(stated) ? stated : net;
  return comesToAll(portions) ? portions : [...portions, ...restOf(terms, portions, payable)];
}

function restOf(terms: readonly StatedTerms[], portions: readonly Portion[], payable: Money): Portion[] {
  const open = terms.filter((one) => one.amount === null && one.percent === null && !one.isDiscount);
  const rest = subtract(payable, sumOf(portions, payable));
  const [only, ...others] = open.filter(({ dueOn }) => dueOn !== null);
  return only && others.length === 0 && rest.units > 0n ? [{ ...only, amount: rest }] : [];
}

// The last of percentages that come to a hundred is what the others leave, so that no cent is lost.
function withAmounts(terms: readonly StatedTerms[], payable: Money): Portion[] {
  const stated = terms.filter((one) => one.amount !== null || one.percent !== null);
  const percentages = stated.map(({ amount, percent }) =>
    amount === null && percent !== null ? unitsOf(percent) : null,
  );
  const isWhole = percentages.reduce<bigint>((sum, percent) => sum + (percent ?? 0n), 0n) === 100n * scale;
  const portions: Portion[] = [];
  for (const [index, one] of stated.entries()) {
    const isLast = isWhole && index === stated.length - 1 && percentages.every((percent) => percent !== null);
    const share = isLast ? subtract(payable, sumOf(portions, payable)) : shareOf(payable, percentages[index] ?? 0n);
    portions.push({ ...one, amount: one.amount ?? share });
  }
  return portions;
}

const scale = 100_000_000n;

// To the nearest unit, halves up.
function shareOf({ units, currency }: Money, percent: bigint): Money {
  const whole = 100n * scale;
  return { units: (2n * units * percent + whole) / (2n * whole), currency };
}

function sumOf(portions: readonly Portion[], { currency }: Money): Money {
  return portions.reduce((sum, { amount }) => add(sum, amount), zero(currency));
}
