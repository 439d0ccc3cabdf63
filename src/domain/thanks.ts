/** A message by this template thanks for what came: it needs a payment, where every other one needs something open. */
export function isThanks(template: string | null): boolean {
  return template === 'thank-you';
}
