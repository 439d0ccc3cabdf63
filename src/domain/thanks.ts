import { type Money, subtract } from './money.ts';

/** A message by this template thanks for what came: it needs a payment, where every other one needs something open. */
export function isThanks(template: string | null): boolean {
  return template === 'thank-you';
}

/** Money that came: what a credit note took off is none. */
export function receivedOf(due: {
  readonly amount: Money;
  readonly outstanding: Money;
  readonly credited: Money;
}): Money {
  return subtract(subtract(due.amount, due.outstanding), due.credited);
}
